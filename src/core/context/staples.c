/* SPDX-License-Identifier: MIT */
#include "core/context/staples.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "core/context/context.h"
#include "core/ocsp/request.h"
#include "core/ocsp/response.h"
#include "core/openssl/ossl.h"
#include "core/x509/certificate.h"
#include "core/x509/issuer.h"

enum { TITLE = 96, LABEL = 160, STAMP = 128 };

/* A certificate and its staple. */
typedef struct slot {
  X509 *cert;
  STACK_OF(X509) * chain; /* that is sent with it */
  unsigned char *der;     /* owned; NULL without */
  size_t len;
  long long from;
  long long until;
  long long due; /* from when on to look for a newer one */
} slot;

typedef struct file {
  char *path;        /* owned */
  char stamp[STAMP]; /* of what was taken; "": nothing yet */
} file;

struct tlstream__staples {
  pthread_mutex_t lock; /* of all that changes: the staples, the stamps */
  long long time;       /* verify_time */
  X509_STORE *trusted;
  slot *slots;
  size_t count;
  file *files;
  size_t file_count;
};

static long long now_of(const tlstream__staples *staples) {
  return staples->time != 0 ? staples->time : (long long)time(NULL);
}

/* One that is trusted, the certificate itself among them. */
static X509 *find_trusted(X509_STORE *trusted, const slot *of) {
  X509 *found = NULL;
  X509_STORE_CTX *search = X509_STORE_CTX_new();
  if (search != NULL &&
      X509_STORE_CTX_init(search, trusted, of->cert, of->chain) == 1 &&
      X509_STORE_CTX_get_get_issuer(search)(&found, search, of->cert) != 1) {
    found = NULL;
  }
  X509_STORE_CTX_free(search);
  return found;
}

/* The issuer, which costs a signature to find; a reference, or NULL. */
static X509 *issuer_of(const tlstream__staples *staples, const slot *of) {
  X509 *found = NULL;
  for (int i = 0; found == NULL && i < sk_X509_num(of->chain); i++) {
    X509 *each = sk_X509_value(of->chain, i);
    if (tlstream__issuer_is(each, of->cert)) found = each;
  }
  if (found == NULL && tlstream__issuer_is(of->cert, of->cert)) {
    found = of->cert;
  }
  if (found == NULL) return find_trusted(staples->trusted, of);
  return X509_up_ref(found) == 1 ? found : NULL;
}

/* The current certificate of `ctx`. */
static bool add_slot(tlstream__staples *staples, SSL_CTX *ctx) {
  STACK_OF(X509) *chain = NULL;
  X509 *cert = SSL_CTX_get0_certificate(ctx);
  slot *grown =
      tlstream__realloc(staples->slots, (staples->count + 1) * sizeof(*grown));
  if (grown == NULL) return false;
  staples->slots = grown;
  SSL_CTX_get0_chain_certs(ctx, &chain);
  slot made = {.chain = chain != NULL ? X509_chain_up_ref(chain) : NULL};
  if ((chain != NULL && made.chain == NULL) || X509_up_ref(cert) != 1) {
    sk_X509_pop_free(made.chain, X509_free);
    return false;
  }
  made.cert = cert;
  grown[staples->count++] = made;
  return true;
}

/* The cursor of the current certificate is put back. */
static bool add_slots(tlstream__staples *staples, SSL_CTX *ctx) {
  X509 *current = SSL_CTX_get0_certificate(ctx);
  bool fine = true;
  long more = SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_FIRST);
  for (; fine && more == 1;
       more = SSL_CTX_set_current_cert(ctx, SSL_CERT_SET_NEXT)) {
    fine = add_slot(staples, ctx);
  }
  (void)SSL_CTX_select_current_cert(ctx, current);
  return fine;
}

static bool add_file(tlstream__staples *staples, const char *path) {
  file *grown = tlstream__realloc(staples->files,
                                  (staples->file_count + 1) * sizeof(*grown));
  if (grown == NULL) return false;
  staples->files = grown;
  grown[staples->file_count] = (file){.path = tlstream__strdup(path)};
  if (grown[staples->file_count].path == NULL) return false;
  staples->file_count++;
  return true;
}

