/* SPDX-License-Identifier: MIT */
#include "connect/resume.h"

#include "files.h"
#include "message.h"
#include "read.h"

bool resume_read(const resume_settings *given, tlstream_session **out) {
  char *bytes = NULL;
  size_t len = 0;
  tlstream_error error;
  *out = NULL;
  if (given->in == NULL) return true;
  if (!file_read(given->in, &bytes, &len)) return false;
  *out = tlstream_session_parse(bytes, len, &error);
  file_release(bytes, len);
  if (*out != NULL) return true;
  print_message("%s: %s: %s", error.name, escaped(given->in),
                error_text(&error));
  return false;
}

bool resume_write(const resume_settings *given,
                  const tlstream_session *session) {
  size_t len = 0;
  void *bytes = tlstream_session_serialize(session, &len);
  if (bytes == NULL) {
    print_message("cannot write %s: out of memory", escaped(given->out));
    return false;
  }
  const new_file_row row = {.path = given->out, .bytes = bytes, .len = len};
  bool fine = new_files_write(&row, 1, /* replace = */ true);
  tlstream_free_secret(bytes, len);
  return fine;
}
