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
  cert_plan root;
  cert_plan middle;
  cert_plan leaf;
} chain_plan;

typedef struct chain {
  made_cert root;
  made_cert middle;
  made_cert leaf;
} chain;

static inline chain make_chain(const chain_plan *plan) {
  chain made;
  cert_plan root = plan->root;
  cert_plan middle = plan->middle;
  cert_plan leaf = plan->leaf;
  root.name = "Root";
  if (root.basic == NULL) root.basic = CERT_CA;
  made.root = make_cert(&root);
  middle.name = "Middle";
  middle.by = &made.root;
  if (middle.basic == NULL) middle.basic = CERT_CA;
  made.middle = make_cert(&middle);
  leaf.name = "a.test";
  leaf.by = &made.middle;
  made.leaf = make_cert(&leaf);
  return made;
}

static inline void drop_chain(chain *made) {
  made_cert_clear(&made->leaf);
  made_cert_clear(&made->middle);
  made_cert_clear(&made->root);
}

/* A context that presents what the library would not load. */
static inline tlstream_context *presenter(const made_cert *leaf,
                                          const made_cert *issuer,
                                          tlstream_version version) {
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
static inline tlstream_context *judge_of(const made_cert *ca,
                                         tlstream_role role, bool lenient) {
  made_cert own = make_cert(&(cert_plan){.name = "judge.test"});
  tlstream_context_options options = {
      .size = sizeof(options),
      .ca = ca->cert_pem,
      .insecure_allow_unauthorized = lenient,
  };
  if (role == TLSTREAM_ROLE_SERVER) {
    options.key = own.key_pem;
    options.cert = own.cert_pem;
    options.request_certificate = true;
  }
  tlstream_context *context = context_of(&options);
  made_cert_clear(&own);
  return context;
}

#endif