/* Takes `der`. The rest of its time is halved, so that a responder that gives
 * the same one for days is asked less often than it could be. */
static void put(tlstream__staples *staples, slot *into, unsigned char *der,
                size_t len, const tlstream__ocsp_verdict *verdict) {
  pthread_mutex_lock(&staples->lock);
  unsigned char *old = into->der;
  into->der = der;
  into->len = len;
  into->from = verdict->from;
  into->until = verdict->until;
  into->due = now_of(staples) + (verdict->until - now_of(staples)) / 2;
  pthread_mutex_unlock(&staples->lock);
  tlstream__free(old);
}

/* The slot that `der` speaks of, with the verdict; NULL: none of them. */
static slot *find_slot(tlstream__staples *staples, const void *der, size_t len,
                       tlstream__ocsp_verdict *verdict) {
  for (size_t i = 0; i < staples->count; i++) {
    slot *each = &staples->slots[i];
    X509 *issuer = issuer_of(staples, each);
    tlstream__ocsp_judge(verdict, der, len, each->cert, issuer,
                         now_of(staples));
    X509_free(issuer);
    if (!verdict->is_foreign) return each;
  }
  return NULL;
}

static int refuse(const slot *of, const tlstream__ocsp_verdict *verdict,
                  const char *label, tlstream_error *error) {
  char title[TITLE];
  if (verdict->out_of_memory) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  if (of == NULL) {
    return tlstream__error_set(error, TLSTREAM_ERR_OCSP_RESPONSE,
                               "%s: it is for none of the certificates here",
                               label);
  }
  tlstream__certificate_title(of->cert, /* issuer = */ false, title, TITLE);
  return tlstream__error_set(
      error, TLSTREAM_ERR_OCSP_RESPONSE,
      "%s: it cannot be stapled to the certificate \"%s\": %s%s", label, title,
      verdict->status == TLSTREAM_OCSP_REVOKED ? "it says of it: " : "",
      verdict->why);
}

/* `stale`: NULL, or one whose time is not now is kept too, and sent when its
 * time comes, if ever. */
static int set(tlstream__staples *staples, const void *der, size_t len,
               const char *label, bool *stale, tlstream_error *error) {
  tlstream__ocsp_verdict verdict = {0};
  slot *into = find_slot(staples, der, len, &verdict);
  bool fine = into != NULL && (verdict.status == TLSTREAM_OCSP_GOOD ||
                               (verdict.is_stale && stale != NULL));
  if (!fine) return refuse(into, &verdict, label, error);
  unsigned char *copy = (unsigned char *)tlstream__memdup(der, len);
  if (copy == NULL) return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  put(staples, into, copy, len, &verdict);
  if (stale != NULL) *stale = verdict.is_stale;
  return 0;
}

static void label_of(const file *from, char *out, size_t cap) {
  char shown[LABEL / 2];
  snprintf(
      out, cap, "ocsp_response_file %s",
      tlstream_escape(shown, sizeof(shown), from->path, strlen(from->path)));
}

static int take_file(tlstream__staples *staples, const file *from,
                     tlstream__pipes *pipes, bool *stale,
                     tlstream_error *error) {
  char label[LABEL];
  char *der = NULL;
  size_t len = 0;
  int code = tlstream__file_read(from->path, "ocsp_response_file", pipes, &der,
                                 &len, error);
  label_of(from, label, sizeof(label));
  if (code == 0) code = set(staples, der, len, label, stale, error);
  tlstream__free(der);
  return code;
}

/* One that is stale is looked at again, and is an error then. */
static int load_file(tlstream__staples *staples, const char *path,
                     tlstream__pipes *pipes, tlstream_error *error) {
  bool stale = false;
  if (!add_file(staples, path)) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  file *added = &staples->files[staples->file_count - 1];
  tlstream__file_stamp(path, added->stamp, sizeof(added->stamp));
  int code = take_file(staples, added, pipes, &stale, error);
  if (stale) added->stamp[0] = '\0';
  return code;
}

