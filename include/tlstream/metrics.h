/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_METRICS_H
#define TLSTREAM_METRICS_H

/* What a server has done so far, in numbers, and as text for Prometheus. */
#include <tlstream/server.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The counters of a server, from its beginning, and two that say how it is now
 * (`open`, `handshaking`).
 *
 * accepted = handshakes_done + handshakes_failed + handshakes_abandoned +
 * handshaking.
 */
typedef struct tlstream_server_counters {
  /* Connections that were accepted, or adopted. */
  uint64_t accepted;
  /* Closed at once: there were `max_connections`, or no descriptor or memory
   * was left. */
  uint64_t refused;
  uint64_t open;
  uint64_t handshaking; /* of those that are open; their ClientHello included */

  uint64_t handshakes_done;
  uint64_t resumed; /* of those that were done */
  /* Each was reported to `on_client_error`; by tlstream_error_class. */
  uint64_t handshakes_failed;
  uint64_t failed_by_class[TLSTREAM_CLASS_USAGE + 1];
  /* Ended by a call of ours: tlstream_destroy(), tlstream_server_close(). */
  uint64_t handshakes_abandoned;

  /* Of all connections; as tlstream_bytes_read() and so on. */
  uint64_t bytes_read;
  uint64_t bytes_written;
  uint64_t encrypted_bytes_read;
  uint64_t encrypted_bytes_written;
  /* Room for later versions; zero. */
  uint64_t reserved[8];
} tlstream_server_counters;

/**
 * Write the counters of a server to `out`. This goes through the connections
 * that are open, to add up their bytes.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_server_count(const tlstream_server *server,
                                        tlstream_server_counters *out);

/**
 * A label of a metric: `name` of letters, digits and "_", `value` any text in
 * UTF-8.
 */
typedef struct tlstream_label {
  const char *name;
  const char *value;
} tlstream_label;

/**
 * The counters of one server, and the labels that tell it from others.
 */
typedef struct tlstream_labeled_counters {
  tlstream_server_counters counters;
  const tlstream_label *labels; /* may be NULL */
  size_t label_count;
} tlstream_labeled_counters;

/**
 * Return counters in Prometheus' text format: for each metric its help, its
 * type, and a line for each of the servers. Their names begin with "tlstream_".
 * All servers of a program go into one call, since a metric may stand in a text
 * only once; those of other loops are counted on their own threads.
 *
 * Bytes in values that are not UTF-8 become U+FFFD. On failure the result is
 * NULL.
 *
 * Ownership: the caller's; release with tlstream_free().
 * Errors: INVALID_ARGUMENT (a label's name, or one that is there already),
 * NO_MEMORY.
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED char *
tlstream_prometheus(const tlstream_labeled_counters *servers, size_t count,
                    tlstream_error *error);

#ifdef __cplusplus
}
#endif

#endif
