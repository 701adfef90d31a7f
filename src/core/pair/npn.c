/* SPDX-License-Identifier: MIT */
#include "core/pair/npn.h"

#include <openssl/ssl.h>

#include "base/error.h"
#include "core/context/context.h"
#include "core/pair/state.h"

#ifdef OPENSSL_NO_NEXTPROTONEG

int tlstream__npn_install(SSL_CTX *ctx, const tlstream_context *context,
                          tlstream_error *error) {
  (void)ctx;
  if (context->npn.len == 0) return 0;
  return tlstream__error_set(error, TLSTREAM_ERR_UNSUPPORTED,
                             "npn: this OpenSSL was built without NPN; use "
                             "ALPN");
}

const void *tlstream__npn_picked(const SSL *ssl, size_t *len) {
  (void)ssl;
  *len = 0;
  return NULL;
}

#else

static const tlstream_context *context_of(const SSL *ssl) {
  return tlstream__pair_of(ssl)->context;
}

static int tell(SSL *ssl, const unsigned char **out, unsigned *len,
                void *unused) {
  const tlstream_context *context = context_of(ssl);
  (void)unused;
  *out = context->npn.wire;
  *len = (unsigned)context->npn.len;
  return SSL_TLSEXT_ERR_OK;
}

/* The server's order decides. Without overlap the client has to name something
 * all the same: the draft has it name its own favourite. */
static int pick(SSL *ssl, unsigned char **out, unsigned char *out_len,
                const unsigned char *told, unsigned len, void *unused) {
  const tlstream_context *context = context_of(ssl);
  (void)unused;
  const unsigned char *name = tlstream__protocols_first_common(
      told, len, context->npn.wire, context->npn.len);
  tlstream__pair_of(ssl)->npn_agreed = name != NULL;
  if (name == NULL) name = context->npn.wire;
  *out = (unsigned char *)name + 1;
  *out_len = name[0];
  return SSL_TLSEXT_ERR_OK;
}

int tlstream__npn_install(SSL_CTX *ctx, const tlstream_context *context,
                          tlstream_error *error) {
  (void)error;
  if (context->npn.len == 0) return 0;
  SSL_CTX_set_next_protos_advertised_cb(ctx, tell, NULL);
  SSL_CTX_set_next_proto_select_cb(ctx, pick, NULL);
  return 0;
}

const void *tlstream__npn_picked(const SSL *ssl, size_t *len) {
  const unsigned char *name = NULL;
  unsigned n = 0;
  SSL_get0_next_proto_negotiated(ssl, &name, &n);
  *len = n;
  return name;
}

#endif
