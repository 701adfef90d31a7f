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
 * The maker of the certificate chose every byte in it: texts may hold NULs,
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
  int rdn; /* from 0; parts of one number stand together: CN = a + OU = b */
} tlstream_name_entry;

/**
 * The kinds of names in subjectAltName (RFC 5280, section 4.2.1.6).
 */
typedef enum tlstream_alt_name_kind {
  TLSTREAM_ALT_NAME_DNS,
  TLSTREAM_ALT_NAME_IP, /* 4 or 16 bytes, network order */
  TLSTREAM_ALT_NAME_EMAIL,
  TLSTREAM_ALT_NAME_URI,
  TLSTREAM_ALT_NAME_DIRECTORY, /* DER of the GeneralName; see `entries` */
  TLSTREAM_ALT_NAME_RID,       /* a registered ID: the dotted OID */
  TLSTREAM_ALT_NAME_OTHER      /* otherName and the rest: DER, see `oid` */
} tlstream_alt_name_kind;

typedef struct tlstream_alt_name {
  tlstream_alt_name_kind kind;
  const void *data;
  size_t len;
  const tlstream_name_entry *entries; /* of a directory name */
  size_t entry_count;
  const char *oid; /* what kind of otherName, or NULL */
} tlstream_alt_name;

/**
 * Where more about the issuer is to be had (RFC 5280, section 4.2.2.1).
 */
typedef struct tlstream_access {
  const char *method; /* "OCSP", "CA Issuers", or the dotted OID */
  tlstream_alt_name location;
} tlstream_access;

/**
 * A public key. NULL and 0: this kind has none, or it is unknown to this build.
 */
typedef struct tlstream_public_key {
  const char *type; /* "RSA", "EC", "ED25519", ... or the dotted OID */
  int bits;
  const void *spki; /* the whole of it: SubjectPublicKeyInfo, DER */
  size_t spki_len;
  const void *point; /* EC: as the certificate has it */
  size_t point_len;
  const char *modulus;    /* RSA: upper-case hexadecimal */
  const char *exponent;   /* RSA: "0x10001" */
  const char *asn1_curve; /* EC: "prime256v1" */
  const char *nist_curve; /* EC: "P-256" */
} tlstream_public_key;

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
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream_certificate *
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
 * Return the parts of the subject; `count` receives how many there are.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_name_entry *
tlstream_certificate_subject(const tlstream_certificate *certificate,
                             size_t *count);

/**
 * Return the issuer of the certificate; `count` receives how many parts.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_name_entry *
tlstream_certificate_issuer(const tlstream_certificate *certificate,
                            size_t *count);

/**
 * Return what the certificate is good for; `count` receives how many names.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_alt_name *
tlstream_certificate_alt_names(const tlstream_certificate *certificate,
                               size_t *count);

/**
 * Return the same as Node has it, "DNS:localhost, IP Address:::1", or NULL
 * without any. For people: what could be taken for two is in JSON quotes.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *
tlstream_certificate_alt_text(const tlstream_certificate *certificate);

/**
 * Return where to learn more about the issuer; `count` receives how many
 * places. They are not checked: connecting to them may be unsafe.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_access *
tlstream_certificate_access(const tlstream_certificate *certificate,
                            size_t *count);

/**
 * Return what the key may be used for (extended key usage) as dotted OIDs, or
 * NULL when the certificate does not limit it; `count` receives how many.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *const *
tlstream_certificate_usages(const tlstream_certificate *certificate,
                            size_t *count);

/**
 * Return whether it may sign other certificates, by its basic constraints.
 *
 * Since: 0.1
 */
TLSTREAM_API bool
tlstream_certificate_is_ca(const tlstream_certificate *certificate);

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
 * Return its public key.
 *
 * Since: 0.1
 */
TLSTREAM_API const tlstream_public_key *
tlstream_certificate_public_key(const tlstream_certificate *certificate);

/**
 * Return the algorithm that it was signed with, "ecdsa-with-SHA256", or the
 * dotted OID of one that this build does not know.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_certificate_signature_algorithm(
    const tlstream_certificate *certificate);

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
 * Return whether the certificate is good for `host`, a DNS name or an address.
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
 * getPeerCertificate(), or NULL when memory is out. The rest of the chain is
 * nested in `issuerCertificate`; a self-signed root has none. What Node has as
 * a Buffer is base64. Beyond Node's there are `subjectAltNames`, the list, and
 * of X509Certificate's properties `publicKey` (DER), `asymmetricKeyType`,
 * `signatureAlgorithm` and `signatureAlgorithmOid`.
 *
 * The text is ASCII; every other character, and whatever the certificate's
 * author put into a name, is escaped. Bytes that are not UTF-8 become U+FFFD.
 *
 * Ownership: the caller's; release with tlstream_free().
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED char *
tlstream_certificate_json(const tlstream_certificate *certificate);

#ifdef __cplusplus
}
#endif

#endif
