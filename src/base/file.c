/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

/* The largest bundles of roots are a quarter of a megabyte. A pipe does not say
 * how much is in it: room for a key and its chain at first. */
enum { LARGEST = 16 * 1024 * 1024, FIRST = 16 * 1024 };
enum { DESCRIPTOR_MAX = 99999 };

/* What has been read, in memory that ends one byte behind `cap`. */
typedef struct contents {
  char *data;
  size_t len;
  size_t cap;
} contents;

static int fail(tlstream_error *error, const char *what, const char *path,
                int number) {
  char shown[128];
  return tlstream__error_system(
      error, TLSTREAM_ERR_FILE, -number, tlstream__errno_name(number),
      "%s: cannot read %s: %s", what,
      tlstream_escape(shown, sizeof(shown), path, strlen(path)),
      strerror(number));
}

/* It may be half a key. */
static void wipe(char *data, size_t len) {
  if (data != NULL) explicit_bzero(data, len);
  tlstream__free(data);
}

/* Not a larger block, which could leave an unwiped copy behind. */
static int grow(contents *all) {
  size_t cap = all->cap <= LARGEST / 2 ? 2 * all->cap : LARGEST + 1;
  if (all->cap > LARGEST) return EFBIG;
  char *more = tlstream__malloc(cap + 1);
  if (more == NULL) return ENOMEM;
  memcpy(more, all->data, all->len);
  wipe(all->data, all->len);
  all->data = more;
  all->cap = cap;
  return 0;
}

/* Others may have set a descriptor that they share not to block. */
static int wait_for(int fd) {
  struct pollfd waiting = {.fd = fd, .events = POLLIN};
  return poll(&waiting, 1, -1) >= 0 || errno == EINTR ? 0 : errno;
}

/* 0 when there may be more, an errno, or -1 at the end. */
static int read_some(int fd, contents *all) {
  if (all->len == all->cap) return grow(all);
  ssize_t n = read(fd, all->data + all->len, all->cap - all->len);
  if (n == 0) return -1;
  if (n < 0 && errno == EAGAIN) return wait_for(fd);
  if (n < 0) return errno == EINTR ? 0 : errno;
  all->len += (size_t)n;
  return 0;
}

/* To the end: a pipe has no size, and a file may grow while it is read. */
static int read_all(int fd, const struct stat *status, contents *all) {
  int number = 0;
  size_t size = S_ISREG(status->st_mode) ? (size_t)status->st_size : 0;
  if (S_ISDIR(status->st_mode)) return EISDIR;
  if (size > LARGEST) return EFBIG;
  all->cap = size > 0 ? size + 1 : FIRST;
  all->data = tlstream__malloc(all->cap + 1);
  if (all->data == NULL) return ENOMEM;
  while (number == 0)
    number = read_some(fd, all);
  if (number > 0) return number;
  return all->len < size ? EIO : 0; /* it became shorter */
}

/* The number in /dev/stdin or /dev/fd/63, or -1. */
static int descriptor_in(const char *path) {
  static const char folder[] = "/dev/fd/";
  char *end = NULL;
  if (strcmp(path, "/dev/stdin") == 0) return STDIN_FILENO;
  if (strncmp(path, folder, strlen(folder)) != 0) return -1;
  long number = strtol(path + strlen(folder), &end, 10);
  bool is_number = end != path + strlen(folder) && *end == '\0';
  return is_number && number >= 0 && number <= DESCRIPTOR_MAX ? (int)number
                                                              : -1;
}

/* Opening one of one's own descriptors by its path fails on Linux where it is a
 * socket, as the standard input that Node gives its children is. */
static int open_path(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0 || errno != ENXIO) return fd;
  int own = descriptor_in(path);
  fd = own >= 0 ? fcntl(own, F_DUPFD_CLOEXEC, 0) : -1;
  if (fd < 0) errno = ENXIO;
  return fd;
}

static int read_path(const char *path, struct stat *status, contents *all) {
  int fd = open_path(path);
  if (fd < 0) return errno;
  int number = fstat(fd, status) == 0 ? read_all(fd, status, all) : errno;
  close(fd);
  return number;
}

/* What came out of a pipe; it is gone from there. */
struct tlstream__piped {
  struct tlstream__piped *next;
  dev_t device;
  ino_t inode;
  char *data; /* owned */
  size_t len;
};

static bool is_pipe(const struct stat *status) {
  return !S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode);
}

