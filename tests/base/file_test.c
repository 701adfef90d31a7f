/* SPDX-License-Identifier: MIT */
/* Reading the files that options name. */
#define _GNU_SOURCE /* AT_EMPTY_PATH */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "support/test.h"
#include "support/torture.h"

/* The next call fails with this number, or with -1 comes to an early end. */
static int fault_of_read;
static int reads_before; /* the fault */
static int fault_of_fstat;
static size_t most_per_read; /* 0: as asked */

/* These stand before the C library's for everything in this program. */
ssize_t read(int fd, void *buf, size_t count) {
  int fault = reads_before-- > 0 ? 0 : fault_of_read;
  if (fault != 0) fault_of_read = 0;
  if (fault < 0) return 0;
  if (fault > 0) return errno = fault, -1;
  if (most_per_read > 0 && count > most_per_read) count = most_per_read;
  return syscall(SYS_read, fd, buf, count);
}

int fstat(int fd, struct stat *status) {
  int fault = fault_of_fstat;
  fault_of_fstat = 0;
  if (fault != 0) return errno = fault, -1;
  return fstatat(fd, "", status, AT_EMPTY_PATH);
}

static char folder[64];
static char path[104];

static void enter(const char *name) {
  snprintf(folder, sizeof(folder), "/tmp/tlstream-file-XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
  snprintf(path, sizeof(path), "%s/%s", folder, name);
}

static void leave(void) {
  unlink(path);
  CHECK_INT(rmdir(folder), 0);
}

static void write_file(const void *bytes, size_t len) {
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL);
  if (file == NULL) return;
  CHECK_INT(fwrite(bytes, 1, len, file), len);
  CHECK_INT(fclose(file), 0);
}

static int open_files(void) {
  int count = 0;
  DIR *dir = opendir("/proc/self/fd");
  while (readdir(dir) != NULL)
    count++;
  closedir(dir);
  return count;
}

