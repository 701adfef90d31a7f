/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_CONTEXT_H
#define TLSTREAM_CORE_CONTEXT_CONTEXT_H

/* What a pair may know of its context. Immutable once made. */
#include <stdatomic.h>
#include <stdbool.h>

#include <tlstream/context.h>

#include "core/context/ciphers.h"
#include "core/context/keylog.h"
#include "core/context/protocols.h"
#include "core/context/psk.h"
#include "core/context/resumption.h"
#include "core/context/roots.h"
#include "core/keys/signer.h"
#include "core/session/fingerprint.h"

struct ssl_ctx_st;

struct tlstream_context {
  atomic_size_t refs;
  struct ssl_ctx_st
      *ctx; /* a reference: shared with contexts derived from it */
  tlstream_context *parent; /* whose credentials and trust these are, or NULL */
  tlstream__suites suites;  /* owned; a parent's */
  tlstream__roots *roots;   /* the system's, if they are trusted; a parent's */
  _Atomic(struct x509_store_st *) mixed_store; /* and others; owned */
  struct tlstream__staples *staples; /* owned; a parent's; NULL without
                                        certificates */
  tlstream__protocols alpn;          /* owned */
  tlstream__protocols npn;           /* owned */
  tlstream__resumption resumption;   /* owned */
  tlstream__keylog keylog;           /* owned; not a parent's */
  /* What sessions are bound to, a client's [0] and a server's [1]. `base` is
   * its part without policy; a parent's. */
  tlstream__fingerprint base[2];
  tlstream__fingerprint scope[2];
  tlstream__psks psks; /* owned; a parent's: tlstream__context_psks() */
  struct tlstream__session_cache *sessions; /* a client's; owned; or NULL */
  tlstream__remote_keys remote_keys;        /* owned; a parent's */
  bool has_certificate;
  bool trust_is_default; /* the system's roots, unasked; a parent's */
  bool request_certificate;
  bool allow_no_certificate;
  bool allow_unauthorized;
  bool allow_truncation;
  bool require_alpn;
  bool prefer_client_order;
  bool allow_alpn_mismatch;
  bool skip_name;
  bool require_staple;
  bool ignore_staple;
  long long verify_time;
  size_t max_send_fragment;
};

static inline const tlstream__psks *
tlstream__context_psks(const tlstream_context *context) {
  return context->parent != NULL ? &context->parent->psks : &context->psks;
}

/* Has it a certificate or PSKs? */
bool tlstream__context_can_serve(const tlstream_context *context);

/* Is it one that a server can use? 0 or NO_CERTIFICATE. */
int tlstream__context_check_server(const tlstream_context *context,
                                   tlstream_error *error);

#endif
