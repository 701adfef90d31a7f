/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_SESSION_TICKET_KEYS_H
#define TLSTREAM_CORE_SESSION_TICKET_KEYS_H

/*
 * The ring of ticket keys: what OpenSSL asks of it, and what an export needs of
 * it. A key is copied out under the lock, and used without it.
 */
#include <stddef.h>

#include <tlstream/ticket_keys.h>

struct evp_cipher_ctx_st;
struct evp_mac_ctx_st;

enum { TLSTREAM__TICKET_NAME_LEN = 16, TLSTREAM__TICKET_HALF_LEN = 32 };

typedef struct tlstream__ticket_key {
  unsigned char name[TLSTREAM__TICKET_NAME_LEN];
  unsigned char mac[TLSTREAM__TICKET_HALF_LEN];
  unsigned char cipher[TLSTREAM__TICKET_HALF_LEN];
  long long made;    /* seconds since 1970 */
  long long retired; /* when it stopped to issue */
} tlstream__ticket_key;

typedef struct tlstream__ticket_ring {
  tlstream__ticket_key keys[TLSTREAM_TICKET_KEYS_MAX];
  size_t count;
} tlstream__ticket_ring;

void tlstream__ticket_ring_wipe(tlstream__ticket_ring *ring);

/* Is this a ring that may be used? Its times do not matter. Returns 0 or
 * BAD_TICKET_KEYS. */
int tlstream__ticket_ring_check(const tlstream__ticket_ring *ring,
                                tlstream_error *error);

/* Copy all keys, after rotating where that is due; and set them. */
void tlstream__ticket_keys_copy(tlstream_ticket_keys *keys,
                                tlstream__ticket_ring *out);
void tlstream__ticket_keys_replace(tlstream_ticket_keys *keys,
                                   const tlstream__ticket_ring *by);

/* Prepare to seal (`issue`, which sets `name` and `iv`) or to open a ticket, as
 * SSL_CTX_set_tlsext_ticket_key_evp_cb() wants it: 1, 2 if the ticket should be
 * replaced, 0 if no key has that name, -1 on a failure. */
int tlstream__ticket_keys_use(tlstream_ticket_keys *keys, unsigned char *name,
                              unsigned char *iv,
                              struct evp_cipher_ctx_st *cipher,
                              struct evp_mac_ctx_st *mac, int issue);

#endif
