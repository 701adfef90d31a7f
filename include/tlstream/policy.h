/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_POLICY_H
#define TLSTREAM_POLICY_H

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

#ifdef __cplusplus
}
#endif

#endif
