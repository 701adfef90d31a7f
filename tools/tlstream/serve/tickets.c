/* SPDX-License-Identifier: MIT */
#include "serve/tickets.h"

#include <sys/stat.h>

#include "message.h"
#include "read.h"

/* They open the sessions of all clients. */
static void warn_if_open(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) return;
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return;
  print_message("warning: %s has mode %04o, and only its owner should have "
                "access (chmod 600)",
                escaped(path), (unsigned)status.st_mode & 07777);
}

static tlstream_ticket_keys *print_reason(const char *path,
                                          const tlstream_error *error) {
  if (path != NULL) print_message("cannot use %s:", escaped(path));
  print_error(error);
  return NULL;
}

tlstream_ticket_keys *tickets_load(const char *path, bool again) {
  char *bytes = NULL;
  size_t len = 0;
  tlstream_error error;
  tlstream_ticket_keys_options options = TLSTREAM_TICKET_KEYS_OPTIONS_INIT;
  if (path != NULL) {
    if (again && !file_can_be_read_again(path)) return NULL;
    if (!file_read(path, &bytes, &len)) return NULL;
    warn_if_open(path);
    options.keys = (tlstream_bytes){bytes, len};
    options.rotation_s = TLSTREAM_NO_ROTATION;
  }
  tlstream_ticket_keys *keys = tlstream_ticket_keys_new(&options, &error);
  file_release(bytes, len);
  return keys != NULL ? keys : print_reason(path, &error);
}
