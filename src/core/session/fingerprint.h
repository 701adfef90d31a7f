/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_SESSION_FINGERPRINT_H
#define TLSTREAM_CORE_SESSION_FINGERPRINT_H

/*
 * What a session is bound to, in 32 bytes: a digest of trust, own credentials
 * and policy. Equal configurations have equal ones, in this process and in
 * others. A session resumes where its fingerprint is the connection's, and
 * nowhere else: its verdict holds for no other rules.
 *
 * Each part goes in behind its length, so that no two lists of parts look the
 * same.
 */
#include <stdbool.h>
#include <stddef.h>

struct evp_md_ctx_st;
struct ssl_ctx_st;

enum { TLSTREAM__FINGERPRINT_LEN = 32 };

typedef struct tlstream__fingerprint {
  unsigned char bytes[TLSTREAM__FINGERPRINT_LEN];
} tlstream__fingerprint;

/* One in the making. A failure is kept until the end. */
typedef struct tlstream__digest {
  struct evp_md_ctx_st *md; /* owned, until the end */
  bool failed;
} tlstream__digest;

/* `label` is what is digested: it keeps kinds of fingerprints apart. */
void tlstream__digest_begin(tlstream__digest *digest, const char *label);

void tlstream__digest_bytes(tlstream__digest *digest, const void *data,
                            size_t len);
/* NULL differs from an empty text. */
void tlstream__digest_text(tlstream__digest *digest, const char *text);
void tlstream__digest_number(tlstream__digest *digest, long long number);

/* Which versions and suites it allows, at which level of security. */
void tlstream__digest_suites(tlstream__digest *digest, struct ssl_ctx_st *ctx);

/* The certificates that it trusts, the lists of revoked ones, in any order, and
 * how they are used. */
void tlstream__digest_trust(tlstream__digest *digest, struct ssl_ctx_st *ctx);

/* Its own certificates. A server's count by the names that they are for, so
 * that sessions outlive a renewal; a client's, which are its identity, by all
 * that is in them. */
void tlstream__digest_credentials(tlstream__digest *digest,
                                  struct ssl_ctx_st *ctx, bool is_server);

/* False if anything failed. */
bool tlstream__digest_end(tlstream__digest *digest, tlstream__fingerprint *out);

bool tlstream__fingerprint_equal(const tlstream__fingerprint *a,
                                 const tlstream__fingerprint *b);

#endif
