/* SPDX-License-Identifier: MIT */
/* Dates, numbers, digests and usages of a certificate. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/x509/calendar.h"
#include "core/x509/state.h"

enum { DATE = 64 };

/* As ASN1_TIME_print() spells it, and Node after it. */
static const char *date_text(tlstream__arena *arena, const struct tm *date) {
  static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char text[DATE];
  int len = snprintf(text, sizeof(text), "%s %2d %02d:%02d:%02d %d GMT",
                     months[date->tm_mon], date->tm_mday, date->tm_hour,
                     date->tm_min, date->tm_sec, date->tm_year + 1900);
  return tlstream__arena_copy(arena, text, (size_t)len);
}

static void decode_time(tlstream__arena *arena, const ASN1_TIME *time,
                        const char **text, long long *seconds) {
  struct tm date = {0};
  if (ASN1_TIME_to_tm(time, &date) == 1) {
    *text = date_text(arena, &date);
    *seconds = tlstream__calendar_seconds(&date);
  } else {
    *text = "Bad time value";
  }
}

static const char *serial_of(tlstream__arena *arena,
                             const ASN1_INTEGER *serial) {
  const unsigned char *bytes = ASN1_STRING_get0_data(serial);
  size_t len = (size_t)ASN1_STRING_length(serial);
  while (len > 0 && bytes[0] == 0)
    bytes++, len--;
  if (len == 0) return "0";
  const char *digits = tlstream__hex_text(arena, bytes, len, '\0');
  if (ASN1_STRING_type(serial) != V_ASN1_NEG_INTEGER) return digits;
  char *text = tlstream__arena_take(arena, 2 * len + 2);
  if (text == NULL) return "";
  text[0] = '-';
  memcpy(text + 1, digits, 2 * len);
  return text;
}

static const char *digest_of(tlstream_certificate *certificate,
                             const EVP_MD *kind) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  tlstream__claims *claims = &certificate->claims;
  if (EVP_Digest(claims->der, claims->der_len, digest, &len, kind, NULL) != 1) {
    return "";
  }
  return tlstream__hex_text(&claims->arena, digest, len, ':');
}

static void decode_bytes(tlstream_certificate *certificate, X509 *x509) {
  tlstream__claims *claims = &certificate->claims;
  int len = i2d_X509(x509, NULL);
  claims->der = "";
  if (len > 0) {
    unsigned char *der = tlstream__arena_take(&claims->arena, (size_t)len);
    unsigned char *end = der;
    if (der == NULL) return;
    i2d_X509(x509, &end);
    claims->der = der;
    claims->der_len = (size_t)len;
  }
  certificate->fingerprints[TLSTREAM_SHA1] = digest_of(certificate, EVP_sha1());
  certificate->fingerprints[TLSTREAM_SHA256] =
      digest_of(certificate, EVP_sha256());
  certificate->fingerprints[TLSTREAM_SHA512] =
      digest_of(certificate, EVP_sha512());
}

/* RSA-PSS has its digest in the parameters, which the name leaves out, as
 * Node's does. */
void tlstream__decode_signature(tlstream__claims *claims,
                                const X509_ALGOR *algorithm) {
  const ASN1_OBJECT *object = NULL;
  X509_ALGOR_get0(&object, NULL, NULL, algorithm);
  int nid = OBJ_obj2nid(object);
  const char *name = nid != NID_undef ? OBJ_nid2ln(nid) : NULL;
  claims->signature_oid = tlstream__oid_text(&claims->arena, object);
  if (name == NULL) return;
  claims->signature = tlstream__arena_copy(&claims->arena, name, strlen(name));
}

/* An extension that is there but empty is distinct from one that is absent. */
static void decode_usages(tlstream_certificate *certificate, X509 *x509) {
  tlstream__arena *arena = &certificate->claims.arena;
  EXTENDED_KEY_USAGE *all =
      X509_get_ext_d2i(x509, NID_ext_key_usage, NULL, NULL);
  if (all == NULL) return;
  size_t count = (size_t)sk_ASN1_OBJECT_num(all);
  const char **list = tlstream__arena_take(arena, (count + 1) * sizeof(*list));
  for (size_t i = 0; list != NULL && i < count; i++) {
    list[i] = tlstream__oid_text(arena, sk_ASN1_OBJECT_value(all, (int)i));
  }
  certificate->usages = list;
  certificate->usage_count = list != NULL ? count : 0;
  EXTENDED_KEY_USAGE_free(all);
}

void tlstream__decode_fields(tlstream_certificate *certificate, X509 *x509) {
  const X509_ALGOR *algorithm = NULL;
  tlstream__arena *arena = &certificate->claims.arena;
  certificate->is_ca = X509_check_ca(x509) == 1;
  certificate->serial = serial_of(arena, X509_get0_serialNumber(x509));
  decode_time(arena, X509_get0_notBefore(x509), &certificate->valid_from,
              &certificate->not_before);
  decode_time(arena, X509_get0_notAfter(x509), &certificate->valid_to,
              &certificate->not_after);
  X509_get0_signature(NULL, &algorithm, x509);
  tlstream__decode_signature(&certificate->claims, algorithm);
  decode_bytes(certificate, x509);
  decode_usages(certificate, x509);
}
