/* SPDX-License-Identifier: MIT */
/* Files that are replaced in all the ways in which certificates are renewed. */
#include <tlstream/watch.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/loop_guard.h"
#include "support/test.h"
#include "support/torture.h"

enum { SETTLE_MS = 5, SELDOM_MS = 60000, OFTEN_MS = 10, FILES = 2 };

typedef struct scene {
  loop_guard guard;
  char folder[64];
  char paths[FILES][96];
  const char *files[FILES];
  tlstream_watch *watch;
  unsigned changes;
  unsigned wanted;
  bool closes; /* in the callback */
} scene;

static const char *in(const scene *self, const char *name) {
  static char paths[4][160];
  static int last;
  char *path = paths[++last % 4];
  snprintf(path, sizeof(paths[0]), "%s/%s", self->folder, name);
  return path;
}

static void put(const scene *self, const char *name, const char *text) {
  int fd = open(in(self, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  CHECK_INT(write(fd, text, strlen(text)), strlen(text));
  close(fd);
}

static void replace(const scene *self, const char *name, const char *text) {
  put(self, "new", text);
  CHECK_INT(rename(in(self, "new"), in(self, name)), 0);
}

static void make_folder(const scene *self, const char *name) {
  CHECK_INT(mkdir(in(self, name), 0700), 0);
}

static void link_to(const scene *self, const char *target, const char *name) {
  CHECK_INT(symlink(target, in(self, "link")), 0);
  CHECK_INT(rename(in(self, "link"), in(self, name)), 0);
}

static void on_change(tlstream_watch *watch, void *data) {
  scene *self = data;
  CHECK(watch == self->watch);
  self->changes++;
  if (self->closes) {
    tlstream_watch_close(watch);
    self->watch = NULL;
  }
}

static void open_folder(scene *self) {
  snprintf(self->folder, sizeof(self->folder), "/tmp/tlstream-watch-XXXXXX");
  if (mkdtemp(self->folder) == NULL) TEST_STOP("no folder");
  loop_guard_open(&self->guard);
}

/* The second may be NULL. */
static void begin(scene *self, const char *first, const char *second,
                  unsigned poll_ms) {
  tlstream_error error;
  const char *names[FILES] = {first, second};
  for (int i = 0; i < FILES && names[i] != NULL; i++) {
    snprintf(self->paths[i], sizeof(self->paths[i]), "%s", in(self, names[i]));
    self->files[i] = self->paths[i];
  }
  self->watch = tlstream_watch_new(
      &self->guard.loop,
      TLSTREAM_WATCH(.files = self->files, .file_count = second ? 2 : 1,
                     .settle_ms = SETTLE_MS, .poll_ms = poll_ms),
      on_change, self, &error);
  if (self->watch == NULL) TEST_STOP("%s", error.message);
}

/* It is reported, and once. The time limit of the test ends a wait for what
 * never comes. */
static void check_reported(scene *self) {
  self->wanted++;
  while (self->changes < self->wanted)
    uv_run(&self->guard.loop, UV_RUN_ONCE);
  CHECK_INT(self->changes, self->wanted);
}

static void finish(scene *self) {
  char command[96];
  tlstream_watch_close(self->watch);
  loop_guard_run(&self->guard);
  loop_guard_close(&self->guard);
  snprintf(command, sizeof(command), "rm -r %s", self->folder);
  CHECK_INT(system(command), 0); // NOLINT
}

TEST(a_file_that_is_replaced_or_written_over) {
  scene self = {0};
  open_folder(&self);
  put(&self, "cert", "1");
  begin(&self, "cert", NULL, SELDOM_MS);
  for (int i = 0; i < 3; i++) {
    replace(&self, "cert", "2");
    check_reported(&self);
    put(&self, "cert", "33");
    check_reported(&self);
  }
  finish(&self);
}

TEST(a_file_that_comes_and_goes) {
  scene self = {0};
  open_folder(&self);
  begin(&self, "cert", NULL, SELDOM_MS);
  put(&self, "cert", "1");
  check_reported(&self);
  CHECK_INT(unlink(in(&self, "cert")), 0);
  check_reported(&self);
  put(&self, "cert", "1");
  check_reported(&self);
  finish(&self);
}

TEST(files_that_change_together_are_one_change) {
  scene self = {0};
  open_folder(&self);
  begin(&self, "cert", "key", SELDOM_MS);
  for (int i = 0; i < 3; i++) {
    replace(&self, "cert", "1");
    replace(&self, "key", "1");
    check_reported(&self);
  }
  finish(&self);
}

/* live/cert leads to archive/cert1, then to archive/cert2. */
TEST(links_as_certbot_sets_them) {
  scene self = {0};
  open_folder(&self);
  make_folder(&self, "live");
  make_folder(&self, "archive");
  put(&self, "archive/cert1", "1");
  put(&self, "archive/cert2", "2");
  link_to(&self, "../archive/cert1", "live/cert");
  begin(&self, "live/cert", NULL, SELDOM_MS);
  link_to(&self, "../archive/cert2", "live/cert");
  check_reported(&self);
  put(&self, "archive/cert2", "22"); /* it is watched there, too */
  check_reported(&self);
  put(&self, "archive/cert1", "11"); /* and not there any more */
  put(&self, "archive/cert3", "3");
  CHECK_INT(unlink(in(&self, "live/cert")), 0);
  CHECK_INT(symlink(in(&self, "archive/cert3"), in(&self, "live/cert")), 0);
  check_reported(&self);
  finish(&self);
}

/* cert and key lead through ..data, which is swapped. */
TEST(links_as_kubernetes_swaps_them) {
  scene self = {0};
  open_folder(&self);
  make_folder(&self, "v1");
  put(&self, "v1/cert", "1");
  put(&self, "v1/key", "1");
  link_to(&self, "v1", "..data");
  link_to(&self, "..data/cert", "cert");
  link_to(&self, "..data/key", "key");
  begin(&self, "cert", "key", SELDOM_MS);
  make_folder(&self, "v2");
  put(&self, "v2/cert", "2");
  put(&self, "v2/key", "2");
  link_to(&self, "v2", "..data");
  CHECK_INT(unlink(in(&self, "v1/cert")), 0);
  CHECK_INT(unlink(in(&self, "v1/key")), 0);
  CHECK_INT(rmdir(in(&self, "v1")), 0);
  check_reported(&self);
  put(&self, "v2/key", "22");
  check_reported(&self);
  finish(&self);
}

TEST(a_folder_behind_a_link) {
  scene self = {0};
  open_folder(&self);
  make_folder(&self, "v1");
  make_folder(&self, "v2");
  put(&self, "v1/cert", "1");
  put(&self, "v2/cert", "2");
  link_to(&self, "v1", "current");
  begin(&self, "current/cert", NULL, SELDOM_MS);
  link_to(&self, "v2", "current");
  check_reported(&self);
  put(&self, "v2/cert", "22");
  check_reported(&self);
  finish(&self);
}

/* Links that lead in a circle, and to nothing. */
TEST(links_that_lead_nowhere) {
  scene self = {0};
  open_folder(&self);
  link_to(&self, "b", "a");
  link_to(&self, "a", "b");
  link_to(&self, "none/such", "key");
  begin(&self, "a", "key", SELDOM_MS);
  CHECK_INT(unlink(in(&self, "b")), 0);
  put(&self, "b", "1");
  check_reported(&self);
  make_folder(&self, "none");
  put(&self, "none/such", "1");
  check_reported(&self);
  finish(&self);
}

/* A folder further up is moved, which no folder that is watched reports. */
TEST(what_the_system_does_not_report_is_found_by_looking) {
  scene self = {0};
  open_folder(&self);
  make_folder(&self, "a");
  make_folder(&self, "a/b");
  put(&self, "a/b/cert", "1");
  make_folder(&self, "c");
  make_folder(&self, "c/b");
  put(&self, "c/b/cert", "2");
  begin(&self, "a/b/cert", NULL, OFTEN_MS);
  CHECK_INT(rename(in(&self, "a"), in(&self, "old")), 0);
  CHECK_INT(rename(in(&self, "c"), in(&self, "a")), 0);
  check_reported(&self);
  put(&self, "a/b/cert", "22");
  check_reported(&self);
  finish(&self);
}

/* Others in the same folder are nothing; if they were, there would be a change
 * too many. */
TEST(other_files_are_no_change) {
  scene self = {0};
  open_folder(&self);
  put(&self, "cert", "1");
  begin(&self, "cert", NULL, SELDOM_MS);
  uint64_t until = uv_hrtime() + (uint64_t)10 * SETTLE_MS * 1000000;
  while (uv_hrtime() < until) {
    put(&self, "other", "1");
    uv_run(&self.guard.loop, UV_RUN_NOWAIT);
  }
  CHECK_INT(self.changes, 0);
  put(&self, "cert", "2");
  check_reported(&self);
  finish(&self);
}

static void write_again(uv_timer_t *timer) {
  scene *self = timer->data;
  put(self, "cert", self->changes % 2 == 0 ? "1" : "2");
}

/* It changes more often than it settles, and is reported all the same. */
TEST(a_file_that_never_rests_is_reported) {
  scene self = {0};
  uv_timer_t timer;
  open_folder(&self);
  begin(&self, "cert", NULL, SELDOM_MS);
  uv_timer_init(&self.guard.loop, &timer);
  timer.data = &self;
  uv_timer_start(&timer, write_again, 1, 1);
  check_reported(&self);
  check_reported(&self);
  uv_close((uv_handle_t *)&timer, NULL);
  finish(&self);
}

TEST(it_can_be_closed_in_its_callback_and_at_once) {
  scene self = {.closes = true};
  open_folder(&self);
  begin(&self, "cert", NULL, SELDOM_MS);
  put(&self, "cert", "1");
  check_reported(&self);
  CHECK(self.watch == NULL);
  begin(&self, "cert", "key", SELDOM_MS);
  put(&self, "cert", "22");
  tlstream_watch_close(self.watch);
  tlstream_watch_close(self.watch);
  self.watch = NULL;
  loop_guard_run(&self.guard);
  CHECK_INT(self.changes, 1);
  finish(&self);
}

static void check_refused(const tlstream_watch_options *options,
                          tlstream_watch_cb callback) {
  tlstream_error error;
  loop_guard guard;
  uv_loop_t *loop = loop_guard_open(&guard);
  CHECK(tlstream_watch_new(loop, options, callback, NULL, &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
  loop_guard_close(&guard);
}

TEST(what_cannot_be_watched_is_refused) {
  const char *const fine[] = {"x"};
  const char *const missing[] = {"x", NULL};
  const char *const empty[] = {""};
  check_refused(NULL, on_change);
  check_refused(TLSTREAM_WATCH(.files = fine, .file_count = 0), on_change);
  check_refused(TLSTREAM_WATCH(.files = NULL, .file_count = 1), on_change);
  check_refused(TLSTREAM_WATCH(.files = fine, .file_count = SIZE_MAX),
                on_change);
  check_refused(TLSTREAM_WATCH(.files = missing, .file_count = 2), on_change);
  check_refused(TLSTREAM_WATCH(.files = empty, .file_count = 1), on_change);
  check_refused(TLSTREAM_WATCH(.files = fine, .file_count = 1), NULL);
}

/* A folder more or less is made up for by looking. */
static void make_one(void *data) {
  scene *self = data;
  tlstream_error error;
  tlstream_watch *made = tlstream_watch_new(
      &self->guard.loop,
      TLSTREAM_WATCH(.files = self->files, .file_count = FILES), on_change,
      self, &error);
  CHECK(made != NULL || error.code == TLSTREAM_ERR_NO_MEMORY);
  CHECK(made != NULL || torture_struck());
  tlstream_watch_close(made);
  loop_guard_run(&self->guard);
}

TEST(without_memory_there_is_none) {
  scene self = {.files = {"/tmp/nonexistent/a", "/dev/null"}};
  torture_install();
  open_folder(&self);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, make_one, &self), 4);
  finish(&self);
}
