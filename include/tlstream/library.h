/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_LIBRARY_H
#define TLSTREAM_LIBRARY_H

/* The library that runs, which need not be the one of the headers: the
 * headers' own version is in <tlstream/version.h>. */
#include <tlstream/export.h>
#include <tlstream/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Return the version of the library that runs, as TLSTREAM_VERSION has that of
 * the headers: "0.1.0".
 *
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_library_version(void);

/**
 * Return the same as a number, as TLSTREAM_VERSION_NUMBER: 0x000100 is 0.1.0.
 * Later versions are larger. A program that needs what 0.2 has runs with a
 * library for which this is 0x000200 or more.
 *
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API unsigned tlstream_library_version_number(void);

#ifdef __cplusplus
}
#endif

#endif
