/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_GROUPS_H
#define TLSTREAM_CORE_CONTEXT_GROUPS_H

/* A policy's groups and signature algorithms, as far as OpenSSL has them. */
#include <stdbool.h>

#include "core/context/policy.h"

struct ssl_ctx_st;

/* False if OpenSSL has none of them: then its own list stays. */
bool tlstream__groups_set(struct ssl_ctx_st *ctx,
                          const tlstream__policy *policy);
bool tlstream__signatures_set(struct ssl_ctx_st *ctx,
                              const tlstream__policy *policy);

#endif
