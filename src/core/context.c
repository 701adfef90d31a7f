/* SPDX-License-Identifier: MIT */
#include "core/context.h"

#include <openssl/rand.h>
#include <openssl/ssl.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/options.h"
#include "core/alpn.h"
#include "core/ciphers.h"
#include "core/credentials.h"
#include "core/hello.h"
#include "core/npn.h"
#include "core/ossl.h"
#include "core/trust.h"
#include "core/verify.h"

/* 112 bits: RSA of 2048 bits, SHA-256. */
enum { SECURITY_LEVEL = 2 };

const char *tlstream_version_name(tlstream_version version) {
  switch (version) {
    case TLSTREAM_TLS_1_2: return "TLSv1.2";
    case TLSTREAM_TLS_1_3: return "TLSv1.3";
    default: return "";
  }
}

static int wire_version(tlstream_version version) {
  return version == TLSTREAM_TLS_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

static bool is_version(tlstream_version version) {
  return version == TLSTREAM_TLS_1_2 || version == TLSTREAM_TLS_1_3;
}

static int set_versions(SSL_CTX *ctx, const tlstream_context_options *options,
                        tlstream_error *error) {
  tlstream_version min = options->min_version;
  tlstream_version max = options->max_version;
  if (min == TLSTREAM_VERSION_DEFAULT) min = TLSTREAM_TLS_1_2;
  if (max == TLSTREAM_VERSION_DEFAULT) max = TLSTREAM_TLS_1_3;
  if (!is_version(min) || !is_version(max) || min > max) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_BAD_VERSIONS, "%s",
        is_version(min) && is_version(max)
            ? "min_version is above max_version"
            : "min_version and max_version are TLSTREAM_TLS_1_2 or "
              "TLSTREAM_TLS_1_3");
  }
  if (SSL_CTX_set_min_proto_version(ctx, wire_version(min)) == 1 &&
      SSL_CTX_set_max_proto_version(ctx, wire_version(max)) == 1) {
    return 0;
  }
  return tlstream__ossl_failed(error, "set the TLS versions");
}

/* Sessions must not move from one set of credentials and policy to another. */
static int set_session_context(SSL_CTX *ctx, tlstream_error *error) {
  unsigned char id[SSL_MAX_SID_CTX_LENGTH];
  if (RAND_bytes(id, sizeof(id)) == 1 &&
      SSL_CTX_set_session_id_context(ctx, id, sizeof(id)) == 1) {
    return 0;
  }
  return tlstream__ossl_failed(error, "set the session context");
}

/* Settings that nobody chooses. */
static void set_fixed(SSL_CTX *ctx) {
  SSL_CTX_set_security_level(ctx, SECURITY_LEVEL);
  SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  /* The pair looks at its bounds between any two messages, so OpenSSL is not
   * to run through several by itself. */
  SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  /* The pair asks for a ticket when there are first bytes for it to leave
   * with. */
  SSL_CTX_set_num_tickets(ctx, 0);
  SSL_CTX_set_dh_auto(ctx, 1);
}

static const tlstream_protocols *first_given(const tlstream_protocols *own,
                                             const tlstream_protocols *shared) {
  return own->count > 0 || own->wire.data != NULL ? own : shared;
}

static int set_protocols(tlstream_context *context,
                         const tlstream_context_options *options,
                         tlstream_error *error) {
  const tlstream_protocols *both = &options->protocols;
  int code = tlstream__protocols_pack(
      &context->alpn, first_given(&options->alpn, both), "alpn", error);
  if (code == 0) {
    code = tlstream__protocols_pack(
        &context->npn, first_given(&options->npn, both), "npn", error);
  }
  if (code == 0 && options->require_alpn && context->alpn.len == 0) {
    code = tlstream__error_set(error, TLSTREAM_ERR_BAD_PROTOCOLS,
                               "require_alpn: name the protocols in `alpn`");
  }
  if (code == 0) code = tlstream__alpn_install(context, error);
  if (code == 0) code = tlstream__npn_install(context, error);
  return code;
}

static int build(tlstream_context *context,
                 const tlstream_context_options *options,
                 tlstream_error *error) {
  tlstream__ossl_clear();
  context->ctx = SSL_CTX_new(TLS_method());
  if (context->ctx == NULL) {
    return tlstream__ossl_failed(error, "make a TLS context");
  }
  set_fixed(context->ctx);
  tlstream__verify_install(context->ctx);
  tlstream__hello_install(context->ctx);
  int code = set_versions(context->ctx, options, error);
  if (code == 0) code = tlstream__ciphers_set(context->ctx, options, error);
  if (code == 0) code = set_session_context(context->ctx, error);
  if (code == 0) code = set_protocols(context, options, error);
  if (code == 0) {
    code = tlstream__credentials_load(context->ctx, options, error);
  }
  if (code == 0)
    code = tlstream__trust_load(context->ctx, options, &context->trusts_system,
                                error);
  tlstream__ossl_clear();
  return code;
}

static void keep_policy(tlstream_context *context,
                        const tlstream_context_options *options) {
  context->has_certificate = options->cert_file != NULL ||
                             options->cert.data != NULL ||
                             options->identity_count > 0;
  context->request_certificate = options->request_certificate;
  context->allow_unauthorized = options->insecure_allow_unauthorized;
  context->allow_truncation = options->insecure_allow_truncation;
  context->require_alpn = options->require_alpn;
  context->allow_alpn_mismatch = options->insecure_allow_alpn_mismatch;
  context->verify_time = options->verify_time;
}

tlstream_context *tlstream_context_new(const tlstream_context_options *options,
                                       tlstream_error *error) {
  tlstream_context_options known = {0};
  tlstream__error_clear(error);
  if (tlstream__options_copy(&known, sizeof(known), options, "context",
                             error) != 0) {
    return NULL;
  }
  tlstream_context *context = tlstream__calloc(sizeof(*context));
  if (context == NULL) {
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    return NULL;
  }
  atomic_init(&context->refs, 1);
  keep_policy(context, &known);
  if (build(context, &known, error) != 0) {
    tlstream_context_unref(context);
    return NULL;
  }
  return context;
}

tlstream_context *tlstream_context_ref(tlstream_context *context) {
  atomic_fetch_add_explicit(&context->refs, 1, memory_order_relaxed);
  return context;
}

void tlstream_context_unref(tlstream_context *context) {
  if (context == NULL) return;
  if (atomic_fetch_sub_explicit(&context->refs, 1, memory_order_acq_rel) != 1) {
    return;
  }
  SSL_CTX_free(context->ctx);
  tlstream__protocols_clear(&context->alpn);
  tlstream__protocols_clear(&context->npn);
  tlstream__free(context);
}
