/* SPDX-License-Identifier: MIT */
#include "core/pair/alpn.h"

#include <openssl/ssl.h>

#include "base/error.h"
#include "base/text.h"
#include "core/context/context.h"

/* Section 3.2: the server's order decides, and no overlap is a fatal alert. */
int tlstream__alpn_pick(const tlstream_context *context,
                        const unsigned char **out, unsigned char *out_len,
                        const unsigned char *offered, unsigned len) {
  if (context->alpn.len == 0) return SSL_TLSEXT_ERR_NOACK;
  const unsigned char *name = tlstream__protocols_first_common(
      context->alpn.wire, context->alpn.len, offered, len);
  if (name == NULL) {
    return context->allow_alpn_mismatch ? SSL_TLSEXT_ERR_NOACK
                                        : SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = name + 1;
  *out_len = name[0];
  return SSL_TLSEXT_ERR_OK;
}

bool tlstream__alpn_attach(SSL *ssl, const tlstream_context *context) {
  if (context->alpn.len == 0) return true;
  /* This one returns 0 on success. */
  return SSL_set_alpn_protos(ssl, context->alpn.wire,
                             (unsigned)context->alpn.len) == 0;
}

static int refuse_unoffered(const unsigned char *name, size_t len,
                            tlstream_error *error) {
  char shown[64];
  return tlstream__error_set(
      error, TLSTREAM_ERR_NO_SHARED_PROTOCOL,
      "the server picked the application protocol \"%s\", which was not "
      "offered",
      tlstream_escape(shown, sizeof(shown), name, len));
}

static int refuse_none(tlstream_error *error) {
  return tlstream__error_set(
      error, TLSTREAM_ERR_NO_SHARED_PROTOCOL,
      "the server did not agree on an application protocol (ALPN), and one is "
      "required here");
}

/* Whether the server's pick was offered, only newer releases of OpenSSL look
 * themselves. A server has judged its client by now: in alpn_pick(), and where
 * there was no ALPN at all, in core/pair/hello.c. */
int tlstream__alpn_conclude(const SSL *ssl, const tlstream_context *context,
                            const char **protocol, tlstream_error *error) {
  const unsigned char *name = NULL;
  unsigned len = 0;
  SSL_get0_alpn_selected(ssl, &name, &len);
  *protocol = NULL;
  if (len > 0) {
    *protocol = tlstream__protocols_find(&context->alpn, name, len);
    return *protocol != NULL ? 0 : refuse_unoffered(name, len, error);
  }
  if (!context->require_alpn || SSL_is_server(ssl)) return 0;
  return refuse_none(error);
}
