/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_KEYS_STATE_H
#define TLSTREAM_CORE_KEYS_STATE_H

/*
 * The inside of keys that sign by a callback, shared by signer.c (makes them),
 * provider.c (offers them to OpenSSL), key_management.c and signature.c (what
 * OpenSSL calls) and remote_keys.c (references).
 */
#include <stdatomic.h>

#include "core/keys/signer.h"

struct evp_pkey_st;
struct ossl_lib_ctx_st;

/* A reference has the key, which contexts derived from one share, and one has
 * the context that it was made for. */
struct tlstream__signer {
  atomic_size_t refs;
  tlstream_signer given;
  bool taken;             /* with the context: `release` is to be called */
  tlstream__signer *next; /* of the same context */
};

tlstream__signer *tlstream__signer_ref(tlstream__signer *signer);
void tlstream__signer_unref(tlstream__signer *signer);

/* A copy among `keys`, which have the reference; NULL when memory is out. */
tlstream__signer *tlstream__signer_keep(tlstream__remote_keys *keys,
                                        const tlstream_signer *given);

/* The one parameter that such a key is made of: the address of a
 * tlstream__remote_key, whose references are taken over. */
#define TLSTREAM__REMOTE_KEY "tlstream-remote-key"

/* The data of a key. */
typedef struct tlstream__remote_key {
  struct evp_pkey_st *public_key; /* OpenSSL's own; a reference */
  tlstream__signer *signer;       /* a reference; NULL: a public key alone */
} tlstream__remote_key;

/* OpenSSL asks for a signature by these names, which no other provider has. */
#define TLSTREAM__SIGNATURE_RSA     "tlstream-RSA"
#define TLSTREAM__SIGNATURE_EC      "tlstream-EC"
#define TLSTREAM__SIGNATURE_ED25519 "tlstream-ED25519"

/* A library context with the provider in it and nothing else; NULL when it
 * could not be made. One for the process. */
struct ossl_lib_ctx_st *tlstream__signer_library(void);

#endif
