/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_CREDENTIALS_H
#define TLSTREAM_CORE_CONTEXT_CREDENTIALS_H

/* Keys and chains: from files and PEM texts into an SSL_CTX. */
#include <tlstream/context.h>

struct evp_pkey_st;
struct ssl_ctx_st;
struct stack_st_X509;

/* Load our certificates, their chains and their keys, if the options name any;
 * each with both or neither. Returns 0 or a code. */
int tlstream__credentials_load(struct ssl_ctx_st *ctx,
                               const tlstream_context_options *options,
                               tlstream_error *error);

/* Use one key and its certificates, ours first, which is taken off the list and
 * the rest sent behind it. The labels say what they are in messages. */
int tlstream__credentials_use(struct ssl_ctx_st *ctx,
                              struct stack_st_X509 *certs,
                              struct evp_pkey_st *key, const char *key_label,
                              const char *cert_label, tlstream_error *error);

#endif
