/* SPDX-License-Identifier: MIT */
/* A session into bytes: see serial.h. */
#include "core/session/serial.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "core/openssl/ossl.h"
#include "core/session/state.h"

/* Certificates. OpenSSL takes no longer chains. */
enum { CHAIN_MAX = 100 };

/* Counts first, and then writes the same again. */
typedef struct writer {
  unsigned char *out; /* NULL: count */
  size_t len;
  bool failed;
} writer;

static void put(writer *to, const void *data, size_t len) {
  if (to->out != NULL && len > 0) memcpy(to->out + to->len, data, len);
  to->len += len;
}

static void put_number(writer *to, unsigned long long number, int width) {
  unsigned char bytes[8];
  for (int i = width - 1; i >= 0; i--, number >>= 8)
    bytes[i] = (unsigned char)number;
  put(to, bytes, (size_t)width);
}

/* What OpenSSL writes, behind its length. */
static void put_session(writer *to, const SSL_SESSION *own) {
  int len = i2d_SSL_SESSION(own, NULL);
  if (len <= 0) to->failed = true;
  if (to->failed) return;
  put_number(to, (unsigned)len, 4);
  unsigned char *at = to->out != NULL ? to->out + to->len : NULL;
  if (at != NULL && i2d_SSL_SESSION(own, &at) != len) to->failed = true;
  to->len += (size_t)len;
}

static void put_certificate(writer *to, const X509 *cert) {
  int len = i2d_X509(cert, NULL);
  if (len <= 0) to->failed = true;
  if (to->failed) return;
  put_number(to, (unsigned)len, 4);
  unsigned char *at = to->out != NULL ? to->out + to->len : NULL;
  if (at != NULL && i2d_X509(cert, &at) != len) to->failed = true;
  to->len += (size_t)len;
}

/* The first of a chain is in OpenSSL's session. */
static void put_chain(writer *to, const STACK_OF(X509) * chain) {
  int count = chain != NULL ? sk_X509_num(chain) : 0;
  if (count > CHAIN_MAX) to->failed = true;
  put_number(to, count > 0 ? (unsigned)count - 1 : 0, 1);
  for (int i = 1; i < count; i++)
    put_certificate(to, sk_X509_value(chain, i));
}

/* All but the digest. */
static void put_all(writer *to, const tlstream_session *session, size_t total) {
  size_t name_len = strlen(session->name);
  put(to, TLSTREAM__SERIAL_MAGIC, TLSTREAM__SERIAL_MAGIC_LEN);
  put_number(to, TLSTREAM__SERIAL_FORMAT, 1);
  put_number(to, total, 4);
  put(to, session->binding.bytes, sizeof(session->binding.bytes));
  put_number(to, (unsigned long long)session->good_until, 8);
  put_number(to, name_len, 4);
  put(to, session->name, name_len);
  put_session(to, session->own);
  put_chain(to, session->chain);
}

size_t tlstream__session_size(const tlstream_session *session) {
  writer count = {0};
  put_all(&count, session, 0);
  size_t size = count.len + TLSTREAM__SERIAL_DIGEST_LEN;
  return count.failed || size > TLSTREAM__SESSION_MAX ? 0 : size;
}

bool tlstream__serial_digest(const void *data, size_t len, unsigned char *out) {
  return EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) == 1;
}

static bool write_all(const tlstream_session *session, unsigned char *out,
                      size_t size) {
  writer to = {.out = out};
  put_all(&to, session, size);
  return !to.failed && tlstream__serial_digest(out, to.len, out + to.len);
}

void *tlstream_session_serialize(const tlstream_session *session, size_t *len) {
  tlstream__ossl_clear();
  size_t size = tlstream__session_size(session);
  unsigned char *made = size > 0 ? tlstream__malloc(size) : NULL;
  if (made != NULL && !write_all(session, made, size)) {
    tlstream_free_secret(made, size);
    made = NULL;
  }
  *len = made != NULL ? size : 0;
  tlstream__ossl_clear();
  return made;
}
