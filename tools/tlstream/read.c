/* SPDX-License-Identifier: MIT */
#include "read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"

enum { READ_FIRST = 16 * 1024, READ_MAX = 32 * 1024 * 1024 };

/* volatile: the compiler may remove a memset() of memory that is not read
 * again, but not these stores. */
void wipe(void *bytes, size_t len) {
  volatile char *each = bytes;
  while (len-- > 0)
    *each++ = 0;
}

static bool refuse_to_read(const char *path, const char *why) {
  print_message("cannot read %s: %s", escaped(path), why);
  return false;
}

/* Not realloc(), which could leave an unwiped copy of a key behind. */
static char *grow(char *bytes, size_t len, size_t cap) {
  char *more = malloc(cap);
  if (more != NULL && len > 0) memcpy(more, bytes, len);
  file_release(bytes, len);
  return more;
}

static bool read_all(int fd, const char *path, char **bytes, size_t *len) {
  size_t cap = 0;
  for (;;) {
    if (*len == cap) {
      cap = cap > 0 ? 2 * cap : READ_FIRST;
      if (cap > READ_MAX) return refuse_to_read(path, "it is too large");
      *bytes = grow(*bytes, *len, cap);
      if (*bytes == NULL) return refuse_to_read(path, strerror(ENOMEM));
    }
    ssize_t n = read(fd, *bytes + *len, cap - *len);
    if (n == 0) return true;
    if (n < 0 && errno != EINTR) return refuse_to_read(path, strerror(errno));
    if (n > 0) *len += (size_t)n;
  }
}

bool file_read(const char *path, char **bytes, size_t *len) {
  bool is_stdin = strcmp(path, "-") == 0;
  int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  *bytes = NULL;
  *len = 0;
  if (fd < 0) return refuse_to_read(path, strerror(errno));
  bool fine = read_all(fd, path, bytes, len);
  if (!is_stdin) close(fd);
  if (fine) return true;
  file_release(*bytes, *len);
  *bytes = NULL;
  return false;
}

void file_release(char *bytes, size_t len) {
  if (bytes == NULL) return;
  wipe(bytes, len);
  free(bytes);
}
