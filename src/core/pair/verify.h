/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_VERIFY_H
#define TLSTREAM_CORE_PAIR_VERIFY_H

/*
 * Is the peer authorized? The one place that decides. The chain is
 * walked by OpenSSL with every error noted, the name is checked by
 * core/identity, and the outcome is kept: authorized, or why not.
 */
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include <tlstream/pair_info.h>

#include "core/pair/authorization.h"
#include "core/pair/staple.h"
#include "core/x509/identity.h"

struct ssl_st;
struct x509_store_ctx_st;

/* The application's own judgement, after ours. */
typedef enum tlstream__question {
  TLSTREAM__QUESTION_NOT, /* asked yet */
  TLSTREAM__QUESTION_ASKED,
  TLSTREAM__QUESTION_ACCEPTED,
  TLSTREAM__QUESTION_REFUSED
} tlstream__question;

/* What one connection insists on. Part of the pair; verification finds it in
 * the SSL's app data. */
typedef struct tlstream__check {
  const tlstream__host *host; /* a client's; NULL: there is no name to check */
  char *no_host;    /* owned: why the name that was given is none; or NULL */
  bool wanted;      /* a certificate of the peer was asked for */
  bool refuse;      /* end the handshake when not authorized */
  bool is_optional; /* but not for want of a certificate */
  bool skip_name;   /* it is the caller's to check */
  size_t records;   /* TLSA records that can be used; one must match */
  bool any_name;    /* one did that speaks for the key under every name */
  bool ask;         /* the application, where the peer would be accepted */
  tlstream__question question;
  int refusal;    /* OpenSSL's number for why the application refused it */
  long long time; /* as if it were then; 0: now */
  long long good_until; /* what was found, seconds since 1970; 0: always */
  tlstream_authorization_source source; /* of the authorization */
  bool resumed;                         /* the handshake was, with a session */
  tlstream__staple staple;              /* a client's */
  bool refused; /* the handshake was ended for what was found */
  /* The chain of a peer that was refused, which OpenSSL forgets, or that the
   * application is asked about; owned, NULL without. */
  struct stack_st_X509 *kept_chain;
  tlstream__authorization authorization;
} tlstream__check;

/* The time that counts, in seconds since 1970. */
static inline long long tlstream__check_now(const tlstream__check *check) {
  return check->time != 0 ? check->time : (long long)time(NULL);
}

/* Judge the peer's chain and name, as SSL_CTX_set_cert_verify_callback() wants
 * it: 1 to go on, 0 to refuse. */
int tlstream__verify_judge(struct x509_store_ctx_st *store,
                           tlstream__check *check);

/* Keep the chain for the question. Without memory for it the peer is refused:
 * false. */
bool tlstream__verify_keep(struct x509_store_ctx_st *store,
                           tlstream__check *check);

/* OpenSSL verifies once more after the answer: 1 with what was found the first
 * time, or 0. */
int tlstream__verify_repeat(struct x509_store_ctx_st *store,
                            tlstream__check *check);

/* The application refuses the peer: that is the first reason of all. */
void tlstream__verify_note_refusal(tlstream__check *check,
                                   const tlstream_error *why);

/* Have an SSL ask its peer for a certificate if the check wants one. */
void tlstream__verify_request(struct ssl_st *ssl, const tlstream__check *check);

/* The handshake is done: settle the authorization, also where the callback was
 * not asked because there was no certificate or because a session was resumed.
 */
void tlstream__verify_conclude(struct ssl_st *ssl, tlstream__check *check);

/* Is a connection with this outcome against the policy? */
bool tlstream__verify_refuses(const tlstream__check *check);

/* Release what a check owns. */
void tlstream__check_clear(tlstream__check *check);

#endif
