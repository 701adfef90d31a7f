/* SPDX-License-Identifier: MIT */
#include "core/pair/verify.h"

#include <stdio.h>
#include <string.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <tlstream/tlsa.h>

#include "base/alloc.h"
#include "base/error.h"
#include "core/context/callbacks.h"
#include "core/openssl/x509_error.h"
#include "core/pair/hint.h"
#include "core/pair/psk_session.h"
#include "core/pair/ticket.h"
#include "core/x509/certificate.h"
#include "core/x509/chain_cost.h"
#include "core/x509/issuer.h"

enum { TITLE = 96, NAMES = 160 };

static const tlstream_error *
last_reason(const tlstream__authorization *authorization) {
  return authorization->count > 0
             ? &authorization->why[authorization->count - 1]
             : NULL;
}

static void say_which(char *out, size_t cap, X509 *cert, int depth) {
  char subject[TITLE] = "?";
  char issuer[TITLE] = "?";
  if (cert != NULL) {
    tlstream__certificate_title(cert, /* issuer = */ false, subject, TITLE);
    tlstream__certificate_title(cert, /* issuer = */ true, issuer, TITLE);
  }
  snprintf(out, cap, "%s \"%s\" (issued by \"%s\")",
           depth == 0 ? "the peer's certificate" : "the chain's certificate",
           subject, issuer);
}

static void say_why(tlstream_error *why, int number, int depth, X509 *cert,
                    X509_STORE_CTX *store) {
  char which[2 * TITLE + 64];
  const char *hint = tlstream__verify_hint(number, cert, store);
  say_which(which, sizeof(which), cert, depth);
  tlstream__error_set(
      why, TLSTREAM_ERR_UNTRUSTED, "%s is not trusted: %s", which,
      hint != NULL ? hint : X509_verify_cert_error_string(number));
}

/* Neither in the peer's chain nor, under that name, among the trusted. */
static bool is_issuer_missing(int number, X509 *cert, X509_STORE_CTX *store) {
  return number == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE &&
         store != NULL && cert != NULL &&
         !tlstream__issuer_trusts(store, cert) &&
         !tlstream__issuer_has_namesake(store, cert);
}

/* Most often the server was set up with its own certificate alone, which works
 * in browsers, because they remember authorities from elsewhere. */
static void say_what_is_missing(tlstream_error *why, X509_STORE_CTX *store,
                                X509 *cert) {
  char issuer[TITLE];
  int sent = sk_X509_num(X509_STORE_CTX_get0_untrusted(store));
  tlstream__certificate_title(cert, /* issuer = */ true, issuer, TITLE);
  tlstream__error_set(
      why, TLSTREAM_ERR_UNTRUSTED,
      "the peer sent %d certificate%s, issued by \"%s\"; \"%s\" was not sent "
      "and is not trusted here: the peer should send its whole chain, or trust "
      "that authority with `ca`, if you do",
      sent, sent == 1 ? "" : "s", issuer, issuer);
}

static bool is_noted(const tlstream__authorization *authorization, int number,
                     int depth) {
  for (size_t i = 0; i < authorization->count; i++) {
    const tlstream_error *why = &authorization->why[i];
    if (why->verify == number && why->depth == depth) return true;
  }
  return false;
}

/* `store` is NULL when there is no more than a number left of it. */
static void note_chain_error(tlstream__authorization *authorization, int number,
                             int depth, X509 *cert, X509_STORE_CTX *store) {
  if (is_noted(authorization, number, depth)) return;
  tlstream_error *why = tlstream__authorization_deny(authorization);
  if (why == NULL) return;
  if (is_issuer_missing(number, cert, store)) {
    say_what_is_missing(why, store, cert);
  } else {
    say_why(why, number, depth, cert, store);
  }
  snprintf(why->name, sizeof(why->name), "%s",
           tlstream__x509_error_name(number));
  why->verify = number;
  why->depth = depth;
}