static void check_read(const void *bytes, size_t len) {
  char *data = NULL;
  size_t got = 12345;
  tlstream_error error;
  int before = open_files();
  CHECK_INT(tlstream__file_read(path, "ca_file", NULL, &data, &got, &error), 0);
  CHECK_INT(got, len);
  CHECK(data != NULL && memcmp(data, bytes, len) == 0 && data[len] == '\0');
  tlstream__free(data);
  CHECK_INT(open_files(), before);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

static void check_fails(int number, const char *name) {
  char *data = (char *)"untouched";
  size_t len = 12345;
  tlstream_error error;
  int before = open_files();
  CHECK_ERROR(tlstream__file_read(path, "ca_file", NULL, &data, &len, &error),
              TLSTREAM_ERR_FILE);
  CHECK_ERROR(error.code, TLSTREAM_ERR_FILE);
  CHECK_INT(error.system, -number);
  CHECK_STR(error.name, name);
  CHECK_HAS(error.message, "ca_file: cannot read ");
  CHECK_HAS(error.message, strerror(number));
  CHECK_STR(data, "untouched");
  CHECK_INT(len, 12345);
  CHECK_INT(open_files(), before);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(reads_all_bytes) {
  torture_install();
  enter("file");
  write_file("", 0);
  check_read("", 0);
  write_file("one\0two\r\n\xff", 10);
  check_read("one\0two\r\n\xff", 10);
  leave();
}

TEST(reads_in_pieces_too) {
  torture_install();
  enter("file");
  write_file("0123456789", 10);
  most_per_read = 3;
  fault_of_read = EINTR;
  check_read("0123456789", 10);
  most_per_read = 0;
  leave();
}

TEST(reads_sixteen_mebibytes_and_no_more) {
  enum { MOST = 16 * 1024 * 1024 };
  char *zeros = calloc(1, MOST);
  torture_install();
  enter("file");
  write_file("", 0);
  CHECK_INT(truncate(path, MOST), 0);
  check_read(zeros, MOST);
  CHECK_INT(truncate(path, MOST + 1), 0);
  check_fails(EFBIG, "EFBIG");
  CHECK_INT(truncate(path, 1LL << 40), 0);
  check_fails(EFBIG, "EFBIG");
  leave();
  free(zeros);
}

TEST(says_what_a_missing_file_is) {
  char name[300];
  torture_install();
  enter("missing");
  check_fails(ENOENT, "ENOENT");
  write_file("", 0);
  size_t len = strlen(path);
  snprintf(path + len, sizeof(path) - len, "/below");
  check_fails(ENOTDIR, "ENOTDIR");
  path[len] = '\0';
  leave();
  memset(name, 'x', sizeof(name) - 1);
  name[sizeof(name) - 1] = '\0';
  tlstream_error error;
  char *data = NULL;
  CHECK_ERROR(tlstream__file_read(name, "x", NULL, &data, &(size_t){0}, &error),
              TLSTREAM_ERR_FILE);
  CHECK_STR(error.name, "ENAMETOOLONG");
  CHECK_HAS(error.message, "x...: File name too long");
}

TEST(follows_links_but_not_in_circles) {
  torture_install();
  enter("file");
  CHECK_INT(symlink(path, path), 0);
  check_fails(ELOOP, "ELOOP");
  leave();
}

/* Only its owner may enter the folder, and root may do anything. */
TEST(says_that_it_may_not) {
  torture_install();
  enter("file");
  write_file("x", 1);
  bool is_root = geteuid() == 0;
  CHECK_INT(is_root ? seteuid(65534) : chmod(path, 0), 0);
  check_fails(EACCES, "EACCES");
  if (is_root) CHECK_INT(seteuid(0), 0);
  leave();
}

/* A child that writes to what `path` names, once it is open there. */
static pid_t write_later(const char *text, size_t times) {
  pid_t child = fork();
  if (child != 0) return child;
  int fd = open(path, O_WRONLY);
  for (size_t i = 0; i < times; i++) {
    if (write(fd, text, strlen(text)) < 0) _exit(1);
  }
  _exit(0);
}

static void check_pipe(const char *text, size_t times) {
  size_t len = strlen(text) * times;
  char *whole = calloc(1, len + 1);
  for (size_t i = 0; i < times; i++)
    memcpy(whole + i * strlen(text), text, strlen(text));
  pid_t child = write_later(text, times);
  check_read(whole, len);
  CHECK_INT(waitpid(child, NULL, 0), child);
  free(whole);
}

/* It is waited for, and read to its end: 64 KiB fit into a pipe at a time. */
TEST(reads_a_fifo_to_its_end) {
  torture_install();
  enter("fifo");
  CHECK_INT(mkfifo(path, 0600), 0);
  check_pipe("", 1);
  check_pipe("0123456789", 1);
  most_per_read = 7;
  check_pipe("0123456789", 3);
  most_per_read = 0;
  check_pipe("0123456789abcdef", 16 * 1024);
  check_pipe("0123456789abcdef", 16 * 1024 + 1);
  leave();
}

TEST(reads_sixteen_mebibytes_of_what_has_no_end) {
  torture_install();
  snprintf(path, sizeof(path), "/dev/zero");
  check_fails(EFBIG, "EFBIG");
  snprintf(path, sizeof(path), "/dev/null");
  check_read("", 0);
}

/* What others share may be set not to block; a socket has no path to open. */
static void check_own_descriptor(bool is_socket, bool blocks) {
  int ends[2];
  CHECK_INT(is_socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : pipe(ends),
            0);
  fault_of_read = blocks ? 0 : EAGAIN;
  snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
  pid_t child = fork();
  if (child == 0) _exit(write(ends[1], "later", 5) != 5);
  close(ends[1]);
  check_read("later", 5);
  CHECK_INT(waitpid(child, NULL, 0), child);
  close(ends[0]);
}

TEST(reads_its_own_descriptors) {
  torture_install();
  for (int i = 0; i < 4; i++)
    check_own_descriptor(i % 2, i / 2);
  snprintf(path, sizeof(path), "/dev/fd/99999");
  check_fails(ENOENT, "ENOENT");
}

TEST(what_came_out_of_a_pipe_is_kept) {
  tlstream__pipes pipes = {0};
  torture_install();
  enter("fifo");
  CHECK_INT(mkfifo(path, 0600), 0);
  pid_t child = write_later("once", 1);
  for (int i = 0; i < 3; i++) {
    char *data = NULL;
    size_t len = 0;
    CHECK_ERROR(
        tlstream__file_read(path, "key_file", &pipes, &data, &len, NULL), 0);
    CHECK_INT(len, 4);
    CHECK_STR(data, "once");
    tlstream__free(data);
  }
  CHECK_INT(waitpid(child, NULL, 0), child);
  tlstream__pipes_clear(&pipes);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
  leave();
}

/* I6: a key that came in pieces leaves none behind. */
TEST(wipes_what_it_outgrows) {
  tlstream__pipes pipes = {0};
  char *data = NULL;
  size_t len = 0;
  torture_install();
  enter("fifo");
  CHECK_INT(mkfifo(path, 0600), 0);
  torture_watch("01234", 5);
  pid_t child = write_later("0123456789abcdef", 5000);
  CHECK_ERROR(tlstream__file_read(path, "x", &pipes, &data, &len, NULL), 0);
  CHECK_INT(len, 80000);
  explicit_bzero(data, len);
  tlstream__free(data);
  tlstream__pipes_clear(&pipes);
  CHECK_INT(torture_spilled(TORTURE_LIBRARY), 0);
  torture_watch(NULL, 0);
  CHECK_INT(waitpid(child, NULL, 0), child);
  leave();
}

static void read_null_twice(void *unused) {
  (void)unused;
  tlstream__pipes pipes = {0};
  for (int i = 0; i < 2; i++) {
    char *data = NULL;
    size_t len = 0;
    int code = tlstream__file_read("/dev/null", "x", &pipes, &data, &len, NULL);
    if (code != 0) CHECK(torture_struck());
    tlstream__free(data);
  }
  tlstream__pipes_clear(&pipes);
}

TEST(keeps_nothing_without_memory) {
  torture_install();
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, read_null_twice, NULL),
           3);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(takes_no_folder) {
  torture_install();
  snprintf(path, sizeof(path), "/tmp");
  check_fails(EISDIR, "EISDIR");
}

TEST(takes_no_socket) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  torture_install();
  enter("socket");
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
  CHECK_INT(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
  check_fails(ENXIO, "ENXIO");
  close(fd);
  leave();
}

TEST(says_when_reading_fails) {
  torture_install();
  enter("file");
  write_file("0123456789", 10);
  fault_of_read = EIO;
  check_fails(EIO, "EIO");
  fault_of_read = -1; /* it became shorter */
  check_fails(EIO, "EIO");
  fault_of_fstat = EPERM;
  check_fails(EPERM, "EPERM");
  fault_of_fstat = EDOM;
  check_fails(EDOM, "ERR_TLSTREAM_SYSTEM");
  leave();
}

/* I6: what was read of a key before reading it failed. */
TEST(wipes_what_it_does_not_hand_over) {
  torture_install();
  enter("file");
  write_file("01234 56789", 11);
  torture_watch("01234", 5);
  most_per_read = 6;
  reads_before = 1;
  fault_of_read = EIO;
  check_fails(EIO, "EIO");
  CHECK_INT(torture_spilled(TORTURE_LIBRARY), 0);
  torture_watch(NULL, 0);
  most_per_read = 0;
  leave();
}

TEST(says_when_descriptors_are_out) {
  struct rlimit limit;
  torture_install();
  enter("file");
  write_file("x", 1);
  CHECK_INT(getrlimit(RLIMIT_NOFILE, &limit), 0);
  struct rlimit none = {0, limit.rlim_max};
  tlstream_error error;
  char *data = NULL;
  size_t len = 0;
  CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), 0);
  CHECK_ERROR(tlstream__file_read(path, "x", NULL, &data, &len, &error),
              TLSTREAM_ERR_FILE);
  CHECK_STR(error.name, "EMFILE");
  CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), 0);
  leave();
}

