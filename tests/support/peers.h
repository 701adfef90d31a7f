/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_PEERS_H
#define TESTS_SUPPORT_PEERS_H

/*
 * A CA that both sides trust, certificates from it, and a client and a server
 * pair that use them. Keys and contexts are made once a program.
 */
#include <tlstream/context.h>
#include <tlstream/pair.h>
#include <tlstream/pair_ending.h>

#include "support/make_cert.h"

#define SERVER_NAME "server.test"

typedef enum key_kind {
  KEY_ECDSA, /* P-256 */
  KEY_RSA    /* 2048 bits */
} key_kind;

/* For contexts that a test makes itself. The leaf is for SERVER_NAME, and
 * serves as a client's too; the stranger's has the same names and is
 * self-signed. */
const made_cert *test_ca(void);
const made_cert *test_leaf(key_kind kind);
const made_cert *test_stranger(void);

/* What the two sides agree on. Zero: the newest version, an ECDSA key. */
typedef struct config {
  tlstream_version version;
  key_kind key;      /* the server's */
  bool mutual;       /* the server wants a certificate, the client has one */
  bool psk;          /* the client has a PSK, which the server asks for */
  bool half_open;    /* allow_half_open, of both streams */
  bool may_truncate; /* insecure_allow_truncation, on both sides */
  unsigned idle_ms;  /* on both sides */
} config;

/* A context that keeps the config; the caller's own reference. */
tlstream_context *config_context(const config *terms, tlstream_role role);

/* One pair at time 0, not started yet. Never NULL. */
tlstream_pair *config_pair(const config *terms, tlstream_role role);

/* Two pairs; `side` is indexed by tlstream_role. */
typedef struct peers {
  tlstream_pair *side[2];
} peers;

peers peers_new(const config *terms);

/* And with the handshake done, its events taken, and nothing on the way. */
peers peers_secure(const config *terms);

void peers_free(peers *both);

static inline tlstream_role other_role(tlstream_role role) {
  return role == TLSTREAM_ROLE_CLIENT ? TLSTREAM_ROLE_SERVER
                                      : TLSTREAM_ROLE_CLIENT;
}

/* Run a test once for each version and each side that it looks at, and print
 * which, where it failed. */
void each_side(void (*test)(tlstream_version version, tlstream_role role));

/* Bytes number `from` and following of an endless pseudo-random sequence; and
 * the same read and compared. Returns how many were read. */
void pattern_fill(void *out, size_t from, size_t len);
size_t pattern_read(tlstream_pair *pair, size_t from);

/* Take all events; the result is a text such as "SECURE DATA END". Borrowed
 * until the next call. */
const char *take_events(tlstream_pair *pair);

/* The message of a pair's error, or "" if there is none; its code, or 0. */
const char *error_text(const tlstream_pair *pair);
int error_code(const tlstream_pair *pair);

/* The error of a transport that was reset. */
extern const tlstream_error reset_cause;

/* A record that no peer can have made, with room for a nonce and a tag (24). */
extern const unsigned char forged_record[29];

/* Three bytes of the peer's come to `to` and lie unread there. */
void peers_say(peers *both, tlstream_role to);

/* They are read, and events that happened since come after that. */
void check_hears(tlstream_pair *pair);

/* The pair is finished, after these last events. `code` is 0 where there is no
 * error. */
void check_over(tlstream_pair *pair, const char *events, int code,
                tlstream_ending ending);

/* Drop all that waits to be drained. Returns how much it was. */
size_t drain_away(tlstream_pair *pair);

/* The alert of a pair that has failed is drained: it waits for the peer to take
 * that, which the peer's end shows. Then it is finished. */
void check_alert_taken(tlstream_pair *pair);

#endif