static void note_no_match(tlstream__check *check, int depth) {
  if (is_noted(&check->authorization, X509_V_ERR_DANE_NO_MATCH, depth)) return;
  tlstream_error *why = tlstream__authorization_deny(&check->authorization);
  if (why == NULL) return;
  tlstream__error_set(
      why, TLSTREAM_ERR_DANE_MISMATCH,
      "no TLSA record (of %zu that can be used) matches what the server sent: "
      "its certificate or key is newer than its records, or it is not the "
      "server",
      check->records);
  why->verify = X509_V_ERR_DANE_NO_MATCH;
  why->depth = depth;
}

/* What OpenSSL has just found. */
static void note_fault(tlstream__check *check, X509_STORE_CTX *store) {
  int number = X509_STORE_CTX_get_error(store);
  int depth = X509_STORE_CTX_get_error_depth(store);
  if (number == X509_V_ERR_DANE_NO_MATCH) {
    note_no_match(check, depth);
  } else {
    note_chain_error(&check->authorization, number, depth,
                     X509_STORE_CTX_get_current_cert(store), store);
  }
  check->authorization.authorized = false;
}

/* An issuer that cannot be found is reported twice, first as missing and then
 * as the reason why the leaf cannot be verified. The second is what users know
 * ("unable to verify the first certificate") and is more exact. */
static bool says_more(const tlstream__authorization *authorization,
                      int number) {
  const tlstream_error *last = last_reason(authorization);
  return number == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE && last != NULL &&
         last->verify == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
}

static SSL *ssl_of(X509_STORE_CTX *store) {
  return X509_STORE_CTX_get_ex_data(store,
                                    SSL_get_ex_data_X509_STORE_CTX_idx());
}

/* After these, the rest of a chain is no more than what the peer says. */
static bool is_unfounded(int number) {
  switch (number) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED:
    case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_DANE_NO_MATCH:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE: return true;
    default: return false;
  }
}

static void note_costly(tlstream__authorization *authorization) {
  tlstream_error *why = tlstream__authorization_deny(authorization);
  if (why == NULL) return;
  tlstream__error_set(
      why, TLSTREAM_ERR_CHAIN_TOO_COSTLY,
      "nothing vouches for the peer's chain, and it would take long to check: "
      "over %d certificates, over %d comparisons of names with limits, or slow "
      "keys; what else is wrong with it was not looked for",
      TLSTREAM__CHAIN_CERTIFICATES_MAX, TLSTREAM__CHAIN_COMPARISONS_MAX);
}

/* A peer that will be refused, or that sends much to check, costs no more work.
 * With a single certificate there is nothing left to verify. */
static bool may_go_on(tlstream__check *check, X509_STORE_CTX *store) {
  const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(store);
  if (sk_X509_num(chain) < 2) return true;
  if (check->refuse) return false;
  if (!tlstream__chain_is_costly(chain)) return true;
  note_costly(&check->authorization);
  return false;
}

/* Called by OpenSSL for every certificate and every fault. Goes on as long as
 * that costs little, so that all faults are seen; note_chain_error() decides,
 * not the result. */
static int on_certificate(int fine, X509_STORE_CTX *store) {
  tlstream__check *check = tlstream__app_data_of(ssl_of(store))->check;
  int number = X509_STORE_CTX_get_error(store);
  if (fine) return 1;
  if (says_more(&check->authorization, number)) check->authorization.count--;
  note_fault(check, store);
  return !is_unfounded(number) || may_go_on(check, store);
}

static void note_wrong_name(tlstream__authorization *authorization,
                            const tlstream__host *host, const char *names) {
  tlstream_error *why = tlstream__authorization_deny(authorization);
  if (why == NULL) return;
  tlstream__error_set(why, TLSTREAM_ERR_WRONG_NAME,
                      "the certificate is for %s, not for %s", names,
                      host->text);
  why->verify = X509_V_ERR_HOSTNAME_MISMATCH;
  why->depth = 0;
}

