/* SPDX-License-Identifier: MIT */
#include "core/openssl/ossl.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/proverr.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "base/text.h"
#include "core/openssl/alert.h"

void tlstream__ossl_clear(void) {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

#ifndef SSL_R_RECORD_LAYER_FAILURE
#define SSL_R_RECORD_LAYER_FAILURE 313 /* since OpenSSL 3.2 */
#endif

/* "Record layer failure", or a failure of another library, without a text. */
static bool says_nothing(unsigned long code) {
  if (ERR_COMMON_ERROR(code)) return ERR_reason_error_string(code) == NULL;
  return ERR_GET_LIB(code) == ERR_LIB_SSL &&
         ERR_GET_REASON(code) == SSL_R_RECORD_LAYER_FAILURE;
}

/* Version 3.0.17 does not always report it when it cannot set a decoder up;
 * that is before it looks at what is to be decoded. */
static bool is_for_memory(unsigned long code) {
  return ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE ||
         (ERR_GET_LIB(code) == ERR_LIB_OSSL_DECODER &&
          ERR_GET_REASON(code) == ERR_R_INTERNAL_ERROR);
}

/* The last error in the queue is the reason; but newer versions put errors
 * without a reason behind it, and an allocation that failed may be anywhere.
 * OpenSSL can only take from the front. */
static void put_the_reason_last(void) {
  enum { MOST = 32 }; /* OpenSSL keeps 16 */
  unsigned long all[MOST];
  unsigned long memory = 0;
  size_t count = 0;
  while (count < MOST && (all[count] = ERR_get_error()) != 0)
    count++;
  for (size_t i = 0; i < count; i++) {
    if (is_for_memory(all[i])) memory = all[i];
    if (i > 0 && says_nothing(all[i])) continue;
    ERR_raise(ERR_GET_LIB(all[i]), ERR_GET_REASON(all[i]));
  }
  if (memory != 0) ERR_raise(ERR_GET_LIB(memory), ERR_GET_REASON(memory));
}

/* OpenSSL's texts are "lower case words"; a code without a text still has the
 * library that it comes from. */
void tlstream__ossl_reason(char *out, size_t cap) {
  unsigned long code = ERR_peek_last_error();
  const char *reason = ERR_reason_error_string(code);
  const char *library = ERR_lib_error_string(code);
  if (reason != NULL) {
    snprintf(out, cap, "%s", reason);
  } else if (library != NULL) {
    snprintf(out, cap, "a failure in OpenSSL's %s", library);
  } else {
    snprintf(out, cap, "OpenSSL gave no reason");
  }
}

static bool out_of_memory(void) {
  return is_for_memory(ERR_peek_last_error());
}

int tlstream__ossl_failed(tlstream_error *error, const char *doing) {
  char reason[160];
  int code = TLSTREAM_ERR_INTERNAL;
  put_the_reason_last();
  /* Nothing in the queue: the failure was an allocation of ours. */
  if (ERR_peek_error() == 0 || out_of_memory()) {
    code = tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  } else {
    tlstream__ossl_reason(reason, sizeof(reason));
    tlstream__error_set(error, code, "cannot %s: %s", doing, reason);
  }
  tlstream__ossl_clear();
  return code;
}

tlstream__refusal tlstream__ossl_refusal(void) {
  put_the_reason_last();
  unsigned long code = ERR_peek_last_error();
  int reason = ERR_GET_REASON(code);
  if (out_of_memory()) return TLSTREAM__REFUSED_NO_MEMORY;
  switch (ERR_GET_LIB(code)) {
    case ERR_LIB_X509:
      if (reason == X509_R_KEY_VALUES_MISMATCH ||
          reason == X509_R_KEY_TYPE_MISMATCH) {
        return TLSTREAM__REFUSED_MISMATCH;
      }
      break;
    case ERR_LIB_SSL:
      if (reason == SSL_R_EE_KEY_TOO_SMALL ||
          reason == SSL_R_CA_KEY_TOO_SMALL || reason == SSL_R_CA_MD_TOO_WEAK) {
        return TLSTREAM__REFUSED_WEAK;
      }
      if (reason == SSL_R_NOT_REPLACING_CERTIFICATE) {
        return TLSTREAM__REFUSED_SAME_KIND;
      }
      if (reason == SSL_R_UNKNOWN_CERTIFICATE_TYPE) {
        return TLSTREAM__REFUSED_ODD_KIND;
      }
      break;
    default: break;
  }
  return TLSTREAM__REFUSED_OTHER;
}

/* One that is not loaded, such as RC2, or has no name here. */
static bool names_missing_algorithm(unsigned long code) {
  int reason = ERR_GET_REASON(code);
  switch (ERR_GET_LIB(code)) {
    case ERR_LIB_EVP:
      return reason == ERR_R_UNSUPPORTED ||
             reason == EVP_R_UNKNOWN_PBE_ALGORITHM ||
             reason == EVP_R_UNSUPPORTED_CIPHER ||
             reason == EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION ||
             reason == EVP_R_UNSUPPORTED_PRF;
    case ERR_LIB_PEM:
      return reason == PEM_R_UNSUPPORTED_CIPHER ||
             reason == PEM_R_UNSUPPORTED_ENCRYPTION;
    case ERR_LIB_PKCS12: return reason == PKCS12_R_UNKNOWN_DIGEST_ALGORITHM;
    default: return false;
  }
}

/* OpenSSL's data is "..., Algorithm (RC2-40-CBC : 0), ...". */
static void copy_algorithm(char *out, size_t cap, const char *data, int flags) {
  static const char before[] = "Algorithm (";
  const char *at = (flags & ERR_TXT_STRING) != 0 ? strstr(data, before) : NULL;
  if (at == NULL) return;
  at += strlen(before);
  snprintf(out, cap, "%.*s", (int)strcspn(at, " :)"), at);
}

static bool find_missing_algorithm(char *name, size_t cap) {
  enum { MOST = 32 }; /* OpenSSL keeps 16 */
  unsigned long all[MOST];
  const char *data = NULL;
  int flags = 0;
  size_t count = 0;
  bool found = false;
  while (count < MOST && (all[count] = ERR_get_error_all(NULL, NULL, NULL,
                                                         &data, &flags)) != 0) {
    bool is_that = names_missing_algorithm(all[count++]);
    if (is_that && !found) copy_algorithm(name, cap, data, flags);
    found = found || is_that;
  }
  for (size_t i = 0; i < count; i++)
    ERR_raise(ERR_GET_LIB(all[i]), ERR_GET_REASON(all[i]));
  return found;
}

int tlstream__ossl_explain_encryption(tlstream_error *error, const char *label,
                                      const char *cure) {
  char name[64] = "an algorithm";
  if (!find_missing_algorithm(name, sizeof(name))) return 0;
  if (tlstream__ossl_refusal() == TLSTREAM__REFUSED_NO_MEMORY) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  return tlstream__error_set(
      error, TLSTREAM_ERR_KEY_ENCRYPTION,
      "%s: it is encrypted with %s, which this OpenSSL does not load: %s",
      label, name, cure);
}

tlstream__outcome tlstream__ossl_outcome(const SSL *ssl, int result) {
  if (result > 0) return TLSTREAM__DONE;
  switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ: return TLSTREAM__AGAIN;
    case SSL_ERROR_ZERO_RETURN: return TLSTREAM__ENDED;
    case SSL_ERROR_WANT_CLIENT_HELLO_CB:
    case SSL_ERROR_WANT_RETRY_VERIFY: return TLSTREAM__SUSPENDED;
    default: return TLSTREAM__FAILED;
  }
}

