/* SPDX-License-Identifier: MIT */
#include "core/ocsp/response.h"

#include <stdio.h>
#include <string.h>

#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/ocsp/signer.h"
#include "core/openssl/ossl.h"
#include "core/x509/calendar.h"

enum {
  ANSWERS_MAX = 32, /* a staple has one; some responders add a few */
  NO_NEXT_UPDATE = 24 * 60 * 60
};

/* TLS extension numbers that a certificate may demand. */
enum { FEATURE_STATUS_REQUEST = 5 };

const char *tlstream_ocsp_status_name(tlstream_ocsp status) {
  switch (status) {
    case TLSTREAM_OCSP_GOOD: return "good";
    case TLSTREAM_OCSP_REVOKED: return "revoked";
    case TLSTREAM_OCSP_BAD: return "bad";
    default: return "none";
  }
}

static void say(tlstream__ocsp_verdict *verdict, const char *why) {
  snprintf(verdict->why, sizeof(verdict->why), "%s", why);
}

/* A responder that has nothing to say says so without a signature. */
static OCSP_BASICRESP *basic_of(OCSP_RESPONSE *response,
                                tlstream__ocsp_verdict *verdict) {
  int status = OCSP_response_status(response);
  if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    snprintf(verdict->why, sizeof(verdict->why),
             "it is the responder's refusal to answer (%s)",
             OCSP_response_status_str(status));
    return NULL;
  }
  OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
  if (basic == NULL) say(verdict, "it is no basic OCSP response");
  return basic;
}

static OCSP_BASICRESP *parse(const void *der, size_t len,
                             tlstream__ocsp_verdict *verdict) {
  const unsigned char *at = der;
  OCSP_BASICRESP *basic = NULL;
  if (len > TLSTREAM_OCSP_MAX) {
    say(verdict, "it is larger than 32 KiB");
    return NULL;
  }
  OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)len);
  if (response == NULL || at != (const unsigned char *)der + len) {
    say(verdict, "it is no OCSP response");
  } else {
    basic = basic_of(response, verdict);
  }
  OCSP_RESPONSE_free(response);
  return basic;
}

/* The number first, which costs nothing to compare. */
static bool is_about(const OCSP_SINGLERESP *answer, X509 *cert, X509 *issuer) {
  OCSP_CERTID *id = (OCSP_CERTID *)OCSP_SINGLERESP_get0_id(answer);
  ASN1_OBJECT *digest = NULL;
  ASN1_INTEGER *serial = NULL;
  OCSP_id_get0_info(NULL, &digest, NULL, &serial, id);
  if (ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(cert)) != 0) return false;
  const EVP_MD *md = EVP_get_digestbyobj(digest);
  OCSP_CERTID *own = md != NULL ? OCSP_cert_to_id(md, cert, issuer) : NULL;
  bool same = own != NULL && OCSP_id_cmp(own, id) == 0;
  OCSP_CERTID_free(own);
  return same;
}

static OCSP_SINGLERESP *find_answer(OCSP_BASICRESP *basic, X509 *cert,
                                    X509 *issuer) {
  int count = OCSP_resp_count(basic);
  for (int i = 0; i < count && i < ANSWERS_MAX; i++) {
    OCSP_SINGLERESP *each = OCSP_resp_get0(basic, i);
    if (is_about(each, cert, issuer)) return each;
  }
  return NULL;
}

/* No critical extension is known here, and one that is not known may change
 * what the rest means (RFC 6960, section 4.4). */
static bool has_critical(OCSP_BASICRESP *basic, OCSP_SINGLERESP *answer) {
  return OCSP_BASICRESP_get_ext_by_critical(basic, 1, -1) >= 0 ||
         OCSP_SINGLERESP_get_ext_by_critical(answer, 1, -1) >= 0;
}

static void note_revoked(tlstream__ocsp_verdict *verdict,
                         const ASN1_GENERALIZEDTIME *when, int reason) {
  struct tm date = {0};
  verdict->status = TLSTREAM_OCSP_REVOKED;
  if (when == NULL || ASN1_TIME_to_tm(when, &date) != 1) {
    say(verdict, "it has been revoked");
    return;
  }
  snprintf(verdict->why, sizeof(verdict->why),
           "it was revoked on %04d-%02d-%02d (%s)", date.tm_year + 1900,
           date.tm_mon + 1, date.tm_mday,
           reason >= 0 ? OCSP_crl_reason_str(reason) : "no reason given");
}

