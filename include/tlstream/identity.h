/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_IDENTITY_H
#define TLSTREAM_IDENTITY_H

#include <tlstream/bytes.h>
#include <tlstream/signer.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A certificate with its chain, and its private key: each a PEM file or PEM
 * bytes, not both. In the place of the key there may be a URI or a signer.
 */
typedef struct tlstream_identity {
  const char *key_file;
  const char *cert_file;
  tlstream_bytes key;
  tlstream_bytes cert;
  const char *passphrase; /* as in tlstream_context_options; or the PIN */
  /* Where OpenSSL's stores find the private key: "pkcs11:token=t;object=k"
   * through a provider that openssl.cnf loads, "file:/etc/key.pem". Where a
   * provider that is not OpenSSL's own signs with it, it may wait as a signer
   * may, and signs at the same places. */
  const char *key_uri;
  /* A function that signs, for a key that is elsewhere. Copied; its `data` is
   * borrowed until `release`. */
  const tlstream_signer *signer;
  /* The staple of the certificate: DER, or a file with it. */
  tlstream_bytes ocsp_response;
  const char *ocsp_response_file;
} tlstream_identity;

/**
 * A certificate, its key and the authorities above it in one file, PKCS #12:
 * its bytes, and what opens it.
 */
typedef struct tlstream_pfx {
  tlstream_bytes data;
  const char *passphrase; /* NULL: none */
} tlstream_pfx;

#ifdef __cplusplus
}
#endif

#endif
