/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_X509_PEM_H
#define TLSTREAM_CORE_X509_PEM_H

/*
 * PEM texts, from memory or from a file: certificates and private keys. A
 * passphrase is never asked for on a terminal.
 */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/context.h>

#include "base/file.h"

struct bio_st;
struct evp_pkey_st;
struct stack_st_X509;

/* A text and what to call it in messages: "cert_file server.pem" or "cert". */
typedef struct tlstream__pem {
  char *data; /* owned; wiped when cleared */
  size_t len;
  char label[160];
} tlstream__pem;

/* Take `path` if it is given, else `bytes`; neither leaves `pem` empty (data is
 * NULL), both is an error. `what` is the option's name, `pipes` is that of
 * tlstream__file_read(). Returns 0 or a code. */
int tlstream__pem_open(tlstream__pem *pem, const char *what, const char *path,
                       tlstream_bytes bytes, tlstream__pipes *pipes,
                       tlstream_error *error);

void tlstream__pem_clear(tlstream__pem *pem);

/* All certificates in the text, in its order; at least one. */
int tlstream__pem_certificates(const tlstream__pem *pem,
                               struct stack_st_X509 **out,
                               tlstream_error *error);

/* The first private key in the text. */
int tlstream__pem_key(const tlstream__pem *pem, const char *passphrase,
                      struct evp_pkey_st **out, tlstream_error *error);

/* DER begins with a byte pair that no text begins with. */
bool tlstream__pem_is_der(const tlstream__pem *pem);

/* What else reads PEM: the text for OpenSSL, NULL when memory is out; a word in
 * it, to report what it is instead; and the callback for a passphrase, which
 * may be NULL, without which OpenSSL would ask on the terminal. */
struct bio_st *tlstream__pem_reader(const tlstream__pem *pem);
bool tlstream__pem_mentions(const tlstream__pem *pem, const char *word);
int tlstream__pem_passphrase(char *out, int cap, int writing, void *passphrase);

#endif
