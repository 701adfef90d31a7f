# SPDX-License-Identifier: MIT
# The addon: its own C and the library's, which is read from the library's list
# of sources. OpenSSL and libuv are Node's: it links neither.
{
  'variables': {
    'library': '<!(node gyp/library.js folder)',
  },
  'targets': [{
    'target_name': 'tlstream',
    'sources': [
      '<!@(node gyp/library.js sources)',
    ],
    'include_dirs': [
      '<(SHARED_INTERMEDIATE_DIR)',
      '<(library)/include',
      '<(library)/src',
    ],
    'defines': [
      'NAPI_VERSION=8',
    ],
    'cflags': [
      '-std=gnu11',
      '-fvisibility=hidden',
      '-fstack-protector-strong',
    ],
    'conditions': [
      ['OS=="linux"', {
        # Another libtlstream in the process is not ours.
        'ldflags': ['-Wl,-Bsymbolic', '-Wl,-z,relro', '-Wl,-z,now'],
      }],
      ['OS=="mac"', {
        'xcode_settings': {
          'GCC_C_LANGUAGE_STANDARD': 'gnu11',
          'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
        },
      }],
    ],
    'actions': [{
      'action_name': 'version_header',
      'message': 'Writing version.h',
      'inputs': ['<(library)/include/tlstream/version.h.in', 'package.json'],
      'outputs': ['<(SHARED_INTERMEDIATE_DIR)/tlstream/version.h'],
      'action': ['node', 'gyp/library.js', 'header', '<@(_outputs)'],
    }],
  }],
}
