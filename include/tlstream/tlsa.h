/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TLSA_H
#define TLSTREAM_TLSA_H

#include <tlstream/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a TLSA record may be about, and how (RFC 6698, section 2.1). */
enum tlstream_tlsa_values {
  /* Usages. The chain must be trusted too, and have this certificate: */
  TLSTREAM_TLSA_PKIX_TA = 0, /* of an authority */
  TLSTREAM_TLSA_PKIX_EE = 1, /* of the server */
  /* The record is all the trust there is: */
  TLSTREAM_TLSA_DANE_TA = 2, /* this authority, for servers by their name */
  TLSTREAM_TLSA_DANE_EE = 3, /* this server, whatever name and dates its
                                certificate has (RFC 7671, section 5.1) */
  /* Selectors. */
  TLSTREAM_TLSA_CERTIFICATE = 0,
  TLSTREAM_TLSA_PUBLIC_KEY = 1,
  /* Matching types. */
  TLSTREAM_TLSA_FULL = 0,
  TLSTREAM_TLSA_SHA256 = 1,
  TLSTREAM_TLSA_SHA512 = 2
};

/**
 * A TLSA record: what DNS says about a server's certificate (DANE, RFC 6698 and
 * 7671). A client's connection takes a list of them: `tlsa` in
 * tlstream_connect_options, tlstream_upgrade_options, tlstream_over_options and
 * tlstream_pair_options. They are copied. The caller has looked them up, and
 * had their signatures checked (DNSSEC): otherwise anybody on the network can
 * have made them.
 *
 * If one of them can be used, one has to match, or the server is refused with
 * DANE_MISMATCH, also where the context has `insecure_allow_unauthorized`.
 * Whether a record counts beside the trusted authorities of the context or in
 * their place is a matter of its usage. Lists of revoked certificates and
 * `verify_time` count for all usages but DANE-EE.
 *
 * A record of an unknown usage, selector or matching type cannot be used. If
 * none can be, it is as if there were none: the context decides, and with
 * `insecure_allow_unauthorized` every server is let in (RFC 7672, section 2.2).
 * A malformed record is INVALID_ARGUMENT, and the message has its number.
 */
typedef struct tlstream_tlsa {
  unsigned char usage;
  unsigned char selector;
  unsigned char matching_type;
  tlstream_bytes data; /* DER, or the digest of it */
} tlstream_tlsa;

#ifdef __cplusplus
}
#endif

#endif
