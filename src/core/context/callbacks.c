/* SPDX-License-Identifier: MIT */
#include "core/context/callbacks.h"

#include <assert.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include "base/error.h"
#include "core/context/context.h"
#include "core/context/staples.h"
#include "core/openssl/ossl.h"
#include "core/session/ticket_keys.h"

const tlstream__app_data *tlstream__app_data_of(const SSL *ssl) {
  const tlstream__app_data *data = SSL_get_app_data(ssl);
  assert(data != NULL); /* an SSL without a pair never shakes hands */
  return data;
}

/* Stands in for OpenSSL's X509_verify_cert. */
static int on_verify(X509_STORE_CTX *store, void *unused) {
  (void)unused;
  SSL *ssl =
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  const tlstream__app_data *data = tlstream__app_data_of(ssl);
  return data->answers->verify(store, data->check);
}

static int on_client_hello(SSL *ssl, int *alert, void *unused) {
  (void)unused;
  const tlstream__app_data *data = tlstream__app_data_of(ssl);
  return data->answers->client_hello(data->pair, ssl, alert);
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                   const unsigned char *offered, unsigned len, void *unused) {
  (void)unused;
  const tlstream__app_data *data = tlstream__app_data_of(ssl);
  return data->answers->alpn_pick(data->context, out, out_len, offered, len);
}

static int on_ticket_key(SSL *ssl, unsigned char *name, unsigned char *iv,
                         EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int issue) {
  const tlstream_context *context = tlstream__app_data_of(ssl)->context;
  return tlstream__ticket_keys_use(context->resumption.ticket_keys, name, iv,
                                   cipher, mac, issue);
}

/* A server's session is about to be sealed, or kept: note for how long. */
static void mark(SSL *ssl) {
  const tlstream__app_data *data = tlstream__app_data_of(ssl);
  SSL_SESSION_set_timeout(SSL_get_session(ssl),
                          (long)data->context->resumption.lifetime_s);
  data->answers->ticket_mark(ssl, data->check);
}

static int on_ticket_made(SSL *ssl, void *unused) {
  (void)unused;
  mark(ssl);
  return 1;
}

/* A ticket that is not used leads to a full handshake and a new one. */
static SSL_TICKET_RETURN
on_ticket_offered(SSL *ssl, SSL_SESSION *session, const unsigned char *key_name,
                  size_t key_name_len, SSL_TICKET_STATUS status, void *unused) {
  (void)key_name, (void)key_name_len, (void)unused;
  const tlstream__app_data *data = tlstream__app_data_of(ssl);
  bool readable =
      status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
  if (!readable || !data->answers->ticket_is_fresh(session, data->check)) {
    return SSL_TICKET_RETURN_IGNORE_RENEW;
  }
  return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE
                                      : SSL_TICKET_RETURN_USE_RENEW;
}

/* OpenSSL has no call for an alert after the handshake. But what adds an
 * extension to a ticket can end the connection with one, and the ticket does
 * not leave. The extension itself is never sent; its number is one for private
 * use. */
enum { REFUSAL_EXTENSION = 0xFFB5 };

static int on_ticket_extension(SSL *ssl, unsigned type, unsigned message,
                               const unsigned char **out, size_t *len,
                               X509 *cert, size_t at, int *alert,
                               void *unused) {
  (void)type, (void)message, (void)out, (void)len, (void)cert, (void)at;
  (void)unused;
  const tlstream__app_data *data = tlstream__app_data_of(ssl);
  int refusal = data->answers->refusal_alert(data->pair);
  if (refusal == 0) return 0;
  *alert = refusal;
  return -1;
}

static int install_refusal(SSL_CTX *ctx, tlstream_error *error) {
  if (SSL_CTX_add_custom_ext(
          ctx, REFUSAL_EXTENSION, SSL_EXT_TLS1_3_NEW_SESSION_TICKET,
          on_ticket_extension, NULL, NULL, NULL, NULL) == 1) {
    return 0;
  }
  return tlstream__ossl_failed(error, "prepare for refusing clients");
}

/* OpenSSL has a new session; the reference stays OpenSSL's. In TLS 1.3 sessions
 * are in tickets alone. */