static bool looks_like_text(const unsigned char *bytes, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if (!isprint(bytes[i]) && !isspace(bytes[i])) return false;
  }
  return len > 0;
}

/* At least the five bytes of a record's header are here, perhaps no more. */
static bool looks_like_http(const unsigned char *bytes, size_t len) {
  static const char *const starts[] = {"HTTP/",    "GET ",     "POST ",
                                       "HEAD ",    "PUT ",     "DELETE ",
                                       "CONNECT ", "OPTIONS ", "PATCH "};
  for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
    size_t n = strlen(starts[i]);
    if (n > len) n = len;
    if (n >= 4 && memcmp(bytes, starts[i], n) == 0) return true;
  }
  return false;
}

/* Something that is not TLS at all arrived instead of the first message. */
static int explain_foreign(tlstream_error *error,
                           const tlstream__failure_context *at) {
  char shown[64];
  tlstream_escape(shown, sizeof(shown), at->first, at->first_len);
  if (looks_like_http(at->first, at->first_len)) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_HTTP,
        "the other side speaks HTTP, not TLS (it said \"%s\"): %s", shown,
        at->is_server ? "the client should use https"
                      : "is this the port for TLS?");
  }
  return tlstream__error_set(
      error, TLSTREAM_ERR_NOT_TLS,
      "the other side does not speak TLS (it began with \"%s\"): is this the "
      "right port%s?",
      shown,
      looks_like_text(at->first, at->first_len) ? ", or does it want STARTTLS"
                                                : "");
}

