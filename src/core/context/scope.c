/* SPDX-License-Identifier: MIT */
#include "core/context/scope.h"

#include <string.h>

#include "core/context/context.h"
#include "core/context/roots.h"
#include "core/openssl/ossl.h"
#include "core/session/fingerprint.h"

static int failed(tlstream_error *error) {
  return tlstream__ossl_failed(error, "digest a context");
}

static void add_suites(tlstream__digest *digest,
                       const tlstream_context *context) {
  tlstream__digest_suites(digest, context->ctx);
  tlstream__digest_text(digest, context->suites.groups);
  tlstream__digest_text(digest, context->suites.signature_algorithms);
}

int tlstream__scope_set_base(tlstream_context *context, tlstream_error *error) {
  for (int is_server = 0; is_server < 2; is_server++) {
    tlstream__digest digest;
    tlstream__digest_begin(&digest, "tlstream credentials");
    add_suites(&digest, context);
    tlstream__digest_trust(&digest, context->ctx);
    tlstream__digest_text(&digest, tlstream__roots_key(context->roots));
    tlstream__digest_credentials(&digest, context->ctx, is_server != 0);
    if (!tlstream__digest_end(&digest, &context->base[is_server])) {
      return failed(error);
    }
  }
  return 0;
}

/* What a peer must prove. Protocols are not part of it: they are negotiated
 * anew by each handshake. */
static void add_policy(tlstream__digest *digest,
                       const tlstream_context *context, bool is_server) {
  if (is_server) {
    tlstream__digest_number(digest, context->request_certificate);
    tlstream__digest_number(digest, context->allow_no_certificate);
    tlstream__digest_number(digest, context->trust_is_default);
  } else {
    tlstream__digest_number(digest, context->skip_name);
    tlstream__digest_number(digest, context->require_staple);
    tlstream__digest_number(digest, context->ignore_staple);
  }
  tlstream__digest_number(digest, context->allow_unauthorized);
  tlstream__digest_number(digest, context->verify_time);
}

int tlstream__scope_set(tlstream_context *context, tlstream_error *error) {
  const tlstream_context *from =
      context->parent != NULL ? context->parent : context;
  for (int is_server = 0; is_server < 2; is_server++) {
    const tlstream__fingerprint *base = &from->base[is_server];
    tlstream__digest digest;
    tlstream__digest_begin(&digest, is_server ? "tlstream server scope"
                                              : "tlstream client scope");
    tlstream__digest_bytes(&digest, base->bytes, sizeof(base->bytes));
    add_policy(&digest, context, is_server != 0);
    if (!tlstream__digest_end(&digest, &context->scope[is_server])) {
      return failed(error);
    }
  }
  return 0;
}
