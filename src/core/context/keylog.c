/* SPDX-License-Identifier: MIT */
#include "core/context/keylog.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"

int tlstream__keylog_open(tlstream__keylog *keylog,
                          const tlstream_context_options *options,
                          tlstream_error *error) {
  *keylog = (tlstream__keylog){.fd = -1,
                               .callback = options->insecure_on_keylog,
                               .data = options->insecure_keylog_data};
  if (options->insecure_keylog_file == NULL) return 0;
  return tlstream__file_open_log(options->insecure_keylog_file,
                                 "insecure_keylog_file", &keylog->fd, error);
}

void tlstream__keylog_clear(tlstream__keylog *keylog) {
  tlstream__file_close_log(keylog->fd);
  keylog->fd = -1;
}

int tlstream__keylog_write(const tlstream__keylog *keylog, const char *line,
                           tlstream_error *error) {
  if (keylog->callback != NULL) keylog->callback(line, keylog->data);
  if (keylog->fd < 0) return 0;
  return tlstream__file_log(keylog->fd, line, "insecure_keylog_file", error);
}