/* A TLS connection starts with a handshake record (22) or, at worst, with an
 * alert (21), of major version 3. */
static bool began_with_tls(const tlstream__failure_context *at) {
  if (at->first_len == 0) return true;
  return (at->first[0] == 22 || at->first[0] == 21) &&
         (at->first_len < 2 || at->first[1] == 3);
}

static int explain_alert(tlstream_error *error,
                         const tlstream__failure_context *at) {
  int number = at->alert_received;
  int code = tlstream__error_set(
      error, at->refused_anew ? TLSTREAM_ERR_RENEGOTIATION : TLSTREAM_ERR_ALERT,
      "peer: alert %s (%d): %s", tlstream__alert_name(number), number,
      at->refused_anew ? "it asked to renegotiate, which is never done here"
                       : tlstream__alert_hint(number));
  if (error != NULL) {
    error->alert = number;
    error->alert_side = TLSTREAM_ALERT_THEIRS;
  }
  return code;
}

/* OpenSSL's reason to one of our codes, where ours is more exact than "broke
 * the protocol". */
static const struct {
  int reason;
  int code;
  const char *text;
} translations[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, TLSTREAM_ERR_NO_SHARED_VERSION,
     "the peer offers no TLS version that is allowed here (see min_version "
     "and max_version)"},
    {SSL_R_VERSION_TOO_LOW, TLSTREAM_ERR_NO_SHARED_VERSION,
     "the peer's TLS version is too old to be allowed here"},
    {SSL_R_VERSION_TOO_HIGH, TLSTREAM_ERR_NO_SHARED_VERSION,
     "the peer chose a TLS version that is not allowed here"},
    {SSL_R_WRONG_VERSION_NUMBER, TLSTREAM_ERR_NO_SHARED_VERSION,
     "the peer chose a TLS version that is not allowed here"},
    {SSL_R_NO_SHARED_CIPHER, TLSTREAM_ERR_NO_SHARED_CIPHER,
     "the peer offers no cipher suite that is allowed here and fits our "
     "certificate"},
    {SSL_R_NO_SHARED_GROUPS, TLSTREAM_ERR_NO_SHARED_CIPHER,
     "the peer offers no key exchange group that is allowed here"},
    {SSL_R_NO_SUITABLE_KEY_SHARE, TLSTREAM_ERR_NO_SHARED_CIPHER,
     "the peer offers no key exchange group that is allowed here"},
    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, TLSTREAM_ERR_NO_SHARED_CIPHER,
     "the peer takes no signature that our key can make"},
    {SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, TLSTREAM_ERR_NO_SHARED_CIPHER,
     "the peer takes no signature that our key can make"},
    {SSL_R_NO_APPLICATION_PROTOCOL, TLSTREAM_ERR_NO_SHARED_PROTOCOL,
     "the peer offers no application protocol (ALPN) that is spoken here"},
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, TLSTREAM_ERR_NO_PEER_CERTIFICATE,
     "the peer sent no certificate, and one is required here"},
    {SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, TLSTREAM_ERR_BAD_RECORD,
     "a record from the peer is damaged or forged"},
    {SSL_R_DECRYPTION_FAILED, TLSTREAM_ERR_BAD_RECORD,
     "a record from the peer is damaged or forged"},
    {SSL_R_BAD_RECORD_TYPE, TLSTREAM_ERR_BAD_RECORD,
     "a record from the peer is of no known type"},
    {SSL_R_RECORD_TOO_SMALL, TLSTREAM_ERR_FLOOD,
     "the peer sent too many empty records in a row"},
    {SSL_R_TOO_MANY_WARN_ALERTS, TLSTREAM_ERR_FLOOD,
     "the peer sent too many warnings in a row"},
    {SSL_R_NO_RENEGOTIATION, TLSTREAM_ERR_PROTOCOL,
     "the peer broke the protocol: it refused a renegotiation that was not "
     "requested"},
};

