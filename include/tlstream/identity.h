/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_IDENTITY_H
#define TLSTREAM_IDENTITY_H

#include <tlstream/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A certificate with its chain, and its private key: each a PEM file or PEM
 * bytes, not both.
 */
typedef struct tlstream_identity {
  const char *key_file;
  const char *cert_file;
  tlstream_bytes key;
  tlstream_bytes cert;
  const char *passphrase; /* as in tlstream_context_options */
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
