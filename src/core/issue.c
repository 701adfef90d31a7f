/* SPDX-License-Identifier: MIT */
#include <tlstream/issue.h>

#include <string.h>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <tlstream/text.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/options.h"
#include "core/issue_state.h"
#include "core/ossl.h"
#include "core/pem.h"

enum { DAYS_MAX = 3650, SHOWN = 128 };

static void clear(tlstream__issue *all) {
  EVP_PKEY_free(all->ca_key);
  X509_free(all->ca_cert);
  GENERAL_NAMES_free(all->names);
  X509_free(all->cert);
  EVP_PKEY_free(all->key);
}

static int refuse(tlstream_error *error, const char *why) {
  return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT, "%s", why);
}

int tlstream__issue_check(int fine, tlstream_error *error) {
  return fine == 1 ? 0 : tlstream__ossl_failed(error, "make the certificate");
}

static bool has_control_byte(const char *text) {
  for (; *text != '\0'; text++) {
    if ((unsigned char)*text < 0x20 || *text == 0x7f) return true;
  }
  return false;
}

static bool is_utf8(const char *text, size_t len) {
  const unsigned char *bytes = (const unsigned char *)text;
  unsigned long point = 0;
  while (len > 0) {
    int used = UTF8_getc(bytes, (int)len, &point);
    if (used <= 0) return false;
    bytes += used;
    len -= (size_t)used;
  }
  return true;
}

static int check_common_name(const char *name, tlstream_error *error) {
  char shown[SHOWN];
  const char *why = NULL;
  size_t len = strlen(name);
  if (len == 0) return refuse(error, "common_name is empty");
  if (len > TLSTREAM__COMMON_NAME_MAX) {
    why = "it is longer than the 64 bytes that a common name may have";
  } else if (has_control_byte(name)) {
    why = "it has control characters";
  } else if (!is_utf8(name, len)) {
    why = "it is not UTF-8";
  }
  if (why == NULL) return 0;
  return tlstream__error_set(
      error, TLSTREAM_ERR_INVALID_ARGUMENT, "common_name \"%s\": %s",
      tlstream_escape(shown, sizeof(shown), name, len), why);
}

static int check_subject(const tlstream_issue_options *options,
                         tlstream_error *error) {
  if (options->common_name != NULL) {
    return check_common_name(options->common_name, error);
  }
  if (options->is_ca) {
    return refuse(error, "a certificate authority needs a common_name");
  }
  if (options->host_count == 0) {
    return refuse(error, "name at least one host, or give a common_name");
  }
  return 0;
}

static int check_options(const tlstream_issue_options *options,
                         tlstream_error *error) {
  if (options->days < 0 || options->days > DAYS_MAX) {
    return refuse(error, "days must be from 1 to 3650, or 0 for 30");
  }
  if (options->is_ca && options->host_count > 0) {
    return refuse(error, "a certificate authority has no hosts");
  }
  if (options->host_count > 0 && options->hosts == NULL) {
    return refuse(error, "host_count is set but hosts is NULL");
  }
  if ((options->ca_cert.data != NULL) != (options->ca_key.data != NULL)) {
    return refuse(error, "give ca_cert and ca_key, or neither");
  }
  return check_subject(options, error);
}

static int explain_mismatch(tlstream_error *error) {
  if (tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
    return tlstream__ossl_failed(error, "compare ca_key and ca_cert");
  }
  tlstream__ossl_clear();
  return tlstream__error_set(error, TLSTREAM_ERR_KEY_MISMATCH,
                             "ca_key is not the key of ca_cert");
}

static int check_ca(const tlstream__issue *all, bool for_ca,
                    tlstream_error *error) {
  const char *why = NULL;
  tlstream__ossl_clear();
  if (X509_check_private_key(all->ca_cert, all->ca_key) != 1) {
    return explain_mismatch(error);
  }
  if (X509_check_ca(all->ca_cert) != 1) {
    why = "ca_cert is not an authority's: it may not sign certificates";
  } else if (X509_cmp_current_time(X509_get0_notAfter(all->ca_cert)) <= 0) {
    why = "ca_cert has expired";
  } else if (X509_cmp_current_time(X509_get0_notBefore(all->ca_cert)) >= 0) {
    why = "ca_cert is not valid yet";
  } else if (X509_NAME_entry_count(X509_get_subject_name(all->ca_cert)) == 0) {
    why = "ca_cert has an empty subject, which an issuer must not have";
  } else if (for_ca && X509_get_pathlen(all->ca_cert) == 0) {
    why = "ca_cert may sign no further authorities (its path length is 0)";
  }
  tlstream__ossl_clear();
  if (why == NULL) return 0;
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_CERTIFICATE, "%s", why);
}

