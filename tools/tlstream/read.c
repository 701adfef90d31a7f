/* SPDX-License-Identifier: MIT */
#include "read.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"

enum { READ_FIRST = 16 * 1024, READ_MAX = 32 * 1024 * 1024 };
enum { DESCRIPTOR_MAX = 99999 };

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

/* The number in /dev/stdin or /dev/fd/63, or -1. */
static int descriptor_in(const char *path) {
  static const char folder[] = "/dev/fd/";
  char *end = NULL;
  if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdin") == 0) {
    return STDIN_FILENO;
  }
  if (strncmp(path, folder, strlen(folder)) != 0) return -1;
  long number = strtol(path + strlen(folder), &end, 10);
  bool is_number = end != path + strlen(folder) && *end == '\0';
  return is_number && number >= 0 && number <= DESCRIPTOR_MAX ? (int)number
                                                              : -1;
}

/* Opening one's own descriptor by its path fails on Linux where it is a
 * socket. */
int file_open(const char *path) {
  bool is_path = strcmp(path, "-") != 0;
  int fd = is_path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd >= 0 || (is_path && errno != ENXIO)) return fd;
  int own = descriptor_in(path);
  return own >= 0 ? fcntl(own, F_DUPFD_CLOEXEC, 0) : -1;
}

ssize_t file_read_some(int fd, void *bytes, size_t cap) {
  for (;;) {
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    ssize_t n = read(fd, bytes, cap);
    if (n >= 0 || (errno != EINTR && errno != EAGAIN)) return n;
    if (errno == EAGAIN) poll(&waiting, 1, -1);
  }
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
    ssize_t n = file_read_some(fd, *bytes + *len, cap - *len);
    if (n == 0) return true;
    if (n < 0) return refuse_to_read(path, strerror(errno));
    *len += (size_t)n;
  }
}

bool file_read(const char *path, char **bytes, size_t *len) {
  int fd = file_open(path);
  *bytes = NULL;
  *len = 0;
  if (fd < 0) return refuse_to_read(path, strerror(errno));
  bool fine = read_all(fd, path, bytes, len);
  close(fd);
  if (fine) return true;
  file_release(*bytes, *len);
  *bytes = NULL;
  return false;
}

bool file_is_same_pipe(const char *path, const char *other) {
  struct stat one;
  struct stat two;
  if (strcmp(path, "-") == 0 && strcmp(other, "-") == 0) return true;
  if (strcmp(path, "-") == 0) path = "/dev/stdin";
  if (strcmp(other, "-") == 0) other = "/dev/stdin";
  return stat(path, &one) == 0 && stat(other, &two) == 0 &&
         !S_ISREG(one.st_mode) && one.st_dev == two.st_dev &&
         one.st_ino == two.st_ino;
}

void file_release(char *bytes, size_t len) {
  if (bytes == NULL) return;
  wipe(bytes, len);
  free(bytes);
}

bool file_can_be_read_again(const char *path) {
  struct stat status;
  if (path == NULL) return true;
  if (strcmp(path, "-") != 0) {
    /* What cannot be found is reported when it is opened. */
    if (stat(path, &status) != 0 || S_ISREG(status.st_mode)) return true;
  }
  print_message("%s is not a regular file and is not read a second time",
                escaped(path));
  return false;
}
