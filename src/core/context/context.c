/* SPDX-License-Identifier: MIT */
#include "core/context/context.h"

#include <assert.h>

#include <openssl/ssl.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/options.h"
#include "core/context/callbacks.h"
#include "core/context/chain.h"
#include "core/context/credentials.h"
#include "core/context/crl.h"
#include "core/context/derived.h"
#include "core/context/resumption.h"
#include "core/context/scope.h"
#include "core/context/ssl_ctx.h"
#include "core/context/staples.h"
#include "core/context/trust.h"
#include "core/openssl/ossl.h"
#include "core/session/cache.h"

#ifdef SSL_OP_NO_RX_CERTIFICATE_COMPRESSION /* since OpenSSL 3.2 */
#define NO_CERTIFICATE_COMPRESSION \
  (SSL_OP_NO_RX_CERTIFICATE_COMPRESSION | SSL_OP_NO_TX_CERTIFICATE_COMPRESSION)
#else
#define NO_CERTIFICATE_COMPRESSION 0
#endif

/* Bytes of data in a record (RFC 8446, section 5.1), and OpenSSL's minimum. */
enum { FRAGMENT_MIN = 512, FRAGMENT_MAX = 16384 };

/* Settings that are not options. */
static void set_fixed(SSL_CTX *ctx) {
  /* A configuration of the whole system may have set any of them. */
  SSL_CTX_clear_options(ctx, SSL_CTX_get_options(ctx));
  SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                               SSL_OP_ENABLE_MIDDLEBOX_COMPAT |
                               SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_PRIORITIZE_CHACHA |
                               NO_CERTIFICATE_COMPRESSION);
  SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  /* The pair looks at its bounds between any two messages, so OpenSSL is not
   * to run through several by itself. */
  SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
  /* OpenSSL keeps none itself. It asks a server's for those of its ids, and
   * reports what clients get. */
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_BOTH |
                                          SSL_SESS_CACHE_NO_INTERNAL |
                                          SSL_SESS_CACHE_NO_AUTO_CLEAR);
  /* The pair asks for tickets when there are first bytes for them to leave
   * with. */
  SSL_CTX_set_num_tickets(ctx, 0);
  SSL_CTX_set_dh_auto(ctx, 1);
}

static const tlstream_protocols *first_given(const tlstream_protocols *own,
                                             const tlstream_protocols *shared) {
  bool given = own->count > 0 || own->wire.data != NULL || own->wire.len > 0;
  return given ? own : shared;
}

static int pack_protocols(tlstream_context *context,
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
  return code;
}

/* All but credentials and trust. */
static int make_ctx(tlstream_context *context, const tlstream__suites *suites,
                    tlstream_error *error) {
  context->ctx = tlstream__ssl_ctx_new();
  if (context->ctx == NULL) {
    return tlstream__ossl_failed(error, "make a TLS context");
  }
  set_fixed(context->ctx);
  if (SSL_CTX_dane_enable(context->ctx) <= 0) {
    return tlstream__ossl_failed(error, "prepare for TLSA records");
  }
  int code = tlstream__callbacks_install(context->ctx, context, error);
  const tlstream__psks *psks = tlstream__context_psks(context);
  if (code == 0) {
    code =
        tlstream__psks_check_suites(context->ctx, psks, suites->ciphers, error);
  }
  if (code == 0) code = tlstream__suites_set(context->ctx, suites, error);
  return code == 0 ? tlstream__psks_set_suites(context->ctx, psks,
                                               suites->ciphers, error)
                   : code;
}

static int build(tlstream_context *context,
                 const tlstream_context_options *options,
                 tlstream_error *error) {
  tlstream__pipes pipes = {0};
  int code = tlstream__suites_keep(&context->suites, options, error);
  if (code == 0) code = tlstream__psks_keep(&context->psks, options, error);
  if (code == 0) code = make_ctx(context, &context->suites, error);
  if (code == 0) {
    code = tlstream__credentials_load(context->ctx, options,
                                      &context->remote_keys, &pipes, error);
  }
  if (code == 0) {
    code = tlstream__trust_load(context->ctx, options, &pipes, &context->roots,
                                error);
  }
  if (code == 0) {
    code = tlstream__staples_load(&context->staples, context->ctx, options,
                                  context->verify_time, &pipes, error);
  }
  tlstream__pipes_clear(&pipes);
  if (code == 0) code = tlstream__chain_complete(context->ctx, error);
  if (code == 0) code = tlstream__crls_load(context->ctx, options, error);
  return code == 0 ? tlstream__scope_set_base(context, error) : code;
}

/* NPN and the log of keys are switched on for an SSL_CTX as a whole: a context
 * that differs from its parent in one of them needs one of its own. A parent's
 * log is not a reason: each pair logs as its own context wants. */
static bool needs_own_ctx(const tlstream_context *context,
                          const tlstream_context *parent) {
  return (context->npn.len > 0) != (parent->npn.len > 0) ||
         (tlstream__keylog_is_on(&context->keylog) &&
          !tlstream__keylog_is_on(&parent->keylog));
}

