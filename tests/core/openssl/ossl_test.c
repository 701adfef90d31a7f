/* SPDX-License-Identifier: MIT */
/* What OpenSSL leaves in its error queue becomes one of our errors, and
 * nothing stays in the queue (H2). */
#include "core/openssl/ossl.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/proverr.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "support/test.h"

/* OpenSSL loads its words when the first context is made. */
BEFORE_TESTS(load_words) {
  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, NULL);
}

static void raise_error(int library, int reason) {
  ERR_new();
  ERR_set_error(library, reason, NULL);
}

static void check_queue_is_empty(void) {
  CHECK_INT(ERR_peek_error(), 0);
  ERR_clear_error();
}

TEST(clears_what_others_left) {
  tlstream__ossl_clear();
  raise_error(ERR_LIB_SSL, SSL_R_LENGTH_MISMATCH);
  raise_error(ERR_LIB_PEM, PEM_R_NO_START_LINE);
  tlstream__ossl_clear();
  check_queue_is_empty();
}

TEST(quotes_the_last_reason) {
  char text[64];
  tlstream__ossl_reason(text, sizeof(text));
  CHECK_STR(text, "OpenSSL gave no reason");
  raise_error(250, 999); /* of a library that there is not */
  tlstream__ossl_reason(text, sizeof(text));
  CHECK_STR(text, "OpenSSL gave no reason");
  raise_error(ERR_LIB_SSL, 4000);
  tlstream__ossl_reason(text, sizeof(text));
  CHECK_STR(text, "a failure in OpenSSL's SSL routines");
  raise_error(ERR_LIB_SSL, SSL_R_LENGTH_MISMATCH);
  tlstream__ossl_reason(text, sizeof(text));
  CHECK_STR(text, "length mismatch");
  CHECK_NE(ERR_peek_error(), 0); /* it only looked */
  ERR_clear_error();
}

static void check_failed(int want, const char *words) {
  tlstream_error error;
  CHECK_ERROR(tlstream__ossl_failed(&error, "make a TLS context"), want);
  CHECK_ERROR(error.code, want);
  CHECK_STR(error.message, words);
  check_queue_is_empty();
}

/* Out of memory is often not the last thing in the queue, and an allocation of
 * ours leaves nothing in it. */
TEST(distinguishes_failures_from_lack_of_memory) {
  check_failed(TLSTREAM_ERR_NO_MEMORY, "out of memory");
  raise_error(ERR_LIB_SSL, ERR_R_MALLOC_FAILURE);
  check_failed(TLSTREAM_ERR_NO_MEMORY, "out of memory");
  raise_error(ERR_LIB_SSL, ERR_R_MALLOC_FAILURE);
  raise_error(ERR_LIB_SSL, SSL_R_LENGTH_MISMATCH);
  check_failed(TLSTREAM_ERR_NO_MEMORY, "out of memory");
  raise_error(ERR_LIB_SSL, SSL_R_LENGTH_MISMATCH);
  raise_error(ERR_LIB_SSL, ERR_R_MALLOC_FAILURE);
  check_failed(TLSTREAM_ERR_NO_MEMORY, "out of memory");
  raise_error(ERR_LIB_SSL, SSL_R_LENGTH_MISMATCH);
  check_failed(TLSTREAM_ERR_INTERNAL,
               "cannot make a TLS context: length mismatch");
  raise_error(ERR_LIB_SSL, SSL_R_LENGTH_MISMATCH);
  CHECK_ERROR(tlstream__ossl_failed(NULL, "x"), TLSTREAM_ERR_INTERNAL);
  check_queue_is_empty();
}

