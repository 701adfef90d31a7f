/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_PSK_H
#define TLSTREAM_CORE_CONTEXT_PSK_H

/* A context's pre-shared keys, and the suites of TLS 1.2 that use them. */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/context.h>

struct ssl_ctx_st;

/* Owned, both texts; the key is wiped. */
typedef struct tlstream__psk {
  char *identity;
  size_t identity_len;
  unsigned char *key;
  size_t key_len;
  tlstream_psk_hash hash;
} tlstream__psk;

typedef struct tlstream__psks {
  tlstream__psk *list; /* owned; a client uses the first */
  size_t count;
  char *hint; /* owned */
  bool ask;   /* for identities that are not in the list */
  bool without_secrecy;
} tlstream__psks;

bool tlstream__psk_is_key(tlstream_bytes key, tlstream_psk_hash hash);

/* Copy those of the options. Returns 0 or a code; to be cleared in either case.
 */
int tlstream__psks_keep(tlstream__psks *psks,
                        const tlstream_context_options *options,
                        tlstream_error *error);
void tlstream__psks_clear(tlstream__psks *psks);

/* Can a server shake hands without a certificate? */
static inline bool tlstream__psks_serve(const tlstream__psks *psks) {
  return psks->count > 0 || psks->ask;
}

/* In the same time whether and where it is in the list. NULL if it is not. */
const tlstream__psk *tlstream__psks_find(const tlstream__psks *psks,
                                         const void *identity, size_t len);

/* Before the suites are set, and after it. Those that use a PSK without forward
 * secrecy are refused by name, and leave the list where a class brought them;
 * to the default list comes one with it. `given` is the option `ciphers`.
 * Returns 0 or a code. */
int tlstream__psks_check_suites(struct ssl_ctx_st *ctx,
                                const tlstream__psks *psks, const char *given,
                                tlstream_error *error);
int tlstream__psks_set_suites(struct ssl_ctx_st *ctx,
                              const tlstream__psks *psks, const char *given,
                              tlstream_error *error);

#endif