static int load_one(tlstream__staples *staples, const char *path,
                    tlstream_bytes bytes, tlstream__pipes *pipes,
                    tlstream_error *error) {
  bool stale = false;
  if (path != NULL && bytes.data != NULL) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "ocsp_response: give it or "
                               "`ocsp_response_file`, not both");
  }
  if (path != NULL) return load_file(staples, path, pipes, error);
  if (bytes.data == NULL) return 0;
  return set(staples, bytes.data, bytes.len, "ocsp_response", &stale, error);
}

static int load_all(tlstream__staples *staples,
                    const tlstream_context_options *options,
                    tlstream__pipes *pipes, tlstream_error *error) {
  int code = load_one(staples, options->ocsp_response_file,
                      options->ocsp_response, pipes, error);
  for (size_t i = 0; code == 0 && i < options->identity_count; i++) {
    const tlstream_identity *each = &options->identities[i];
    code = load_one(staples, each->ocsp_response_file, each->ocsp_response,
                    pipes, error);
  }
  return code;
}

static tlstream__staples *make(SSL_CTX *ctx, long long time) {
  tlstream__staples *staples = tlstream__calloc(sizeof(*staples));
  if (staples == NULL) return NULL;
  pthread_mutex_init(&staples->lock, NULL);
  staples->time = time;
  staples->trusted = SSL_CTX_get_cert_store(ctx);
  if (X509_STORE_up_ref(staples->trusted) != 1) staples->trusted = NULL;
  if (staples->trusted != NULL && add_slots(staples, ctx)) return staples;
  tlstream__staples_free(staples);
  return NULL;
}

static bool is_given(const tlstream_context_options *options) {
  return options->ocsp_response_file != NULL ||
         options->ocsp_response.data != NULL;
}

int tlstream__staples_load(tlstream__staples **out, SSL_CTX *ctx,
                           const tlstream_context_options *options,
                           long long time, tlstream__pipes *pipes,
                           tlstream_error *error) {
  if (SSL_CTX_get0_certificate(ctx) == NULL) {
    if (!is_given(options)) return 0;
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "ocsp_response: a staple needs its certificate: "
                               "give `cert` and `key` too");
  }
  tlstream__staples *staples = make(ctx, time);
  if (staples == NULL) {
    return tlstream__ossl_failed(error, "keep staples");
  }
  int code = load_all(staples, options, pipes, error);
  if (code == 0) {
    *out = staples;
  } else {
    tlstream__staples_free(staples);
  }
  return code;
}

void tlstream__staples_free(tlstream__staples *staples) {
  if (staples == NULL) return;
  for (size_t i = 0; i < staples->count; i++) {
    X509_free(staples->slots[i].cert);
    sk_X509_pop_free(staples->slots[i].chain, X509_free);
    tlstream__free(staples->slots[i].der);
  }
  for (size_t i = 0; i < staples->file_count; i++)
    tlstream__free(staples->files[i].path);
  X509_STORE_free(staples->trusted);
  pthread_mutex_destroy(&staples->lock);
  tlstream__free(staples->slots);
  tlstream__free(staples->files);
  tlstream__free(staples);
}

/* A derived context has its parent's. */
static tlstream__staples *staples_of(const tlstream_context *context) {
  return context->parent != NULL ? context->parent->staples : context->staples;
}

/* OpenSSL's memory: an SSL becomes its owner. */
static unsigned char *copy_fresh(tlstream__staples *staples, const slot *of,
                                 size_t *len) {
  long long now = now_of(staples);
  unsigned char *copy = NULL;
  pthread_mutex_lock(&staples->lock);
  if (of->der != NULL && of->from <= now + TLSTREAM__OCSP_SKEW &&
      now < of->until) {
    copy = OPENSSL_memdup(of->der, of->len);
    *len = of->len;
  }
  pthread_mutex_unlock(&staples->lock);
  return copy;
}

int tlstream__staples_send(const tlstream_context *context, SSL *ssl) {
  tlstream__staples *staples = staples_of(context);
  const X509 *cert = SSL_get_certificate(ssl);
  size_t len = 0;
  unsigned char *copy = NULL;
  for (size_t i = 0; staples != NULL && i < staples->count; i++) {
    if (staples->slots[i].cert != cert) continue;
    copy = copy_fresh(staples, &staples->slots[i], &len);
  }
  if (copy == NULL) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)len);
  return SSL_TLSEXT_ERR_OK;
}