/* The alert internal_error means the same. Where there was no memory even for
 * an alert, the reason is one that all of OpenSSL's libraries share, or (since
 * 3.2) there is none: what a peer does wrong always has one. */
static bool is_our_fault(const tlstream__failure_context *at) {
  if (at->alert_sent >= 0) return at->alert_sent == SSL_AD_INTERNAL_ERROR;
  unsigned long code = ERR_peek_last_error();
  return code == 0 || ERR_COMMON_ERROR(code);
}

/* Before the first message OpenSSL has the same reason for a version. */
static int explain_no_record(tlstream_error *error) {
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_RECORD,
                             "what arrived is no TLS record: it is damaged, or "
                             "not the peer's");
}

static int explain_reason(tlstream_error *error, int reason,
                          const tlstream__failure_context *at) {
  char words[160];
  if (reason == SSL_R_WRONG_VERSION_NUMBER && !at->handshaking) {
    return explain_no_record(error);
  }
  for (size_t i = 0; i < sizeof(translations) / sizeof(translations[0]); i++) {
    if (translations[i].reason != reason) continue;
    return tlstream__error_set(error, translations[i].code, "%s",
                               translations[i].text);
  }
  tlstream__ossl_reason(words, sizeof(words));
  if (is_our_fault(at)) {
    return tlstream__error_set(error, TLSTREAM_ERR_INTERNAL,
                               "the TLS engine failed: %s", words);
  }
  return tlstream__error_set(error, TLSTREAM_ERR_PROTOCOL,
                             "the peer broke the protocol: %s", words);
}

/* A record of TLS 1.2 that is shorter than its cipher's nonce and tag: the
 * provider refuses it before it decrypts anything, and OpenSSL (3.0.19) takes
 * that for a failure of its own. */
static bool is_too_short_to_decrypt(void) {
  unsigned long first = ERR_peek_error();
  unsigned long last = ERR_peek_last_error();
  return ERR_GET_LIB(first) == ERR_LIB_PROV &&
         (ERR_GET_REASON(first) == PROV_R_INVALID_AAD ||
          ERR_GET_REASON(first) == PROV_R_INVALID_DATA) &&
         ERR_GET_LIB(last) == ERR_LIB_SSL &&
         ERR_GET_REASON(last) == ERR_R_INTERNAL_ERROR;
}

/* Reasons are numbered for each library by itself. */
static int ssl_reason(void) {
  unsigned long code = ERR_peek_last_error();
  if (is_too_short_to_decrypt()) {
    return SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC;
  }
  return ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
}

