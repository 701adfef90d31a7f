/* SPDX-License-Identifier: MIT */
#include "core/pair/pair.h"

#include <string.h>

#include <openssl/ssl.h>

#include <tlstream/pair_info.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/options.h"
#include "core/context/trust.h"
#include "core/pair/alpn.h"
#include "core/pair/npn.h"
#include "core/pair/state.h"
#include "core/x509/certificate.h"

enum {
  HANDSHAKE_TIMEOUT = 10000,
  SHUTDOWN_TIMEOUT = 3000,
  /* One initial congestion window: what arrives in the first round trip is of
   * use to the peer at once, and not only when 16 KiB are complete. */
  SMALL_RECORDS = 14 * 1024
};

tlstream_pair *tlstream__pair_of(const SSL *ssl) {
  char *check = SSL_get_app_data(ssl);
  return (tlstream_pair *)(void *)(check - offsetof(tlstream_pair, check));
}

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
  tlstream_pair *pair = tlstream__pair_of(ssl);
  if ((where & SSL_CB_ALERT) != 0) {
    note_alert(pair, (where & SSL_CB_WRITE) != 0, value);
  }
}

/* OpenSSL shows every message, and every record's header as well. */
static void on_message(int sent, int version, int type, const void *data,
                       size_t len, SSL *ssl, void *arg) {
  tlstream_pair *pair = arg;
  (void)version, (void)data, (void)len, (void)ssl;
  if (!sent && type == SSL3_RT_HANDSHAKE && tlstream__pair_secure(pair))
    pair->non_data_messages++;
}

static int refuse_no_name(tlstream_error *error) {
  return tlstream__error_set(
      error, TLSTREAM_ERR_NO_NAME,
      "a client needs the name or the address that the server's certificate "
      "must be for: give verify_name");
}

static int set_host(tlstream_pair *pair, const char *name,
                    tlstream_error *error) {
  if (name == NULL || name[0] == '\0') {
    bool excused =
        pair->context->allow_unauthorized || pair->context->skip_name;
    return excused ? 0 : refuse_no_name(error);
  }
  pair->host = tlstream__calloc(sizeof(*pair->host));
  if (pair->host == NULL) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  return tlstream__host_parse(pair->host, name, strlen(name), error);
}

