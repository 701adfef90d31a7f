/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_KEYLOG_H
#define TLSTREAM_CORE_CONTEXT_KEYLOG_H

/* Where a context's connections log their keys, for those who look at what is
 * on the network: a file, a callback, both, or, by default, nowhere. */
#include <stdbool.h>

#include <tlstream/context.h>

typedef struct tlstream__keylog {
  int fd; /* owned; -1: no file */
  tlstream_keylog_cb callback;
  void *data;
} tlstream__keylog;

/* Open what the options name. Returns 0 or FILE; to be cleared in either case.
 */
int tlstream__keylog_open(tlstream__keylog *keylog,
                          const tlstream_context_options *options,
                          tlstream_error *error);
void tlstream__keylog_clear(tlstream__keylog *keylog);

static inline bool tlstream__keylog_is_on(const tlstream__keylog *keylog) {
  return keylog->fd >= 0 || keylog->callback != NULL;
}

/* Log one line, which does not end in a newline. Returns 0 or FILE. */
int tlstream__keylog_write(const tlstream__keylog *keylog, const char *line,
                           tlstream_error *error);

#endif
