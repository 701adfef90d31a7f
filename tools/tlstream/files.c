/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"

static bool refuse(const char *path, int number) {
  say("cannot write %s: %s", quoted(path), strerror(number));
  return false;
}

static bool refuse_to_replace(const char *path) {
  say("%s is there already; --force replaces it", quoted(path));
  return false;
}

bool file_place_is_free(const char *path, bool replace) {
  struct stat status;
  if (strlen(path) > FILE_PATH_MAX) return refuse(path, ENAMETOOLONG);
  if (lstat(path, &status) != 0) {
    return errno == ENOENT ? true : refuse(path, errno);
  }
  if (!replace) return refuse_to_replace(path);
  if (S_ISREG(status.st_mode)) return true;
  say("%s is not a plain file, and stays as it is", quoted(path));
  return false;
}

static bool write_all(int fd, const char *bytes, size_t len) {
  while (len > 0) {
    ssize_t n = write(fd, bytes, len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes += n;
    len -= (size_t)n;
  }
  return fsync(fd) == 0;
}

static mode_t umask_now(void) {
  mode_t mask = umask(077);
  umask(mask);
  return mask;
}

bool new_file_write(new_file *file, const char *path, mode_t mode,
                    const void *bytes, size_t len) {
  file->path = path;
  snprintf(file->temporary, sizeof(file->temporary), "%s.XXXXXX", path);
  int fd = mkstemp(file->temporary); /* 0600, O_EXCL */
  if (fd < 0) {
    file->temporary[0] = '\0';
    return refuse(path, errno);
  }
  mode_t allowed = S_IRUSR | S_IWUSR | (mode & ~umask_now());
  bool fine = write_all(fd, bytes, len) && fchmod(fd, allowed) == 0;
  int number = errno;
  if (close(fd) != 0 && fine) {
    fine = false;
    number = errno;
  }
  return fine ? true : refuse(path, number);
}

bool new_file_place(new_file *file, bool replace) {
  if (!file_place_is_free(file->path, replace)) return false;
  /* rename() replaces, link() never does, whatever happened since we looked. */
  if (replace) {
    if (rename(file->temporary, file->path) != 0) {
      return refuse(file->path, errno);
    }
    file->temporary[0] = '\0';
    return true;
  }
  if (link(file->temporary, file->path) != 0) {
    return errno == EEXIST ? refuse_to_replace(file->path)
                           : refuse(file->path, errno);
  }
  file->placed = true;
  return true;
}

void new_file_clear(new_file *file, bool undo) {
  if (file->temporary[0] != '\0') unlink(file->temporary);
  if (undo && file->placed) unlink(file->path);
  file->temporary[0] = '\0';
  file->placed = false;
}
