/* SPDX-License-Identifier: MIT */
#include "passphrase.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "read.h"

/* Byte by byte: what follows the line in a pipe may be a key. The length of the
 * line; PASSPHRASE_MAX if it is too long, -1 if there is none. */
static int read_line(int fd, char line[PASSPHRASE_MAX]) {
  int len = 0;
  ssize_t n = 0;
  while (len < PASSPHRASE_MAX && (n = file_read_some(fd, line + len, 1)) == 1) {
    if (line[len++] == '\n') break;
  }
  return n < 0 || len == 0 ? -1 : len;
}

static bool refuse(const char *why, const char *path) {
  print_message("passphrase: %s %s", escaped(path), why);
  return false;
}

bool passphrase_read(const char *path, char line[PASSPHRASE_MAX]) {
  line[0] = '\0';
  if (path == NULL) return true;
  int fd = file_open(path);
  if (fd < 0) {
    print_message("passphrase: cannot read %s: %s", escaped(path),
                  strerror(errno));
    return false;
  }
  int len = read_line(fd, line);
  close(fd);
  if (len < 0) return refuse("is empty or cannot be read", path);
  if (len == PASSPHRASE_MAX) return refuse("has too long a line", path);
  line[len] = '\0';
  line[strcspn(line, "\r\n")] = '\0';
  return true;
}

void warn_if_readable_by_all(const char *key) {
  struct stat status;
  if (stat(key, &status) != 0 || !S_ISREG(status.st_mode)) return;
  if ((status.st_mode & S_IROTH) == 0) return;
  print_message("warning: every user of this machine can read the key in %s",
                escaped(key));
}
