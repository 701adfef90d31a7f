/* SPDX-License-Identifier: MIT */
/* The public key in a certificate or a request. */
#include <ctype.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/x509/state.h"

/* The parts of SubjectPublicKeyInfo; all borrowed. */
typedef struct spki {
  ASN1_OBJECT *algorithm;
  X509_ALGOR *parameters;
  const unsigned char *bytes;
  int len;
} spki;

static const char *copy_text(tlstream__arena *arena, const char *text) {
  return tlstream__arena_copy(arena, text, strlen(text));
}

/* The kind of a key that could not be decoded, if its algorithm is known. */
static const char *family_name(int nid) {
  switch (nid) {
    case NID_rsaEncryption: return "RSA";
    case NID_rsassaPss: return "RSA-PSS";
    case NID_dsa: return "DSA";
    case NID_X9_62_id_ecPublicKey: return "EC";
    default: return NULL;
  }
}

static const char *type_of(tlstream__arena *arena, const EVP_PKEY *key,
                           const spki *parts) {
  const char *name = key != NULL ? EVP_PKEY_get0_type_name(key) : NULL;
  if (name == NULL) name = family_name(OBJ_obj2nid(parts->algorithm));
  if (name == NULL) return tlstream__oid_text(arena, parts->algorithm);
  return copy_text(arena, name);
}

/* Hexadecimal without leading zeros, as BN_print() writes it. */
static char *number_text(const EVP_PKEY *key, const char *parameter) {
  BIGNUM *number = NULL;
  char *text = NULL;
  if (EVP_PKEY_get_bn_param(key, parameter, &number) == 1) {
    text = BN_bn2hex(number);
  }
  BN_free(number);
  return text;
}

static const char *modulus_of(tlstream__arena *arena, const EVP_PKEY *key) {
  char *text = number_text(key, OSSL_PKEY_PARAM_RSA_N);
  const char *copy = NULL;
  if (text != NULL) copy = copy_text(arena, text + strspn(text, "0"));
  OPENSSL_free(text);
  return copy;
}

static const char *exponent_of(tlstream__arena *arena, const EVP_PKEY *key) {
  char *text = number_text(key, OSSL_PKEY_PARAM_RSA_E);
  char *copy = NULL;
  if (text != NULL) {
    const char *digits = text + strspn(text, "0");
    size_t len = strlen(digits);
    copy = tlstream__arena_take(arena, len + 3);
    for (size_t i = 0; copy != NULL && i < len; i++) {
      copy[2 + i] = (char)tolower((unsigned char)digits[i]);
    }
    if (copy != NULL) memcpy(copy, "0x", 2);
  }
  OPENSSL_free(text);
  return copy;
}

static void decode_rsa(tlstream__arena *arena, tlstream_public_key *info,
                       const EVP_PKEY *key) {
  info->modulus = modulus_of(arena, key);
  info->exponent = exponent_of(arena, key);
}

static void name_curve(tlstream__arena *arena, tlstream_public_key *info,
                       int nid) {
  const char *name = nid != NID_undef ? OBJ_nid2sn(nid) : NULL;
  const char *nist = EC_curve_nid2nist(nid);
  if (name != NULL) info->asn1_curve = copy_text(arena, name);
  if (nist != NULL) info->nist_curve = copy_text(arena, nist);
}

/* The curve is named in the algorithm's parameters, which can be read even if
 * the curve is not one that OpenSSL has. */
static void decode_curve(tlstream__arena *arena, tlstream_public_key *info,
                         const X509_ALGOR *parameters, const EVP_PKEY *key) {
  int kind = 0;
  const void *curve = NULL;
  char group[64];
  X509_ALGOR_get0(NULL, &kind, &curve, parameters);
  if (kind == V_ASN1_OBJECT) {
    name_curve(arena, info, OBJ_obj2nid(curve));
    if (info->asn1_curve == NULL) {
      info->asn1_curve = tlstream__oid_text(arena, curve);
    }
  } else if (key != NULL &&
             EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1) {
    name_curve(arena, info, OBJ_sn2nid(group));
  }
}

static void decode_ec(tlstream__arena *arena, tlstream_public_key *info,
                      const EVP_PKEY *key, const spki *parts) {
  info->point = tlstream__arena_copy(arena, parts->bytes, (size_t)parts->len);
  info->point_len = (size_t)parts->len;
  decode_curve(arena, info, parts->parameters, key);
}

static void decode_whole(tlstream__arena *arena, tlstream_public_key *info,
                         const X509_PUBKEY *whole) {
  int len = i2d_X509_PUBKEY(whole, NULL);
  if (len <= 0) return;
  unsigned char *der = tlstream__arena_take(arena, (size_t)len);
  unsigned char *end = der;
  if (der == NULL) return;
  i2d_X509_PUBKEY(whole, &end);
  info->spki = der;
  info->spki_len = (size_t)len;
}

void tlstream__decode_key(tlstream__claims *claims, const X509_PUBKEY *whole) {
  spki parts = {0};
  tlstream__arena *arena = &claims->arena;
  tlstream_public_key *info = &claims->key;
  EVP_PKEY *key = X509_PUBKEY_get0(whole);

  X509_PUBKEY_get0_param(&parts.algorithm, &parts.bytes, &parts.len,
                         &parts.parameters, whole);
  info->type = type_of(arena, key, &parts);
  info->bits = key != NULL ? EVP_PKEY_get_bits(key) : 0;
  if (info->bits < 0) info->bits = 0;
  decode_whole(arena, info, whole);

  int nid = OBJ_obj2nid(parts.algorithm);
  if (nid == NID_X9_62_id_ecPublicKey) {
    decode_ec(arena, info, key, &parts);
  } else if (nid == NID_rsaEncryption && key != NULL) {
    decode_rsa(arena, info, key);
  }
}