static int inherit(tlstream_context *context, tlstream_context *from,
                   tlstream_error *error) {
  tlstream_context *parent = from->parent != NULL ? from->parent : from;
  context->parent = tlstream_context_ref(parent);
  context->has_certificate = parent->has_certificate;
  context->remote_keys.may_wait = parent->remote_keys.may_wait;
  context->trust_is_default = parent->trust_is_default;
  if (needs_own_ctx(context, parent)) {
    int code = make_ctx(context, &parent->suites, error);
    return code == 0 ? tlstream__derived_copy(context->ctx, parent->ctx, error)
                     : code;
  }
  SSL_CTX_up_ref(parent->ctx);
  context->ctx = parent->ctx;
  return 0;
}

static int check_policy(const tlstream_context_options *options,
                        tlstream_error *error) {
  size_t fragment = options->max_send_fragment;
  if (fragment != 0 && (fragment < FRAGMENT_MIN || fragment > FRAGMENT_MAX)) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "max_send_fragment: it is a number from %d to "
                               "%d, and not %zu",
                               FRAGMENT_MIN, FRAGMENT_MAX, fragment);
  }
  if (options->require_staple && options->insecure_ignore_staple) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "require_staple: `insecure_ignore_staple` says "
                               "not to look at it");
  }
  if (!options->allow_no_certificate || options->request_certificate) return 0;
  return tlstream__error_set(
      error, TLSTREAM_ERR_INVALID_ARGUMENT,
      "allow_no_certificate: set `request_certificate` too, or clients are not "
      "asked for one");
}

static int make_cache(tlstream_context *context, size_t capacity,
                      tlstream_error *error) {
  if (capacity == 0) return 0;
  context->sessions = tlstream__session_cache_new(capacity);
  return context->sessions != NULL
             ? 0
             : tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
}

static int make(tlstream_context *context,
                const tlstream_context_options *options,
                tlstream_error *error) {
  tlstream__ossl_clear();
  int code = tlstream__derived_check(options, error);
  if (code == 0) code = check_policy(options, error);
  if (code == 0) code = pack_protocols(context, options, error);
  if (code == 0) code = tlstream__keylog_open(&context->keylog, options, error);
  if (code == 0) {
    code = options->parent != NULL ? inherit(context, options->parent, error)
                                   : build(context, options, error);
  }
  if (code == 0) {
    const tlstream_context *parent = context->parent;
    code = tlstream__resumption_set(&context->resumption, options,
                                    parent != NULL ? &parent->resumption : NULL,
                                    error);
  }
  if (code == 0) code = tlstream__trust_check_clients(context, error);
  if (code == 0) code = tlstream__scope_set(context, error);
  if (code == 0) {
    code = make_cache(context, options->session_cache_size, error);
  }
  tlstream__ossl_clear();
  return code;
}

static void keep_policy(tlstream_context *context,
                        const tlstream_context_options *options) {
  context->has_certificate =
      options->cert_file != NULL || options->cert.data != NULL ||
      options->identity_count > 0 || options->pfx_count > 0;
  context->trust_is_default = tlstream__trust_is_default(options);
  context->request_certificate = options->request_certificate;
  context->allow_no_certificate = options->allow_no_certificate;
  context->allow_unauthorized = options->insecure_allow_unauthorized;
  context->allow_truncation = options->insecure_allow_truncation;
  context->skip_name = options->insecure_skip_name;
  context->require_alpn = options->require_alpn;
  context->prefer_client_order = options->prefer_client_order;
  context->max_send_fragment = options->max_send_fragment != 0
                                   ? options->max_send_fragment
                                   : FRAGMENT_MAX;
  context->allow_alpn_mismatch = options->insecure_allow_alpn_mismatch;
  context->require_staple = options->require_staple;
  context->ignore_staple = options->insecure_ignore_staple;
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
  context->keylog.fd = -1;
  keep_policy(context, &known);
  if (make(context, &known, error) != 0) {
    tlstream_context_unref(context);
    return NULL;
  }
  tlstream__remote_keys_take(&context->remote_keys);
  return context;
}

tlstream_context *tlstream_context_ref(tlstream_context *context) {
  assert(context != NULL);
  atomic_fetch_add_explicit(&context->refs, 1, memory_order_relaxed);
  return context;
}

void tlstream_context_unref(tlstream_context *context) {
  if (context == NULL) return;
  size_t refs =
      atomic_fetch_sub_explicit(&context->refs, 1, memory_order_acq_rel);
  assert(refs > 0);
  if (refs != 1) return;
  SSL_CTX_free(context->ctx);
  tlstream__remote_keys_clear(&context->remote_keys);
  tlstream__staples_free(context->staples);
  tlstream__trust_clear(context);
  tlstream__suites_clear(&context->suites);
  tlstream__protocols_clear(&context->alpn);
  tlstream__protocols_clear(&context->npn);
  tlstream__resumption_clear(&context->resumption);
  tlstream__session_cache_free(context->sessions);
  tlstream__keylog_clear(&context->keylog);
  tlstream__psks_clear(&context->psks);
  tlstream_context_unref(context->parent);
  tlstream__free(context);
}

bool tlstream__context_can_serve(const tlstream_context *context) {
  return context->has_certificate ||
         tlstream__psks_serve(tlstream__context_psks(context));
}

int tlstream__context_check_server(const tlstream_context *context,
                                   tlstream_error *error) {
  if (context != NULL && tlstream__context_can_serve(context)) return 0;
  return tlstream__error_set(
      error, TLSTREAM_ERR_NO_CERTIFICATE,
      "a server needs a context with a certificate and its key (`cert_file` "
      "and `key_file`), or with `psks`");
}
