/* SPDX-License-Identifier: MIT */
/* What was made, as PEM. */
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "base/error.h"
#include "core/issue/state.h"
#include "core/x509/issuer.h"

/* The work for each guess at the passphrase of a stolen file: OWASP's figure
 * for PBKDF2 with SHA-256. */
enum { ROUNDS = 600000, SALT_BYTES = 16 };

/* Take the text out of `bio`; the memory of BIOs is wiped by OpenSSL. */
static int take(BIO *bio, char **text, size_t *len, tlstream_error *error) {
  char *data = NULL;
  long size = BIO_get_mem_data(bio, &data);
  *text = tlstream__memdup(data, (size_t)size);
  if (*text == NULL) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  *len = (size_t)size;
  return 0;
}

static int write_encrypted(BIO *bio, const EVP_PKEY *key,
                           const char *passphrase) {
  unsigned char salt[SALT_BYTES];
  X509_SIG *sealed = NULL;
  PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(key);
  if (plain != NULL && RAND_bytes(salt, sizeof(salt)) == 1) {
    sealed = PKCS8_encrypt(-1, EVP_aes_256_cbc(), passphrase,
                           (int)strlen(passphrase), salt, sizeof(salt), ROUNDS,
                           plain);
  }
  int fine = sealed != NULL && PEM_write_bio_PKCS8(bio, sealed) == 1;
  X509_SIG_free(sealed);
  PKCS8_PRIV_KEY_INFO_free(plain);
  return fine;
}

static int write_plain(BIO *bio, const EVP_PKEY *key) {
  return PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
}

int tlstream__issue_write_key(const EVP_PKEY *key, const char *passphrase,
                              tlstream_issued *out, tlstream_error *error) {
  BIO *bio = BIO_new(BIO_s_mem());
  int fine =
      bio != NULL && (passphrase != NULL ? write_encrypted(bio, key, passphrase)
                                         : write_plain(bio, key)) == 1;
  int code = tlstream__issue_check(fine, error);
  if (code == 0) code = take(bio, &out->key, &out->key_len, error);
  BIO_free(bio);
  return code;
}

/* The root is left out: a peer that trusts it has it, and for any other it is
 * useless. */
static int write_chain(BIO *bio, const tlstream__issue *all) {
  int fine = PEM_write_bio_X509(bio, all->cert);
  for (int i = 0; fine == 1 && i < sk_X509_num(all->ca_chain); i++) {
    X509 *each = sk_X509_value(all->ca_chain, i);
    if (!tlstream__issuer_is_self(each)) fine = PEM_write_bio_X509(bio, each);
  }
  return fine;
}

int tlstream__issue_write_cert(const tlstream__issue *all, tlstream_issued *out,
                               tlstream_error *error) {
  BIO *bio = BIO_new(BIO_s_mem());
  int fine = bio != NULL && write_chain(bio, all) == 1;
  int code = tlstream__issue_check(fine, error);
  if (code == 0) code = take(bio, &out->cert, &out->cert_len, error);
  BIO_free(bio);
  return code;
}

int tlstream__issue_write_request(const X509_REQ *request, tlstream_issued *out,
                                  tlstream_error *error) {
  BIO *bio = BIO_new(BIO_s_mem());
  int fine = bio != NULL && PEM_write_bio_X509_REQ(bio, request) == 1;
  int code = tlstream__issue_check(fine, error);
  if (code == 0) code = take(bio, &out->request, &out->request_len, error);
  BIO_free(bio);
  return code;
}

void tlstream_issued_clear(tlstream_issued *issued) {
  if (issued->key != NULL) OPENSSL_cleanse(issued->key, issued->key_len);
  tlstream__free(issued->key);
  tlstream__free(issued->cert);
  tlstream__free(issued->request);
  memset(issued, 0, sizeof(*issued));
}
