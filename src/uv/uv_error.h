/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_UV_ERROR_H
#define TLSTREAM_UV_UV_ERROR_H

/* libuv's codes as our errors: the name is libuv's ("ECONNRESET"). */
#include <tlstream/error.h>

/* `what` is the beginning of the sentence, which ends with libuv's text.
 * Returns `code`. */
int tlstream__uv_error(tlstream_error *error, int code, int status,
                       const char *what);

#endif
