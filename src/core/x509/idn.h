/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_X509_IDN_H
#define TLSTREAM_CORE_X509_IDN_H

/* Host names that are not ASCII (IDNA 2008 with the mapping of TR46), in a
 * build with libidn2. Certificates and SNI have their ASCII form, with labels
 * that begin with xn--. */
#include <stdbool.h>
#include <stddef.h>

bool tlstream__idn_is_ascii(const char *text, size_t len);

/* Write the ASCII form of a name in UTF-8. Returns NULL, or why there is none:
 * a clause for a sentence. */
const char *tlstream__idn_to_ascii(const char *text, size_t len, char *out,
                                   size_t cap);

/* Write the form that people read of one in ASCII. False if there is none. */
bool tlstream__idn_to_unicode(const char *ascii, char *out, size_t cap);

/* The ASCII form of `host`, in `room`, or `host` where it is ASCII or has none:
 * what to pass to code that rejects bad names, a resolver for example. */
const char *tlstream__idn_prefer_ascii(const char *host, char *room,
                                       size_t cap);

#endif
