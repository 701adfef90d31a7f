/* SPDX-License-Identifier: MIT */
/* Private keys: made, read, and looked at before anything is signed for them.
 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include "base/error.h"
#include "base/options.h"
#include "core/issue/state.h"
#include "core/openssl/ossl.h"
#include "core/x509/pem.h"

enum {
  RSA_MIN = 2048,
  RSA_MAX = 8192,
  RSA_DEFAULT = 3072,
  STRENGTH_MIN = 112,   /* bits: RSA of 2048 */
  PASSPHRASE_MAX = 1024 /* what OpenSSL can read again */
};

static int check_passphrase(const char *passphrase, tlstream_error *error) {
  if (passphrase == NULL) return 0;
  size_t len = strlen(passphrase);
  if (len > 0 && len <= PASSPHRASE_MAX) return 0;
  return tlstream__issue_refuse(error, "passphrase has to have from 1 to 1024 "
                                       "bytes");
}

int tlstream__key_check_wish(tlstream_key_type type, int rsa_bits,
                             const char *passphrase, tlstream_error *error) {
  if ((unsigned)type > TLSTREAM_KEY_RSA) {
    return tlstream__issue_refuse(error,
                                  "the type of the key is none there is");
  }
  if (rsa_bits != 0 && type != TLSTREAM_KEY_RSA) {
    return tlstream__issue_refuse(error, "rsa_bits is for keys of RSA");
  }
  if (rsa_bits != 0 && (rsa_bits < RSA_MIN || rsa_bits > RSA_MAX)) {
    return tlstream__issue_refuse(error,
                                  "rsa_bits must be from 2048 to 8192, or 0 "
                                  "for 3072");
  }
  return check_passphrase(passphrase, error);
}

int tlstream__key_make(EVP_PKEY **out, tlstream_key_type type, int rsa_bits,
                       tlstream_error *error) {
  switch (type) {
    case TLSTREAM_KEY_P256: *out = EVP_EC_gen("P-256"); break;
    case TLSTREAM_KEY_P384: *out = EVP_EC_gen("P-384"); break;
    case TLSTREAM_KEY_ED25519:
      *out = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
      break;
    case TLSTREAM_KEY_RSA:
      *out = EVP_RSA_gen((unsigned)(rsa_bits != 0 ? rsa_bits : RSA_DEFAULT));
      break;
  }
  return *out != NULL ? 0 : tlstream__ossl_failed(error, "make a key");
}

/* A curve that is spelled out instead of named may be any curve, also one that
 * lets anybody compute the key (CVE-2020-0601). */
static bool has_named_curve(const EVP_PKEY *key) {
  int is_explicit = 0;
  return EVP_PKEY_get_int_param(key,
                                OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                                &is_explicit) == 1 &&
         is_explicit == 0;
}

int tlstream__key_check_strength(const EVP_PKEY *key, const char *what,
                                 tlstream_error *error) {
  const char *why = NULL;
  bool is_ec = EVP_PKEY_is_a(key, "EC");
  bool is_known = is_ec || EVP_PKEY_is_a(key, "RSA") ||
                  EVP_PKEY_is_a(key, "RSA-PSS") ||
                  EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");
  if (!is_known) {
    why = "TLS has no use for keys of its kind";
  } else if (EVP_PKEY_get_security_bits(key) < STRENGTH_MIN) {
    why = "the key is too small; use P-256, or RSA of 2048 bits";
  } else if (is_ec && !has_named_curve(key)) {
    why = "its curve is spelled out; only named ones are taken";
  }
  if (why == NULL) return 0;
  return tlstream__error_set(error, TLSTREAM_ERR_WEAK_KEY, "%s: %s", what, why);
}

int tlstream__key_read(EVP_PKEY **out, const char *what, tlstream_bytes bytes,
                       const char *passphrase, tlstream_error *error) {
  tlstream__pem pem = {0};
  int code = tlstream__pem_open(&pem, what, NULL, bytes, NULL, error);
  if (code == 0) code = tlstream__pem_key(&pem, passphrase, out, error);
  if (code == 0) code = tlstream__key_check_strength(*out, what, error);
  tlstream__pem_clear(&pem);
  return code;
}

/* Some kinds of keys insist on a digest, and Edwards curves on none to be
 * named. Of the others, large curves go with a large one. */
const EVP_MD *tlstream__key_digest(const EVP_PKEY *key) {
  enum { MANDATORY = 2, LARGE = 256 };
  char name[64] = "";
  if (EVP_PKEY_get_default_digest_name((EVP_PKEY *)key, name, sizeof(name)) ==
      MANDATORY) {
    return EVP_get_digestbyname(name);
  }
  if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) > LARGE) {
    return EVP_sha384();
  }
  return EVP_sha256();
}

static int make(const tlstream_issue_key_options *options, tlstream_issued *out,
                tlstream_error *error) {
  EVP_PKEY *key = NULL;
  int code = tlstream__key_make(&key, options->type, options->rsa_bits, error);
  if (code == 0) {
    code = tlstream__issue_write_key(key, options->passphrase, out, error);
  }
  EVP_PKEY_free(key);
  return code;
}

int tlstream_issue_key(const tlstream_issue_key_options *options,
                       tlstream_issued *issued, tlstream_error *error) {
  tlstream_issue_key_options known = {0};
  tlstream_issued made = {0};
  tlstream__error_clear(error);
  tlstream__ossl_clear();
  int code = tlstream__options_copy(&known, sizeof(known), options,
                                    "tlstream_issue_key_options", error);
  if (code == 0) {
    code = tlstream__key_check_wish(known.type, known.rsa_bits,
                                    known.passphrase, error);
  }
  if (code == 0) code = make(&known, &made, error);
  if (code == 0) *issued = made;
  tlstream__ossl_clear();
  return code;
}
