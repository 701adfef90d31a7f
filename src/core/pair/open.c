/* SPDX-License-Identifier: MIT */
/*
 * The SSL of a pair: made for a role and a context, once at the start and again
 * when a server picks another context for its client.
 */
#include <assert.h>
#include <string.h>

#include <openssl/ssl.h>

#include "base/alloc.h"
#include "base/error.h"
#include "core/context/trust.h"
#include "core/pair/alpn.h"
#include "core/pair/dane.h"
#include "core/pair/pair.h"
#include "core/pair/psk.h"
#include "core/pair/schemes.h"
#include "core/pair/staple.h"
#include "core/pair/state.h"

static void note_alert(tlstream_pair *pair, bool sent, int value) {
  int level = value >> 8;
  int number = value & 0xff;
  /* TLS 1.3 has no levels: all but the two farewells are fatal. */
  bool fatal =
      level == SSL3_AL_FATAL ||
      (SSL_version(pair->ssl) == TLS1_3_VERSION &&
       number != SSL_AD_CLOSE_NOTIFY && number != SSL_AD_USER_CANCELLED);
  if (sent && number == SSL_AD_NO_RENEGOTIATION) pair->refused_anew = true;
  if (!fatal) return;
  if (sent) {
    pair->alert_sent = number;
  } else {
    pair->alert_received = number;
  }
}

static void on_info(const SSL *ssl, int where, int value) {
  tlstream_pair *pair = tlstream__app_data_of(ssl)->pair;
  if ((where & SSL_CB_ALERT) != 0) {
    note_alert(pair, (where & SSL_CB_WRITE) != 0, value);
  }
}

/* OpenSSL shows every message, and every record's header as well. */
static void on_message(int sent, int version, int type, const void *data,
                       size_t len, SSL *ssl, void *arg) {
  tlstream_pair *pair = arg;
  (void)version, (void)ssl;
  if (type != SSL3_RT_HANDSHAKE) return;
  if (sent && len > 0)
    tlstream__psk_note_sent(pair, *(const unsigned char *)data);
  if (!tlstream__pair_secure(pair)) {
    tlstream__schemes_note(pair, sent != 0, data, len);
  } else if (!sent) {
    pair->non_data_messages++;
  }
}

static int refuse_no_name(tlstream_error *error) {
  return tlstream__error_set(
      error, TLSTREAM_ERR_NO_NAME,
      "a client needs the name or the address that the server's certificate "
      "must be for: give verify_name");
}

/* A name that no certificate can have refuses a peer that must prove one, and
 * nothing else. */
