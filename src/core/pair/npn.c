/* SPDX-License-Identifier: MIT */
#include "core/pair/npn.h"

#include <openssl/ssl.h>

#include "core/context/context.h"
#include "core/pair/state.h"

/* The server's order decides. Without overlap the client has to name something
 * all the same: the draft has it name its own favourite. */
int tlstream__npn_pick(tlstream_pair *pair, unsigned char **out,
                       unsigned char *out_len, const unsigned char *advertised,
                       unsigned len) {
  const tlstream_context *context = pair->context;
  const unsigned char *name = tlstream__protocols_first_common(
      advertised, len, context->npn.wire, context->npn.len);
  pair->npn_agreed = name != NULL;
  if (name == NULL) name = context->npn.wire;
  *out = (unsigned char *)name + 1;
  *out_len = name[0];
  return SSL_TLSEXT_ERR_OK;
}

#ifdef OPENSSL_NO_NEXTPROTONEG

const void *tlstream__npn_picked(const SSL *ssl, size_t *len) {
  (void)ssl;
  *len = 0;
  return NULL;
}

#else

const void *tlstream__npn_picked(const SSL *ssl, size_t *len) {
  const unsigned char *name = NULL;
  unsigned n = 0;
  SSL_get0_next_proto_negotiated(ssl, &name, &n);
  *len = n;
  return name;
}

#endif