/* RFC 6066, section 3: a DNS name without a trailing dot, never an address. */
static int set_servername(tlstream_pair *pair, const char *given,
                          tlstream_error *error) {
  tlstream__host parsed = {0};
  const tlstream__host *host = pair->host;
  if (given != NULL && given[0] == '\0') return 0;
  if (given != NULL) {
    int code = tlstream__host_parse(&parsed, given, strlen(given), error);
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
  pair->check.host = pair->host;
  pair->check.wanted = true;
  return code;
}

/* Who chooses a context for each client needs no certificate here. */
static int set_server(tlstream_pair *pair, tlstream_error *error) {
  SSL_set_accept_state(pair->ssl);
  pair->check.wanted = pair->context->request_certificate;
  if (pair->context->has_certificate || pair->choose_context) return 0;
  return tlstream__error_set(
      error, TLSTREAM_ERR_NO_CERTIFICATE,
      "a server needs a certificate and its key: give the context `cert_file` "
      "and `key_file`");
}

static int open_ssl(tlstream_pair *pair, tlstream_error *error) {
  tlstream__ossl_clear();
  pair->ssl = SSL_new(pair->context->ctx);
  if (pair->ssl == NULL) return tlstream__ossl_failed(error, "make an SSL");
  BIO *bio = tlstream__bio_new(&pair->link);
  if (bio == NULL) return tlstream__ossl_failed(error, "make a BIO");
  SSL_set_bio(pair->ssl, bio, bio);
  SSL_set_info_callback(pair->ssl, on_info);
  SSL_set_msg_callback(pair->ssl, on_message);
  SSL_set_msg_callback_arg(pair->ssl, pair);
  pair->check.refuse = !pair->context->allow_unauthorized;
  pair->check.time = pair->context->verify_time;
  pair->check.skip_name = pair->context->skip_name;
  if (SSL_set_session_id_context(pair->ssl, pair->context->session_id,
                                 TLSTREAM__SESSION_ID_LEN) == 1 &&
      tlstream__alpn_attach(pair->ssl, pair->context)) {
    return 0;
  }
  return tlstream__ossl_failed(error, "set an SSL up");
}

static int attach(tlstream_pair *pair, tlstream_error *error) {
  if ((!pair->check.wanted ||
       tlstream__trust_attach(pair->ssl, pair->context)) &&
      tlstream__verify_attach(pair->ssl, &pair->check)) {
    return 0;
  }
  return tlstream__ossl_failed(error, "attach the verification");
}

int tlstream__pair_open_server(tlstream_pair *pair, tlstream_error *error) {
  int code = open_ssl(pair, error);
  if (code == 0) code = set_server(pair, error);
  return code == 0 ? attach(pair, error) : code;
}

static int open_client(tlstream_pair *pair,
                       const tlstream_pair_options *options,
                       tlstream_error *error) {
  int code = open_ssl(pair, error);
  if (code == 0) code = set_client(pair, options, error);
  return code == 0 ? attach(pair, error) : code;
}

static void set_policy(tlstream_pair *pair,
                       const tlstream_pair_options *options) {
  pair->is_server = options->role == TLSTREAM_ROLE_SERVER;
  pair->allow_half_open = options->allow_half_open;
  pair->keep_trailing = options->keep_trailing;
  pair->handshake_timeout = options->timeouts.handshake_ms != 0
                                ? options->timeouts.handshake_ms
                                : HANDSHAKE_TIMEOUT;
  pair->shutdown_timeout = options->timeouts.shutdown_ms != 0
                               ? options->timeouts.shutdown_ms
                               : SHUTDOWN_TIMEOUT;
  pair->idle_timeout = options->timeouts.idle_ms;
  pair->choose_context = pair->is_server && options->choose_context;
  pair->small_left = SMALL_RECORDS;
  pair->alert_sent = -1;
  pair->alert_received = -1;
}

static int build(tlstream_pair *pair, const tlstream_pair_options *options,
                 tlstream_error *error) {
  pair->context = options->context != NULL
                      ? tlstream_context_ref(options->context)
                      : tlstream_context_new(NULL, error);
  if (pair->context == NULL) return TLSTREAM_ERR_INTERNAL;
  set_policy(pair, options);
  pair->link.recording = pair->choose_context;
  return pair->is_server ? tlstream__pair_open_server(pair, error)
                         : open_client(pair, options, error);
}

tlstream_pair *tlstream_pair_new(const tlstream_pair_options *options,
                                 uint64_t now_ms, tlstream_error *error) {
  tlstream_pair_options known = {0};
  tlstream__error_clear(error);
  if (tlstream__options_copy(&known, sizeof(known), options, "pair", error)) {
    return NULL;
  }
  tlstream_pair *pair = tlstream__calloc(sizeof(*pair));
  if (pair == NULL) {
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    return NULL;
  }
  pair->now = pair->last_progress = now_ms;
  if (build(pair, &known, error) != 0) {
    tlstream_pair_free(pair);
    return NULL;
  }
  return pair;
}

void tlstream_pair_free(tlstream_pair *pair) {
  if (pair == NULL) return;
  SSL_free(pair->ssl);
  tlstream__buf_clear(&pair->link.in);
  tlstream__buf_clear(&pair->link.out);
  tlstream__buf_clear(&pair->link.taken);
  tlstream__free(pair->servername);
  tlstream__free(pair->offered);
  tlstream__check_clear(&pair->check);
  tlstream__free(pair->host);
  tlstream__pair_forget_errors(pair);
  tlstream_context_unref(pair->context);
  tlstream__free(pair);
}

bool tlstream_pair_is_secure(const tlstream_pair *pair) {
  return tlstream__pair_secure(pair);
}

bool tlstream_pair_authorized(const tlstream_pair *pair) {
  return tlstream__pair_secure(pair) && pair->check.verdict.authorized;
}

const tlstream_error *
tlstream_pair_authorization_error(const tlstream_pair *pair) {
  return pair->check.verdict.why;
}

const tlstream_error *
tlstream_pair_authorization_errors(const tlstream_pair *pair, size_t *count) {
  *count = pair->check.verdict.count;
  return pair->check.verdict.why;
}

tlstream_version tlstream_pair_tls_version(const tlstream_pair *pair) {
  if (!tlstream__pair_secure(pair)) return TLSTREAM_VERSION_DEFAULT;
  return SSL_version(pair->ssl) == TLS1_2_VERSION ? TLSTREAM_TLS_1_2
                                                  : TLSTREAM_TLS_1_3;
}

static const SSL_CIPHER *cipher_of(const tlstream_pair *pair) {
  return tlstream__pair_secure(pair) ? SSL_get_current_cipher(pair->ssl) : NULL;
}

const char *tlstream_pair_cipher(const tlstream_pair *pair) {
  const SSL_CIPHER *cipher = cipher_of(pair);
  return cipher != NULL ? SSL_CIPHER_get_name(cipher) : NULL;
}

const char *tlstream_pair_cipher_standard_name(const tlstream_pair *pair) {
  const SSL_CIPHER *cipher = cipher_of(pair);
  return cipher != NULL ? SSL_CIPHER_standard_name(cipher) : NULL;
}

const char *tlstream_pair_cipher_version(const tlstream_pair *pair) {
  const SSL_CIPHER *cipher = cipher_of(pair);
  return cipher != NULL ? SSL_CIPHER_get_version(cipher) : NULL;
}

const char *tlstream_pair_servername(const tlstream_pair *pair) {
  if (pair->is_server) return pair->servername;
  return SSL_get_servername(pair->ssl, TLSEXT_NAMETYPE_host_name);
}

const char *tlstream_pair_alpn_protocol(const tlstream_pair *pair) {
  return pair->alpn;
}

const char *tlstream_pair_npn_protocol(const tlstream_pair *pair) {
  return pair->npn;
}

const void *tlstream_pair_npn_picked(const tlstream_pair *pair, size_t *len) {
  *len = 0;
  return tlstream__pair_secure(pair) ? tlstream__npn_picked(pair->ssl, len)
                                     : NULL;
}

tlstream_certificate *
tlstream_pair_peer_certificate(const tlstream_pair *pair) {
  X509 *cert = SSL_get0_peer_certificate(pair->ssl);
  STACK_OF(X509) *chain = SSL_get0_verified_chain(pair->ssl);
  STACK_OF(X509) *refused = pair->check.refused_chain;
  if (cert == NULL && sk_X509_num(refused) > 0) {
    return tlstream__certificate_wrap(sk_X509_value(refused, 0), refused);
  }
  if (cert == NULL) return NULL;
  if (chain == NULL) chain = SSL_get_peer_cert_chain(pair->ssl);
  return tlstream__certificate_wrap(cert, chain);
}

tlstream_certificate *tlstream_pair_own_certificate(const tlstream_pair *pair) {
  X509 *cert = SSL_get_certificate(pair->ssl);
  STACK_OF(X509) *chain = NULL;
  if (cert == NULL) return NULL;
  SSL_get0_chain_certs(pair->ssl, &chain);
  return tlstream__certificate_wrap(cert, chain);
}
