/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_SIGNER_H
#define TLSTREAM_SIGNER_H

/* A private key that is elsewhere: in another process, an agent, a hardware
 * security module. The identity has the certificate, and a function that has
 * the key sign. */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * How to sign: the numbers of TLS (RFC 8446, section 4.2.3). An RSA key is
 * asked for PSS, and in TLS 1.2 also for PKCS #1 v1.5. In TLS 1.2 the digest of
 * ECDSA is not bound to the curve of the key.
 */
typedef enum tlstream_signature_scheme {
  TLSTREAM_SIGN_RSA_PKCS1_SHA256 = 0x0401,
  TLSTREAM_SIGN_RSA_PKCS1_SHA384 = 0x0501,
  TLSTREAM_SIGN_RSA_PKCS1_SHA512 = 0x0601,
  TLSTREAM_SIGN_ECDSA_SHA256 = 0x0403,
  TLSTREAM_SIGN_ECDSA_SHA384 = 0x0503,
  TLSTREAM_SIGN_ECDSA_SHA512 = 0x0603,
  TLSTREAM_SIGN_RSA_PSS_SHA256 = 0x0804,
  TLSTREAM_SIGN_RSA_PSS_SHA384 = 0x0805,
  TLSTREAM_SIGN_RSA_PSS_SHA512 = 0x0806,
  TLSTREAM_SIGN_ED25519 = 0x0807
} tlstream_signature_scheme;

/**
 * What is to be signed. Everything in it is borrowed for the call.
 */
typedef struct tlstream_sign_request {
  tlstream_signature_scheme scheme;
  const char *scheme_name; /* as in RFC 8446: "ecdsa_secp256r1_sha256" */
  const char *digest_name; /* "SHA256"; NULL with Ed25519 */
  tlstream_bytes message;  /* what is signed */
  tlstream_bytes digest;   /* its digest; empty with Ed25519 */
  /* What is left until the handshake's deadline, as of when its step was
   * handed out; UINT_MAX: there is none. A later answer is of no use. */
  unsigned timeout_ms;
} tlstream_sign_request;

/**
 * A function that has a private key sign, in the place of the key.
 *
 * Connections of one identity may ask at the same time, on several threads.
 */
typedef struct tlstream_signer {
  /* Write the signature of `request`, at most `cap` bytes, into `signature`,
   * and return its length; or a negative number, which the connection's error
   * has as `system`. In the form that TLS sends: of ECDSA the DER of
   * ECDSA-Sig-Value; PSS with MGF1 of the same digest and a salt as long as it.
   *
   * The signature is verified with the certificate's key before anything of it
   * is sent. One that does not fit, as after a fault in an RSA calculation, and
   * a function that fails both end the handshake: alert internal_error, error
   * SIGNER_FAILED.
   *
   * It may wait for an answer: it runs in tlstream_work_run(), which streams
   * call on a thread of libuv's pool (UV_THREADPOOL_SIZE of them, which
   * look-ups of names use too). It has to return in the end, whatever happens:
   * the handshake's deadline ends the connection, and the thread is busy until
   * then, as is the loop. It must not call anything of the connection's. */
  ptrdiff_t (*sign)(const tlstream_sign_request *request, void *signature,
                    size_t cap, void *data);
  /* The last context with this identity is gone, and every step of a handshake
   * with it: `sign` is not called any more. On any thread. Once for each
   * context that was made with it, if making it has not failed; may be NULL. */
  void (*release)(void *data);
  void *data;
  /* `sign` never waits: call it on the connection's own thread, without a
   * tlstream_work. */
  bool never_waits;
} tlstream_signer;

#ifdef __cplusplus
}
#endif

#endif
