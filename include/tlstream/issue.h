/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_ISSUE_H
#define TLSTREAM_ISSUE_H

#include <stdbool.h>
#include <stddef.h>

#include <tlstream/certificate.h>
#include <tlstream/context.h>
#include <tlstream/error.h>
#include <tlstream/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What was made: PEM texts, each ending in a NUL that its length does not
 * count. What a call does not make is NULL.
 */
typedef struct tlstream_issued {
  char *key;
  size_t key_len;
  char *cert;
  size_t cert_len;
  char *request;
  size_t request_len;
} tlstream_issued;

/**
 * Wipe and release what was made. Safe on a zeroed struct, and leaves it
 * zeroed.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_issued_clear(tlstream_issued *issued);

/**
 * The kinds of private keys that can be made.
 */
typedef enum tlstream_key_type {
  TLSTREAM_KEY_P256, /* ECDSA: small, fast, known everywhere */
  TLSTREAM_KEY_P384,
  TLSTREAM_KEY_ED25519, /* not every peer knows it */
  TLSTREAM_KEY_RSA      /* for peers that know nothing else */
} tlstream_key_type;

/**
 * A new private key. Zero gives one of P-256, not encrypted.
 */
typedef struct tlstream_issue_key_options {
  size_t size; /* sizeof(tlstream_issue_key_options); the macro sets it */

  tlstream_key_type type;
  int rsa_bits; /* 2048 to 8192; 0 is 3072 */
  /* Encrypts it (AES-256, PBKDF2), if given: 1 to 1024 bytes. */
  const char *passphrase;
} tlstream_issue_key_options;

#define TLSTREAM_ISSUE_KEY(...)                                              \
  (&(tlstream_issue_key_options){.size = sizeof(tlstream_issue_key_options), \
                                 __VA_ARGS__})
#define TLSTREAM_ISSUE_KEY_OPTIONS_INIT \
  TLSTREAM_OPTIONS_INIT(tlstream_issue_key_options)

/**
 * Make a private key: `issued->key`, PKCS#8.
 *
 * `options` may be NULL for the defaults; `issued` is written only on success.
 * Returns 0 or a negative code.
 *
 * Ownership: `issued` is the caller's; release with tlstream_issued_clear().
 * Errors: INVALID_ARGUMENT, NO_MEMORY, INTERNAL.
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_issue_key(const tlstream_issue_key_options *options,
                   tlstream_issued *issued, tlstream_error *error);

/**
 * What a signing request asks for: a certificate for these names and this key.
 */
typedef struct tlstream_issue_request_options {
  size_t size; /* sizeof(tlstream_issue_request_options); the macro sets it */

  /* The subject's common name; NULL takes the first of `hosts` that fits. */
  const char *common_name;
  /* As in tlstream_issue_options. */
  const char *const *hosts;
  size_t host_count;

  tlstream_bytes key;     /* the private key, PEM */
  const char *passphrase; /* opens it, if it is encrypted */
} tlstream_issue_request_options;

#define TLSTREAM_ISSUE_REQUEST(...)   \
  (&(tlstream_issue_request_options){ \
      .size = sizeof(tlstream_issue_request_options), __VA_ARGS__})
#define TLSTREAM_ISSUE_REQUEST_OPTIONS_INIT \
  TLSTREAM_OPTIONS_INIT(tlstream_issue_request_options)

/**
 * Make a signing request (PKCS#10): `issued->request`, to be sent to the
 * authority that signs it. The private key stays where it is.
 *
 * `issued` is written only on success. Returns 0 or a negative code.
 *
 * Ownership: `issued` is the caller's; release with tlstream_issued_clear().
 * Errors: INVALID_ARGUMENT, BAD_KEY, WEAK_KEY, PASSPHRASE, NO_MEMORY, INTERNAL.
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_issue_request(const tlstream_issue_request_options *options,
                       tlstream_issued *issued, tlstream_error *error);

/**
 * Which ends of a connection a certificate may stand at.
 */
typedef enum tlstream_issue_purpose {
  TLSTREAM_FOR_BOTH,
  TLSTREAM_FOR_SERVERS, /* needs a DNS name or an address */
  TLSTREAM_FOR_CLIENTS
} tlstream_issue_purpose;

/**
 * The content of a new certificate. Zero gives a self-signed leaf for no name
 * that is good for 30 days; name at least one host.
 */
