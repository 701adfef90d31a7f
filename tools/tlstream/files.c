/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "write.h"

static bool refuse(const char *path, int number) {
  print_message("cannot write %s: %s", escaped(path), strerror(number));
  return false;
}

static bool refuse_to_replace(const char *path) {
  print_message("%s exists; --force replaces it", escaped(path));
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
  print_message("%s is not a regular file and is not replaced", escaped(path));
  return false;
}

/* Errors of file systems that lack what was asked of them, as FAT and some
 * network and user-space file systems do; link() gives EPERM also where the
 * file is another user's. */
static bool is_lacking(int number) {
  return number == EPERM || number == EOPNOTSUPP || number == ENOSYS ||
         number == EINVAL || number == EMLINK;
}

static bool write_all(int fd, const char *bytes, size_t len) {
  if (write_fully(fd, bytes, len) != 0) return false;
  return fsync(fd) == 0 || is_lacking(errno);
}

static mode_t umask_now(void) {
  mode_t mask = umask(077);
  umask(mask);
  return mask;
}

/* False with errno. Where a file system has no such permissions, it only warns
 * that others can read what they should not. */
static bool set_mode(int fd, const char *path, mode_t allowed) {
  struct stat status;
  if (fchmod(fd, allowed) == 0) return true;
  if (!is_lacking(errno) || fstat(fd, &status) != 0) return false;
  if ((status.st_mode & ~allowed & (S_IRWXG | S_IRWXO)) != 0) {
    print_message("warning: %s is on a file system without permissions of its "
                  "own: others may read it",
                  escaped(path));
  }
  return true;
}

/* In the same folder, under a name that is short, as `path` may have the
 * longest that there can be. */
static void name_temporary(new_file *file, const char *path) {
  const char *slash = strrchr(path, '/');
  int folder = slash != NULL ? (int)(slash - path + 1) : 0;
  snprintf(file->temporary, sizeof(file->temporary), "%.*s.tlstream-XXXXXX",
           folder, path);
}

bool new_file_write(new_file *file, const char *path, mode_t mode,
                    const void *bytes, size_t len) {
  file->path = path;
  name_temporary(file, path);
  int fd = mkstemp(file->temporary); /* 0600, O_EXCL */
  if (fd < 0) {
    file->temporary[0] = '\0';
    return refuse(path, errno);
  }
  mode_t allowed = S_IRUSR | S_IWUSR | (mode & ~umask_now());
  bool fine = write_all(fd, bytes, len) && set_mode(fd, path, allowed);
  int number = errno;
  if (close(fd) != 0 && fine) {
    fine = false;
    number = errno;
  }
  return fine ? true : refuse(path, number);
}

/* Give the file to be replaced a second name, from which to restore it; where
 * there are no hard links, another one. */
static bool keep_old(new_file *file) {
  snprintf(file->old, sizeof(file->old), "%s~", file->temporary);
  if (link(file->path, file->old) == 0) return true;
  if (is_lacking(errno) && rename(file->path, file->old) == 0) return true;
  file->old[0] = '\0';
  return errno == ENOENT ? true : refuse(file->path, errno);
}

/* rename() replaces an existing file. */
static bool replace_old(new_file *file) {
  if (!keep_old(file)) return false;
  file->placed = rename(file->temporary, file->path) == 0;
  int number = errno;
  if (file->placed) {
    file->temporary[0] = '\0';
    return true;
  }
  if (file->old[0] != '\0' && rename(file->old, file->path) == 0) {
    unlink(file->old); /* it is still there if both are names of one file */
    file->old[0] = '\0';
  }
  return refuse(file->path, number);
}

/* Without hard links: a file that is ours, which rename() then replaces. */
static int place_by_rename(new_file *file) {
  int fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return errno;
  close(fd);
  if (rename(file->temporary, file->path) == 0) {
    file->temporary[0] = '\0';
    return 0;
  }
  int number = errno;
  unlink(file->path);
  return number;
}

/* link() never replaces a file, even if it was created after the check in
 * new_file_place(). */
static bool place_new(new_file *file) {
  int number = link(file->temporary, file->path) == 0 ? 0 : errno;
  if (is_lacking(number)) number = place_by_rename(file);
  if (number == EEXIST) return refuse_to_replace(file->path);
  if (number != 0) return refuse(file->path, number);
  file->placed = true;
  return true;
}

bool new_file_place(new_file *file, bool replace) {
  if (!file_place_is_free(file->path, replace)) return false;
  return replace ? replace_old(file) : place_new(file);
}

/* What could not be restored is the only copy of what was there. */
static void drop_old(const new_file *file, bool undo) {
  if (undo) {
    print_message("what was in %s is in %s now", escaped(file->path),
                  escaped(file->old));
  } else {
    unlink(file->old);
  }
}

void new_file_clear(new_file *file, bool undo) {
  if (file->temporary[0] != '\0') unlink(file->temporary);
  if (undo && file->placed && file->old[0] == '\0') unlink(file->path);
  if (undo && file->placed && file->old[0] != '\0') {
    if (rename(file->old, file->path) == 0) file->old[0] = '\0';
  }
  if (file->old[0] != '\0') drop_old(file, undo);
  memset(file, 0, sizeof(*file));
}

bool file_is_same(const char *path, const char *other) {
  struct stat one;
  struct stat two;
  if (lstat(path, &one) != 0 || lstat(other, &two) != 0) return false;
  return one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

static bool place_all(new_file *files, const new_file_row *rows, size_t count,
                      bool replace) {
  for (size_t i = 0; i < count; i++) {
    /* Two names of one file: the second would replace the first. */
    if (i > 0 && file_is_same(rows[i].path, rows[i - 1].path)) {
      print_message("%s and %s are the same file", escaped(rows[i - 1].path),
                    escaped(rows[i].path));
      return false;
    }
    if (!new_file_place(&files[i], replace)) return false;
  }
  return true;
}

bool new_files_write(const new_file_row *rows, size_t count, bool replace) {
  new_file files[NEW_FILES_MAX] = {0};
  sigset_t all;
  sigset_t before;
  bool fine = true;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  for (size_t i = 0; fine && i < count; i++) {
    fine = new_file_write(&files[i], rows[i].path, rows[i].mode, rows[i].bytes,
                          rows[i].len);
  }
  if (fine) fine = place_all(files, rows, count, replace);
  for (size_t i = count; i-- > 0;)
    new_file_clear(&files[i], /* undo = */ !fine);
  sigprocmask(SIG_SETMASK, &before, NULL);
  return fine;
}
