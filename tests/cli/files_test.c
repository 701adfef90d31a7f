/* SPDX-License-Identifier: MIT */
/* How the command writes files, also where a file system has no hard links, no
 * permissions and no fsync(). */
#define _GNU_SOURCE /* syscall */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/test.h"

/* What the file system cannot do: an errno, or 0. */
static int fault_of_link;
static int fault_of_fchmod;
static int fault_of_fsync;
static int renames_before; /* one that fails, if it is not -1 */

/* These stand before the C library's for everything in this program. */
int link(const char *from, const char *to) {
  if (fault_of_link != 0) return errno = fault_of_link, -1;
  return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int fchmod(int fd, mode_t mode) {
  if (fault_of_fchmod != 0) return errno = fault_of_fchmod, -1;
  return (int)syscall(SYS_fchmod, fd, mode);
}

int fsync(int fd) {
  if (fault_of_fsync != 0) return errno = fault_of_fsync, -1;
  return (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to) {
  if (renames_before >= 0 && renames_before-- == 0) return errno = EIO, -1;
  return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

static const int lacking[] = {0, EPERM, EOPNOTSUPP, ENOSYS};

static char folder[] = "/tmp/tlstream-files-XXXXXX";
static char paths[2][400];

BEFORE_TESTS(enter) {
  umask(022);
  renames_before = -1;
  CHECK(mkdtemp(folder) != NULL);
  snprintf(paths[0], sizeof(paths[0]), "%s/cert.pem", folder);
  snprintf(paths[1], sizeof(paths[1]), "%s/key.pem", folder);
}

AFTER_TESTS(leave) {
  CHECK_INT(rmdir(folder), 0);
}

static int count_files(void) {
  int count = 0;
  DIR *dir = opendir(folder);
  for (struct dirent *each = NULL; (each = readdir(dir)) != NULL;)
    count += each->d_name[0] != '.' || each->d_name[1] == 't';
  closedir(dir);
  return count;
}

static void check_file(int which, const char *text, mode_t mode) {
  char got[64] = "";
  struct stat status;
  int fd = open(paths[which], O_RDONLY);
  if (!CHECK(fd >= 0)) return;
  CHECK_INT(read(fd, got, sizeof(got) - 1), strlen(text));
  CHECK_STR(got, text);
  CHECK_INT(fstat(fd, &status), 0);
  CHECK_INT(status.st_mode & 0777, mode);
  close(fd);
}

static bool write_both(const char *cert, const char *key, bool replace) {
  const new_file_row rows[] = {{paths[0], 0044, cert, strlen(cert)},
                               {paths[1], 0, key, strlen(key)}};
  return new_files_write(rows, 2, replace);
}

static void drop_both(void) {
  unlink(paths[0]);
  unlink(paths[1]);
  CHECK_INT(count_files(), 0);
}

TEST(are_new) {
  EACH_ROW(i, lacking) {
    fault_of_link = lacking[i];
    CHECK(write_both("cert", "key", /* replace = */ false));
    check_file(0, "cert", 0644);
    check_file(1, "key", 0600);
    CHECK_INT(count_files(), 2);
    CHECK(!write_both("other", "other", /* replace = */ false));
    check_file(0, "cert", 0644);
    check_file(1, "key", 0600);
    drop_both();
  }
}

TEST(are_replaced) {
  EACH_ROW(i, lacking) {
    fault_of_link = lacking[i];
    CHECK(write_both("cert", "key", /* replace = */ true));
    CHECK(write_both("newer", "newer key", /* replace = */ true));
    check_file(0, "newer", 0644);
    check_file(1, "newer key", 0600);
    CHECK_INT(count_files(), 2);
    drop_both();
  }
}

/* One of them is there already: neither is written. */
TEST(appear_together_or_not_at_all) {
  EACH_ROW(i, lacking) {
    fault_of_link = lacking[i];
    const new_file_row one = {paths[1], 0, "key", 3};
    CHECK(new_files_write(&one, 1, /* replace = */ false));
    CHECK(!write_both("cert", "other", /* replace = */ false));
    check_file(1, "key", 0600);
    CHECK_INT(count_files(), 1);
    drop_both();
  }
}

/* Whichever rename() fails, what was there is there again. */
TEST(are_restored) {
  EACH_ROW(i, lacking) {
    bool done = false;
    fault_of_link = lacking[i];
    CHECK(write_both("cert", "key", /* replace = */ false));
    for (int fails = 0; !done && fails < 10; fails++) {
      renames_before = fails;
      done = write_both("newer", "newer key", /* replace = */ true);
      CHECK(done == (renames_before >= 0));
      renames_before = -1;
      check_file(0, done ? "newer" : "cert", 0644);
      check_file(1, done ? "newer key" : "key", 0600);
      CHECK_INT(count_files(), 2);
    }
    CHECK(done);
    drop_both();
  }
}

TEST(leave_nothing_where_renaming_fails) {
  fault_of_link = EPERM;
  for (int fails = 0; fails < 2; fails++) {
    renames_before = fails;
    CHECK(!write_both("cert", "key", /* replace = */ false));
    renames_before = -1;
    CHECK_INT(count_files(), 0);
  }
}

TEST(are_written_without_permissions_and_fsync) {
  EACH_ROW(i, lacking) {
    fault_of_fchmod = fault_of_fsync = lacking[i];
    CHECK(write_both("cert", "key", /* replace = */ false));
    check_file(0, "cert", lacking[i] == 0 ? 0644 : 0600);
    check_file(1, "key", 0600);
    drop_both();
  }
  fault_of_fsync = EINVAL;
  CHECK(write_both("cert", "key", /* replace = */ false));
  drop_both();
}

/* Faults that are real stay faults. */
TEST(fail_where_the_disk_does) {
  static const int faults[] = {EIO, ENOSPC, EDQUOT, EROFS};
  EACH_ROW(i, faults) {
    int *const calls[] = {&fault_of_link, &fault_of_fchmod, &fault_of_fsync};
    EACH_ROW(j, calls) {
      *calls[j] = faults[i];
      CHECK(!write_both("cert", "key", /* replace = */ false));
      CHECK_INT(count_files(), 0);
      *calls[j] = 0;
    }
  }
}

/* A name of 255 bytes is as long as it can be. */
TEST(have_names_of_any_length) {
  char name[256];
  memset(name, 'n', 255);
  name[255] = '\0';
  EACH_ROW(i, lacking) {
    fault_of_link = lacking[i];
    snprintf(paths[0], sizeof(paths[0]), "%s/%s", folder, name);
    CHECK(write_both("cert", "key", /* replace = */ false));
    CHECK(write_both("newer", "newer", /* replace = */ true));
    check_file(0, "newer", 0644);
    drop_both();
    snprintf(paths[0], sizeof(paths[0]), "%s/cert.pem", folder);
  }
}

TEST(may_be_named_without_a_folder) {
  const new_file_row one = {"alone.pem", 0044, "x", 1};
  CHECK_INT(chdir(folder), 0);
  EACH_ROW(i, lacking) {
    fault_of_link = lacking[i];
    CHECK(new_files_write(&one, 1, /* replace = */ false));
    CHECK(new_files_write(&one, 1, /* replace = */ true));
    CHECK_INT(count_files(), 1);
    CHECK_INT(unlink("alone.pem"), 0);
  }
  CHECK_INT(chdir("/"), 0);
}
