/* SPDX-License-Identifier: MIT */
/* Bytes into a session: see serial.h. */
#include <string.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "base/error.h"
#include "core/openssl/ossl.h"
#include "core/session/serial.h"
#include "core/session/state.h"

enum {
  FORMAT = TLSTREAM__SERIAL_FORMAT,
  MAGIC_LEN = TLSTREAM__SERIAL_MAGIC_LEN,
  DIGEST_LEN = TLSTREAM__SERIAL_DIGEST_LEN,
  PREFIX_LEN = MAGIC_LEN + 1 + 4,
  NAME_BYTES = 1024
};

/* What is left to read. */
typedef struct reader {
  const unsigned char *at;
  size_t len;
  bool failed;
} reader;

static const unsigned char *take(reader *from, size_t len) {
  const unsigned char *taken = from->at;
  if (from->failed || from->len < len) {
    from->failed = true;
    return NULL;
  }
  from->at += len;
  from->len -= len;
  return taken;
}

static unsigned long long take_number(reader *from, size_t width) {
  const unsigned char *bytes = take(from, width);
  unsigned long long number = 0;
  for (size_t i = 0; bytes != NULL && i < width; i++)
    number = number << 8 | bytes[i];
  return number;
}

static reader take_part(reader *from) {
  size_t len = (size_t)take_number(from, 4);
  const unsigned char *bytes = take(from, len);
  return (reader){
      .at = bytes, .len = bytes != NULL ? len : 0, .failed = from->failed};
}

static int damaged(tlstream_error *error) {
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_SESSION,
                             "the session is damaged: its bytes are not those "
                             "that were written");
}

static int check_length(size_t len, size_t total, tlstream_error *error) {
  if (len == total) return 0;
  return tlstream__error_set(
      error, TLSTREAM_ERR_BAD_SESSION,
      len < total ? "the session is cut: %zu of its %zu bytes are here"
                  : "the session has bytes behind it: there are %zu, and %zu "
                    "are its own",
      len, total);
}

static int check_digest(const unsigned char *data, size_t len,
                        tlstream_error *error) {
  unsigned char found[DIGEST_LEN];
  if (!tlstream__serial_digest(data, len - DIGEST_LEN, found)) {
    return tlstream__ossl_failed(error, "digest a session");
  }
  return memcmp(found, data + len - DIGEST_LEN, DIGEST_LEN) == 0
             ? 0
             : damaged(error);
}

/* The beginning, and that all of it is there as it was written. */
static int check_frame(const unsigned char *data, size_t len,
                       tlstream_error *error) {
  size_t same = len < MAGIC_LEN ? len : MAGIC_LEN;
  if (len == 0 || memcmp(data, TLSTREAM__SERIAL_MAGIC, same) != 0) {
    return tlstream__error_set(error, TLSTREAM_ERR_BAD_SESSION,
                               "these bytes are no session of this library");
  }
  if (len > MAGIC_LEN && data[MAGIC_LEN] != FORMAT) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_SESSION_FORMAT,
        "the session is of format %d, and this version of the library reads "
        "format %d: connect without it",
        data[MAGIC_LEN], FORMAT);
  }
  if (len < PREFIX_LEN) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_BAD_SESSION,
        "the session is cut: only the first %zu bytes are here", len);
  }
  reader from = {.at = data + MAGIC_LEN + 1, .len = 4};
  size_t total = (size_t)take_number(&from, 4);
  if (total > TLSTREAM__SESSION_MAX || total < PREFIX_LEN + DIGEST_LEN) {
    return damaged(error);
  }
  int code = check_length(len, total, error);
  return code == 0 ? check_digest(data, len, error) : code;
}

/* NULL for anything but exactly one certificate. */
static X509 *take_certificate(reader *from) {
  reader part = take_part(from);
  const unsigned char *at = part.at;
  if (part.failed) return NULL;
  X509 *cert = d2i_X509(NULL, &at, (long)part.len);
  if (cert != NULL && at == part.at + part.len) return cert;
  X509_free(cert);
  from->failed = true;
  return NULL;
}

