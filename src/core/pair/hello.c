/* SPDX-License-Identifier: MIT */
#include "core/pair/hello.h"

#include <assert.h>
#include <string.h>

#include <openssl/ssl.h>

#include <tlstream/pair_hello.h>
#include <tlstream/pair_lookup.h>

#include "base/alloc.h"
#include "base/error.h"
#include "core/pair/pair.h"
#include "core/pair/psk.h"
#include "core/pair/state.h"
#include "core/pair/vector.h"

enum { NAME_TYPE_HOST = 0, NAME_MAX_LEN = 255 };

/* Entries of two bytes, in each list. Clients have some dozens. */
enum { LIST_MAX_LEN = 2 * 1024, LIST_HEADER = 2 };

/* RFC 6066, section 3: a list that in practice holds one host name. Returns
 * false for what is not one. OpenSSL will parse it again, and finds the same
 * name or none. */
static bool parse_servername(const unsigned char *data, size_t size,
                             const unsigned char **name, size_t *len) {
  const unsigned char *end = data + size;
  size_t list_len = 0;
  const unsigned char *list = tlstream__take_vector(&data, end, &list_len);
  if (list == NULL || data != end || list_len == 0) return false;
  if (*list++ != NAME_TYPE_HOST) return false;
  *name = tlstream__take_vector(&list, end, len);
  return *name != NULL && list == end && *len > 0 && *len <= NAME_MAX_LEN &&
         memchr(*name, '\0', *len) == NULL;
}

/* RFC 7301, section 3.1: a list of names, none of them empty. */
static bool parse_offer(const unsigned char *data, size_t size,
                        const unsigned char **list, size_t *len) {
  const unsigned char *end = data + size;
  size_t at = 0;
  *list = tlstream__take_vector(&data, end, len);
  if (*list == NULL || data != end || *len == 0) return false;
  while (at < *len && (*list)[at] != 0)
    at += 1 + (size_t)(*list)[at];
  return at == *len;
}

/* What is not a list is none: OpenSSL parses it too, and refuses the client,
 * whatever the answer is. */
static bool note_offer(tlstream_pair *pair, SSL *ssl, int *alert) {
  const unsigned char *data = NULL;
  const unsigned char *list = NULL;
  size_t size = 0;
  size_t len = 0;
  if (!pair->choose_context ||
      !SSL_client_hello_get0_ext(
          ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &data,
          &size) ||
      !parse_offer(data, size, &list, &len)) {
    return true;
  }
  *alert = SSL_AD_INTERNAL_ERROR;
  pair->offered = (unsigned char *)tlstream__memdup(list, len);
  if (pair->offered == NULL) return false;
  pair->offered_len = len;
  return true;
}

/* False, with the alert to send, if the name cannot be taken. */
static bool note_servername(tlstream_pair *pair, SSL *ssl, int *alert) {
  const unsigned char *data = NULL;
  const unsigned char *name = NULL;
  size_t size = 0;
  size_t len = 0;
  if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size)) {
    return true;
  }
  *alert = SSL_AD_DECODE_ERROR;
  if (!parse_servername(data, size, &name, &len)) return false;
  *alert = SSL_AD_INTERNAL_ERROR;
  pair->servername = tlstream__memdup(name, len);
  return pair->servername != NULL;
}

static bool lacks_alpn(const tlstream_pair *pair, SSL *ssl) {
  const unsigned char *data = NULL;
  size_t size = 0;
  return pair->context->require_alpn &&
         !SSL_client_hello_get0_ext(
             ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &data,
             &size);
}

/* OpenSSL keeps such lists as long as the connection, and makes up to six times
 * as much of them; and it goes through one for each entry of another. */
static bool has_long_list(SSL *ssl) {
  static const unsigned types[] = {TLSEXT_TYPE_supported_groups,
                                   TLSEXT_TYPE_signature_algorithms,
                                   TLSEXT_TYPE_signature_algorithms_cert};
  const unsigned char *data = NULL;
  size_t len = 0;
  if (SSL_client_hello_get0_ciphers(ssl, &data) > LIST_MAX_LEN) return true;
  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
    if (SSL_client_hello_get0_ext(ssl, types[i], &data, &len) &&
        len > LIST_HEADER + LIST_MAX_LEN) {
      return true;
    }
  }
  return false;
}

static void ask(tlstream_pair *pair) {
  if (!pair->choose_context) {
    pair->hello = TLSTREAM__HELLO_TAKEN;
    return;
  }
  pair->hello = TLSTREAM__HELLO_ASKED;
  tlstream__pair_emit(pair, TLSTREAM_EVENT_HELLO);
}

