/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_PSK_H
#define TLSTREAM_CORE_PAIR_PSK_H

/*
 * Pre-shared keys in a handshake. A server looks an identity up in its context,
 * or asks its owner, whose answer may take its time:
 *
 * - TLS 1.3: the identities are in the ClientHello, where the handshake can be
 *   suspended anyway.
 * - TLS 1.2: the identity is in the ClientKeyExchange, and OpenSSL cannot wait
 *   for its key. So from the ServerHelloDone on, OpenSSL gets no input; the
 *   message is collected, and handed over with the answer.
 */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/psk.h>

struct ssl_st;
struct tlstream_pair;

typedef enum tlstream__psk_stage {
  TLSTREAM__PSK_OPEN,    /* nothing is known yet */
  TLSTREAM__PSK_ASKED,   /* the owner is */
  TLSTREAM__PSK_KNOWN,   /* there is a key for the identity */
  TLSTREAM__PSK_UNKNOWN, /* there is none, for all that were offered */
} tlstream__psk_stage;

/* Owned by the pair of a server whose client offers a PSK. */
typedef struct tlstream__psk_offer {
  tlstream__psk_stage stage;
  size_t next; /* which identity of the ClientHello is looked at next */
  size_t identity_len;
  size_t key_len;
  tlstream_psk_hash hash;
  char identity[TLSTREAM_PSK_IDENTITY_MAX_LEN + 1];
  unsigned char key[TLSTREAM_PSK_KEY_MAX_LEN]; /* wiped when it was of use */
} tlstream__psk_offer;

/* Have an SSL use the PSKs of the pair's context. False when memory is out. */
bool tlstream__psk_attach(struct tlstream_pair *pair);

/* A ClientHello is here: what SSL_CTX_set_client_hello_cb() wants to hear. */
int tlstream__psk_judge(struct tlstream_pair *pair, struct ssl_st *ssl,
                        int *alert);

/* A message of ours is made, of this type. */
void tlstream__psk_note_sent(struct tlstream_pair *pair, int message);

/* True if the handshake may go on: no ClientKeyExchange is waited for, nor the
 * answer to it. */
bool tlstream__psk_prepare(struct tlstream_pair *pair);

/* The handshake is done, or the pair goes. */
void tlstream__psk_wipe(struct tlstream_pair *pair);
void tlstream__psk_clear(struct tlstream_pair *pair);

#endif
