# SPDX-License-Identifier: MIT
"""What is installed can be built against, with pkg-config or as a Meson
subproject, which builds the library and nothing else."""

import glob
import json
import os
import re
import subprocess

from harness import BUILD, DEADLINE, Folder, ROOT, test, tests_done

PROGRAM = '''#include <tlstream/tlstream.h>
int main(void) {
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return 1;
  tlstream_context *context = tlstream_context_new(NULL, NULL);
  if (context == NULL) return 2;
  tlstream_context_unref(context);
  return uv_loop_close(&loop);
}
'''
PROJECT = '''project('user', 'c')
tlstream = dependency('tlstream', fallback: 'tlstream')
executable('user', 'user.c', dependencies: tlstream)
'''


def call(*args, time=DEADLINE, **options):
    done = subprocess.run(args, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=time, text=True,
                          **options)
    assert done.returncode == 0, f'{args}:\n{done.stdout}'
    return done.stdout


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as file:
        file.write(text)
    return path


def installed(folder):
    """Install into the folder, and return the folder of the library."""
    call('meson', 'install', '-C', BUILD, '--no-rebuild', '--destdir', folder)
    (found,) = glob.glob(os.path.join(folder, '**', 'libtlstream.so'),
                         recursive=True)
    return os.path.dirname(found)


def pkg_config(folder, library, *args):
    return call('pkg-config', *args, 'tlstream',
                env={**os.environ, 'PKG_CONFIG_SYSROOT_DIR': folder,
                     'PKG_CONFIG_PATH': os.path.join(library, 'pkgconfig')})


def sanitizers():
    with open(os.path.join(BUILD, 'meson-info',
                           'intro-buildoptions.json')) as file:
        options = {each['name']: each['value'] for each in json.load(file)}
    kinds = options['b_sanitize']
    kinds = kinds if isinstance(kinds, str) else ','.join(kinds) or 'none'
    return [] if kinds == 'none' else [f'-fsanitize={kinds}']


@test('a program is built with pkg-config against what is installed')
def _():
    with Folder() as folder:
        library = installed(folder)
        source = write(folder, 'user.c', PROGRAM)
        flags = pkg_config(folder, library, '--cflags', '--libs').split()
        # libuv is the machine's, not one in the folder.
        flags = [flag for flag in flags if not flag.startswith('-I')]
        headers = glob.glob(os.path.join(folder, '**', 'include'),
                            recursive=True)
        program = os.path.join(folder, 'user')
        call('cc', source, '-o', program, f'-I{headers[0]}', *flags,
             *sanitizers())
        call(program, env={**os.environ, 'LD_LIBRARY_PATH': library})


@test('pkg-config names each dependency once')
def _():
    with Folder() as folder:
        library = installed(folder)
        for kind in ('--print-requires', '--print-requires-private'):
            names = re.findall(r'^\S+',
                               pkg_config(folder, library, kind), re.M)
            assert names and len(set(names)) == len(names), names


@test('the soname has the minor version, because 0.x may change the ABI')
def _():
    with Folder() as folder:
        library = installed(folder)
        names = sorted(os.path.basename(path) for path in
                       glob.glob(os.path.join(library, 'libtlstream.so*')))
        version = pkg_config(folder, library, '--modversion').strip()
        minor = '.'.join(version.split('.')[:2])
        assert names == ['libtlstream.so', f'libtlstream.so.{minor}',
                         f'libtlstream.so.{version}'], names


@test('a subproject of another build is the library and nothing else')
def _():
    with Folder() as folder:
        write(folder, 'meson.build', PROJECT)
        write(folder, 'user.c', PROGRAM)
        write(folder, 'subprojects/.keep', '')
        os.symlink(ROOT, os.path.join(folder, 'subprojects', 'tlstream'))
        build = os.path.join(folder, 'build')
        call('meson', 'setup', build, '-Dbuildtype=plain',
             '--force-fallback-for=tlstream', time=60, cwd=folder)
        targets = json.loads(call('meson', 'introspect', '--targets', build))
        kinds = {each['type'] for each in targets if each['name'] != 'user'}
        assert kinds <= {'static library', 'shared library', 'custom'}, targets
        call('ninja', '-C', build, 'user', time=240)
        call(os.path.join(build, 'user'))

tests_done()