TEST(knows_why_a_key_was_refused) {
  static const struct {
    int library;
    int reason;
    tlstream__refusal want;
  } rows[] = {
      {ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH, TLSTREAM__REFUSED_MISMATCH},
      {ERR_LIB_X509, X509_R_KEY_TYPE_MISMATCH, TLSTREAM__REFUSED_MISMATCH},
      {ERR_LIB_X509, X509_R_UNKNOWN_KEY_TYPE, TLSTREAM__REFUSED_OTHER},
      {ERR_LIB_SSL, SSL_R_EE_KEY_TOO_SMALL, TLSTREAM__REFUSED_WEAK},
      {ERR_LIB_SSL, SSL_R_CA_KEY_TOO_SMALL, TLSTREAM__REFUSED_WEAK},
      {ERR_LIB_SSL, SSL_R_CA_MD_TOO_WEAK, TLSTREAM__REFUSED_WEAK},
      {ERR_LIB_SSL, SSL_R_LENGTH_MISMATCH, TLSTREAM__REFUSED_OTHER},
      {ERR_LIB_SSL, SSL_R_NOT_REPLACING_CERTIFICATE,
       TLSTREAM__REFUSED_SAME_KIND},
      {ERR_LIB_SSL, SSL_R_UNKNOWN_CERTIFICATE_TYPE, TLSTREAM__REFUSED_ODD_KIND},
      {ERR_LIB_PEM, PEM_R_NO_START_LINE, TLSTREAM__REFUSED_OTHER},
      {ERR_LIB_EVP, EVP_R_UNSUPPORTED_CIPHER, TLSTREAM__REFUSED_OTHER},
      {ERR_LIB_PEM, ERR_R_MALLOC_FAILURE, TLSTREAM__REFUSED_NO_MEMORY},
  };
  CHECK_INT(tlstream__ossl_refusal(), TLSTREAM__REFUSED_OTHER);
  EACH_ROW(i, rows) {
    raise_error(rows[i].library, rows[i].reason);
    CHECK_INT(tlstream__ossl_refusal(), rows[i].want);
    ERR_clear_error();
  }
}

TEST(knows_what_a_call_came_to) {
  SSL_CTX *context = SSL_CTX_new(TLS_method());
  SSL *ssl = SSL_new(context);
  BIO *in = BIO_new(BIO_s_mem());
  BIO *out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl, in, out);
  SSL_set_connect_state(ssl);
  BIO_set_mem_eof_return(in, -1);
  CHECK_INT(tlstream__ossl_outcome(ssl, 1), TLSTREAM__DONE);
  CHECK_INT(tlstream__ossl_outcome(ssl, SSL_do_handshake(ssl)),
            TLSTREAM__AGAIN);
  /* A call on another connection left this, and it is blamed on ours: the
   * reason why the queue is cleared before every call. */
  raise_error(ERR_LIB_SSL, SSL_R_LENGTH_MISMATCH);
  CHECK_INT(tlstream__ossl_outcome(ssl, -1), TLSTREAM__FAILED);
  ERR_clear_error();
  BIO_puts(in, "HTTP/1.1 400 Bad Request\r\n\r\n");
  CHECK_INT(tlstream__ossl_outcome(ssl, SSL_do_handshake(ssl)),
            TLSTREAM__FAILED);
  ERR_clear_error();
  SSL_free(ssl);
  SSL_CTX_free(context);
}

static const tlstream__failure_context quiet = {.alert_sent = -1,
                                                .alert_received = -1};

static tlstream_error explain(const tlstream__failure_context *scene) {
  tlstream_error error;
  memset(&error, 0x5A, sizeof(error));
  int code = tlstream__ossl_explain(&error, scene);
  CHECK_INT(code, error.code);
  check_queue_is_empty();
  return error;
}

static tlstream_error explain_first(const char *first, size_t len,
                                    bool is_server) {
  tlstream__failure_context scene = quiet;
  scene.handshaking = true;
  scene.is_server = is_server;
  scene.first = (const unsigned char *)first;
  scene.first_len = len;
  raise_error(ERR_LIB_SSL, SSL_R_WRONG_VERSION_NUMBER);
  return explain(&scene);
}

/* F9 */
TEST(recognises_http) {
  static const char *const starts[] = {
      "HTTP/1.1 400 Bad", "GET / HTTP/1.1\r\n", "POST /x",   "HEAD /x",
      "PUT /x",           "DELETE /x",          "CONNECT a", "OPTIONS *",
      "PATCH /x"};
  EACH_TEXT(i, starts) {
    tlstream_error error = explain_first(starts[i], strlen(starts[i]), true);
    CHECK_ERROR(error.code, TLSTREAM_ERR_HTTP);
    CHECK_HAS(error.message, "the client should use https");
    CHECK_HAS(error.message, "(it said \"");
    error = explain_first(starts[i], strlen(starts[i]), false);
    CHECK_ERROR(error.code, TLSTREAM_ERR_HTTP);
    CHECK_HAS(error.message, "is this the port for TLS?");
  }
  CHECK_ERROR(explain_first("GET", 3, true).code, TLSTREAM_ERR_NOT_TLS);
}

