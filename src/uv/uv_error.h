/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_UV_ERROR_H
#define TLSTREAM_UV_UV_ERROR_H

/* Errors from libuv's codes: the name is libuv's ("ECONNRESET"). */
#include <tlstream/error.h>

/* The message is `what`, a colon, and libuv's text. Returns `code`. */
int tlstream__uv_error(tlstream_error *error, int code, int status,
                       const char *what);

#endif