TEST(says_when_memory_is_out) {
  torture_install();
  enter("file");
  write_file("x", 1);
  torture_arm(TORTURE_LIBRARY, TORTURE_FOREVER, 1);
  check_fails(ENOMEM, "ENOMEM");
  CHECK(torture_disarm());
  leave();
}

TEST(shows_odd_paths_escaped) {
  tlstream_error error;
  char *data = NULL;
  size_t len = 0;
  CHECK_ERROR(tlstream__file_read("/no/\x1b[31m\nwhere", "x", NULL, &data, &len,
                                  &error),
              TLSTREAM_ERR_FILE);
  CHECK_STR(error.message, "x: cannot read /no/\\x1b[31m\\nwhere: "
                           "No such file or directory");
  CHECK_ERROR(tlstream__file_read("", "x", NULL, &data, &len, NULL),
              TLSTREAM_ERR_FILE);
}

/* Reading it does. */
TEST(a_pipe_s_stamp_does_not_change) {
  char stamps[2][128];
  torture_install();
  enter("fifo");
  CHECK_INT(mkfifo(path, 0600), 0);
  CHECK(tlstream__file_is_pipe(path) && !tlstream__file_is_pipe("/tmp"));
  tlstream__file_stamp(path, stamps[0], sizeof(stamps[0]));
  check_pipe("x", 1);
  tlstream__file_stamp(path, stamps[1], sizeof(stamps[1]));
  CHECK_STR(stamps[0], stamps[1]);
  leave();
}

