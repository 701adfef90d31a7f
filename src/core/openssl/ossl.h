/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_OPENSSL_OSSL_H
#define TLSTREAM_CORE_OPENSSL_OSSL_H

/*
 * OpenSSL's failures become errors of ours, here and nowhere else: the only
 * SSL_get_error, and the only reader of OpenSSL's per-thread error queue. The
 * queue is cleared before every call that may fail, because what one connection
 * leaves in it would be blamed on the next.
 */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/error.h>

struct ssl_st;

/* Forget what earlier calls left in the queue. */
void tlstream__ossl_clear(void);

/* A call that should never fail did: NO_MEMORY if that was the cause, else
 * INTERNAL with OpenSSL's reason. `doing` reads "cannot <doing>". Returns the
 * code. Empties the queue. */
int tlstream__ossl_failed(tlstream_error *error, const char *doing);

/* OpenSSL's own words for the latest failure; never empty. Does not empty the
 * queue. */
void tlstream__ossl_reason(char *out, size_t cap);

/* Why a context could not take a key, a certificate or a list. */
typedef enum tlstream__refusal {
  TLSTREAM__REFUSED_OTHER,
  TLSTREAM__REFUSED_NO_MEMORY,
  TLSTREAM__REFUSED_MISMATCH,
  TLSTREAM__REFUSED_WEAK,
  TLSTREAM__REFUSED_SAME_KIND,
  TLSTREAM__REFUSED_ODD_KIND
} tlstream__refusal;

tlstream__refusal tlstream__ossl_refusal(void);

/* If what is in `label` could not be opened because it is encrypted with an
 * algorithm that is not loaded or not known: KEY_ENCRYPTION, or NO_MEMORY if
 * that was the cause. Else 0. `cure` is what to do. To be asked before
 * tlstream__ossl_refusal(), which forgets the name of the algorithm. */
int tlstream__ossl_explain_encryption(tlstream_error *error, const char *label,
                                      const char *cure);

/* What a call on an SSL came to. */
typedef enum tlstream__outcome {
  TLSTREAM__DONE,
  TLSTREAM__AGAIN,     /* when there is more input */
  TLSTREAM__ENDED,     /* the peer's close_notify */
  TLSTREAM__SUSPENDED, /* until a question is answered */
  TLSTREAM__FAILED     /* for good: never use this SSL again */
} tlstream__outcome;

tlstream__outcome tlstream__ossl_outcome(const struct ssl_st *ssl, int result);

/* What a pair knows when OpenSSL has failed, to explain it with. */
typedef struct tlstream__failure_context {
  bool is_server;
  bool handshaking;
  int alert_sent;             /* or -1 */
  int alert_received;         /* or -1 */
  bool refused_anew;          /* it asked to renegotiate, which was refused */
  bool hello_refused;         /* the ClientHello callback ended it */
  bool name_refused;          /* nothing is served by the name asked for */
  bool protocols_refused;     /* nor by the protocols offered */
  const char *servername;     /* that name; may be NULL */
  const char *psk_identity;   /* the last one that it offered, or NULL */
  bool psk_known;             /* there is a key for that */
  const unsigned char *first; /* the first bytes that the peer ever sent */
  size_t first_len;
} tlstream__failure_context;

/* Make an error of a TLSTREAM__FAILED. Returns the code. Empties the queue. */
int tlstream__ossl_explain(tlstream_error *error,
                           const tlstream__failure_context *at);

#endif
