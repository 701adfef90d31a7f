/* SPDX-License-Identifier: MIT */
#include <tlstream/library.h>

const char *tlstream_library_version(void) {
  return TLSTREAM_VERSION;
}

unsigned tlstream_library_version_number(void) {
  return TLSTREAM_VERSION_NUMBER;
}
