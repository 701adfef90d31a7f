/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_CHAIN_H
#define TESTS_SUPPORT_CHAIN_H

/* Chains of three with something odd in them, a side that presents one, and a
 * side that judges it. */
#include <openssl/ssl.h>

#include "core/context/context.h"
#include "support/connect.h"
#include "support/make_cert.h"
#include "support/test.h"

#define PAST   .to = "20100101000000Z"
#define FUTURE .from = "20900101000000Z"

/* What is odd about each; zero is a chain that holds. */
typedef struct chain_plan {
  mint_plan root;
  mint_plan middle;
  mint_plan leaf;
} chain_plan;

typedef struct chain {
  minted root;
  minted middle;
  minted leaf;
} chain;

static inline chain make_chain(const chain_plan *plan) {
  chain made;
  mint_plan root = plan->root;
  mint_plan middle = plan->middle;
  mint_plan leaf = plan->leaf;
  root.name = "Root";
  if (root.basic == NULL) root.basic = MINT_CA;
  made.root = mint(&root);
  middle.name = "Middle";
  middle.by = &made.root;
  if (middle.basic == NULL) middle.basic = MINT_CA;
  made.middle = mint(&middle);
  leaf.name = "a.test";
  leaf.by = &made.middle;
  made.leaf = mint(&leaf);
  return made;
}

static inline void drop_chain(chain *made) {
  mint_clear(&made->leaf);
  mint_clear(&made->middle);
  mint_clear(&made->root);
}

/* A context that presents what the library would not load. */
static inline tlstream_context *
presenter(const minted *leaf, const minted *issuer, tlstream_version version) {
  tlstream_context *context =
      context_of(TLSTREAM_CONTEXT(.insecure_allow_unauthorized = true,
                                  .ca = leaf->cert_pem, .min_version = version,
                                  .max_version = version));
  STACK_OF(X509) *others = sk_X509_new_null();
  if (issuer != NULL) sk_X509_push(others, issuer->cert);
  SSL_CTX_set_security_level(context->ctx, 0);
  CHECK_INT(SSL_CTX_use_cert_and_key(context->ctx, leaf->cert, leaf->key,
                                     others, /* override = */ 1),
            1);
  context->has_certificate = true;
  sk_X509_free(others);
  return context;
}

/* A context that trusts `ca` and judges the other side. */
static inline tlstream_context *judge_of(const minted *ca, tlstream_role role,
                                         bool lenient) {
  minted own = mint(&(mint_plan){.name = "judge.test"});
  tlstream_context_options options = {
      .size = sizeof(options),
      .ca = ca->cert_pem,
      .insecure_allow_unauthorized = lenient,
  };
  if (role == TLSTREAM_SERVER) {
    options.key = own.key_pem;
    options.cert = own.cert_pem;
    options.request_certificate = true;
  }
  tlstream_context *context = context_of(&options);
  mint_clear(&own);
  return context;
}

#endif
