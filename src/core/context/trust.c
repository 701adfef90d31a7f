/* SPDX-License-Identifier: MIT */
#include "core/context/trust.h"

#include <tlstream/context_info.h>

#include <stdatomic.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "base/alloc.h"
#include "base/error.h"
#include "core/context/context.h"
#include "core/context/roots.h"
#include "core/openssl/ossl.h"
#include "core/x509/certificate.h"
#include "core/x509/issuer.h"
#include "core/x509/pem.h"

/* The list has 16 bits for its length, and other parts of the message share
 * them in TLS 1.3. */
enum { NAMES_MAX = 60000 };

static const tlstream_bytes no_bytes = {NULL, 0};

/* A server names what it trusts when it asks for a certificate. */
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

/* In bytes as a message has them, each behind its length. */
static size_t len_of(const STACK_OF(X509_NAME) * names) {
  size_t len = 0;
  for (int i = 0; i < sk_X509_NAME_num(names); i++) {
    int one = i2d_X509_NAME(sk_X509_NAME_value(names, i), NULL);
    len += one > 0 ? 2 + (size_t)one : NAMES_MAX;
  }
  return len;
}

/* A list that does not fit would fail each handshake. Without one, clients
 * choose among all their certificates (RFC 8446, section 4.2.4). */
static void leave_out_what_does_not_fit(SSL_CTX *ctx) {
  if (len_of(SSL_CTX_get_client_CA_list(ctx)) > NAMES_MAX) {
    SSL_CTX_set_client_CA_list(ctx, NULL);
  }
}

static int refuse_empty(tlstream_error *error, const char *where) {
  return tlstream__error_set(error, TLSTREAM_ERR_EMPTY_TRUST,
                             "%s: there is nothing in it to trust", where);
}

static int add_pem(SSL_CTX *ctx, const char *path, tlstream_bytes bytes,
                   tlstream__pipes *pipes, tlstream_error *error) {
  tlstream__pem pem = {0};
  int code = tlstream__pem_open(&pem, "ca", path, bytes, pipes, error);
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
                     tlstream__pipes *pipes, tlstream_error *error) {
  int code = 0;
  if (options->ca_file_count > 0 && options->ca_files == NULL) {
    return refuse_list(error, "ca_files");
  }
  if (options->ca_files != NULL && options->ca_file_count == 0) {
    return refuse_empty(error, "ca_files");
  }
  if (options->ca_file != NULL) {
    code = add_pem(ctx, options->ca_file, no_bytes, pipes, error);
  }
  for (size_t i = 0; code == 0 && i < options->ca_file_count; i++) {
    code = add_pem(ctx, options->ca_files[i], no_bytes, pipes, error);
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
  if (options->ca.data != NULL || options->ca.len > 0) {
    code = add_pem(ctx, NULL, options->ca, NULL, error);
  }
  for (size_t i = 0; code == 0 && i < options->ca_count; i++) {
    code = add_pem(ctx, NULL, options->cas[i], NULL, error);
  }
  return code;
}

static bool names_any(const tlstream_context_options *options) {
  return options->ca_file != NULL || options->ca.data != NULL ||
         options->ca_files != NULL || options->cas != NULL;
}

bool tlstream__trust_is_default(const tlstream_context_options *options) {
  return !names_any(options) && !options->add_system_roots;
}

int tlstream__trust_check_clients(const tlstream_context *context,
                                  tlstream_error *error) {
  bool refuses = context->request_certificate && !context->allow_unauthorized;
  if (!refuses || !context->trust_is_default) return 0;
  return tlstream__error_set(
      error, TLSTREAM_ERR_EMPTY_TRUST,
      "request_certificate: whose certificates are valid? Name the authority "
      "in `ca_file` or `ca`%s; with `add_system_roots` it is every certificate "
      "of a public authority",
      context->parent != NULL ? " of the `parent`" : "");
}

int tlstream__trust_load(SSL_CTX *ctx, const tlstream_context_options *options,
                         tlstream__pipes *pipes, tlstream__roots **roots,
                         tlstream_error *error) {
  tlstream__issuer_install(SSL_CTX_get_cert_store(ctx));
  int code = add_files(ctx, options, pipes, error);
  if (code == 0) code = add_texts(ctx, options, error);
  if (code == 0) leave_out_what_does_not_fit(ctx);
  if (code == 0 && (!names_any(options) || options->add_system_roots)) {
    *roots = tlstream__roots_now();
    if (*roots == NULL) {
      code = tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    }
  }
  if (options->allow_partial_chain) {
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx),
                                X509_V_FLAG_PARTIAL_CHAIN);
  }
  return code;
}