static int read_ca_cert(tlstream__issue *all, tlstream_bytes bytes,
                        tlstream_error *error) {
  tlstream__pem pem = {0};
  STACK_OF(X509) *list = NULL;
  int code = tlstream__pem_open(&pem, "ca_cert", NULL, bytes, error);
  if (code == 0) code = tlstream__pem_certificates(&pem, &list, error);
  if (code == 0) all->ca_cert = sk_X509_shift(list);
  sk_X509_pop_free(list, X509_free);
  tlstream__pem_clear(&pem);
  return code;
}

static int read_ca_key(tlstream__issue *all, tlstream_bytes bytes,
                       tlstream_error *error) {
  tlstream__pem pem = {0};
  int code = tlstream__pem_open(&pem, "ca_key", NULL, bytes, error);
  if (code == 0) {
    code =
        tlstream__pem_key(&pem, /* passphrase = */ NULL, &all->ca_key, error);
  }
  tlstream__pem_clear(&pem);
  return code;
}

static int read_ca(tlstream__issue *all, const tlstream_issue_options *options,
                   tlstream_error *error) {
  if (options->ca_cert.data == NULL) return 0;
  int code = read_ca_cert(all, options->ca_cert, error);
  if (code == 0) code = read_ca_key(all, options->ca_key, error);
  if (code == 0) code = check_ca(all, options->is_ca, error);
  return code;
}

static int make_key(tlstream__issue *all, tlstream_error *error) {
  all->key = EVP_EC_gen("P-256");
  if (all->key != NULL) return 0;
  return tlstream__ossl_failed(error, "make a P-256 key");
}

/* Take the text out of `bio`; the memory of BIOs is wiped by OpenSSL. */
static char *take_text(BIO *bio, size_t *len) {
  char *data = NULL;
  long size = BIO_get_mem_data(bio, &data);
  *len = (size_t)size;
  return tlstream__memdup(data, *len);
}

static int take_texts(BIO *key, BIO *cert, tlstream_issued *out,
                      tlstream_error *error) {
  out->key = take_text(key, &out->key_len);
  out->cert = take_text(cert, &out->cert_len);
  if (out->key != NULL && out->cert != NULL) return 0;
  tlstream_issued_clear(out);
  return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
}

static int export(const tlstream__issue *all, tlstream_issued *out,
                  tlstream_error *error) {
  int code = 0;
  BIO *key = BIO_new(BIO_s_mem());
  BIO *cert = BIO_new(BIO_s_mem());
  int fine = key != NULL && cert != NULL &&
             PEM_write_bio_PKCS8PrivateKey(key, all->key, NULL, NULL, 0, NULL,
                                           NULL) == 1 &&
             PEM_write_bio_X509(cert, all->cert) == 1;
  code = tlstream__issue_check(fine, error);
  if (code == 0) code = take_texts(key, cert, out, error);
  BIO_free(cert);
  BIO_free(key);
  return code;
}

static int make(tlstream__issue *all, const tlstream_issue_options *options,
                tlstream_issued *out, tlstream_error *error) {
  int code = tlstream__issue_hosts(all, options, error);
  if (code == 0) code = read_ca(all, options, error);
  tlstream__ossl_clear();
  if (code == 0) code = make_key(all, error);
  if (code == 0) code = tlstream__issue_fill_in(all, options, error);
  if (code == 0) code = tlstream__issue_extend(all, options->is_ca, error);
  if (code == 0) code = tlstream__issue_sign(all, error);
  if (code == 0) code = export(all, out, error);
  return code;
}

int tlstream_issue(const tlstream_issue_options *options,
                   tlstream_issued *issued, tlstream_error *error) {
  tlstream__issue all = {0};
  tlstream_issue_options known = {0};
  tlstream_issued made = {0};
  tlstream__error_clear(error);
  tlstream__ossl_clear();
  int code = tlstream__options_copy(&known, sizeof(known), options,
                                    "tlstream_issue_options", error);
  if (code == 0) code = check_options(&known, error);
  if (code == 0) code = make(&all, &known, &made, error);
  if (code == 0) *issued = made;
  clear(&all);
  tlstream__ossl_clear();
  return code;
}

void tlstream_issued_clear(tlstream_issued *issued) {
  if (issued->key != NULL) OPENSSL_cleanse(issued->key, issued->key_len);
  tlstream__free(issued->key);
  tlstream__free(issued->cert);
  memset(issued, 0, sizeof(*issued));
}
