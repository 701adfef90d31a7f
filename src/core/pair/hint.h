/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_HINT_H
#define TLSTREAM_CORE_PAIR_HINT_H

struct x509_st;
struct x509_store_ctx_st;

/* What to do about an X.509 error, never what was done already: one clause, or
 * NULL where nothing is known. `cert` and `store` may be NULL. */
const char *tlstream__verify_hint(int number, struct x509_st *cert,
                                  struct x509_store_ctx_st *store);

#endif
