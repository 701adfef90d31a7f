/* SPDX-License-Identifier: MIT */
#include "base/options.h"

#include <string.h>

#include "base/error.h"

static int refuse(tlstream_error *error, const char *what) {
  return tlstream__error_set(
      error, TLSTREAM_ERR_INVALID_ARGUMENT,
      "%s: these options were made for a newer version of the library", what);
}

int tlstream__options_copy(void *known, size_t known_size, const void *given,
                           const char *what, tlstream_error *error) {
  size_t size = 0;
  if (given == NULL) return 0;
  memcpy(&size, given, sizeof(size));
  if (size == 0) size = known_size;
  if (size < sizeof(size) || size > 64 * known_size) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "%s: `size` is not the size of the options",
                               what);
  }
  const unsigned char *bytes = given;
  for (size_t i = known_size; i < size; i++) {
    if (bytes[i] != 0) return refuse(error, what);
  }
  memcpy(known, given, size < known_size ? size : known_size);
  return 0;
}
