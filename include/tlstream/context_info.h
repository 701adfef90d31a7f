/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CONTEXT_INFO_H
#define TLSTREAM_CONTEXT_INFO_H

#include <stddef.h>

#include <tlstream/certificate.h>
#include <tlstream/context.h>
#include <tlstream/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Return the configuration that is in effect as one JSON object: policy,
 * minVersion, maxVersion, securityLevel; ciphers, groups and
 * signatureAlgorithms, lists of names in the order of preference, without what
 * OpenSSL or the security level leaves out; alpnProtocols, npnProtocols,
 * preferClientOrder and maxSendFragment. NULL when memory is out.
 *
 * Ownership: the caller's; release with tlstream_free().
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED char *
tlstream_context_json(const tlstream_context *context);

/**
 * Return the certificates that a context trusts, a list of `count` that ends in
 * NULL; the result itself is NULL when memory is out.
 *
 * With the system's roots among them this reads the system's files, which takes
 * a moment.
 *
 * Ownership: the caller's; release with tlstream_certificates_free().
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream_certificate **
tlstream_context_trusted(const tlstream_context *context, size_t *count);

/**
 * Release a list of certificates and the references in it. NULL is a no-op.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_certificates_free(tlstream_certificate **list);

#ifdef __cplusplus
}
#endif

#endif
