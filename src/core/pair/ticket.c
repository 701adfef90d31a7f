/* SPDX-License-Identifier: MIT */
#include "core/pair/ticket.h"

#include <limits.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "core/pair/psk_session.h"
#include "core/pair/verify.h"
#include "core/x509/calendar.h"

/* Seconds since 1970, the highest byte first; 0 is never. */
enum { MARK_LEN = 8 };

static long long earlier(long long a, long long b) {
  return a < b ? a : b;
}

/* One of these was used; one that was out of date was not. Where there is none,
 * the next handshake is to find that out again. */
static long long end_of_lists(STACK_OF(X509_CRL) * lists, long long now,
                              long long last) {
  bool any = false;
  for (int i = 0; i < sk_X509_CRL_num(lists); i++) {
    const ASN1_TIME *end =
        X509_CRL_get0_nextUpdate(sk_X509_CRL_value(lists, i));
    if (end != NULL && tlstream__calendar_read(end) <= now) continue;
    if (end != NULL) last = earlier(last, tlstream__calendar_read(end));
    any = true;
  }
  return any ? last : 1;
}

static bool asks_lists(X509_STORE_CTX *store) {
  X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(store);
  return (X509_VERIFY_PARAM_get_flags(param) & X509_V_FLAG_CRL_CHECK) != 0;
}

long long tlstream__ticket_end(X509_STORE_CTX *store, long long now) {
  const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(store);
  bool with_lists = asks_lists(store);
  long long end = sk_X509_num(chain) > 0 ? LLONG_MAX : 1;
  for (int i = 0; i < sk_X509_num(chain); i++) {
    const X509 *cert = sk_X509_value(chain, i);
    end = earlier(end, tlstream__calendar_read(X509_get0_notAfter(cert)));
    if (!with_lists) continue;
    STACK_OF(X509_CRL) *lists =
        X509_STORE_CTX_get1_crls(store, X509_get_issuer_name(cert));
    end = end_of_lists(lists, now, end);
    sk_X509_CRL_pop_free(lists, X509_CRL_free);
  }
  return end;
}

void tlstream__ticket_mark(SSL *ssl, const tlstream__check *check) {
  unsigned char mark[MARK_LEN];
  if (tlstream__psk_was_used(ssl)) tlstream__psk_mark(SSL_get_session(ssl));
  if (tlstream__psk_was_used(ssl)) return;
  if (SSL_session_reused(ssl)) return; /* it has that of the first */
  unsigned long long end = (unsigned long long)check->good_until;
  for (int i = MARK_LEN - 1; i >= 0; i--, end >>= 8)
    mark[i] = (unsigned char)end;
  /* Without memory for it the next handshake is a full one. */
  (void)SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), mark, MARK_LEN);
}

/* In TLS 1.2 a client that resumes could not be refused with an alert. */
static bool is_asked_in_handshake(const SSL_SESSION *session,
                                  const tlstream__check *check) {
  return check->ask && check->wanted &&
         SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION &&
         SSL_SESSION_get0_peer((SSL_SESSION *)session) != NULL;
}

bool tlstream__ticket_is_fresh(const SSL_SESSION *session,
                               const tlstream__check *check) {
  void *mark = NULL;
  size_t len = 0;
  unsigned long long end = 0;
  if (is_asked_in_handshake(session, check)) return false;
  if (SSL_SESSION_get0_ticket_appdata((SSL_SESSION *)session, &mark, &len) !=
          1 ||
      len != MARK_LEN) {
    return false;
  }
  for (int i = 0; i < MARK_LEN; i++)
    end = end << 8 | ((const unsigned char *)mark)[i];
  return end == 0 || tlstream__check_now(check) < (long long)end;
}
