/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_ERROR_H
#define TLSTREAM_ERROR_H

#include <stdbool.h>
#include <stdio.h>

#include <tlstream/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What was at fault: the first thing a program wants to know.
 */
typedef enum tlstream_error_class {
  TLSTREAM_CLASS_NONE,
  TLSTREAM_CLASS_SYSTEM,   /* the machine or the network */
  TLSTREAM_CLASS_PEER,     /* the other side refused, or left too early */
  TLSTREAM_CLASS_PROTOCOL, /* what arrived is not proper TLS, or too much */
  TLSTREAM_CLASS_IDENTITY, /* the other side is not authorized */
  TLSTREAM_CLASS_USAGE     /* a call, an option or a file of ours is wrong */
} tlstream_error_class;

/*
 * One row is the whole truth about an error: its symbol, its class, its number
 * and what it means. TLSTREAM_ERR_<symbol> is the constant and
 * "ERR_TLSTREAM_<symbol>" the name. The numbers lie below every number that
 * libuv uses, so that both can travel in one int.
 */
/* clang-format off */
#define TLSTREAM_ERROR_MAP(X)                                                  \
  X(NO_MEMORY,           SYSTEM,   -20000, "out of memory")                    \
  X(SYSTEM,              SYSTEM,   -20001, "the system reported an error")     \
  X(FILE,                SYSTEM,   -20002, "a file cannot be read")            \
  X(CONNECT,             SYSTEM,   -20003, "no connection could be made")      \
  X(CONNECT_TIMEOUT,     SYSTEM,   -20004, "connecting took too long")         \
  X(HANDSHAKE_TIMEOUT,   PEER,     -20005, "the handshake took too long")      \
  X(SEND_TIMEOUT,        PEER,     -20006, "the peer stopped taking data")     \
  X(IDLE_TIMEOUT,        PEER,     -20007, "nothing was heard for too long")   \
  X(TRUNCATED,           PEER,     -20008, "the peer left without close_notify") \
  X(CLOSED_IN_HANDSHAKE, PEER,     -20009, "the peer left during the handshake") \
  X(ALERT,               PEER,     -20010, "the peer sent a fatal alert")      \
  X(NOT_TLS,             PROTOCOL, -20011, "the other side does not speak TLS") \
  X(HTTP,                PROTOCOL, -20012, "the other side speaks HTTP")       \
  X(NO_SHARED_VERSION,   PROTOCOL, -20013, "no TLS version in common")         \
  X(NO_SHARED_CIPHER,    PROTOCOL, -20014, "no cipher suite in common")        \
  X(BAD_RECORD,          PROTOCOL, -20015, "a record is damaged or forged")    \
  X(FLOOD,               PROTOCOL, -20016, "the peer floods the connection")   \
  X(RENEGOTIATION,       PROTOCOL, -20017, "the peer asked to renegotiate")    \
  X(PROTOCOL,            PROTOCOL, -20018, "the peer broke the protocol")      \
  X(UNTRUSTED,           IDENTITY, -20019, "the certificate is not trusted")   \
  X(WRONG_NAME,          IDENTITY, -20020, "the certificate is for another name") \
  X(NO_PEER_CERTIFICATE, IDENTITY, -20021, "the peer sent no certificate")     \
  X(INVALID_ARGUMENT,    USAGE,    -20022, "an argument is not valid")         \
  X(NO_NAME,             USAGE,    -20023, "a client needs a name to check")   \
  X(NO_CERTIFICATE,      USAGE,    -20024, "a server needs a certificate and its key") \
  X(BAD_CERTIFICATE,     USAGE,    -20025, "not a certificate")                \
  X(BAD_KEY,             USAGE,    -20026, "not a private key")                \
  X(KEY_MISMATCH,        USAGE,    -20027, "key and certificate do not belong together") \
  X(PASSPHRASE,          USAGE,    -20028, "the key is encrypted and the passphrase missing or wrong") \
  X(WEAK_KEY,            USAGE,    -20029, "the key or its signature is too weak") \
  X(BAD_CIPHERS,         USAGE,    -20030, "no usable cipher suite in the list") \
  X(BAD_VERSIONS,        USAGE,    -20031, "the TLS versions are not valid")   \
  X(EMPTY_TRUST,         USAGE,    -20032, "nothing in it to trust")           \
  X(WRITE_AFTER_END,     USAGE,    -20033, "writing after the end")            \
  X(CLOSED,              USAGE,    -20034, "the connection is over")           \
  X(WRONG_STATE,         USAGE,    -20035, "not allowed in this state")        \
  X(LISTEN,              SYSTEM,   -20036, "the server cannot listen")         \
  X(INTERNAL,            SYSTEM,   -20037, "the TLS engine failed")            \
  X(BAD_PROTOCOLS,       USAGE,    -20038, "a list of protocols is not valid") \
  X(NO_SHARED_PROTOCOL,  PROTOCOL, -20039, "no application protocol in common") \
  X(UNKNOWN_NAME,        PROTOCOL, -20040, "no host of that name is served")   \
  X(UNSUPPORTED,         USAGE,    -20041, "this build cannot do that")        \
  X(BAD_REQUEST,         USAGE,    -20042, "not a signing request")            \
  X(PLAINTEXT_INJECTED,  PROTOCOL, -20043, "plain text where TLS should begin") \
  X(SERVER_FULL,         SYSTEM,   -20044, "the server has all the connections it may have") \
  X(HALF_CLOSED_TIMEOUT, PEER,     -20045, "the peer neither spoke nor ended after our end") \
  X(CANCELED,            USAGE,    -20046, "it was canceled before it was done") \
  X(CHAIN_TOO_COSTLY,    IDENTITY, -20047, "the rest of the chain would take long to check") \
  X(UNKNOWN_PSK,         IDENTITY, -20060, "the identity of a pre-shared key is not known") \
  X(PSK_MISMATCH,        IDENTITY, -20061, "the two sides have different pre-shared keys") \
  X(KEY_ENCRYPTION,      USAGE,    -20048, "the key is encrypted in a way that this OpenSSL does not load") \
  X(REFUSED_BY_VERIFY,   IDENTITY, -20049, "the application refused the peer's certificate") \
  X(DANE_MISMATCH,       IDENTITY, -20050, "no TLSA record matches the certificate") \
  X(BAD_TICKET_KEYS,     USAGE,    -20051, "not a list of ticket keys")        \
  X(WRONG_SECRET,        USAGE,    -20052, "sealed with another secret, or changed since") \
  X(NO_STAPLE,           IDENTITY, -20053, "the server sent no staple, and one is required") \
  X(BAD_STAPLE,          IDENTITY, -20054, "the staple proves nothing about the certificate") \
  X(OCSP_RESPONSE,       USAGE,    -20055, "an OCSP response cannot be stapled") \
  X(BAD_SESSION,         USAGE,    -20056, "not a session, or not all of it")  \
  X(SESSION_FORMAT,      USAGE,    -20057, "a session of another version of the library") \
  X(SIGNER_FAILED,       SYSTEM,   -20058, "the signer of our certificate's key failed") \
  X(KEY_URI,             USAGE,    -20059, "no private key is found by its URI")
