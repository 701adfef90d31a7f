/* SPDX-License-Identifier: MIT */
#include "core/trust.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/ssl.h>
#include <openssl/store.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "base/error.h"
#include "core/certificate.h"
#include "core/context.h"
#include "core/ossl.h"
#include "core/pem.h"

static const tlstream_bytes no_bytes = {NULL, 0};

/* Whom we trust is also what a server names when it asks for a certificate. */
static bool add_authority(SSL_CTX *ctx, X509 *cert) {
  return X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), cert) == 1 &&
         SSL_CTX_add_client_CA(ctx, cert) == 1;
}

static int add_authorities(SSL_CTX *ctx, const tlstream__pem *pem,
                           tlstream_error *error) {
  STACK_OF(X509) *certs = NULL;
  int code = tlstream__pem_certificates(pem, &certs, error);
  for (int i = 0; code == 0 && i < sk_X509_num(certs); i++) {
    tlstream__ossl_clear();
    if (!add_authority(ctx, sk_X509_value(certs, i))) {
      code = tlstream__ossl_failed(error, "trust a certificate");
    }
  }
  sk_X509_pop_free(certs, X509_free);
  return code;
}

static int refuse_empty(tlstream_error *error, const char *where) {
  return tlstream__error_set(error, TLSTREAM_ERR_EMPTY_TRUST,
                             "%s: there is nothing in it to trust", where);
}

static int add_pem(SSL_CTX *ctx, const char *path, tlstream_bytes bytes,
                   tlstream_error *error) {
  tlstream__pem pem = {0};
  int code = tlstream__pem_open(&pem, "ca", path, bytes, error);
  if (code == 0) {
    code = pem.data != NULL ? add_authorities(ctx, &pem, error)
                            : refuse_empty(error, "ca");
  }
  if (code == TLSTREAM_ERR_BAD_CERTIFICATE && pem.len == 0) {
    code = refuse_empty(error, pem.label);
  }
  tlstream__pem_clear(&pem);
  return code;
}

static int refuse_list(tlstream_error *error, const char *option) {
  return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                             "%s: there is a count and no list", option);
}

static int add_files(SSL_CTX *ctx, const tlstream_context_options *options,
                     tlstream_error *error) {
  int code = 0;
  if (options->ca_file_count > 0 && options->ca_files == NULL) {
    return refuse_list(error, "ca_files");
  }
  if (options->ca_files != NULL && options->ca_file_count == 0) {
    return refuse_empty(error, "ca_files");
  }
  if (options->ca_file != NULL) {
    code = add_pem(ctx, options->ca_file, no_bytes, error);
  }
  for (size_t i = 0; code == 0 && i < options->ca_file_count; i++) {
    code = add_pem(ctx, options->ca_files[i], no_bytes, error);
  }
  return code;
}

static int add_texts(SSL_CTX *ctx, const tlstream_context_options *options,
                     tlstream_error *error) {
  int code = 0;
  if (options->ca_count > 0 && options->cas == NULL) {
    return refuse_list(error, "cas");
  }
  if (options->cas != NULL && options->ca_count == 0) {
    return refuse_empty(error, "cas");
  }
  if (options->ca.data != NULL) code = add_pem(ctx, NULL, options->ca, error);
  for (size_t i = 0; code == 0 && i < options->ca_count; i++) {
    code = add_pem(ctx, NULL, options->cas[i], error);
  }
  return code;
}

static int add_system_roots(SSL_CTX *ctx, tlstream_error *error) {
  tlstream__ossl_clear();
  if (SSL_CTX_set_default_verify_paths(ctx) == 1) return 0;
  return tlstream__ossl_failed(error, "load the system's roots");
}

int tlstream__trust_load(SSL_CTX *ctx, const tlstream_context_options *options,
                         bool *system_roots, tlstream_error *error) {
  bool given = options->ca_file != NULL || options->ca.data != NULL ||
               options->ca_files != NULL || options->cas != NULL;
  int code = add_files(ctx, options, error);
  if (code == 0) code = add_texts(ctx, options, error);
  *system_roots = !given || options->add_system_roots;
  if (code == 0 && *system_roots) code = add_system_roots(ctx, error);
  if (options->allow_partial_chain) {
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx),
                                X509_V_FLAG_PARTIAL_CHAIN);
  }
  return code;
}

