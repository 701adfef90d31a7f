/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_OPENSSL_ALERT_H
#define TLSTREAM_CORE_OPENSSL_ALERT_H

/* The alerts of TLS by number (RFC 8446, section 6, and the older ones). */

/* "unknown_ca"; an unassigned number gives "unassigned alert". Never NULL. */
const char *tlstream__alert_name(int number);

/* What it means when the peer sends it, as a clause for people. Never NULL. */
const char *tlstream__alert_hint(int number);

#endif