static const struct tlstream__piped *find(const tlstream__pipes *pipes,
                                          const char *path) {
  struct stat status;
  if (pipes == NULL || pipes->first == NULL) return NULL;
  if (stat(path, &status) != 0 || !is_pipe(&status)) return NULL;
  const struct tlstream__piped *each = pipes->first;
  while (each != NULL &&
         (each->device != status.st_dev || each->inode != status.st_ino)) {
    each = each->next;
  }
  return each;
}

static int keep(tlstream__pipes *pipes, const struct stat *status,
                const contents *all) {
  struct tlstream__piped *kept = tlstream__calloc(sizeof(*kept));
  if (kept == NULL) return ENOMEM;
  kept->data = tlstream__memdup(all->data, all->len);
  if (kept->data == NULL) return tlstream__free(kept), ENOMEM;
  kept->len = all->len;
  kept->device = status->st_dev;
  kept->inode = status->st_ino;
  kept->next = pipes->first;
  pipes->first = kept;
  return 0;
}

void tlstream__pipes_clear(tlstream__pipes *pipes) {
  while (pipes->first != NULL) {
    struct tlstream__piped *each = pipes->first;
    pipes->first = each->next;
    wipe(each->data, each->len);
    tlstream__free(each);
  }
}

static int copy(const struct tlstream__piped *from, contents *all) {
  all->data = tlstream__memdup(from->data, from->len);
  all->len = from->len;
  return all->data != NULL ? 0 : ENOMEM;
}

int tlstream__file_read(const char *path, const char *what,
                        tlstream__pipes *pipes, char **data, size_t *len,
                        tlstream_error *error) {
  contents all = {0};
  struct stat status = {0};
  const struct tlstream__piped *known = find(pipes, path);
  int number =
      known != NULL ? copy(known, &all) : read_path(path, &status, &all);
  if (number == 0 && known == NULL && pipes != NULL && is_pipe(&status)) {
    number = keep(pipes, &status, &all);
  }
  if (number != 0) {
    wipe(all.data, all.len);
    return fail(error, what, path, number);
  }
  assert(all.data != NULL);
  all.data[all.len] = '\0';
  *data = all.data;
  *len = all.len;
  return 0;
}

bool tlstream__file_is_pipe(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && is_pipe(&status);
}

static struct timespec time_of(const struct stat *status) {
#ifdef __APPLE__
  return status->st_mtimespec;
#else
  return status->st_mtim;
#endif
}

void tlstream__file_stamp(const char *path, char *out, size_t cap) {
  struct stat status;
  struct timespec changed = {0};
  out[0] = '\0';
  if (stat(path, &status) != 0) return;
  if (!is_pipe(&status)) changed = time_of(&status); /* reading changes it */
  snprintf(out, cap, "%llu:%llu:%lld:%lld.%09ld",
           (unsigned long long)status.st_dev, (unsigned long long)status.st_ino,
           (long long)status.st_size, (long long)changed.tv_sec,
           changed.tv_nsec);
}

bool tlstream__file_any(const char *folder, bool (*fits)(const char *name)) {
  bool found = false;
  DIR *dir = opendir(folder);
  for (struct dirent *each = NULL;
       dir != NULL && !found && (each = readdir(dir)) != NULL;) {
    found = fits(each->d_name);
  }
  if (dir != NULL) closedir(dir);
  return found;
}

int tlstream__file_open_log(const char *path, const char *what, int *fd,
                            tlstream_error *error) {
  char shown[128];
  *fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (*fd >= 0) return 0;
  int number = errno;
  return tlstream__error_system(
      error, TLSTREAM_ERR_FILE, -number, tlstream__errno_name(number),
      "%s: cannot write to %s: %s", what,
      tlstream_escape(shown, sizeof(shown), path, strlen(path)),
      strerror(number));
}

/* One call, so that the system appends a line as a whole. */
int tlstream__file_log(int fd, const char *line, const char *what,
                       tlstream_error *error) {
  char newline = '\n';
  struct iovec parts[] = {{(void *)line, strlen(line)}, {&newline, 1}};
  ssize_t n = -1;
  do {
    n = writev(fd, parts, 2);
  } while (n < 0 && errno == EINTR);
  if (n == (ssize_t)(parts[0].iov_len + 1)) return 0;
  int number = n < 0 ? errno : ENOSPC;
  return tlstream__error_system(
      error, TLSTREAM_ERR_FILE, -number, tlstream__errno_name(number),
      "%s: cannot write a line: %s", what, strerror(number));
}

void tlstream__file_close_log(int fd) {
  if (fd >= 0) close(fd);
}