TEST(recognises_what_is_not_tls) {
  tlstream_error error = explain_first("220 mail ESMTP\r\n", 16, false);
  CHECK_ERROR(error.code, TLSTREAM_ERR_NOT_TLS);
  CHECK_HAS(error.message, "\"220 mail ESMTP\\r\\n\"");
  CHECK_HAS(error.message, "STARTTLS");
  error = explain_first("\x00\x1b[31m\xff", 7, false);
  CHECK_ERROR(error.code, TLSTREAM_ERR_NOT_TLS);
  CHECK_HAS(error.message, "\"\\x00\\x1b[31m\\xff\"");
  CHECK_HAS(error.message, "is this the right port?");
  CHECK_ERROR(explain_first("\x16\x02", 2, true).code, TLSTREAM_ERR_NOT_TLS);
  CHECK_ERROR(explain_first("\x17\x03", 2, true).code, TLSTREAM_ERR_NOT_TLS);
}

/* What does begin like TLS is explained by OpenSSL's reason. */
TEST(believes_what_begins_like_tls) {
  int version = TLSTREAM_ERR_NO_SHARED_VERSION;
  CHECK_INT(explain_first("\x16\x03\x01", 3, true).code, version);
  CHECK_INT(explain_first("\x15\x03", 2, true).code, version);
  CHECK_INT(explain_first("\x16", 1, true).code, version);
  CHECK_INT(explain_first("", 0, true).code, version);
}

/* After the handshake the first bytes no longer help. */
TEST(forgets_the_first_bytes) {
  tlstream__failure_context scene = quiet;
  scene.first = (const unsigned char *)"GET /";
  scene.first_len = 5;
  raise_error(ERR_LIB_SSL, SSL_R_LENGTH_MISMATCH);
  CHECK_ERROR(explain(&scene).code, TLSTREAM_ERR_PROTOCOL);
}

TEST(says_which_alert_came) {
  tlstream__failure_context scene = quiet;
  scene.alert_received = 48;
  scene.alert_sent = 42;
  raise_error(ERR_LIB_SSL, SSL_R_TLSV1_ALERT_UNKNOWN_CA);
  tlstream_error error = explain(&scene);
  CHECK_ERROR(error.code, TLSTREAM_ERR_ALERT);
  CHECK_INT(error.alert, 48);
  CHECK_INT(error.alert_side, TLSTREAM_ALERT_THEIRS);
  CHECK_HAS(error.message, "peer: alert unknown_ca (48): it does not trust");
  raise_error(ERR_LIB_SSL, SSL_R_TLSV1_ALERT_UNKNOWN_CA);
  CHECK_ERROR(tlstream__ossl_explain(NULL, &scene), TLSTREAM_ERR_ALERT);
  check_queue_is_empty();
}

TEST(says_which_alert_was_sent) {
  tlstream__failure_context scene = quiet;
  scene.alert_sent = 20;
  raise_error(ERR_LIB_SSL, SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC);
  tlstream_error error = explain(&scene);
  CHECK_ERROR(error.code, TLSTREAM_ERR_BAD_RECORD);
  CHECK_INT(error.alert, 20);
  CHECK_INT(error.alert_side, TLSTREAM_ALERT_OURS);
  raise_error(ERR_LIB_SSL, SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC);
  CHECK_ERROR(tlstream__ossl_explain(NULL, &scene), TLSTREAM_ERR_BAD_RECORD);
  scene.alert_sent = -1;
  raise_error(ERR_LIB_SSL, SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC);
  error = explain(&scene);
  CHECK_INT(error.alert, -1);
  CHECK_INT(error.alert_side, TLSTREAM_ALERT_NONE);
}