static int judge(tlstream_pair *pair, SSL *ssl, int *alert) {
  if (has_long_list(ssl)) {
    *alert = SSL_AD_ILLEGAL_PARAMETER;
    return SSL_CLIENT_HELLO_ERROR;
  }
  /* Only the first one counts: after a HelloRetryRequest, or read anew, it
   * could give another name than the context was chosen for. */
  if (pair->hello == TLSTREAM__HELLO_BEGUN) {
    if (!note_servername(pair, ssl, alert) || !note_offer(pair, ssl, alert)) {
      return SSL_CLIENT_HELLO_ERROR;
    }
    ask(pair);
  }
  if (pair->hello == TLSTREAM__HELLO_ASKED) return SSL_CLIENT_HELLO_RETRY;
  if (pair->hello == TLSTREAM__HELLO_REFUSED) {
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_CLIENT_HELLO_ERROR;
  }
  if (pair->hello == TLSTREAM__HELLO_PROTOCOLS_REFUSED ||
      lacks_alpn(pair, ssl)) {
    *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
    return SSL_CLIENT_HELLO_ERROR;
  }
  if (tlstream__lookup_ask(pair, ssl)) return SSL_CLIENT_HELLO_RETRY;
  return tlstream__psk_judge(pair, ssl, alert);
}

int tlstream__hello_judge(tlstream_pair *pair, SSL *ssl, int *alert) {
  assert(pair->is_server && ssl == pair->ssl);
  int result = judge(pair, ssl, alert);
  if (result == SSL_CLIENT_HELLO_ERROR) pair->hello_refused = true;
  return result;
}

/* A new SSL of the chosen context reads the ClientHello anew, so that all of
 * the context's policy is in force and nothing of the first one's: OpenSSL's
 * SSL_set_SSL_CTX() would leave the verify mode, the versions and the ticket
 * keys behind. */
static int switch_context(tlstream_pair *pair, tlstream_context *context,
                          tlstream_error *error) {
  SSL *ssl = pair->ssl;
  tlstream_context *before = pair->context;
  pair->ssl = NULL;
  pair->context = tlstream_context_ref(context);
  int code = tlstream__pair_open_server(pair, error);
  if (code == 0 && !tlstream__link_rewind(&pair->link)) {
    code = tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  if (code != 0) {
    /* A pair that has failed is still asked questions. */
    SSL *half_made = pair->ssl;
    pair->ssl = ssl;
    pair->context = before;
    pair->app_data.context = before;
    ssl = half_made;
    before = context;
  }
  SSL_free(ssl);
  tlstream_context_unref(before);
  return code;
}

static void go_on(tlstream_pair *pair, tlstream__hello hello) {
  pair->hello = hello;
  pair->handshake_since = pair->now;
  pair->link.recording = false;
  tlstream__buf_clear(&pair->link.taken);
  tlstream__pair_advance(pair);
}

int tlstream_pair_hello_accept(tlstream_pair *pair, tlstream_context *context) {
  tlstream_error error;
  if (tlstream__pair_failed(pair)) return pair->error->code;
  if (pair->hello != TLSTREAM__HELLO_ASKED) return TLSTREAM_ERR_WRONG_STATE;
  if (context != NULL && !tlstream__context_can_serve(context)) {
    return TLSTREAM_ERR_NO_CERTIFICATE;
  }
  if (context != NULL && context != pair->context &&
      switch_context(pair, context, &error) != 0) {
    tlstream__pair_fail(pair, &error);
  } else {
    go_on(pair, TLSTREAM__HELLO_TAKEN);
  }
  return tlstream__pair_code(pair);
}

int tlstream_pair_hello_refuse(tlstream_pair *pair,
                               tlstream_hello_refusal reason) {
  if (tlstream__pair_failed(pair)) return pair->error->code;
  if (pair->hello != TLSTREAM__HELLO_ASKED) return TLSTREAM_ERR_WRONG_STATE;
  go_on(pair, reason == TLSTREAM_HELLO_NO_PROTOCOL
                  ? TLSTREAM__HELLO_PROTOCOLS_REFUSED
                  : TLSTREAM__HELLO_REFUSED);
  return 0;
}

int tlstream_pair_lookup_answer(tlstream_pair *pair, tlstream_bytes session) {
  if (tlstream__pair_failed(pair)) return pair->error->code;
  if (pair->lookup.state != TLSTREAM__LOOKUP_ASKED) {
    return TLSTREAM_ERR_WRONG_STATE;
  }
  tlstream__lookup_settle(&pair->lookup, session);
  pair->handshake_since = pair->now;
  tlstream__pair_advance(pair);
  return tlstream__pair_code(pair);
}

const void *tlstream_pair_offered_protocols(const tlstream_pair *pair,
                                            size_t *len) {
  *len = pair->offered_len;
  return pair->offered;
}
