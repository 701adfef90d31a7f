/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PROTOCOLS_H
#define TLSTREAM_PROTOCOLS_H

#include <stddef.h>

#include <tlstream/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Application protocols in the order of preference: names, or the form that
 * TLS carries them in (each preceded by a byte that holds its length, RFC
 * 7301, section 3.1), which alone can hold names with a NUL. Not both.
 */
typedef struct tlstream_protocols {
  const char *const *names;
  size_t count;
  tlstream_bytes wire;
} tlstream_protocols;

/* For C: .alpn = TLSTREAM_PROTOCOLS("h2", "http/1.1"). The names live until
 * the end of the block that this stands in; a context copies them. */
#define TLSTREAM_PROTOCOLS(...)                                          \
  {                                                                      \
    .names = (const char *const[]){__VA_ARGS__},                         \
    .count = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *) \
  }

#ifdef __cplusplus
}
#endif

#endif
