/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_OCSP_EXCHANGE_H
#define TLSTREAM_UV_OCSP_EXCHANGE_H

/* One question to a responder and its answer, over a connection of its own that
 * lasts so many milliseconds at most. */
#include <stddef.h>

#include <uv.h>

#include <tlstream/error.h>

#include "uv/ocsp/http.h"

typedef struct tlstream__exchange tlstream__exchange;

/* The body of the answer, or why there is none. Borrowed for the call; the
 * exchange releases itself afterwards. */
typedef void (*tlstream__exchange_cb)(const void *body, size_t len,
                                      const tlstream_error *error, void *data);

/* Begin. `request` becomes the exchange's, also on failure. NULL on failure,
 * with the reason. It does not keep its loop alive once it is connected. */
tlstream__exchange *tlstream__exchange_start(uv_loop_t *uv,
                                             const tlstream__url *url,
                                             unsigned char *request, size_t len,
                                             unsigned timeout_ms,
                                             tlstream__exchange_cb on_done,
                                             void *data, tlstream_error *error);

/* Give it up: it does not call any more. Not after it has called. */
void tlstream__exchange_cancel(tlstream__exchange *exchange);

#endif
