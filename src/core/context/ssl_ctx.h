/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_SSL_CTX_H
#define TLSTREAM_CORE_CONTEXT_SSL_CTX_H

struct ssl_ctx_st;

/* A new SSL_CTX that logs no keys, whatever the environment asks for. NULL when
 * it could not be made. */
struct ssl_ctx_st *tlstream__ssl_ctx_new(void);

#endif