TEST(has_its_own_words_for_what_happens_often) {
  static const struct {
    int reason;
    int code;
  } rows[] = {
      {SSL_R_UNSUPPORTED_PROTOCOL, TLSTREAM_ERR_NO_SHARED_VERSION},
      {SSL_R_VERSION_TOO_LOW, TLSTREAM_ERR_NO_SHARED_VERSION},
      {SSL_R_VERSION_TOO_HIGH, TLSTREAM_ERR_NO_SHARED_VERSION},
      {SSL_R_WRONG_VERSION_NUMBER, TLSTREAM_ERR_BAD_RECORD},
      {SSL_R_NO_SHARED_CIPHER, TLSTREAM_ERR_NO_SHARED_CIPHER},
      {SSL_R_NO_SHARED_GROUPS, TLSTREAM_ERR_NO_SHARED_CIPHER},
      {SSL_R_NO_SUITABLE_KEY_SHARE, TLSTREAM_ERR_NO_SHARED_CIPHER},
      {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, TLSTREAM_ERR_NO_SHARED_CIPHER},
      {SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, TLSTREAM_ERR_NO_SHARED_CIPHER},
      {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE,
       TLSTREAM_ERR_NO_PEER_CERTIFICATE},
      {SSL_R_DECRYPTION_FAILED, TLSTREAM_ERR_BAD_RECORD},
      {SSL_R_BAD_RECORD_TYPE, TLSTREAM_ERR_BAD_RECORD},
      {SSL_R_RECORD_TOO_SMALL, TLSTREAM_ERR_FLOOD},
      {SSL_R_TOO_MANY_WARN_ALERTS, TLSTREAM_ERR_FLOOD},
      {SSL_R_NO_RENEGOTIATION, TLSTREAM_ERR_PROTOCOL},
      {SSL_R_NO_APPLICATION_PROTOCOL, TLSTREAM_ERR_NO_SHARED_PROTOCOL},
      {SSL_R_LENGTH_MISMATCH, TLSTREAM_ERR_PROTOCOL},
  };
  EACH_ROW(i, rows) {
    raise_error(ERR_LIB_SSL, rows[i].reason);
    CHECK_INT(explain(&quiet).code, rows[i].code);
  }
  raise_error(ERR_LIB_SSL, SSL_R_LENGTH_MISMATCH);
  CHECK_STR(explain(&quiet).message,
            "the peer broke the protocol: length mismatch");
  CHECK_ERROR(explain(&quiet).code, TLSTREAM_ERR_INTERNAL);
  CHECK_HAS(explain(&quiet).message, "OpenSSL gave no reason");
}

/* In a handshake OpenSSL uses this reason for the chosen version too. */
TEST(distinguishes_a_wrong_version_from_no_record) {
  tlstream__failure_context early = quiet;
  early.handshaking = true;
  raise_error(ERR_LIB_SSL, SSL_R_WRONG_VERSION_NUMBER);
  CHECK_ERROR(explain(&early).code, TLSTREAM_ERR_NO_SHARED_VERSION);
}

/* What newer versions of OpenSSL put behind the reason is none. */
TEST(looks_behind_a_failure_of_the_record_layer) {
  enum { RECORD_LAYER_FAILURE = 313 };
  raise_error(ERR_LIB_SSL, SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC);
  raise_error(ERR_LIB_SSL, RECORD_LAYER_FAILURE);
  CHECK_ERROR(explain(&quiet).code, TLSTREAM_ERR_BAD_RECORD);
}

/* The provider's refusal comes first, OpenSSL's own failure last. */
TEST(takes_a_record_that_is_too_short_for_a_bad_one) {
  static const int reasons[] = {PROV_R_INVALID_AAD, PROV_R_INVALID_DATA};
  tlstream__failure_context scene = quiet;
  scene.alert_sent = SSL_AD_INTERNAL_ERROR;
  EACH_ROW(i, reasons) {
    raise_error(ERR_LIB_PROV, reasons[i]);
    raise_error(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR);
    CHECK_ERROR(explain(&scene).code, TLSTREAM_ERR_BAD_RECORD);
    raise_error(ERR_LIB_PROV, reasons[i]);
    raise_error(ERR_LIB_ASN1, ERR_R_INTERNAL_ERROR);
    CHECK_ERROR(explain(&scene).code, TLSTREAM_ERR_INTERNAL);
  }
  raise_error(ERR_LIB_PROV, PROV_R_INVALID_KEY);
  raise_error(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR);
  CHECK_ERROR(explain(&scene).code, TLSTREAM_ERR_INTERNAL);
}

/* Since 3.2 the failure of another library has no text of its own. */
TEST(looks_behind_the_failure_of_another_library) {
  enum { NO_SUCH_LIBRARY = 200 };
  tlstream_error error;
  raise_error(ERR_LIB_SSL, SSL_R_LENGTH_MISMATCH);
  raise_error(ERR_LIB_SSL, NO_SUCH_LIBRARY | ERR_RFLAG_COMMON);
  CHECK_ERROR(tlstream__ossl_failed(&error, "go on"), TLSTREAM_ERR_INTERNAL);
  CHECK_STR(error.message, "cannot go on: length mismatch");
}