typedef struct tlstream_issue_options {
  size_t size; /* sizeof(tlstream_issue_options); the macro sets it */

  /* The subject's common name; NULL takes the first of `hosts` that fits. */
  const char *common_name;
  /* DNS names ("example.com", "*.example.com"), addresses ("127.0.0.1"), and
   * for clients also e-mail addresses ("a@example.com") and URIs
   * ("spiffe://example.com/a"): they become subjectAltName entries of their
   * kind. */
  const char *const *hosts;
  size_t host_count;

  tlstream_issue_purpose purpose; /* of a leaf */
  bool is_ca;                     /* a certificate authority, without hosts */
  /* Days that it is valid, at most 3650 and never longer than its signer; 0 is
   * 30, for an authority 3650, or what the one above it has left if that is
   * less. */
  int days;

  /* A signing request, PEM or DER: its key is certified, and its subject and
   * names too, unless `hosts` or `common_name` replace them; nothing else of
   * what it asks for. Without an authority, `key` has to be its key. */
  tlstream_bytes request;

  /* A private key to use, PEM; empty: a fresh one is made. */
  tlstream_bytes key;
  const char *passphrase;     /* opens `key`, or encrypts the fresh one */
  tlstream_key_type key_type; /* of the fresh one */
  int rsa_bits;               /* 2048 to 8192; 0 is 3072 */

  /* The authority that signs it, PEM: its certificate, followed by those that
   * lead to the root, and its key. Both empty: it signs itself. */
  tlstream_bytes ca_cert;
  tlstream_bytes ca_key;
  const char *ca_passphrase; /* opens `ca_key`, if it is encrypted */
} tlstream_issue_options;

#define TLSTREAM_ISSUE(...)                                          \
  (&(tlstream_issue_options){.size = sizeof(tlstream_issue_options), \
                             __VA_ARGS__})
#define TLSTREAM_ISSUE_OPTIONS_INIT \
  TLSTREAM_OPTIONS_INIT(tlstream_issue_options)

/**
 * Make a certificate: `issued->cert`, and `issued->key` if its key is a fresh
 * one. Behind the certificate come those of the authority that a peer needs to
 * get from it to the root, so that the text can be served as it is.
 *
 * The serial number has 127 random bits; the certificate passes `openssl
 * verify -x509_strict`. A request has to be signed with the key that it is for.
 * `issued` is written only on success. Returns 0 or a negative code.
 *
 * Ownership: `issued` is the caller's; release with tlstream_issued_clear(),
 * which wipes the key.
 * Errors: INVALID_ARGUMENT, BAD_CERTIFICATE, BAD_REQUEST, BAD_KEY, WEAK_KEY,
 * KEY_MISMATCH, PASSPHRASE, NO_MEMORY, INTERNAL.
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED int
tlstream_issue(const tlstream_issue_options *options, tlstream_issued *issued,
               tlstream_error *error);

/**
 * A signing request, to look at before it is signed. Its maker chose
 * every name in it; only that they have the key is certain.
 *
 * Ownership: what the questions return is borrowed from the request.
 * Thread: any, one at a time.
 */
typedef struct tlstream_request tlstream_request;

/**
 * Read a request from PEM text (the first one in it) or from DER bytes, and
 * check that it is signed with the key that it is for.
 *
 * Ownership: the caller's; release with tlstream_request_free().
 * Errors: BAD_REQUEST, NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream_request *
tlstream_request_parse(const void *data, size_t len, tlstream_error *error);

/**
 * Release the request. NULL is a no-op.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_request_free(tlstream_request *request);

/**
 * Return the subject that is asked for; `count` receives how many parts.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_name_entry *
tlstream_request_subject(const tlstream_request *request, size_t *count);

/**
 * Return the names and addresses that it is to be good for; `count` receives
 * how many.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_alt_name *
tlstream_request_alt_names(const tlstream_request *request, size_t *count);

/**
 * Return the key that it is to certify.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_public_key *
tlstream_request_public_key(const tlstream_request *request);

/**
 * Return the request as one JSON object, with the names that
 * tlstream_certificate_json() has for the same things, or NULL when memory is
 * out.
 *
 * Ownership: the caller's; release with tlstream_free().
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED char *
tlstream_request_json(const tlstream_request *request);

#ifdef __cplusplus
}
#endif

#endif
