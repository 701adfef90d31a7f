/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_KEYS_TABLES_H
#define TLSTREAM_CORE_KEYS_TABLES_H

/* The functions that OpenSSL finds through provider.c. To be included behind
 * <openssl/core_dispatch.h>, which has the type of their tables. */
extern const struct ossl_dispatch_st tlstream__manage_rsa[];
extern const struct ossl_dispatch_st tlstream__manage_ec[];
extern const struct ossl_dispatch_st tlstream__manage_ed25519[];
extern const struct ossl_dispatch_st tlstream__signature[];

#endif