/* Is it in force? */
static void weigh_time(tlstream__ocsp_verdict *verdict,
                       const ASN1_GENERALIZEDTIME *from,
                       const ASN1_GENERALIZEDTIME *until, long long now) {
  verdict->from = tlstream__calendar_read(from);
  verdict->until = until != NULL ? tlstream__calendar_read(until)
                                 : verdict->from + NO_NEXT_UPDATE;
  verdict->is_stale = true;
  if (verdict->from > now + TLSTREAM__OCSP_SKEW) {
    say(verdict, "its time has not come yet (thisUpdate)");
  } else if (verdict->until < now - TLSTREAM__OCSP_SKEW) {
    say(verdict, "its time is over (nextUpdate)");
  } else {
    verdict->is_stale = false;
    verdict->status = TLSTREAM_OCSP_GOOD;
    verdict->why[0] = '\0';
  }
}

/* The signature is good. What was revoked stays so: only what is good has to
 * be new. */
static void weigh(tlstream__ocsp_verdict *verdict, OCSP_SINGLERESP *answer,
                  long long now) {
  int reason = -1;
  ASN1_GENERALIZEDTIME *when = NULL;
  ASN1_GENERALIZEDTIME *from = NULL;
  ASN1_GENERALIZEDTIME *until = NULL;
  switch (OCSP_single_get0_status(answer, &reason, &when, &from, &until)) {
    case V_OCSP_CERTSTATUS_GOOD: weigh_time(verdict, from, until, now); break;
    case V_OCSP_CERTSTATUS_REVOKED: note_revoked(verdict, when, reason); break;
    default: say(verdict, "its responder does not know the certificate"); break;
  }
}

static void judge(tlstream__ocsp_verdict *verdict, OCSP_BASICRESP *basic,
                  X509 *cert, X509 *issuer, long long now) {
  OCSP_SINGLERESP *answer = find_answer(basic, cert, issuer);
  if (answer == NULL) {
    verdict->is_foreign = true;
    say(verdict, "it is for another certificate");
  } else if (!tlstream__ocsp_is_signed(basic, issuer, now)) {
    say(verdict, "it is not signed by the certificate's issuer, nor by a "
                 "responder of the issuer's");
  } else if (has_critical(basic, answer)) {
    say(verdict, "it has a critical extension that is not known here");
  } else {
    weigh(verdict, answer, now);
  }
}

void tlstream__ocsp_judge(tlstream__ocsp_verdict *verdict, const void *der,
                          size_t len, X509 *cert, X509 *issuer, long long now) {
  *verdict = (tlstream__ocsp_verdict){.status = TLSTREAM_OCSP_BAD};
  tlstream__ossl_clear();
  OCSP_BASICRESP *basic = parse(der, len, verdict);
  if (basic != NULL && issuer == NULL) {
    say(verdict, "the issuer of the certificate is not known here");
  } else if (basic != NULL) {
    judge(verdict, basic, cert, issuer, now);
  }
  OCSP_BASICRESP_free(basic);
  if (verdict->status == TLSTREAM_OCSP_BAD && !verdict->is_stale &&
      tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
    *verdict = (tlstream__ocsp_verdict){.status = TLSTREAM_OCSP_BAD,
                                        .out_of_memory = true};
    say(verdict, "memory was out while it was checked");
  }
  tlstream__ossl_clear();
}

/* What cannot be read demands it: then the server is asked for too much. */
bool tlstream__ocsp_must_staple(const X509 *cert) {
  int critical = 0;
  TLS_FEATURE *list =
      X509_get_ext_d2i(cert, NID_tlsfeature, &critical, /* idx = */ NULL);
  bool demanded = list == NULL && critical != -1; /* -1: there is none */
  for (int i = 0; !demanded && i < sk_ASN1_INTEGER_num(list); i++) {
    demanded = ASN1_INTEGER_get(sk_ASN1_INTEGER_value(list, i)) ==
               FEATURE_STATUS_REQUEST;
  }
  TLS_FEATURE_free(list);
  return demanded;
}