static void add_own_alert(tlstream_error *error,
                          const tlstream__failure_context *at) {
  if (error == NULL || at->alert_sent < 0) return;
  error->alert = at->alert_sent;
  error->alert_side = TLSTREAM_ALERT_OURS;
}

static int explain_name(tlstream_error *error,
                        const tlstream__failure_context *at) {
  char shown[128];
  const char *name = at->servername;
  if (name == NULL) {
    return tlstream__error_set(error, TLSTREAM_ERR_UNKNOWN_NAME,
                               "the client asked for no name (SNI), and one is "
                               "required here");
  }
  return tlstream__error_set(
      error, TLSTREAM_ERR_UNKNOWN_NAME,
      "the client asked for \"%s\", which is not served here",
      tlstream_escape(shown, sizeof(shown), name, strlen(name)));
}

/* OpenSSL has one reason for all that the ClientHello callback refuses. */
static int explain_hello(tlstream_error *error,
                         const tlstream__failure_context *at) {
  if (at->name_refused) return explain_name(error, at);
  if (at->alert_sent == SSL_AD_NO_APPLICATION_PROTOCOL) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_NO_SHARED_PROTOCOL, "%s",
        at->protocols_refused
            ? "the client offers no application protocol (ALPN) that is spoken "
              "here"
            : "the client does not speak ALPN, and it is required here");
  }
  if (at->alert_sent == SSL_AD_INTERNAL_ERROR) {
    return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  }
  return tlstream__error_set(
      error, TLSTREAM_ERR_PROTOCOL, "the peer broke the protocol: %s",
      at->alert_sent == SSL_AD_ILLEGAL_PARAMETER
          ? "its ClientHello lists over 1,024 cipher suites, groups or "
            "signature algorithms"
          : "the server name that it asks for is malformed");
}

static int explain_psk(tlstream_error *error, int code, const char *what,
                       const tlstream__failure_context *at) {
  char shown[128];
  const char *identity = at->psk_identity != NULL ? at->psk_identity : "";
  tlstream_escape(shown, sizeof(shown), identity, strlen(identity));
  return tlstream__error_set(error, code, "the client's PSK identity \"%s\" %s",
                             shown, what);
}

/* In TLS 1.2 the first record that is encrypted shows it. */
static bool is_psk_mismatch(const tlstream__failure_context *at, int reason) {
  return at->psk_known && at->handshaking &&
         (reason == SSL_R_BINDER_DOES_NOT_VERIFY ||
          reason == SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC);
}

/* Was it the alert that ended it? An earlier one may have been a warning. */
static bool is_by_alert(const tlstream__failure_context *at) {
  return at->alert_received > 0 &&
         ERR_GET_REASON(ERR_peek_last_error()) ==
             SSL_AD_REASON_OFFSET + at->alert_received;
}

int tlstream__ossl_explain(tlstream_error *error,
                           const tlstream__failure_context *at) {
  int code = 0;
  put_the_reason_last();
  if (out_of_memory()) {
    code = tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  } else if (at->handshaking && !began_with_tls(at)) {
    code = explain_foreign(error, at);
  } else if (is_by_alert(at)) {
    code = explain_alert(error, at);
  } else if (at->alert_sent == SSL_AD_UNKNOWN_PSK_IDENTITY) {
    code =
        explain_psk(error, TLSTREAM_ERR_UNKNOWN_PSK, "is not known here", at);
    add_own_alert(error, at);
  } else if (is_psk_mismatch(at, ssl_reason())) {
    code = explain_psk(error, TLSTREAM_ERR_PSK_MISMATCH,
                       "has another key here, or another hash", at);
    add_own_alert(error, at);
  } else if (at->hello_refused && ssl_reason() == SSL_R_CALLBACK_FAILED) {
    code = explain_hello(error, at);
    add_own_alert(error, at);
  } else {
    code = explain_reason(error, ssl_reason(), at);
    add_own_alert(error, at);
  }
  tlstream__ossl_clear();
  return code;
}
