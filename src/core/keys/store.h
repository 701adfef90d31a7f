/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_KEYS_STORE_H
#define TLSTREAM_CORE_KEYS_STORE_H

/* A private key that has a URI: in a token, a hardware security module, a file,
 * or wherever else a provider that OpenSSL has loaded can find it. */
#include <stdbool.h>

#include <tlstream/error.h>

struct evp_pkey_st;

enum { TLSTREAM__URI_LABEL = 160 };

/* How messages call the URI: without its query, which may hold a PIN
 * (RFC 7512). */
void tlstream__store_label(char label[TLSTREAM__URI_LABEL], const char *uri);

/* The first private key that is there; the caller's to release. `may_wait` is
 * set if it is not OpenSSL's own code that signs with it. Returns 0 or a
 * code. */
int tlstream__store_key(const char *uri, const char *passphrase,
                        struct evp_pkey_st **key, bool *may_wait,
                        tlstream_error *error);

#endif