static int on_session(SSL *ssl, SSL_SESSION *session) {
  const tlstream__app_data *data = tlstream__app_data_of(ssl);
  if (SSL_is_server(ssl) && SSL_version(ssl) == TLS1_2_VERSION) {
    mark(ssl);
    tlstream__resumption_keep(&data->context->resumption, session);
    data->answers->session_made(data->pair, session);
  } else if (!SSL_is_server(ssl)) {
    data->answers->session_given(data->pair, session);
  }
  return 0;
}

/* A client gave the id of a session, and no ticket. */
static SSL_SESSION *on_session_wanted(SSL *ssl, const unsigned char *id,
                                      int len, int *copy) {
  const tlstream__app_data *data = tlstream__app_data_of(ssl);
  *copy = 0;
  if (SSL_version(ssl) != TLS1_2_VERSION) return NULL;
  SSL_SESSION *found =
      data->answers->session_found(data->pair, id, (size_t)len);
  if (found == NULL) {
    found =
        tlstream__resumption_find(&data->context->resumption, id, (size_t)len);
  }
  if (found == NULL || data->answers->ticket_is_fresh(found, data->check)) {
    return found;
  }
  SSL_SESSION_free(found);
  return NULL;
}

/* Asked for a staple as a server, or, at the end of the server's messages, for
 * what a client thinks of the one that came, or did not come. */
static int on_status(SSL *ssl, void *unused) {
  (void)unused;
  const tlstream__app_data *data = tlstream__app_data_of(ssl);
  return SSL_is_server(ssl) ? tlstream__staples_send(data->context, ssl)
                            : data->answers->staple_judge(ssl, data->check);
}

static void on_keylog(const SSL *ssl, const char *line) {
  const tlstream__app_data *data = tlstream__app_data_of(ssl);
  data->answers->keylog(data->pair, line);
}

#ifdef OPENSSL_NO_NEXTPROTONEG

static int install_npn(SSL_CTX *ctx, tlstream_error *error) {
  (void)ctx;
  return tlstream__error_set(error, TLSTREAM_ERR_UNSUPPORTED,
                             "npn: this OpenSSL was built without NPN; use "
                             "ALPN");
}

#else

static int on_npn_advertise(SSL *ssl, const unsigned char **out, unsigned *len,
                            void *unused) {
  (void)unused;
  const tlstream_context *context = tlstream__app_data_of(ssl)->context;
  *out = context->npn.wire;
  *len = (unsigned)context->npn.len;
  return SSL_TLSEXT_ERR_OK;
}

static int on_npn_pick(SSL *ssl, unsigned char **out, unsigned char *out_len,
                       const unsigned char *advertised, unsigned len,
                       void *unused) {
  (void)unused;
  const tlstream__app_data *data = tlstream__app_data_of(ssl);
  return data->answers->npn_pick(data->pair, out, out_len, advertised, len);
}

static int install_npn(SSL_CTX *ctx, tlstream_error *error) {
  (void)error;
  SSL_CTX_set_next_protos_advertised_cb(ctx, on_npn_advertise, NULL);
  SSL_CTX_set_next_proto_select_cb(ctx, on_npn_pick, NULL);
  return 0;
}

#endif

int tlstream__callbacks_install(SSL_CTX *ctx, const tlstream_context *context,
                                tlstream_error *error) {
  SSL_CTX_set_cert_verify_callback(ctx, on_verify, NULL);
  SSL_CTX_set_client_hello_cb(ctx, on_client_hello, NULL);
  SSL_CTX_set_alpn_select_cb(ctx, on_alpn, NULL);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket_key);
  SSL_CTX_set_tlsext_status_cb(ctx, on_status);
  SSL_CTX_set_session_ticket_cb(ctx, on_ticket_made, on_ticket_offered, NULL);
  SSL_CTX_sess_set_new_cb(ctx, on_session);
  SSL_CTX_sess_set_get_cb(ctx, on_session_wanted);
  if (tlstream__keylog_is_on(&context->keylog)) {
    SSL_CTX_set_keylog_callback(ctx, on_keylog);
  }
  int code = install_refusal(ctx, error);
  return code == 0 && context->npn.len > 0 ? install_npn(ctx, error) : code;
}