static void note_no_name(tlstream__authorization *authorization,
                         const char *reason) {
  tlstream_error *why = tlstream__authorization_deny(authorization);
  if (why == NULL) return;
  if (reason != NULL) {
    tlstream__error_set(why, TLSTREAM_ERR_WRONG_NAME, "%s", reason);
    why->verify = X509_V_ERR_HOSTNAME_MISMATCH;
    why->depth = 0;
    return;
  }
  tlstream__error_set(why, TLSTREAM_ERR_NO_NAME,
                      "no name was given that the certificate should be for");
}

/* OpenSSL has found nothing wrong: then one of the records has matched. */
static void note_match(tlstream__check *check, SSL *ssl) {
  uint8_t usage = 0;
  int depth = SSL_get0_dane_tlsa(ssl, &usage, NULL, NULL, NULL, NULL);
  if (depth < 0 && check->authorization.authorized) note_no_match(check, 0);
  check->any_name = depth >= 0 && usage == TLSTREAM_TLSA_DANE_EE;
}

static void judge_name(tlstream__check *check, X509 *cert, bool is_server) {
  char names[NAMES];
  if (is_server) return; /* clients have no name that we could know */
  if (check->skip_name || check->any_name) return;
  if (check->host == NULL) {
    note_no_name(&check->authorization, check->no_host);
  } else if (!tlstream__certificate_check(cert, check->host, names,
                                          sizeof(names))) {
    note_wrong_name(&check->authorization, check->host, names);
  }
}

/* It is kept in the session. What TLSA records vouch for is no verdict on a
 * connection without them, or with others: a session that is recalled all the
 * same is not authorized. */
static int error_to_report(const tlstream__check *check) {
  if (check->authorization.authorized) {
    return check->records > 0 ? X509_V_ERR_APPLICATION_VERIFICATION : X509_V_OK;
  }
  if (check->authorization.why == NULL) return X509_V_ERR_OUT_OF_MEM;
  if (check->authorization.why->verify == 0) return X509_V_ERR_UNSPECIFIED;
  return check->authorization.why->verify;
}

/* Kept so that the user can see which certificate was refused. */
static void keep_chain(tlstream__check *check, X509_STORE_CTX *store) {
  sk_X509_pop_free(check->kept_chain, X509_free);
  check->kept_chain = X509_STORE_CTX_get1_chain(store);
}

/* What it leaves as the store's error decides which alert the peer gets, and is
 * kept in the session. */
int tlstream__verify_judge(X509_STORE_CTX *store, tlstream__check *check) {
  tlstream__authorization_clear(&check->authorization);
  check->authorization.authorized = true;
  check->source =
      check->records > 0 ? TLSTREAM_SOURCE_DANE : TLSTREAM_SOURCE_CHAIN;
  X509_STORE_CTX_set_verify_cb(store, on_certificate);
  if (check->time != 0) X509_STORE_CTX_set_time(store, 0, check->time);

  if (X509_verify_cert(store) <= 0) note_fault(check, store);
  if (check->records > 0) note_match(check, ssl_of(store));
  judge_name(check, X509_STORE_CTX_get0_cert(store),
             SSL_is_server(ssl_of(store)));

  check->good_until = tlstream__ticket_end(store, tlstream__check_now(check));
  tlstream__staple_preview(
      ssl_of(store), check, X509_STORE_CTX_get0_cert(store),
      X509_STORE_CTX_get0_chain(store), X509_STORE_CTX_get0_untrusted(store));
  X509_STORE_CTX_set_error(store, error_to_report(check));
  check->refused = check->refuse && !check->authorization.authorized;
  if (check->refused) keep_chain(check, store);
  return !check->refused;
}

bool tlstream__verify_keep(X509_STORE_CTX *store, tlstream__check *check) {
  keep_chain(check, store);
  if (check->kept_chain != NULL) return true;
  tlstream__authorization_clear(&check->authorization);
  X509_STORE_CTX_set_error(store, error_to_report(check));
  check->refused = true;
  return false;
}

int tlstream__verify_repeat(X509_STORE_CTX *store, tlstream__check *check) {
  if (check->question == TLSTREAM__QUESTION_REFUSED) {
    X509_STORE_CTX_set_error(store, check->refusal);
    return 0;
  }
  X509_STORE_CTX_set0_verified_chain(store, check->kept_chain);
  check->kept_chain = NULL;
  X509_STORE_CTX_set_error(store, error_to_report(check));
  return 1;
}

