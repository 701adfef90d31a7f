/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_X509_IDENTITY_H
#define TLSTREAM_CORE_X509_IDENTITY_H

/*
 * Does a certificate name that host? Pure functions over bytes: no OpenSSL, no
 * allocation, linear time. RFC 9525, section 6, without partial wildcards.
 */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/certificate.h>

enum { TLSTREAM__HOST_MAX = 253, TLSTREAM__IP_MAX = 16 };

/* A name or address to look for, made ready for comparing. */
typedef struct tlstream__host {
  size_t ip_len; /* 4 or 16, or 0 for a DNS name */
  unsigned char ip[TLSTREAM__IP_MAX];
  size_t len; /* of `name`, without the trailing dot; 0 for an address */
  char name[TLSTREAM__HOST_MAX + 1]; /* lower case */
  /* As it was given, for messages; both forms of a name that is not ASCII. */
  char text[2 * TLSTREAM__HOST_MAX + 8];
} tlstream__host;

/* Returns 0 or INVALID_ARGUMENT with a sentence that quotes the text, escaped.
 * Refused: the empty name, a leading dot, empty labels, labels over 63 bytes,
 * names over 253, wildcards, bytes that no host name has; a name that looks
 * like an address but is none ("010.0.0.1", "1.2.3"); non-ASCII, with the hint
 * to use the xn-- form. */
int tlstream__host_parse(tlstream__host *host, const char *text, size_t len,
                         tlstream_error *error);

/* The same for what a client connects to, or would. Of a name in UTF-8 it is
 * the ASCII form. "fe80::1%eth0" is the address without its zone, which only
 * says by which interface to go, and "127.1" is 127.0.0.1, as the system's
 * resolver has it. With leading zeros, which some read as octal, it is refused.
 */
int tlstream__host_parse_target(tlstream__host *host, const char *text,
                                size_t len, tlstream_error *error);

/* A pattern is a name, or `*` as its whole left-most label in front of two
 * labels or more; the wildcard stands for one label. A dot at the end of either
 * is ignored. A pattern with a NUL or any other odd byte matches nothing, and
 * names of other kinds than DNS and IP are passed over. */
bool tlstream__identity_matches(const tlstream__host *host,
                                const tlstream_alt_name *names, size_t count);

#endif
