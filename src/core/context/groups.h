/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_GROUPS_H
#define TLSTREAM_CORE_CONTEXT_GROUPS_H

struct ssl_ctx_st;

/* The groups of a context that names none: OpenSSL's own, without those of
 * finite fields. What this OpenSSL or its provider lacks is left out. */
void tlstream__groups_set_default(struct ssl_ctx_st *ctx);

#endif
