/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_KEYS_SIGNER_H
#define TLSTREAM_CORE_KEYS_SIGNER_H

/* The private key of a certificate that signs by a callback, as OpenSSL's
 * EVP_PKEY. */
#include <stdbool.h>

#include <tlstream/error.h>
#include <tlstream/signer.h>

struct evp_pkey_st;
struct x509_st;

typedef struct tlstream__signer tlstream__signer;

/* The keys of one context that are elsewhere. */
typedef struct tlstream__remote_keys {
  tlstream__signer *signers; /* references */
  bool may_wait;             /* a signature may take its time */
} tlstream__remote_keys;

/* `*key` is the caller's to release, and its signer is put among `keys`;
 * `label` names the certificate in messages. Returns 0 or a code: BAD_KEY for a
 * certificate with a key of another kind. */
int tlstream__signer_key(const struct x509_st *cert, const char *label,
                         const tlstream_signer *signer,
                         tlstream__remote_keys *keys, struct evp_pkey_st **key,
                         tlstream_error *error);

/* The context has been made: the signers are to be released with it. */
void tlstream__remote_keys_take(tlstream__remote_keys *keys);

void tlstream__remote_keys_clear(tlstream__remote_keys *keys);

#endif
