/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_H
#define TLSTREAM_CORE_CONTEXT_H

/* What a pair may know of its context. Immutable once made. */
#include <stdatomic.h>
#include <stdbool.h>

#include <tlstream/context.h>

#include "core/protocols.h"

struct ssl_ctx_st;

struct tlstream_context {
  atomic_size_t refs;
  struct ssl_ctx_st *ctx;   /* owned */
  tlstream__protocols alpn; /* owned */
  tlstream__protocols npn;  /* owned */
  bool has_certificate;
  bool trusts_system;
  bool request_certificate;
  bool allow_unauthorized;
  bool allow_truncation;
  bool require_alpn;
  bool allow_alpn_mismatch;
  long long verify_time;
};

#endif
