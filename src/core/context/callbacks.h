/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_CALLBACKS_H
#define TLSTREAM_CORE_CONTEXT_CALLBACKS_H

/*
 * The callbacks of an SSL_CTX. Contexts share an SSL_CTX, and a pair is above
 * its context: so each callback finds the pair of its SSL, and what the pair
 * answers, through the SSL's app data and through nothing else.
 */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/context.h>

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;
struct tlstream__check;
struct tlstream_pair;
struct x509_store_ctx_st;

/* What OpenSSL asks of a pair. Integers are the results of the callbacks of
 * OpenSSL that they answer. */
typedef struct tlstream__answers {
  /* Is the peer's chain accepted? 1 or 0. */
  int (*verify)(struct x509_store_ctx_st *store, struct tlstream__check *check);
  /* A ClientHello is here. */
  int (*client_hello)(struct tlstream_pair *pair, struct ssl_st *ssl,
                      int *alert);
  /* A server's pick of the protocols that a client offers. */
  int (*alpn_pick)(const tlstream_context *context, const unsigned char **out,
                   unsigned char *out_len, const unsigned char *offered,
                   unsigned len);
  /* A client's pick of the protocols that a server advertises. */
  int (*npn_pick)(struct tlstream_pair *pair, unsigned char **out,
                  unsigned char *out_len, const unsigned char *advertised,
                  unsigned len);
  /* Is the server's staple, or that there is none, accepted? 1 or 0. */
  int (*staple_judge)(struct ssl_st *ssl, struct tlstream__check *check);
  /* A server is about to give its client a ticket. */
  void (*ticket_mark)(struct ssl_st *ssl, const struct tlstream__check *check);
  /* A line for the log of keys. */
  void (*keylog)(struct tlstream_pair *pair, const char *line);
  /* May a session be resumed, of a ticket of this SSL_CTX? */
  bool (*ticket_is_fresh)(const struct ssl_session_st *session,
                          const struct tlstream__check *check);
  /* The alert that a client gets in place of the ticket that is made for it in
   * TLS 1.3; 0: it gets the ticket. */
  int (*refusal_alert)(const struct tlstream_pair *pair);
  /* A server's session of TLS 1.2 can be resumed by its id; and the owner's for
   * that id, which is the caller's then, or NULL. */
  void (*session_made)(struct tlstream_pair *pair,
                       const struct ssl_session_st *session);
  struct ssl_session_st *(*session_found)(struct tlstream_pair *pair,
                                          const unsigned char *id, size_t len);
  /* A client has a session to resume. */
  void (*session_given)(struct tlstream_pair *pair,
                        struct ssl_session_st *session);
} tlstream__answers;

/* The app data of every SSL that shakes hands; part of its pair. */
typedef struct tlstream__app_data {
  const tlstream_context *context; /* the pair's */
  struct tlstream__check *check;   /* the pair's */
  struct tlstream_pair *pair;
  const tlstream__answers *answers;
} tlstream__app_data;

const tlstream__app_data *tlstream__app_data_of(const struct ssl_st *ssl);

/* Install them all; those of NPN if the context has a list for it, that of keys
 * if it logs them. Returns 0 or a code: UNSUPPORTED where OpenSSL was built
 * without NPN. */
int tlstream__callbacks_install(struct ssl_ctx_st *ctx,
                                const tlstream_context *context,
                                tlstream_error *error);

#endif