static bool append(STACK_OF(X509) * chain, X509 *cert) {
  if (cert != NULL && sk_X509_push(chain, cert) > 0) return true;
  X509_free(cert);
  return false;
}

/* The certificates behind the first, which is `peer`. False when memory is
 * out or they are damaged. */
static bool take_chain(reader *from, X509 *peer, STACK_OF(X509) * *out) {
  size_t count = (size_t)take_number(from, 1);
  if (peer == NULL) return count == 0;
  *out = sk_X509_new_null();
  if (*out == NULL || X509_up_ref(peer) != 1) return false;
  bool fine = append(*out, peer);
  for (size_t i = 0; fine && i < count; i++)
    fine = append(*out, take_certificate(from));
  return fine;
}

static bool is_version(const SSL_SESSION *own) {
  int version = SSL_SESSION_get_protocol_version(own);
  return version == TLS1_2_VERSION || version == TLS1_3_VERSION;
}

static SSL_SESSION *take_session(reader *from) {
  reader part = take_part(from);
  const unsigned char *at = part.at;
  if (part.failed) return NULL;
  SSL_SESSION *own = d2i_SSL_SESSION(NULL, &at, (long)part.len);
  if (own != NULL && at == part.at + part.len && is_version(own)) return own;
  SSL_SESSION_free(own);
  from->failed = true;
  return NULL;
}

static char *take_name(reader *from) {
  reader part = take_part(from);
  if (part.failed || part.len > NAME_BYTES || memchr(part.at, 0, part.len)) {
    from->failed = true;
    return NULL;
  }
  return tlstream__memdup(part.at, part.len);
}

typedef struct parts {
  tlstream__fingerprint binding;
  tlstream__session_terms terms;
  char *name;             /* owned */
  SSL_SESSION *own;       /* owned */
  STACK_OF(X509) * chain; /* owned */
} parts;

static bool take_all(reader *from, parts *out) {
  const unsigned char *binding = take(from, sizeof(out->binding.bytes));
  if (binding == NULL) return false;
  memcpy(out->binding.bytes, binding, sizeof(out->binding.bytes));
  long long good_until = (long long)take_number(from, 8);
  out->name = take_name(from);
  out->own = out->name != NULL ? take_session(from) : NULL;
  if (out->own == NULL ||
      !take_chain(from, SSL_SESSION_get0_peer(out->own), &out->chain)) {
    return false;
  }
  out->terms = (tlstream__session_terms){.binding = &out->binding,
                                         .name = out->name,
                                         .chain = out->chain,
                                         .good_until = good_until};
  if (from->len != 0 || good_until < 0) from->failed = true;
  return !from->failed;
}

static tlstream_session *assemble(parts *all, reader *from) {
  tlstream_session *made = tlstream__session_blank(&all->terms);
  if (made == NULL) return NULL;
  bool usable = tlstream__session_fill(made, all->own);
  all->own = NULL;
  if (usable) return made;
  from->failed = true;
  tlstream_session_unref(made);
  return NULL;
}

static void clear(parts *all) {
  SSL_SESSION_free(all->own);
  sk_X509_pop_free(all->chain, X509_free);
  tlstream__free(all->name);
}

/* OpenSSL reports lack of memory as damage. */
static void explain(const reader *from, tlstream_error *error) {
  if (from->failed && tlstream__ossl_refusal() != TLSTREAM__REFUSED_NO_MEMORY) {
    damaged(error);
  } else {
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
}

tlstream_session *tlstream_session_parse(const void *data, size_t len,
                                         tlstream_error *error) {
  tlstream__error_clear(error);
  tlstream__ossl_clear();
  if (check_frame(data, len, error) != 0) return NULL;
  reader from = {.at = (const unsigned char *)data + PREFIX_LEN,
                 .len = len - PREFIX_LEN - DIGEST_LEN};
  parts all = {0};
  tlstream_session *made = take_all(&from, &all) ? assemble(&all, &from) : NULL;
  if (made == NULL) explain(&from, error);
  clear(&all);
  tlstream__ossl_clear();
  return made;
}
