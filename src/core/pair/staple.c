/* SPDX-License-Identifier: MIT */
#include "core/pair/staple.h"

#include <stdio.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "core/context/context.h"
#include "core/ocsp/response.h"
#include "core/openssl/x509_error.h"
#include "core/pair/authorization.h"
#include "core/pair/verify.h"
#include "core/x509/certificate.h"
#include "core/x509/chain_cost.h"
#include "core/x509/issuer.h"

enum {
  TITLE = 96,
  TRIES_MAX = 4, /* signatures that are checked to find an issuer */
  AT_ONCE = 1    /* of a session: it has ended */
};

void tlstream__staple_request(SSL *ssl, const tlstream_context *context,
                              tlstream__check *check) {
  check->staple.asked =
      !context->ignore_staple &&
      SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp) == 1;
  check->staple.required = context->require_staple;
}

/* A chain ends with its first certificate where that one is trusted by itself.
 * Then its issuer, if it was sent, is whoever's key made its signature. */
static X509 *find_issuer(X509 *cert, const STACK_OF(X509) * chain,
                         const STACK_OF(X509) * sent) {
  int tries = 0;
  if (sk_X509_num(chain) > 1) return sk_X509_value(chain, 1);
  if (tlstream__issuer_is(cert, cert)) return cert;
  for (int i = 0; i < sk_X509_num(sent) && tries < TRIES_MAX; i++) {
    X509 *each = sk_X509_value(sent, i);
    if (X509_check_issued(each, cert) != X509_V_OK) continue;
    if (tlstream__chain_has_slow_key(each)) continue;
    tries++;
    if (tlstream__issuer_is(each, cert)) return each;
  }
  return NULL;
}

/* False: there is none. */
static bool weigh(tlstream__ocsp_verdict *verdict, SSL *ssl,
                  const tlstream__check *check, X509 *cert,
                  const STACK_OF(X509) * chain, const STACK_OF(X509) * sent) {
  const unsigned char *der = NULL;
  long len = SSL_get_tlsext_status_ocsp_resp(ssl, &der);
  if (der == NULL || len <= 0) return false;
  tlstream__ocsp_judge(verdict, der, (size_t)len, cert,
                       find_issuer(cert, chain, sent),
                       tlstream__check_now(check));
  return true;
}

static tlstream_error *deny(tlstream__check *check) {
  check->good_until = AT_ONCE;
  return tlstream__authorization_deny(&check->authorization);
}

static void note_revoked(tlstream__check *check, X509 *cert, const char *how) {
  char title[TITLE];
  tlstream_error *why = deny(check);
  if (why == NULL) return;
  tlstream__certificate_title(cert, /* issuer = */ false, title, TITLE);
  tlstream__error_set(why, TLSTREAM_ERR_UNTRUSTED,
                      "the peer's certificate \"%s\" is not trusted: its "
                      "authority says in the staple: %s",
                      title, how);
  why->verify = X509_V_ERR_CERT_REVOKED;
  why->depth = 0;
  snprintf(why->name, sizeof(why->name), "%s",
           tlstream__x509_error_name(why->verify));
}

static void note_bad(tlstream__check *check, X509 *cert,
                     const tlstream__ocsp_verdict *verdict) {
  char title[TITLE];
  tlstream_error *why = deny(check);
  if (why == NULL) return;
  if (verdict->out_of_memory) {
    tlstream__error_plain(why, TLSTREAM_ERR_NO_MEMORY);
    return;
  }
  tlstream__certificate_title(cert, /* issuer = */ false, title, TITLE);
  tlstream__error_set(why, TLSTREAM_ERR_BAD_STAPLE,
                      "the staple that the server sent proves nothing about "
                      "its certificate \"%s\": %s",
                      title, verdict->why);
  why->depth = 0;
}

static void note_none(tlstream__check *check, X509 *cert) {
  char title[TITLE];
  tlstream_error *why = deny(check);
  if (why == NULL) return;
  tlstream__certificate_title(cert, /* issuer = */ false, title, TITLE);
  tlstream__error_set(
      why, TLSTREAM_ERR_NO_STAPLE,
      "the server sent no staple for its certificate \"%s\", and %s", title,
      check->staple.required ? "`require_staple` is set"
                             : "the certificate promises one (RFC 7633)");
  why->depth = 0;
}

/* Where a staple is needed, a session lasts no longer than it. */
static void note(tlstream__check *check, X509 *cert,
                 const tlstream__ocsp_verdict *verdict) {
  bool needed = check->staple.required || tlstream__ocsp_must_staple(cert);
  switch (check->staple.status) {
    case TLSTREAM_OCSP_REVOKED: note_revoked(check, cert, verdict->why); break;
    case TLSTREAM_OCSP_BAD: note_bad(check, cert, verdict); break;
    case TLSTREAM_OCSP_GOOD:
      if (needed && verdict->until < check->good_until) {
        check->good_until = verdict->until;
      }
      break;
    default:
      if (needed) note_none(check, cert);
      break;
  }
}

/* Of a peer that is not authorized anyway, and let in all the same, a staple is
 * not looked at: its issuer is not trusted. Nor is it where a TLSA record
 * speaks for the key under every name: then authorities have no say (RFC 7671,
 * section 5.1). */
static bool is_concerned(const tlstream__check *check) {
  return check->staple.asked && check->authorization.authorized &&
         (!check->any_name || check->staple.required);
}

/* All else about a staple is refused by its own alert, at the end. */
void tlstream__staple_preview(SSL *ssl, tlstream__check *check, X509 *cert,
                              const STACK_OF(X509) * chain,
                              const STACK_OF(X509) * sent) {
  tlstream__ocsp_verdict verdict = {0};
  if (!is_concerned(check)) return;
  if (!weigh(&verdict, ssl, check, cert, chain, sent)) return;
  check->staple.status = verdict.status;
  check->staple.judged = verdict.status != TLSTREAM_OCSP_BAD;
  if (check->staple.judged) note(check, cert, &verdict);
}

/* A resumed handshake has neither certificates nor a staple. */
int tlstream__staple_judge(SSL *ssl, tlstream__check *check) {
  tlstream__ocsp_verdict verdict = {0};
  X509 *cert = SSL_get0_peer_certificate(ssl);
  if (!check->staple.asked || cert == NULL || SSL_session_reused(ssl)) return 1;
  if (is_concerned(check) && !check->staple.judged) {
    check->staple.judged = true;
    if (weigh(&verdict, ssl, check, cert, SSL_get0_verified_chain(ssl),
              SSL_get_peer_cert_chain(ssl))) {
      check->staple.status = verdict.status;
    }
    note(check, cert, &verdict);
  }
  check->refused = check->refuse && !check->authorization.authorized;
  return !check->refused;
}
