/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_HELLO_H
#define TLSTREAM_CORE_PAIR_HELLO_H

/*
 * The first message of a client, looked at before OpenSSL acts on any of it:
 * which name it asks for, and so which context is to serve it. The answer may
 * take its time; the handshake is suspended until then.
 */
#include <stdbool.h>

struct ssl_st;
struct tlstream_pair;

typedef enum tlstream__hello {
  TLSTREAM__HELLO_AWAITED, /* it is not complete; a server has no SSL yet */
  TLSTREAM__HELLO_HELD,    /* complete: the owner has yet to let it begin */
  TLSTREAM__HELLO_BEGUN,   /* an SSL reads it */
  TLSTREAM__HELLO_ASKED, /* it is here, and the context has yet to be chosen */
  TLSTREAM__HELLO_TAKEN,
  TLSTREAM__HELLO_REFUSED, /* the name */
  TLSTREAM__HELLO_PROTOCOLS_REFUSED
} tlstream__hello;

/* A ClientHello is here: go on, wait, or end with an alert, as
 * SSL_CTX_set_client_hello_cb() wants it. */
int tlstream__hello_judge(struct tlstream_pair *pair, struct ssl_st *ssl,
                          int *alert);

/* True if there is an SSL to go on with. A server's is made when the
 * ClientHello is complete and nothing holds it. */
bool tlstream__hello_prepare(struct tlstream_pair *pair);

#endif
