/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_STAPLE_H
#define TLSTREAM_CORE_PAIR_STAPLE_H

/*
 * A client's look at the server's staple. In TLS 1.3 it comes with the
 * certificates, in TLS 1.2 after they have been judged: the last word is spoken
 * at the end of the server's messages, which is before any data.
 */
#include <stdbool.h>

#include <tlstream/ocsp.h>

struct ssl_st;
struct stack_st_X509;
struct tlstream__check;
struct x509_st;

typedef struct tlstream__staple {
  bool asked;    /* for one */
  bool required; /* also where the certificate promises none */
  bool judged;   /* `status` is the last word */
  tlstream_ocsp status;
} tlstream__staple;

/* Have a client's SSL ask for one, if its context lets it. */
void tlstream__staple_request(struct ssl_st *ssl,
                              const tlstream_context *context,
                              struct tlstream__check *check);

/* The certificate `cert` has been judged: if a staple is here that says that it
 * was revoked, that is one more reason against it. `chain` is what was
 * verified, `sent` what the server sent. */
void tlstream__staple_preview(struct ssl_st *ssl, struct tlstream__check *check,
                              struct x509_st *cert,
                              const struct stack_st_X509 *chain,
                              const struct stack_st_X509 *sent);

/* The last word, as SSL_CTX_set_tlsext_status_cb() wants it: 1 to go on, 0 to
 * refuse. */
int tlstream__staple_judge(struct ssl_st *ssl, struct tlstream__check *check);

#endif