/* In a folder of its own; the value of a stamp is not looked at. */
TEST(a_stamp_changes_with_its_file) {
  char place[] = "/tmp/tlstream-stamp-XXXXXX";
  char inside[64];
  char stamps[4][128];
  CHECK(mkdtemp(place) != NULL);
  snprintf(inside, sizeof(inside), "%s/file", place);
  tlstream__file_stamp(inside, stamps[0], sizeof(stamps[0]));
  CHECK_STR(stamps[0], "");
  for (int i = 1; i < 4; i++) {
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                      {.tv_sec = 1000, .tv_nsec = i / 2}};
    FILE *file = fopen(inside, "w");
    if (!CHECK(file != NULL)) break;
    fclose(file);
    CHECK_INT(utimensat(AT_FDCWD, inside, times, 0), 0);
    tlstream__file_stamp(inside, stamps[i], sizeof(stamps[i]));
  }
  CHECK(strcmp(stamps[1], stamps[2]) != 0); /* by a nanosecond */
  CHECK_STR(stamps[2], stamps[3]);
  CHECK_INT(unlink(inside), 0);
  CHECK_INT(rmdir(place), 0);
}

static bool is_file(const char *name) {
  return strcmp(name, "file") == 0;
}

TEST(a_folder_is_looked_through) {
  char place[] = "/tmp/tlstream-stamp-XXXXXX";
  char inside[64];
  CHECK(mkdtemp(place) != NULL);
  snprintf(inside, sizeof(inside), "%s/file", place);
  CHECK(!tlstream__file_any(place, is_file));
  CHECK(!tlstream__file_any(inside, is_file));
  CHECK_INT(symlink("nowhere", inside), 0);
  CHECK(tlstream__file_any(place, is_file));
  CHECK_INT(unlink(inside), 0);
  CHECK_INT(rmdir(place), 0);
}