/* clang-format on */

enum tlstream_error_code {
#define X(symbol, kind, code, text) TLSTREAM_ERR_##symbol = (code),
  TLSTREAM_ERROR_MAP(X)
#undef X
};

/**
 * The side that sent the alert of an error.
 */
typedef enum tlstream_alert_side {
  TLSTREAM_ALERT_NONE,
  TLSTREAM_ALERT_OURS,  /* we sent it: what we saw was wrong */
  TLSTREAM_ALERT_THEIRS /* the peer sent it: it did not like what it saw */
} tlstream_alert_side;

/**
 * What went wrong, where, and what to do about it. A plain value: copy it,
 * keep it, nothing in it needs freeing. `code` is 0 when nothing went wrong.
 */
typedef struct tlstream_error {
  int code;   /* one of enum tlstream_error_code, or 0 */
  int system; /* a negative libuv or errno code, or 0 */
  int alert;  /* the TLS alert's number (RFC 8446, section 6), or -1 */
  int verify; /* an X509_V_ERR_ number, or 0 */
  int depth;  /* which certificate: 0 the peer's own, or -1 */
  tlstream_alert_side alert_side;
  /* The peer came and went without a byte, as health checks do: not worth a
   * line in a log. */
  bool quiet;
  /* Stable, for programs: "ERR_TLSTREAM_TRUNCATED", "ECONNREFUSED",
   * "CERT_HAS_EXPIRED" (X.509 errors as OpenSSL and Node spell them). */
  char name[48];
  /* One sentence for people. Bytes that came from the peer are escaped. */
  char message[400];
} tlstream_error;

/**
 * Return the class of `error`: what was at fault.
 *
 * Since: 0.1
 */
TLSTREAM_API tlstream_error_class
tlstream_error_classify(const tlstream_error *error);

/**
 * Return the stable name of `code`, such as "ERR_TLSTREAM_TRUNCATED".
 *
 * A code that is in no row of the table gives "ERR_TLSTREAM_SYSTEM"; the name
 * of such an error is in the `name` of the whole tlstream_error.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_error_name(int code);

/**
 * Return what `code` means, as a clause for a sentence: "connecting took too
 * long". For the result of a call that has no tlstream_error; where there is
 * one, its `message` says more.
 *
 * A code that is in no row of the table, one of libuv's, gives "the system
 * reported an error": ask uv_strerror().
 *
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_error_text(int code);

/**
 * Return the lower-case word for a class: "system", "peer", "protocol",
 * "identity", "usage" or "none".
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_error_class_name(tlstream_error_class kind);

/**
 * Print `error` as one line, "NAME: message", to `out`.
 *
 * Returns 1, so that `return tlstream_error_print(&error, stderr);` ends a
 * main() well.
 *
 * Since: 0.1
 */
TLSTREAM_API int tlstream_error_print(const tlstream_error *error, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
