/* SPDX-License-Identifier: MIT */
/* The version that runs is the one of the headers that it was built with. */
#include <tlstream/library.h>

#include "support/test.h"

TEST(the_version_is_a_text_and_a_number) {
  char text[32];
  unsigned number = tlstream_library_version_number();
  CHECK_STR(tlstream_library_version(), TLSTREAM_VERSION);
  CHECK_INT(number, TLSTREAM_VERSION_NUMBER);
  snprintf(text, sizeof(text), "%u.%u.%u", number >> 16, number >> 8 & 255,
           number & 255);
  CHECK_STR(text, TLSTREAM_VERSION);
}