static int set_host(tlstream_pair *pair, const char *name,
                    tlstream_error *error) {
  tlstream_error why;
  bool excused = pair->context->allow_unauthorized ||
                 pair->context->skip_name ||
                 tlstream__context_psks(pair->context)->count > 0;
  if (name == NULL || name[0] == '\0') {
    return excused ? 0 : refuse_no_name(error);
  }
  tlstream__host *host = tlstream__calloc(sizeof(*host));
  if (host == NULL) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  int code = tlstream__host_parse_target(host, name, strlen(name), &why);
  if (code == 0) {
    pair->host = host;
    return 0;
  }
  tlstream__free(host);
  if (excused) {
    pair->check.no_host = tlstream__strdup(why.message);
    if (pair->check.no_host != NULL) return 0;
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  if (error != NULL) *error = why;
  return code;
}

/* RFC 6066, section 3: a DNS name without a trailing dot, never an address. */
static int set_servername(tlstream_pair *pair, const char *given,
                          tlstream_error *error) {
  tlstream__host parsed = {0};
  const tlstream__host *host = pair->host;
  if (given != NULL && given[0] == '\0') return 0;
  if (given != NULL) {
    int code =
        tlstream__host_parse_target(&parsed, given, strlen(given), error);
    if (code != 0) return code;
    host = &parsed;
  }
  if (host == NULL || host->ip_len > 0) return 0;
  if (SSL_set_tlsext_host_name(pair->ssl, host->name) == 1) return 0;
  return tlstream__ossl_failed(error, "set the server name");
}

static int set_client(tlstream_pair *pair, const tlstream_pair_options *options,
                      tlstream_error *error) {
  SSL_set_connect_state(pair->ssl);
  int code = set_host(pair, options->verify_name, error);
  if (code == 0) code = set_servername(pair, options->servername, error);
  if (code == 0) {
    code = tlstream__dane_set(pair->ssl, &pair->check, options->tlsa,
                              options->tlsa_count, error);
  }
  pair->check.host = pair->host;
  pair->check.wanted = true;
  tlstream__staple_request(pair->ssl, pair->context, &pair->check);
  return code;
}

static bool set_preferences(SSL *ssl, const tlstream_context *context) {
  if (context->prefer_client_order) {
    SSL_clear_options(ssl, SSL_OP_CIPHER_SERVER_PREFERENCE);
  }
  return SSL_set_max_send_fragment(ssl, (long)context->max_send_fragment) == 1;
}

/* Sessions must not move from one set of trust, credentials and policy to
 * another: OpenSSL resumes those of the same scope. */
static bool set_scope(SSL *ssl, const tlstream_context *context,
                      bool is_server) {
  const tlstream__fingerprint *scope = &context->scope[is_server ? 1 : 0];
  return SSL_set_session_id_context(ssl, scope->bytes, sizeof(scope->bytes)) ==
         1;
}

static int open_ssl(tlstream_pair *pair, tlstream_error *error) {
  assert(pair->ssl == NULL);
  tlstream__ossl_clear();
  pair->ssl = SSL_new(pair->context->ctx);
  if (pair->ssl == NULL) return tlstream__ossl_failed(error, "make an SSL");
  BIO *bio = tlstream__bio_new(&pair->link);
  if (bio == NULL) return tlstream__ossl_failed(error, "make a BIO");
  SSL_set_bio(pair->ssl, bio, bio);
  SSL_set_info_callback(pair->ssl, on_info);
  SSL_set_msg_callback(pair->ssl, on_message);
  SSL_set_msg_callback_arg(pair->ssl, pair);
  tlstream__resumption_attach(pair->ssl, &pair->context->resumption);
  pair->check.refuse = !pair->context->allow_unauthorized;
  pair->check.time = pair->context->verify_time;
  pair->check.skip_name = pair->context->skip_name;
  if (set_preferences(pair->ssl, pair->context) &&
      set_scope(pair->ssl, pair->context, pair->is_server) &&
      tlstream__alpn_attach(pair->ssl, pair->context)) {
    return 0;
  }
  return tlstream__ossl_failed(error, "set an SSL up");
}

static int attach(tlstream_pair *pair, tlstream_error *error) {
  pair->app_data.context = pair->context;
  tlstream__verify_request(pair->ssl, &pair->check);
  if (tlstream__psk_attach(pair) &&
      (!pair->check.wanted ||
       tlstream__trust_attach(pair->ssl, pair->context)) &&
      SSL_set_app_data(pair->ssl, &pair->app_data) == 1) {
    return 0;
  }
  return tlstream__ossl_failed(error, "attach the verification");
}

int tlstream__pair_open_server(tlstream_pair *pair, tlstream_error *error) {
  int code = open_ssl(pair, error);
  if (code != 0) return code;
  SSL_set_accept_state(pair->ssl);
  pair->check.wanted = pair->context->request_certificate;
  pair->check.is_optional = pair->context->allow_no_certificate;
  return attach(pair, error);
}

int tlstream__pair_open_client(tlstream_pair *pair,
                               const tlstream_pair_options *options,
                               tlstream_error *error) {
  int code = open_ssl(pair, error);
  if (code == 0) code = set_client(pair, options, error);
  return code == 0 ? attach(pair, error) : code;
}
