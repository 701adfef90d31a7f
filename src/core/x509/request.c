/* SPDX-License-Identifier: MIT */
/* From bytes to a signing request, and questions to it. */
#include "core/x509/request.h"

#include <limits.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <tlstream/issue.h>

#include "base/alloc.h"
#include "base/error.h"
#include "core/openssl/ossl.h"
#include "core/x509/pem.h"
#include "core/x509/state.h"

static int explain(tlstream_error *error, const char *why) {
  if (tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  tlstream__ossl_clear();
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_REQUEST, "request: %s",
                             why);
}

static const char *blame(const tlstream__pem *text) {
  if (text->len == 0) return "it is empty";
  if (tlstream__pem_mentions(text, "CERTIFICATE REQUEST-----")) {
    return "it is damaged";
  }
  if (tlstream__pem_mentions(text, "-----BEGIN CERTIFICATE-----")) {
    return "it holds a certificate, which is signed already";
  }
  if (tlstream__pem_mentions(text, "PRIVATE KEY-----")) {
    return "it holds a private key: keep it, and send a request";
  }
  return "it is neither PEM (no line says -----BEGIN CERTIFICATE REQUEST-----) "
         "nor DER";
}

static X509_REQ *read_any(const tlstream__pem *text) {
  X509_REQ *request = NULL;
  const unsigned char *at = (const unsigned char *)text->data;
  tlstream__ossl_clear();
  if (text->len == 0) return NULL;
  if (tlstream__pem_is_der(text)) {
    request = d2i_X509_REQ(NULL, &at, (long)text->len);
    if (at == (const unsigned char *)text->data + text->len) return request;
    X509_REQ_free(request);
    return NULL;
  }
  BIO *bio = tlstream__pem_reader(text);
  if (bio != NULL) {
    request = PEM_read_bio_X509_REQ(bio, NULL, tlstream__pem_passphrase, NULL);
  }
  BIO_free(bio);
  return request;
}

/* Without the signature, a request could be made for another owner's key. */
static int check_signature(X509_REQ *request, tlstream_error *error) {
  EVP_PKEY *key = X509_REQ_get0_pubkey(request);
  tlstream__ossl_clear();
  if (key == NULL) {
    return explain(error, "its key is damaged, or of a kind that OpenSSL does "
                          "not know");
  }
  if (X509_REQ_verify(request, key) == 1) return 0;
  return explain(error, "it is not signed with the key that it is for");
}

int tlstream__request_read(X509_REQ **out, const void *data, size_t len,
                           tlstream_error *error) {
  const tlstream__pem text = {.data = (char *)data, .len = len};
  if (len > INT_MAX) return explain(error, "it is longer than any request");
  X509_REQ *request = read_any(&text);
  if (request == NULL) return explain(error, blame(&text));
  int code = check_signature(request, error);
  if (code == 0) {
    *out = request;
    request = NULL; /* now the caller's */
  }
  X509_REQ_free(request);
  return code;
}

static bool has_extensions(const X509_REQ *request) {
  return X509_REQ_get_attr_by_NID(request, NID_ext_req, -1) >= 0 ||
         X509_REQ_get_attr_by_NID(request, NID_ms_ext_req, -1) >= 0;
}

int tlstream__request_names(X509_REQ *request, GENERAL_NAMES **out,
                            tlstream_error *error) {
  enum { ABSENT = -1 };
  int found = ABSENT;
  if (!has_extensions(request)) return 0;
  tlstream__ossl_clear();
  STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(request);
  if (extensions == NULL) {
    return explain(error, "the extensions that it asks for are damaged");
  }
  GENERAL_NAMES *names =
      X509V3_get_d2i(extensions, NID_subject_alt_name, &found, NULL);
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  if (names == NULL && found != ABSENT) {
    return explain(error, "the names that it asks for are damaged, or there "
                          "twice");
  }
  *out = names;
  return 0;
}

static void decode_bytes(tlstream__claims *claims, X509_REQ *request) {
  int len = i2d_X509_REQ(request, NULL);
  claims->der = "";
  if (len <= 0) return;
  unsigned char *der = tlstream__arena_take(&claims->arena, (size_t)len);
  unsigned char *end = der;
  if (der == NULL) return;
  i2d_X509_REQ(request, &end);
  claims->der = der;
  claims->der_len = (size_t)len;
}

static int decode(tlstream__claims *claims, X509_REQ *request,
                  tlstream_error *error) {
  GENERAL_NAMES *names = NULL;
  const X509_ALGOR *algorithm = NULL;
  int code = tlstream__request_names(request, &names, error);
  if (code != 0) return code;
  claims->subject =
      tlstream__decode_name(&claims->arena, X509_REQ_get_subject_name(request));
  tlstream__decode_alt_names(claims, names);
  tlstream__decode_alt_text(claims, names);
  tlstream__decode_key(claims, X509_REQ_get_X509_PUBKEY(request));
  X509_REQ_get0_signature(request, NULL, &algorithm);
  tlstream__decode_signature(claims, algorithm);
  decode_bytes(claims, request);
  GENERAL_NAMES_free(names);
  if (!claims->arena.failed &&
      tlstream__ossl_refusal() != TLSTREAM__REFUSED_NO_MEMORY) {
    return 0;
  }
  return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
}

tlstream_request *tlstream_request_parse(const void *data, size_t len,
                                         tlstream_error *error) {
  X509_REQ *read = NULL;
  tlstream__error_clear(error);
  tlstream_request *made = tlstream__calloc(sizeof(*made));
  if (made == NULL) {
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    return NULL;
  }
  int code = tlstream__request_read(&read, data, len, error);
  if (code == 0) code = decode(&made->claims, read, error);
  if (code != 0) {
    tlstream_request_free(made);
    made = NULL;
  }
  X509_REQ_free(read);
  tlstream__ossl_clear();
  return made;
}

void tlstream_request_free(tlstream_request *request) {
  if (request == NULL) return;
  tlstream__arena_clear(&request->claims.arena);
  tlstream__free(request);
}

const tlstream_name_entry *
tlstream_request_subject(const tlstream_request *request, size_t *count) {
  *count = request->claims.subject.count;
  return request->claims.subject.list;
}

const tlstream_alt_name *
tlstream_request_alt_names(const tlstream_request *request, size_t *count) {
  *count = request->claims.alt_name_count;
  return request->claims.alt_names;
}

const tlstream_public_key *
tlstream_request_public_key(const tlstream_request *request) {
  return &request->claims.key;
}
