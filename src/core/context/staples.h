/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_STAPLES_H
#define TLSTREAM_CORE_CONTEXT_STAPLES_H

/*
 * The staples of a context's certificates: the one thing about a context that
 * changes, under a lock, because what they say is good for some days only.
 */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/ocsp.h>

#include "base/file.h"

struct ssl_ctx_st;
struct ssl_st;

typedef struct tlstream__staples tlstream__staples;

/* Make them for the certificates in `ctx`, with what the options have. `time`
 * is the context's verify_time. `*out` stays NULL where there is no
 * certificate. Returns 0 or a code. */
int tlstream__staples_load(tlstream__staples **out, struct ssl_ctx_st *ctx,
                           const tlstream_context_options *options,
                           long long time, tlstream__pipes *pipes,
                           tlstream_error *error);

/* NULL is a no-op. */
void tlstream__staples_free(tlstream__staples *staples);

/* A server's client has asked for one: give its SSL the staple of the
 * certificate that it will send, if there is one in force. The result is
 * OpenSSL's. */
int tlstream__staples_send(const tlstream_context *context, struct ssl_st *ssl);

/* For the one that fetches them: how many certificates there are, and of each
 * the responder that it names (NULL: none), what to ask there (NULL: its issuer
 * is not known, or memory is out; both to be released with tlstream__free()),
 * a title for messages, and from when on a new staple should be fetched, in
 * seconds since 1970; 0: there is none in force. */
size_t tlstream__staples_count(const tlstream_context *context);
char *tlstream__staples_url(const tlstream_context *context, size_t index);
unsigned char *tlstream__staples_request(const tlstream_context *context,
                                         size_t index, size_t *len);
void tlstream__staples_title(const tlstream_context *context, size_t index,
                             char *out, size_t cap);
long long tlstream__staples_due(const tlstream_context *context, size_t index);

/* The context's time: verify_time, or now. */
long long tlstream__staples_now(const tlstream_context *context);

/* Is there a file to read again? */
bool tlstream__staples_has_files(const tlstream_context *context);

#endif
