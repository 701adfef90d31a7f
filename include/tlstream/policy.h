/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_POLICY_H
#define TLSTREAM_POLICY_H

#include <stddef.h>

#include <tlstream/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The protocol versions, in their order. The default is TLS 1.2 to TLS 1.3;
 * what is older is not offered.
 */
typedef enum tlstream_version {
  TLSTREAM_VERSION_DEFAULT = 0,
  TLSTREAM_TLS_1_2 = 12,
  TLSTREAM_TLS_1_3 = 13
} tlstream_version;

/**
 * Return "TLSv1.2", "TLSv1.3" or "" as Node's getProtocol() spells them.
 *
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_version_name(tlstream_version version);

/**
 * Return the names of all policies, for the context's option `policy`; `count`
 * receives how many. A policy is a set of versions, cipher suites, groups and
 * signature algorithms:
 *
 * - "default": TLS 1.2 and 1.3, strong suites with forward secrecy. It changes
 *   with versions of this library and of OpenSSL.
 * - "2026-11": what the default was in November 2026. It never changes.
 * - "modern": TLS 1.3 only. It never changes either.
 *
 * What the linked OpenSSL lacks is left out; what a later one brings is not
 * added to a policy that never changes. X25519MLKEM768 is in all three, and
 * OpenSSL has it since 3.5.
 *
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API const char *const *tlstream_policies(size_t *count);

#ifdef __cplusplus
}
#endif

#endif
