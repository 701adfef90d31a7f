/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

/* The largest bundles of roots are a quarter of a megabyte. */
enum { LARGEST = 16 * 1024 * 1024 };

static int fail(tlstream_error *error, const char *what, const char *path,
                int number) {
  char shown[128];
  return tlstream__error_system(
      error, TLSTREAM_ERR_FILE, -number, tlstream__errno_name(number),
      "%s: cannot read %s: %s", what,
      tlstream_escape(shown, sizeof(shown), path, strlen(path)),
      strerror(number));
}

static int read_all(int fd, char *data, size_t len) {
  size_t done = 0;
  while (done < len) {
    ssize_t n = read(fd, data + done, len - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (n == 0) return EIO; /* it became shorter while we read it */
    done += (size_t)n;
  }
  return 0;
}

/* Size of what can be read as a file; a fifo or a device could block us. */
static int size_of(int fd, size_t *len) {
  struct stat status;
  if (fstat(fd, &status) != 0) return errno;
  if (S_ISDIR(status.st_mode)) return EISDIR;
  if (!S_ISREG(status.st_mode)) return EINVAL;
  if (status.st_size > LARGEST) return EFBIG;
  *len = (size_t)status.st_size;
  return 0;
}

int tlstream__file_read(const char *path, const char *what, char **data,
                        size_t *len, tlstream_error *error) {
  int code = 0;
  int number = 0;
  size_t size = 0;
  char *bytes = NULL;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  number = fd < 0 ? errno : size_of(fd, &size);
  if (number == 0) {
    bytes = tlstream__malloc(size + 1);
    number = bytes == NULL ? ENOMEM : read_all(fd, bytes, size);
  }
  if (number != 0) {
    code = fail(error, what, path, number);
    if (bytes != NULL) explicit_bzero(bytes, size); /* it may be half a key */
    tlstream__free(bytes);
  } else {
    bytes[size] = '\0';
    *data = bytes;
    *len = size;
  }
  if (fd >= 0) close(fd);
  return code;
}

void tlstream__file_stamp(const char *path, char *out, size_t cap) {
  struct stat status;
  out[0] = '\0';
  if (stat(path, &status) != 0) return;
#ifdef __APPLE__
  struct timespec changed = status.st_mtimespec;
#else
  struct timespec changed = status.st_mtim;
#endif
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
