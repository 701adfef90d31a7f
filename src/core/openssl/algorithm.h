/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_OPENSSL_ALGORITHM_H
#define TLSTREAM_CORE_OPENSSL_ALGORITHM_H

/* The names of what TLS has numbers for: groups (RFC 8446, section 4.2.7) and
 * signature schemes (section 4.2.3), as the options `groups` and
 * `signature_algorithms` take them. */
#include <stddef.h>
#include <stdint.h>

/* NULL for what is not known here. */
const char *tlstream__scheme_name(unsigned id);
const char *tlstream__group_name(unsigned id);

/* The number of a group by what SSL_get_negotiated_group() returned; 0: none.
 */
unsigned tlstream__group_id(int nid);

#endif
