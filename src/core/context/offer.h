/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_OFFER_H
#define TLSTREAM_CORE_CONTEXT_OFFER_H

/*
 * What an SSL_CTX offers in effect: its lists without what OpenSSL, a provider
 * or the security level leaves out. OpenSSL 3.0 has no calls that return its
 * groups and signature algorithms, so a ClientHello is made and read.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tlstream/error.h>

struct ssl_ctx_st;

enum { TLSTREAM__OFFER_MAX = 256 };

/* Numbers of TLS, the preferred one first. */
typedef struct tlstream__ids {
  uint16_t items[TLSTREAM__OFFER_MAX];
  size_t count;
} tlstream__ids;

typedef struct tlstream__offer {
  tlstream__ids suites;
  tlstream__ids groups;
  tlstream__ids schemes;
} tlstream__offer;

/* Returns 0, NO_MEMORY, or BAD_CIPHERS if nothing can be offered. */
int tlstream__offer_read(struct ssl_ctx_st *ctx, tlstream__offer *offer,
                         tlstream_error *error);

/* The name of a cipher suite, as the options have it; NULL: not known. */
const char *tlstream__offer_suite(struct ssl_ctx_st *ctx, unsigned id);

bool tlstream__ids_have(const tlstream__ids *ids, uint16_t id);

#endif
