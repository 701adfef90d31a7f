/* SPDX-License-Identifier: MIT */
#include "core/context/resumption.h"

#include <time.h>

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "base/error.h"
#include "core/openssl/ossl.h"

enum {
  DEFAULT_IDS = 1000,
  DEFAULT_LIFETIME_S = 7200,
  LIFETIME_MAX_S = 7 * 24 * 3600 /* RFC 8446, section 4.6.1 */
};

static int check(const tlstream_context_options *options,
                 tlstream_error *error) {
  if (options->ticket_lifetime_s > LIFETIME_MAX_S) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "ticket_lifetime_s: at most %d, which is a week",
                               LIFETIME_MAX_S);
  }
  if (options->ticket_count > TLSTREAM_TICKET_COUNT_MAX) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "ticket_count: at most %d",
                               TLSTREAM_TICKET_COUNT_MAX);
  }
  if (options->no_tickets && options->ticket_count > 0) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "ticket_count: `no_tickets` is given too");
  }
  return 0;
}

/* A ring of its own opens tickets for as long as they live. */
static int find_keys(tlstream__resumption *self, tlstream_ticket_keys *given,
                     const tlstream__resumption *parent,
                     tlstream_error *error) {
  if (given == NULL && parent != NULL) given = parent->ticket_keys;
  if (given != NULL) {
    self->ticket_keys = tlstream_ticket_keys_ref(given);
    return 0;
  }
  tlstream_error why;
  self->ticket_keys = tlstream_ticket_keys_new(
      TLSTREAM_TICKET_KEYS(.retention_s = self->lifetime_s), &why);
  if (self->ticket_keys != NULL) return 0;
  if (error != NULL) *error = why;
  return why.code;
}

static int find_ids(tlstream__resumption *self, size_t size,
                    const tlstream__resumption *parent, tlstream_error *error) {
  if (size == TLSTREAM_NO_SESSION_IDS) return 0;
  if (size == 0 && parent != NULL) {
    self->ids = parent->ids;
    return 0;
  }
  self->ids = tlstream__id_cache_new(size != 0 ? size : DEFAULT_IDS);
  self->owns_ids = true;
  return self->ids != NULL
             ? 0
             : tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
}

int tlstream__resumption_set(tlstream__resumption *self,
                             const tlstream_context_options *options,
                             const tlstream__resumption *parent,
                             tlstream_error *error) {
  int code = check(options, error);
  if (code != 0) return code;
  self->lifetime_s = options->ticket_lifetime_s != 0
                         ? options->ticket_lifetime_s
                         : DEFAULT_LIFETIME_S;
  self->no_tickets = options->no_tickets;
  if (options->ticket_count > 0) {
    self->ticket_count = (unsigned char)options->ticket_count;
  } else {
    self->ticket_count = options->no_tickets ? 0 : 1;
  }
  code = find_keys(self, options->ticket_keys, parent, error);
  return code == 0
             ? find_ids(self, options->session_id_cache_size, parent, error)
             : code;
}

void tlstream__resumption_clear(tlstream__resumption *self) {
  tlstream_ticket_keys_unref(self->ticket_keys);
  if (self->owns_ids) tlstream__id_cache_free(self->ids);
  *self = (tlstream__resumption){0};
}

void tlstream__resumption_attach(SSL *ssl, const tlstream__resumption *self) {
  if (self->no_tickets) SSL_set_options(ssl, SSL_OP_NO_TICKET);
}

void tlstream__resumption_keep(const tlstream__resumption *self,
                               const SSL_SESSION *session) {
  unsigned char bytes[TLSTREAM__ID_SESSION_MAX];
  unsigned char *at = bytes;
  unsigned id_len = 0;
  const unsigned char *id = SSL_SESSION_get_id(session, &id_len);
  int len = i2d_SSL_SESSION(session, NULL);
  if (self->ids == NULL || len <= 0 || len > (int)sizeof(bytes)) return;
  if (i2d_SSL_SESSION(session, &at) == len) {
    tlstream__id_cache_put(self->ids, id, id_len, bytes, (size_t)len,
                           (long long)time(NULL) +
                               SSL_SESSION_get_timeout(session));
  }
  OPENSSL_cleanse(bytes, sizeof(bytes));
}

void tlstream__resumption_forget(const tlstream__resumption *self,
                                 const SSL_SESSION *session) {
  unsigned len = 0;
  if (self->ids == NULL || session == NULL) return;
  const unsigned char *id = SSL_SESSION_get_id(session, &len);
  tlstream__id_cache_drop(self->ids, id, len);
}

SSL_SESSION *tlstream__resumption_find(const tlstream__resumption *self,
                                       const unsigned char *id, size_t len) {
  unsigned char bytes[TLSTREAM__ID_SESSION_MAX];
  const unsigned char *at = bytes;
  if (self->ids == NULL) return NULL;
  size_t size =
      tlstream__id_cache_get(self->ids, id, len, (long long)time(NULL), bytes);
  if (size == 0) return NULL;
  SSL_SESSION *found = d2i_SSL_SESSION(NULL, &at, (long)size);
  OPENSSL_cleanse(bytes, sizeof(bytes));
  if (found == NULL) tlstream__ossl_clear();
  return found;
}