static int refuse_none(tlstream_error *error) {
  return tlstream__error_set(error, TLSTREAM_ERR_NO_CERTIFICATE,
                             "a staple is for a certificate, and this context "
                             "has none");
}

int tlstream_context_set_staple(tlstream_context *context, const void *der,
                                size_t len, tlstream_error *error) {
  tlstream__staples *staples = staples_of(context);
  tlstream__error_clear(error);
  if (staples == NULL) return refuse_none(error);
  return set(staples, der, len, "the staple", /* stale = */ NULL, error);
}

static bool is_new(tlstream__staples *staples, const file *from,
                   const char *stamp) {
  pthread_mutex_lock(&staples->lock);
  bool differs = stamp[0] == '\0' || strcmp(stamp, from->stamp) != 0;
  pthread_mutex_unlock(&staples->lock);
  return differs;
}

static void keep_stamp(tlstream__staples *staples, file *of,
                       const char *stamp) {
  pthread_mutex_lock(&staples->lock);
  snprintf(of->stamp, sizeof(of->stamp), "%s", stamp);
  pthread_mutex_unlock(&staples->lock);
}

/* 1 if it was new, 0, or a code. The stamp is of before the reading: what
 * changes meanwhile is read again. A pipe is read once. */
static int reload_file(tlstream__staples *staples, file *from,
                       tlstream_error *error) {
  char stamp[STAMP];
  tlstream__file_stamp(from->path, stamp, sizeof(stamp));
  if (!is_new(staples, from, stamp) || tlstream__file_is_pipe(from->path)) {
    return 0;
  }
  int code =
      take_file(staples, from, /* pipes = */ NULL, /* stale = */ NULL, error);
  if (code != 0) return code;
  keep_stamp(staples, from, stamp);
  return 1;
}

int tlstream_context_reload_staples(tlstream_context *context,
                                    tlstream_error *error) {
  tlstream__staples *staples = staples_of(context);
  tlstream_error later;
  int count = 0;
  int code = 0;
  tlstream__error_clear(error);
  for (size_t i = 0; staples != NULL && i < staples->file_count; i++) {
    int result =
        reload_file(staples, &staples->files[i], code == 0 ? error : &later);
    if (result > 0) count++;
    if (result < 0 && code == 0) code = result;
  }
  return code != 0 ? code : count;
}

size_t tlstream__staples_count(const tlstream_context *context) {
  const tlstream__staples *staples = staples_of(context);
  return staples != NULL ? staples->count : 0;
}

char *tlstream__staples_url(const tlstream_context *context, size_t index) {
  return tlstream__ocsp_url(staples_of(context)->slots[index].cert);
}

unsigned char *tlstream__staples_request(const tlstream_context *context,
                                         size_t index, size_t *len) {
  const tlstream__staples *staples = staples_of(context);
  const slot *of = &staples->slots[index];
  tlstream__ossl_clear();
  X509 *issuer = issuer_of(staples, of);
  unsigned char *made =
      issuer != NULL ? tlstream__ocsp_request(of->cert, issuer, len) : NULL;
  X509_free(issuer);
  tlstream__ossl_clear();
  return made;
}

void tlstream__staples_title(const tlstream_context *context, size_t index,
                             char *out, size_t cap) {
  tlstream__certificate_title(staples_of(context)->slots[index].cert,
                              /* issuer = */ false, out, cap);
}

long long tlstream__staples_due(const tlstream_context *context, size_t index) {
  tlstream__staples *staples = staples_of(context);
  const slot *of = &staples->slots[index];
  long long due = 0;
  pthread_mutex_lock(&staples->lock);
  if (of->der != NULL && now_of(staples) < of->until) {
    due = of->due;
  }
  pthread_mutex_unlock(&staples->lock);
  return due;
}

long long tlstream__staples_now(const tlstream_context *context) {
  const tlstream__staples *staples = staples_of(context);
  return staples != NULL ? now_of(staples) : (long long)time(NULL);
}

bool tlstream__staples_has_files(const tlstream_context *context) {
  const tlstream__staples *staples = staples_of(context);
  return staples != NULL && staples->file_count > 0;
}
