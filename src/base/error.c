/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

typedef struct row {
  int code;
  tlstream_error_class kind;
  const char *name;
  const char *text;
} row;

static const row rows[] = {
#define X(symbol, kind, code, text) \
  {code, TLSTREAM_CLASS_##kind, "ERR_TLSTREAM_" #symbol, text},
    TLSTREAM_ERROR_MAP(X)
#undef X
};

static const row success = {0, TLSTREAM_CLASS_NONE, "OK", "no error"};

static const row *find(int code) {
  if (code == 0) return &success;
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    if (rows[i].code == code) return &rows[i];
  }
  return find(TLSTREAM_ERR_SYSTEM);
}

const char *tlstream_error_name(int code) {
  return find(code)->name;
}

const char *tlstream_error_text(int code) {
  return find(code)->text;
}

tlstream_error_class tlstream_error_classify(const tlstream_error *error) {
  return find(error->code)->kind;
}

const char *tlstream_error_class_name(tlstream_error_class kind) {
  static const char *const words[] = {"none",     "system",   "peer",
                                      "protocol", "identity", "usage"};
  assert((size_t)kind < sizeof(words) / sizeof(words[0]));
  return words[kind];
}

int tlstream_error_print(const tlstream_error *error, FILE *out) {
  fprintf(out, "%s: %s\n", error->name, error->message);
  return 1;
}

void tlstream__error_clear(tlstream_error *error) {
  if (error == NULL) return;
  memset(error, 0, sizeof(*error));
  error->alert = -1;
  error->depth = -1;
}

static void fill(tlstream_error *error, int code, const char *name,
                 const char *format, va_list args) {
  tlstream__error_clear(error);
  error->code = code;
  snprintf(error->name, sizeof(error->name), "%s", name);
  vsnprintf(error->message, sizeof(error->message), format, args);
}

int tlstream__error_set(tlstream_error *error, int code, const char *format,
                        ...) {
  assert(code < 0);
  if (error == NULL) return code;
  va_list args;
  va_start(args, format);
  fill(error, code, find(code)->name, format, args);
  va_end(args);
  return code;
}

int tlstream__error_plain(tlstream_error *error, int code) {
  return tlstream__error_set(error, code, "%s", find(code)->text);
}

int tlstream__error_system(tlstream_error *error, int code, int system,
                           const char *name, const char *format, ...) {
  if (error == NULL) return code;
  va_list args;
  va_start(args, format);
  fill(error, code, name, format, args);
  va_end(args);
  error->system = system;
  return code;
}

/* The C library has no portable way from a number to its symbol; these are
 * what opening and reading a file gives. Errors of sockets are named by libuv.
 */
const char *tlstream__errno_name(int number) {
  switch (number) {
    case EACCES: return "EACCES";
    case EFBIG: return "EFBIG";
    case EINVAL: return "EINVAL";
    case EIO: return "EIO";
    case EISDIR: return "EISDIR";
    case ELOOP: return "ELOOP";
    case EMFILE: return "EMFILE";
    case ENAMETOOLONG: return "ENAMETOOLONG";
    case ENFILE: return "ENFILE";
    case ENOENT: return "ENOENT";
    case ENOMEM: return "ENOMEM";
    case ENOSPC: return "ENOSPC";
    case ENOTDIR: return "ENOTDIR";
    case ENXIO: return "ENXIO";
    case EPERM: return "EPERM";
    case EROFS: return "EROFS";
    default: return "ERR_TLSTREAM_SYSTEM";
  }
}