static void gather_file(X509_STORE *into, const char *path) {
  OSSL_STORE_CTX *from = OSSL_STORE_open(path, NULL, NULL, NULL, NULL);
  while (from != NULL && !OSSL_STORE_eof(from)) {
    OSSL_STORE_INFO *item = OSSL_STORE_load(from);
    if (item == NULL) continue;
    if (OSSL_STORE_INFO_get_type(item) == OSSL_STORE_INFO_CERT) {
      X509_STORE_add_cert(into, OSSL_STORE_INFO_get0_CERT(item));
    }
    OSSL_STORE_INFO_free(item);
  }
  OSSL_STORE_close(from);
}

/* What OpenSSL looks for in a folder: eight digits of the subject's hash, a dot
 * and a number ("openssl rehash" links them). Other files are not trusted. */
static bool is_looked_for(const char *path) {
  const char *name = strrchr(path, '/');
  name = name != NULL ? name + 1 : path;
  return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' &&
         name[9] != '\0' && strspn(name + 9, "0123456789") == strlen(name + 9);
}

/* The store keeps each certificate once, however often it comes. */
static void gather_folder(X509_STORE *into, const char *path) {
  OSSL_STORE_CTX *from = OSSL_STORE_open(path, NULL, NULL, NULL, NULL);
  while (from != NULL && !OSSL_STORE_eof(from)) {
    OSSL_STORE_INFO *item = OSSL_STORE_load(from);
    if (item == NULL) continue;
    if (OSSL_STORE_INFO_get_type(item) == OSSL_STORE_INFO_NAME &&
        is_looked_for(OSSL_STORE_INFO_get0_NAME(item))) {
      gather_file(into, OSSL_STORE_INFO_get0_NAME(item));
    }
    OSSL_STORE_INFO_free(item);
  }
  OSSL_STORE_close(from);
}

/* OpenSSL has read the system's file into the store, but reads its folders only
 * when it looks for an issuer. False when memory is out. */
static bool gather_folders(X509_STORE *into) {
  const char *list = getenv(X509_get_default_cert_dir_env());
  if (list == NULL) list = X509_get_default_cert_dir();
  while (*list != '\0') {
    size_t len = strcspn(list, ":");
    char *folder = tlstream__memdup(list, len);
    if (folder == NULL) return false;
    if (len > 0) gather_folder(into, folder);
    tlstream__free(folder);
    list += len;
    if (*list == ':') list++;
  }
  return true;
}

static X509_STORE *copy_of(X509_STORE *own) {
  X509_STORE *copy = X509_STORE_new();
  STACK_OF(X509) *list = X509_STORE_get1_all_certs(own);
  bool fine = copy != NULL && list != NULL;
  for (int i = 0; fine && i < sk_X509_num(list); i++) {
    fine = X509_STORE_add_cert(copy, sk_X509_value(list, i)) == 1;
  }
  sk_X509_pop_free(list, X509_free);
  if (fine) return copy;
  X509_STORE_free(copy);
  return NULL;
}

static STACK_OF(X509) * all_trusted(const tlstream_context *context) {
  X509_STORE *own = SSL_CTX_get_cert_store(context->ctx);
  if (!context->trusts_system) return X509_STORE_get1_all_certs(own);
  STACK_OF(X509) *list = NULL;
  X509_STORE *all = copy_of(own);
  if (all != NULL && gather_folders(all)) {
    list = X509_STORE_get1_all_certs(all);
  }
  X509_STORE_free(all);
  return list;
}

static tlstream_certificate **wrap_all(STACK_OF(X509) * list) {
  size_t count = (size_t)sk_X509_num(list);
  tlstream_certificate **made =
      tlstream__calloc((count + 1) * sizeof(tlstream_certificate *));
  for (size_t i = 0; made != NULL && i < count; i++) {
    made[i] = tlstream__certificate_wrap(sk_X509_value(list, (int)i), NULL);
    if (made[i] != NULL) continue;
    tlstream_certificates_free(made);
    return NULL;
  }
  return made;
}

tlstream_certificate **tlstream_context_trusted(const tlstream_context *context,
                                                size_t *count) {
  tlstream__ossl_clear();
  STACK_OF(X509) *list = all_trusted(context);
  tlstream_certificate **made = list != NULL ? wrap_all(list) : NULL;
  *count = made != NULL ? (size_t)sk_X509_num(list) : 0;
  sk_X509_pop_free(list, X509_free);
  tlstream__ossl_clear();
  return made;
}

void tlstream_certificates_free(tlstream_certificate **list) {
  for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
    tlstream_certificate_unref(list[i]);
  }
  tlstream__free(list);
}
