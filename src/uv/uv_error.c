/* SPDX-License-Identifier: MIT */
#include "uv/uv_error.h"

#include <uv.h>

#include "base/error.h"

int tlstream__uv_error(tlstream_error *error, int code, int status,
                       const char *what) {
  char name[48];
  char words[96];
  uv_err_name_r(status, name, sizeof(name));
  uv_strerror_r(status, words, sizeof(words));
  return tlstream__error_system(error, code, status, name, "%s: %s", what,
                                words);
}
