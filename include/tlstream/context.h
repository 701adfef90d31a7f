/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CONTEXT_H
#define TLSTREAM_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <tlstream/error.h>
#include <tlstream/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Credentials and policy: keys, chains, trust and versions. Built once and
 * never changed, so one context serves any number of connections, clients and
 * servers, on any number of threads. Node's SecureContext.
 *
 * Ownership: reference counted; every call that keeps a context takes a
 * reference of its own.
 */
typedef struct tlstream_context tlstream_context;

/**
 * Bytes and how many: a PEM text from memory. It need not end in a NUL.
 */
typedef struct tlstream_bytes {
  const void *data;
  size_t len;
} tlstream_bytes;

/**
 * The protocol versions, in their order. The default is TLS 1.2 to TLS 1.3;
 * what is older is not offered.
 */
typedef enum tlstream_version {
  TLSTREAM_VERSION_DEFAULT = 0,
  TLSTREAM_TLS_1_2 = 12,
  TLSTREAM_TLS_1_3 = 13
} tlstream_version;

/**
 * Return "TLSv1.2", "TLSv1.3" or "" as Node's getProtocol() spells them.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_version_name(tlstream_version version);

/**
 * What a context is made of. Zero is the secure default everywhere: no key,
 * the system's roots, TLS 1.2 and 1.3, peers that fail verification refused.
 * Everything is copied; keys are wiped with the last reference.
 */
typedef struct tlstream_context_options {
  size_t size; /* sizeof(tlstream_context_options); the macros set it */

  /* Our certificate, followed by its intermediates, and its private key: a
   * PEM file or PEM bytes, not both. */
  const char *key_file;
  const char *cert_file;
  tlstream_bytes key;
  tlstream_bytes cert;
  /* For an encrypted key. Without it such a key is an error; nobody is ever
   * asked on a terminal. */
  const char *passphrase;

  /* Whom to trust: a PEM file and PEM bytes with one certificate or more. Given
   * any, they replace the system's roots unless `add_system_roots` is set. */
  const char *ca_file;
  tlstream_bytes ca;
  bool add_system_roots;

  tlstream_version min_version;
  tlstream_version max_version;
  /* OpenSSL's list syntax for TLS 1.2 ("ECDHE+AESGCM") and for TLS 1.3
   * ("TLS_AES_128_GCM_SHA256"). NULL: strong suites with forward secrecy. */
  const char *ciphers;
  const char *ciphersuites;

  /* As a server: ask every client for a certificate, and refuse clients
   * without a valid one. Who may come in is decided by `ca_file` and `ca`. */
  bool request_certificate;

  /* Let peers in although verification failed or there was nothing to verify.
   * Look at tlstream_authorized() before trusting such a peer with anything. */
  bool insecure_allow_unauthorized;

  /* Take the end of the transport for the end of the data: an attacker on the
   * network can then cut what the peer says without being noticed. */
  bool insecure_allow_truncation;

  /* As if it were then, in seconds since 1970, when certificates are judged;
   * 0 is now. For tests and for machines without a clock. */
  long long verify_time;
} tlstream_context_options;

/* For C: tlstream_context_new(TLSTREAM_CONTEXT(.ca_file = "ca.pem"), &error) */
#define TLSTREAM_CONTEXT(...)                                            \
  (&(tlstream_context_options){.size = sizeof(tlstream_context_options), \
                               __VA_ARGS__})
/* For C++ and for a variable of one's own. */
#define TLSTREAM_CONTEXT_OPTIONS_INIT \
  { sizeof(tlstream_context_options) }

/**
 * Make a context.
 *
 * `options` may be NULL for the defaults. On failure the result is NULL and
 * `error`, which may be NULL, says which file or option is wrong and why;
 * nothing is half loaded.
 *
 * Ownership: release with tlstream_context_unref().
 * Errors: FILE, BAD_CERTIFICATE, BAD_KEY, KEY_MISMATCH, PASSPHRASE, WEAK_KEY,
 * EMPTY_TRUST, BAD_VERSIONS, BAD_CIPHERS, INVALID_ARGUMENT, NO_MEMORY.
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_CHECK tlstream_context *
tlstream_context_new(const tlstream_context_options *options,
                     tlstream_error *error);

/**
 * Take another reference, and return the context.
 *
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API tlstream_context *tlstream_context_ref(tlstream_context *context);

/**
 * Give a reference back; the last one frees the context. NULL is a no-op.
 *
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_context_unref(tlstream_context *context);

#ifdef __cplusplus
}
#endif

#endif
