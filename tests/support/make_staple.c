/* SPDX-License-Identifier: MIT */
#include "support/make_staple.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include "support/test.h"

static void must(bool held, const char *what) {
  if (held) return;
  ERR_print_errors_fp(stdout);
  TEST_STOP("cannot make a staple: %s", what);
}

static ASN1_GENERALIZEDTIME *at(long long seconds) {
  return ASN1_GENERALIZEDTIME_set(NULL, (time_t)(STAPLE_NOW + seconds));
}

static OCSP_SINGLERESP *add_answer(OCSP_BASICRESP *basic,
                                   const staple_plan *plan,
                                   const made_cert *of) {
  static const int statuses[] = {V_OCSP_CERTSTATUS_GOOD,
                                 V_OCSP_CERTSTATUS_REVOKED,
                                 V_OCSP_CERTSTATUS_UNKNOWN};
  const char *digest = plan->id_digest != NULL ? plan->id_digest : "SHA1";
  ASN1_GENERALIZEDTIME *from =
      at(plan->from != 0 ? plan->from : -(long long)STAPLE_HOUR);
  ASN1_GENERALIZEDTIME *until =
      at(plan->until != 0 ? plan->until : 7LL * STAPLE_DAY);
  OCSP_CERTID *id =
      OCSP_cert_to_id(EVP_get_digestbyname(digest), of->cert, plan->by->cert);
  OCSP_SINGLERESP *added = OCSP_basic_add1_status(
      basic, id, statuses[plan->answer], OCSP_REVOKED_STATUS_KEYCOMPROMISE,
      plan->answer == STAPLE_REVOKED ? from : NULL, from,
      plan->no_until ? NULL : until);
  must(added != NULL, "answer");
  OCSP_CERTID_free(id);
  ASN1_GENERALIZEDTIME_free(from);
  ASN1_GENERALIZEDTIME_free(until);
  return added;
}

static X509_EXTENSION *odd_extension(void) {
  ASN1_OBJECT *kind = OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1);
  ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05", 2);
  X509_EXTENSION *made =
      X509_EXTENSION_create_by_OBJ(NULL, kind, /* critical = */ 1, value);
  ASN1_OCTET_STRING_free(value);
  ASN1_OBJECT_free(kind);
  return made;
}

static void add_odd(OCSP_BASICRESP *basic, OCSP_SINGLERESP *answer,
                    const staple_plan *plan) {
  X509_EXTENSION *odd = odd_extension();
  if (plan->odd) must(OCSP_SINGLERESP_add_ext(answer, odd, -1) == 1, "odd");
  if (plan->odd_whole) must(OCSP_BASICRESP_add_ext(basic, odd, -1) == 1, "odd");
  X509_EXTENSION_free(odd);
}

static void sign(OCSP_BASICRESP *basic, const staple_plan *plan) {
  const made_cert *signer = plan->signer != NULL ? plan->signer : plan->by;
  const char *digest = plan->digest != NULL ? plan->digest : "SHA256";
  unsigned long flags = plan->by_key ? OCSP_RESPID_KEY : 0;
  if (plan->signer == NULL || plan->no_certs) flags |= OCSP_NOCERTS;
  const EVP_MD *md = EVP_PKEY_is_a(signer->key, "ED25519")
                         ? NULL
                         : EVP_get_digestbyname(digest);
  must(OCSP_basic_sign(basic, signer->cert, signer->key, md, NULL, flags) == 1,
       "signature");
}

tlstream_bytes make_staple(const staple_plan *plan) {
  unsigned char *der = NULL;
  OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
  if (plan->also != NULL) add_answer(basic, plan, plan->also);
  add_odd(basic, add_answer(basic, plan, plan->of), plan);
  sign(basic, plan);
  OCSP_RESPONSE *response =
      OCSP_response_create(plan->refusal, plan->refusal == 0 ? basic : NULL);
  int len = i2d_OCSP_RESPONSE(response, &der);
  must(len > 0, "DER");
  char *copy = malloc((size_t)len);
  must(copy != NULL, "memory");
  memcpy(copy, der, (size_t)len);
  OPENSSL_free(der);
  OCSP_RESPONSE_free(response);
  OCSP_BASICRESP_free(basic);
  return (tlstream_bytes){copy, (size_t)len};
}
