/* SPDX-License-Identifier: MIT */
#include "core/pair/bio.h"

#include <stdatomic.h>
#include <string.h>

#include <openssl/bio.h>

static bool record(tlstream__link *link, const void *data, size_t len) {
  if (!link->recording) return true;
  if (tlstream__buf_append(&link->taken, data, len)) return true;
  link->out_of_memory = true;
  return false;
}

bool tlstream__link_rewind(tlstream__link *link) {
  const unsigned char *rest = tlstream__buf_data(&link->in);
  if (!tlstream__buf_append(&link->taken, rest, tlstream__buf_len(&link->in))) {
    return false;
  }
  tlstream__buf_clear(&link->in);
  link->in = link->taken;
  link->taken = (tlstream__buf){0};
  return true;
}

static int take_input(BIO *bio, char *out, int cap) {
  tlstream__link *link = BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  size_t n = tlstream__buf_len(&link->in);
  if (cap <= 0) return 0;
  if (n == 0 || link->held) {
    BIO_set_retry_read(bio);
    return -1;
  }
  if (n > (size_t)cap) n = (size_t)cap;
  if (!record(link, tlstream__buf_data(&link->in), n)) return -1;
  memcpy(out, tlstream__buf_data(&link->in), n);
  tlstream__buf_consume(&link->in, n);
  return (int)n;
}

static int queue_output(BIO *bio, const char *data, int len) {
  tlstream__link *link = BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  if (len <= 0) return 0;
  if (!tlstream__buf_append(&link->out, data, (size_t)len)) {
    link->out_of_memory = true;
    return -1;
  }
  return len;
}

static long control(BIO *bio, int command, long number, void *pointer) {
  (void)bio, (void)number, (void)pointer;
  return command == BIO_CTRL_FLUSH; /* nothing else is asked of us in earnest */
}

static int initialise(BIO *bio) {
  BIO_set_init(bio, 1);
  return 1;
}

static BIO_METHOD *make_method(void) {
  BIO_METHOD *made =
      BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "tlstream");
  if (made == NULL) return NULL;
  BIO_meth_set_read(made, take_input);
  BIO_meth_set_write(made, queue_output);
  BIO_meth_set_ctrl(made, control);
  BIO_meth_set_create(made, initialise);
  return made;
}

/* One for the process: OpenSSL has only 127 type indexes to give away. Two
 * threads that come here first at once both make one, and one is dropped. */
static BIO_METHOD *method(void) {
  static _Atomic(BIO_METHOD *) shared;
  BIO_METHOD *current = atomic_load(&shared);
  if (current != NULL) return current;
  BIO_METHOD *made = make_method();
  if (made == NULL) return NULL;
  if (atomic_compare_exchange_strong(&shared, &current, made)) return made;
  BIO_meth_free(made);
  return current;
}

void tlstream__bio_set_link(BIO *bio, tlstream__link *link) {
  BIO_set_data(bio, link);
}

BIO *tlstream__bio_new(tlstream__link *link) {
  BIO_METHOD *how = method();
  BIO *bio = how != NULL ? BIO_new(how) : NULL;
  if (bio != NULL) tlstream__bio_set_link(bio, link);
  return bio;
}
