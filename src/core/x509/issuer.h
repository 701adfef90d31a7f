/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_X509_ISSUER_H
#define TLSTREAM_CORE_X509_ISSUER_H

/*
 * Which certificate signed another. Names do not tell: an intermediate may have
 * its root's name, and an authority keeps its name when it renews its key. Key
 * identifiers tell where there are any, and the signature always.
 */
#include <stdbool.h>

struct x509_st;
struct x509_store_ctx_st;
struct x509_store_st;

bool tlstream__issuer_is(struct x509_st *issuer, struct x509_st *cert);

/* Is it signed with its own key? */
bool tlstream__issuer_is_self(struct x509_st *cert);

/* Of several trusted certificates of one name OpenSSL takes one, by its dates:
 * have a store take the one that signed, or the certificate itself. */
void tlstream__issuer_install(struct x509_store_st *store);

/* Is exactly this certificate among the trusted ones? */
bool tlstream__issuer_trusts(struct x509_store_ctx_st *store,
                             struct x509_st *cert);

/* Is another certificate of its issuer's name among them? */
bool tlstream__issuer_has_namesake(struct x509_store_ctx_st *store,
                                   struct x509_st *cert);

#endif
