/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_H
#define TLSTREAM_CORE_CONTEXT_H

/* What a pair may know of its context. Immutable once made. */
#include <stdatomic.h>
#include <stdbool.h>

#include <tlstream/context.h>

struct ssl_ctx_st;

struct tlstream_context {
  atomic_size_t refs;
  struct ssl_ctx_st *ctx; /* owned */
  bool has_certificate;
  bool request_certificate;
  bool allow_unauthorized;
  bool allow_truncation;
  long long verify_time;
};

#endif
