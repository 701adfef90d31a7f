/* SPDX-License-Identifier: MIT */
#include "core/context/resumption.h"

#include <openssl/ssl.h>

#include "base/error.h"

enum {
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
  return find_keys(self, options->ticket_keys, parent, error);
}

void tlstream__resumption_clear(tlstream__resumption *self) {
  tlstream_ticket_keys_unref(self->ticket_keys);
  *self = (tlstream__resumption){0};
}

void tlstream__resumption_attach(SSL *ssl, const tlstream__resumption *self) {
  if (self->no_tickets) SSL_set_options(ssl, SSL_OP_NO_TICKET);
}
