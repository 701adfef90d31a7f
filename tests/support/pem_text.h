/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_PEM_TEXT_H
#define TESTS_SUPPORT_PEM_TEXT_H

/* PEM texts, and what may happen to them on their way. */
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>

#include "core/x509/pem.h"
#include "support/test.h"

/* A text that is put together. */
typedef struct text {
  char *data;
  size_t len;
} text;

static inline void add(text *to, const void *bytes, size_t len) {
  to->data = realloc(to->data, to->len + len + 1);
  memcpy(to->data + to->len, bytes, len);
  to->len += len;
  to->data[to->len] = '\0';
}

static inline void add_string(text *to, const char *string) {
  add(to, string, strlen(string));
}

static inline text start(const char *string) {
  text made = {0};
  add_string(&made, string);
  return made;
}

/* `front`, the PEM text, and `back`. */
static inline text around(const char *front, tlstream_bytes pem,
                          const char *back) {
  text made = start(front);
  add(&made, pem.data, pem.len);
  add_string(&made, back);
  return made;
}

static inline text joined(tlstream_bytes first, tlstream_bytes second) {
  text made = start("");
  add(&made, first.data, first.len);
  add(&made, second.data, second.len);
  return made;
}

/* The text with every `what` written as `by`. */
static inline text rewritten(tlstream_bytes pem, const char *what,
                             const char *by) {
  text made = start("");
  const char *at = pem.data;
  for (const char *hit = strstr(at, what); hit != NULL;
       hit = strstr(at, what)) {
    add(&made, at, (size_t)(hit - at));
    add_string(&made, by);
    at = hit + strlen(what);
  }
  add_string(&made, at);
  return made;
}

/* The text with another byte in the middle of its base64. */
static inline text spoiled(tlstream_bytes pem) {
  text made = around("", pem, "");
  made.data[made.len / 2] = '!';
  return made;
}

static inline text taken(BIO *bio) {
  char *data = NULL;
  long len = BIO_get_mem_data(bio, &data);
  text made = start("");
  add(&made, data, (size_t)len);
  BIO_free(bio);
  return made;
}

/* What is read does not end in a NUL, and ASan sees its end. */
static inline void open_text(tlstream__pem *pem, const char *bytes,
                             size_t len) {
  char *copy = malloc(len);
  memcpy(copy, bytes, len);
  tlstream_bytes given = {copy, len};
  CHECK_ERROR(tlstream__pem_open(pem, "ca", NULL, given, NULL, NULL), 0);
  free(copy);
}

/* OpenSSL's callback for a passphrase: without it OpenSSL asks on the terminal.
 */
static inline int no_passphrase(char *out, int cap, int writing, void *data) {
  (void)out, (void)cap, (void)writing, (void)data;
  return -1;
}

#endif