TEST(finds_lack_of_memory_anywhere) {
  raise_error(ERR_LIB_SSL, SSL_R_LENGTH_MISMATCH);
  raise_error(ERR_LIB_CRYPTO, ERR_R_MALLOC_FAILURE);
  raise_error(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  CHECK_ERROR(explain(&quiet).code, TLSTREAM_ERR_NO_MEMORY);
  raise_error(ERR_LIB_OSSL_DECODER, ERR_R_INTERNAL_ERROR);
  CHECK_INT(tlstream__ossl_refusal(), TLSTREAM__REFUSED_NO_MEMORY);
  ERR_clear_error();
}

/* Other libraries have other reasons under the same numbers. */
TEST(takes_no_other_librarys_reason_for_its_own) {
  raise_error(ERR_LIB_ASN1, SSL_R_NO_SHARED_CIPHER);
  CHECK_ERROR(explain(&quiet).code, TLSTREAM_ERR_PROTOCOL);
  raise_error(ERR_LIB_ASN1, SSL_R_CALLBACK_FAILED);
  CHECK_HAS(explain(&quiet).message, "asn1 encoding");
}

TEST(says_that_it_was_asked_to_renegotiate) {
  tlstream__failure_context scene = quiet;
  scene.alert_received = 40;
  scene.refused_anew = true;
  raise_error(ERR_LIB_SSL, SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE);
  tlstream_error error = explain(&scene);
  CHECK_ERROR(error.code, TLSTREAM_ERR_RENEGOTIATION);
  CHECK_HAS(error.message, "alert handshake_failure (40): it asked to");
  CHECK_INT(error.alert_side, TLSTREAM_ALERT_THEIRS);
}

static tlstream_error explain_hello(int alert, bool refused, const char *name) {
  tlstream__failure_context scene = quiet;
  scene.is_server = true;
  scene.handshaking = true;
  scene.alert_sent = alert;
  scene.hello_refused = true;
  scene.name_refused = refused;
  scene.servername = name;
  raise_error(ERR_LIB_SSL, SSL_R_CALLBACK_FAILED);
  tlstream_error error = explain(&scene);
  CHECK_INT(error.alert, alert);
  CHECK_INT(error.alert_side, TLSTREAM_ALERT_OURS);
  return error;
}

/* J1: a client chose the name. */
TEST(says_why_a_hello_was_refused) {
  tlstream_error error = explain_hello(112, true, "a.test\x1b[31m\n");
  CHECK_ERROR(error.code, TLSTREAM_ERR_UNKNOWN_NAME);
  CHECK_HAS(error.message, "\"a.test\\x1b[31m\\n\", which is not served");
  error = explain_hello(112, true, NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_UNKNOWN_NAME);
  CHECK_HAS(error.message, "asked for no name");
  error = explain_hello(120, false, "a.test");
  CHECK_ERROR(error.code, TLSTREAM_ERR_NO_SHARED_PROTOCOL);
  CHECK_ERROR(explain_hello(80, false, NULL).code, TLSTREAM_ERR_NO_MEMORY);
  CHECK_ERROR(explain_hello(50, false, NULL).code, TLSTREAM_ERR_PROTOCOL);
}

/* OpenSSL has one reason for all of its callbacks. */
TEST(blames_no_hello_for_another_callback) {
  tlstream__failure_context scene = quiet;
  scene.is_server = true;
  scene.handshaking = true;
  scene.alert_sent = 50;
  raise_error(ERR_LIB_SSL, SSL_R_CALLBACK_FAILED);
  tlstream_error error = explain(&scene);
  CHECK_ERROR(error.code, TLSTREAM_ERR_PROTOCOL);
  CHECK_HAS(error.message, "callback failed");
  scene.alert_sent = 80;
  raise_error(ERR_LIB_SSL, SSL_R_CALLBACK_FAILED);
  CHECK_ERROR(explain(&scene).code, TLSTREAM_ERR_INTERNAL);
}

/* Whatever else is known: memory was the cause. */
TEST(lack_of_memory_explains_everything) {
  tlstream__failure_context scene = quiet;
  scene.handshaking = true;
  scene.alert_received = 40;
  scene.first = (const unsigned char *)"GET /";
  scene.first_len = 5;
  raise_error(ERR_LIB_SSL, ERR_R_MALLOC_FAILURE);
  raise_error(ERR_LIB_SSL, SSL_R_LENGTH_MISMATCH);
  CHECK_ERROR(explain(&scene).code, TLSTREAM_ERR_NO_MEMORY);
}
