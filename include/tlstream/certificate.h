/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CERTIFICATE_H
#define TLSTREAM_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>

#include <tlstream/error.h>
#include <tlstream/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * One certificate and questions to ask it. It never changes and outlives the
 * connection that it came from.
 *
 * Whoever made the certificate chose every byte in it: texts may hold NULs,
 * control characters and terminal escapes, which is why they come with a
 * length. tlstream_certificate_json() escapes them.
 *
 * Ownership: reference counted. What the questions return is borrowed from the
 * certificate.
 * Thread: any.
 */
typedef struct tlstream_certificate tlstream_certificate;

/**
 * One part of a distinguished name, such as CN = localhost, in the order of
 * the certificate. A key may come more than once.
 */
typedef struct tlstream_name_entry {
  const char *key;   /* OpenSSL's short name ("CN"), or the dotted OID */
  const char *value; /* UTF-8, followed by a NUL that `len` does not count */
  size_t len;
} tlstream_name_entry;

/**
 * The kinds of names in subjectAltName (RFC 5280, section 4.2.1.6).
 */
typedef enum tlstream_alt_name_kind {
  TLSTREAM_ALT_NAME_DNS,
  TLSTREAM_ALT_NAME_IP, /* 4 or 16 bytes, network order */
  TLSTREAM_ALT_NAME_EMAIL,
  TLSTREAM_ALT_NAME_URI,
  TLSTREAM_ALT_NAME_OTHER /* otherName, directoryName, ...: the DER bytes */
} tlstream_alt_name_kind;

typedef struct tlstream_alt_name {
  tlstream_alt_name_kind kind;
  const void *data;
  size_t len;
} tlstream_alt_name;

typedef enum tlstream_digest {
  TLSTREAM_SHA1,
  TLSTREAM_SHA256,
  TLSTREAM_SHA512
} tlstream_digest;

/**
 * Read a certificate from PEM text (the first one in it) or from DER bytes.
 *
 * Errors: BAD_CERTIFICATE, NO_MEMORY.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_CHECK tlstream_certificate *
tlstream_certificate_parse(const void *data, size_t len, tlstream_error *error);

/**
 * Take another reference, and return the certificate.
 *
 * Since: 0.1
 */
TLSTREAM_API tlstream_certificate *
tlstream_certificate_ref(tlstream_certificate *certificate);

/**
 * Give a reference back; the last one frees it. NULL is a no-op.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_certificate_unref(tlstream_certificate *certificate);

/**
 * Return whom the certificate is for; `count` receives how many parts.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_name_entry *
tlstream_certificate_subject(const tlstream_certificate *certificate,
                             size_t *count);

/**
 * Return who issued the certificate; `count` receives how many parts.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_name_entry *
tlstream_certificate_issuer(const tlstream_certificate *certificate,
                            size_t *count);

/**
 * Return the names and addresses that the certificate is good for; `count`
 * receives how many.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_alt_name *
tlstream_certificate_alt_names(const tlstream_certificate *certificate,
                               size_t *count);

/**
 * Return the first second of its life as text, "Nov 11 09:52:22 2009 GMT".
 *
 * Since: 0.1
 */
TLSTREAM_API const char *
tlstream_certificate_valid_from(const tlstream_certificate *certificate);

/**
 * Return the last second of its life as text, "Nov  6 09:52:22 2029 GMT".
 *
 * Since: 0.1
 */
TLSTREAM_API const char *
tlstream_certificate_valid_to(const tlstream_certificate *certificate);

/**
 * Return the first second of its life, in seconds since 1970 (UTC).
 *
 * Since: 0.1
 */
TLSTREAM_API long long
tlstream_certificate_not_before(const tlstream_certificate *certificate);

/**
 * Return the last second of its life, in seconds since 1970 (UTC).
 *
 * Since: 0.1
 */
TLSTREAM_API long long
tlstream_certificate_not_after(const tlstream_certificate *certificate);

/**
 * Return the serial number in upper-case hexadecimal digits.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *
tlstream_certificate_serial(const tlstream_certificate *certificate);

/**
 * Return the digest of the DER bytes as "2A:7A:C2:...".
 *
 * Since: 0.1
 */
TLSTREAM_API const char *
tlstream_certificate_fingerprint(const tlstream_certificate *certificate,
                                 tlstream_digest digest);

/**
 * Return the kind of its public key: "RSA", "EC", "ED25519", ... or the OID of
 * an algorithm that this build does not know.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *
tlstream_certificate_key_type(const tlstream_certificate *certificate);

/**
 * Return the size of its public key in bits, or 0 for a key of a kind that
 * this build does not know.
 *
 * Since: 0.1
 */
TLSTREAM_API int
tlstream_certificate_key_bits(const tlstream_certificate *certificate);

/**
 * Return the certificate itself, DER; `len` receives its length.
 *
 * Since: 0.1
 */
TLSTREAM_API const void *
tlstream_certificate_der(const tlstream_certificate *certificate, size_t *len);

/**
 * Return the certificate that comes after this one in the chain that the peer
 * sent or that was built from it, or NULL.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_certificate *
tlstream_certificate_issuer_certificate(
    const tlstream_certificate *certificate);

/**
 * Tell whether the certificate is good for `host`, a DNS name or an address.
 *
 * DNS names match dNSName entries only, addresses iPAddress entries only; the
 * common name does not count; `*` stands for one whole left-most label (RFC
 * 9525, section 6). When it does not match, `error`, which may be NULL, names
 * what the certificate is for.
 *
 * Errors: WRONG_NAME, INVALID_ARGUMENT.
 * Since: 0.1
 */
TLSTREAM_API bool
tlstream_certificate_matches_host(const tlstream_certificate *certificate,
                                  const char *host, tlstream_error *error);

/**
 * Return the certificate as one JSON object with the property names of Node's
 * getPeerCertificate(), or NULL when memory is out.
 *
 * The text is ASCII; every other character, and whatever the certificate's
 * author put into a name, is escaped. Bytes that are not UTF-8 become U+FFFD.
 *
 * Ownership: the caller's; release with tlstream_free().
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_CHECK char *
tlstream_certificate_json(const tlstream_certificate *certificate);

#ifdef __cplusplus
}
#endif

#endif