void tlstream__verify_note_refusal(tlstream__check *check,
                                   const tlstream_error *why) {
  tlstream__authorization_deny_first(&check->authorization, why);
}

void tlstream__check_clear(tlstream__check *check) {
  tlstream__authorization_clear(&check->authorization);
  sk_X509_pop_free(check->kept_chain, X509_free);
  check->kept_chain = NULL;
  tlstream__free(check->no_host);
  check->no_host = NULL;
}

static int verify_mode(const tlstream__check *check, bool is_server) {
  if (!check->wanted) return SSL_VERIFY_NONE;
  if (!is_server || !check->refuse || check->is_optional)
    return SSL_VERIFY_PEER;
  return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

void tlstream__verify_request(SSL *ssl, const tlstream__check *check) {
  SSL_set_verify(ssl, verify_mode(check, SSL_is_server(ssl)), NULL);
}

static void note_no_certificate(tlstream__authorization *authorization) {
  tlstream_error *why = tlstream__authorization_deny(authorization);
  if (why == NULL) return;
  tlstream__error_plain(why, TLSTREAM_ERR_NO_PEER_CERTIFICATE);
}

/* It may have been good when the session was made. */
static bool has_expired(const X509 *cert, const tlstream__check *check) {
  time_t at = (time_t)tlstream__check_now(check);
  return X509_cmp_time(X509_get0_notAfter(cert), &at) < 0;
}

/* What the session has of a verdict that went by the name, or lacked one. */
static bool is_about_name(long number) {
  return number == X509_V_ERR_HOSTNAME_MISMATCH ||
         number == X509_V_ERR_UNSPECIFIED;
}

/* A resumed session brings the outcome of the handshake that it came from; the
 * name is looked at again, because it may have been another then. */
static void recall(SSL *ssl, tlstream__check *check, X509 *cert) {
  long number = SSL_get_verify_result(ssl);
  tlstream__authorization_clear(&check->authorization);
  check->authorization.authorized = true;
  check->source = TLSTREAM_SOURCE_SESSION;
  if (check->records > 0) note_no_match(check, 0); /* it was not asked then */
  if (number != X509_V_OK && !is_about_name(number)) {
    note_chain_error(&check->authorization, (int)number, 0, cert, NULL);
  } else if (has_expired(cert, check)) {
    note_chain_error(&check->authorization, X509_V_ERR_CERT_HAS_EXPIRED, 0,
                     cert, NULL);
  }
  judge_name(check, cert, SSL_is_server(ssl));
  if (number != X509_V_OK && check->authorization.authorized) {
    note_chain_error(&check->authorization, (int)number, 0, cert, NULL);
  }
}

/* Without memory for the reason it is not excused. */
static bool is_excused(const tlstream__check *check) {
  const tlstream_error *why = check->authorization.why;
  return check->is_optional && why != NULL &&
         why->code == TLSTREAM_ERR_NO_PEER_CERTIFICATE;
}

bool tlstream__verify_refuses(const tlstream__check *check) {
  return check->wanted && check->refuse && !check->authorization.authorized &&
         !is_excused(check);
}

void tlstream__verify_conclude(SSL *ssl, tlstream__check *check) {
  X509 *cert = SSL_get0_peer_certificate(ssl);
  bool by_psk = tlstream__psk_was_used(ssl);
  check->resumed = SSL_session_reused(ssl) == 1 && !by_psk;
  if (by_psk) {
    tlstream__authorization_clear(&check->authorization);
    check->authorization.authorized = true;
    check->source = TLSTREAM_SOURCE_PSK;
  } else if (!check->wanted) {
    tlstream__authorization_clear(&check->authorization);
  } else if (cert == NULL) {
    /* OpenSSL's verify result is "OK" here: nothing was there to refuse. */
    tlstream__authorization_clear(&check->authorization);
    note_no_certificate(&check->authorization);
  } else if (check->resumed) {
    recall(ssl, check, cert);
  }
}