/* `own` does not grow any more, but a search for an issuer in it may sort
 * it. */
static bool add_own(X509_STORE *into, X509_STORE *own) {
  bool fine = X509_STORE_lock(own) == 1;
  STACK_OF(X509_OBJECT) *list = X509_STORE_get0_objects(own);
  bool locked = fine;
  for (int i = 0; fine && i < sk_X509_OBJECT_num(list); i++) {
    const X509_OBJECT *each = sk_X509_OBJECT_value(list, i);
    X509 *cert = X509_OBJECT_get0_X509(each);
    X509_CRL *crl = X509_OBJECT_get0_X509_CRL((X509_OBJECT *)each);
    fine = cert != NULL ? X509_STORE_add_cert(into, cert) == 1
                        : X509_STORE_add_crl(into, crl) == 1;
  }
  if (locked) X509_STORE_unlock(own);
  return fine;
}

static X509_STORE *mix(tlstream_context *context,
                       bool (*add)(tlstream__roots *roots, X509_STORE *into)) {
  X509_STORE *all = X509_STORE_new();
  if (all != NULL) tlstream__issuer_install(all);
  if (all != NULL && add_own(all, SSL_CTX_get_cert_store(context->ctx)) &&
      add(context->roots, all)) {
    return all;
  }
  X509_STORE_free(all);
  return NULL;
}

/* Created on first use; if two threads race, the loser frees its copy. */
static X509_STORE *mixed_store(tlstream_context *context) {
  X509_STORE *store = atomic_load(&context->mixed_store);
  if (store != NULL) return store;
  X509_STORE *made = mix(context, tlstream__roots_add);
  if (made == NULL) return NULL;
  if (atomic_compare_exchange_strong(&context->mixed_store, &store, made)) {
    return made;
  }
  X509_STORE_free(made);
  return store;
}

static tlstream_context *parent_of(const tlstream_context *context) {
  return context->parent != NULL ? context->parent
                                 : (tlstream_context *)context;
}

bool tlstream__trust_attach(SSL *ssl, tlstream_context *context) {
  tlstream_context *parent = parent_of(context);
  if (parent->roots == NULL) return true; /* all are in the SSL_CTX */
  X509_STORE *own = SSL_CTX_get_cert_store(parent->ctx);
  X509_STORE *store = sk_X509_OBJECT_num(X509_STORE_get0_objects(own)) == 0
                          ? tlstream__roots_store(parent->roots)
                          : mixed_store(parent);
  return store != NULL && SSL_set1_verify_cert_store(ssl, store) == 1;
}

void tlstream__trust_clear(tlstream_context *context) {
  X509_STORE_free(atomic_load(&context->mixed_store));
  tlstream__roots_unref(context->roots);
}

static STACK_OF(X509) * all_trusted(const tlstream_context *context) {
  tlstream_context *parent = parent_of(context);
  if (parent->roots == NULL) {
    return X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(parent->ctx));
  }
  X509_STORE *all = mix(parent, tlstream__roots_gather);
  STACK_OF(X509) *list = all != NULL ? X509_STORE_get1_all_certs(all) : NULL;
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
