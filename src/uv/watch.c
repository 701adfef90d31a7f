/* SPDX-License-Identifier: MIT */
/*
 * An event in a folder, or a change that is seen now and then, only begins a
 * look at the files: it compares what stat(2) says now with what it said when
 * the last change was reported. Folders full of other files, and events that
 * come twice or too early, are no trouble that way.
 */
#include <tlstream/watch.h>

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/options.h"
#include "uv/links.h"

enum { SETTLE_MS = 100, POLL_MS = 5000, LOOKS_MAX = 20, FILES_MAX = 10000 };

/* What tells one file, or content, from another. Zeroed: there is none. */
typedef struct identity {
  dev_t device;
  ino_t number;
  off_t size;
  struct timespec changed; /* its content or its inode */
} identity;

typedef struct watched_file {
  char *path;        /* owned */
  identity reported; /* when a change was last reported */
  identity seen;     /* in the last look */
} watched_file;

typedef struct watched_folder {
  uv_fs_event_t event;
  struct watched_folder *next;
  tlstream_watch *watch;
  dev_t device;
  ino_t number;
  bool wanted;
  char path[];
} watched_folder;

struct tlstream_watch {
  uv_loop_t *loop;
  tlstream_watch_cb on_change;
  void *data;
  watched_file *files; /* owned */
  size_t file_count;
  watched_folder *folders; /* owned */
  uv_timer_t timer;        /* until the next look; active: one has begun */
  uv_timer_t poll;
  unsigned settle_ms;
  unsigned poll_ms;
  unsigned looks; /* since something changed */
  size_t open_handles;
  bool closed;
};

static void begin_look(tlstream_watch *watch);

static void finish(tlstream_watch *watch) {
  for (size_t i = 0; i < watch->file_count; i++)
    tlstream__free(watch->files[i].path);
  tlstream__free(watch->files);
  tlstream__free(watch);
}

static void handle_closed(tlstream_watch *watch) {
  if (--watch->open_handles == 0) finish(watch);
}

static void on_handle_closed(uv_handle_t *handle) {
  handle_closed(handle->data);
}

static void on_folder_closed(uv_handle_t *handle) {
  watched_folder *folder = handle->data;
  tlstream_watch *watch = folder->watch;
  tlstream__free(folder);
  handle_closed(watch);
}

static void on_event(uv_fs_event_t *event, const char *name, int events,
                     int status) {
  const watched_folder *folder = event->data;
  (void)name, (void)events, (void)status;
  begin_look(folder->watch);
}

/* Folders. */

static bool is_folder(const watched_folder *folder, const char *path,
                      const struct stat *status) {
  return folder->number == status->st_ino && folder->device == status->st_dev &&
         strcmp(folder->path, path) == 0;
}

static watched_folder *find(const tlstream_watch *watch, const char *path,
                            const struct stat *status) {
  watched_folder *each = watch->folders;
  while (each != NULL && !is_folder(each, path, status))
    each = each->next;
  return each;
}

/* Where the system has no more to give, polling is what remains. */
static void add_folder(tlstream_watch *watch, const char *path,
                       const struct stat *status) {
  size_t len = strlen(path) + 1;
  watched_folder *made = tlstream__calloc(sizeof(*made) + len);
  if (made == NULL) return;
  memcpy(made->path, path, len);
  made->device = status->st_dev;
  made->number = status->st_ino;
  made->watch = watch;
  made->wanted = true;
  uv_fs_event_init(watch->loop, &made->event);
  made->event.data = made;
  watch->open_handles++;
  made->next = watch->folders;
  watch->folders = made;
  (void)uv_fs_event_start(&made->event, on_event, path, 0);
}

static void want_folder(const char *path, void *data) {
  tlstream_watch *watch = data;
  struct stat status;
  if (stat(path, &status) != 0) return;
  watched_folder *found = find(watch, path, &status);
  if (found != NULL) {
    found->wanted = true;
  } else {
    add_folder(watch, path, &status);
  }
}

static void drop_unwanted(tlstream_watch *watch) {
  for (watched_folder **link = &watch->folders; *link != NULL;) {
    watched_folder *each = *link;
    if (each->wanted) {
      link = &each->next;
      continue;
    }
    *link = each->next;
    uv_close((uv_handle_t *)&each->event, on_folder_closed);
  }
}

/* Links may lead elsewhere now. */
static void follow_links(tlstream_watch *watch) {
  for (watched_folder *each = watch->folders; each != NULL; each = each->next)
    each->wanted = false;
  for (size_t i = 0; i < watch->file_count; i++)
    tlstream__links_follow(watch->files[i].path, want_folder, watch);
  drop_unwanted(watch);
}

/* Looks. */

#ifdef __APPLE__
#define CHANGED(status) ((status).st_ctimespec)
#else
#define CHANGED(status) ((status).st_ctim)
#endif

static identity identify(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) return (identity){0};
  return (identity){.device = status.st_dev,
                    .number = status.st_ino,
                    .size = status.st_size,
                    .changed = CHANGED(status)};
}

static bool is_same(const identity *a, const identity *b) {
  return a->device == b->device && a->number == b->number &&
         a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
         a->changed.tv_nsec == b->changed.tv_nsec;
}

/* Returns whether anything is not as it was in the last look. */
static bool look(tlstream_watch *watch) {
  bool moved = false;
  for (size_t i = 0; i < watch->file_count; i++) {
    watched_file *each = &watch->files[i];
    identity now = identify(each->path);
    moved = moved || !is_same(&now, &each->seen);
    each->seen = now;
  }
  return moved;
}

static bool has_changed(const tlstream_watch *watch) {
  for (size_t i = 0; i < watch->file_count; i++) {
    const watched_file *each = &watch->files[i];
    if (!is_same(&each->seen, &each->reported)) return true;
  }
  return false;
}

static void note_reported(tlstream_watch *watch) {
  for (size_t i = 0; i < watch->file_count; i++)
    watch->files[i].reported = watch->files[i].seen;
}

static void on_timer(uv_timer_t *timer) {
  tlstream_watch *watch = timer->data;
  follow_links(watch);
  if (look(watch) && ++watch->looks < LOOKS_MAX) {
    uv_timer_start(timer, on_timer, watch->settle_ms, 0);
    return;
  }
  if (!has_changed(watch)) return;
  note_reported(watch);
  watch->on_change(watch, watch->data);
}

/* Only one at a time, so that a folder that never rests cannot put it off. */
static void begin_look(tlstream_watch *watch) {
  if (watch->closed || uv_is_active((uv_handle_t *)&watch->timer)) return;
  watch->looks = 0;
  (void)look(watch);
  uv_timer_start(&watch->timer, on_timer, watch->settle_ms, 0);
}

/* What libuv has for this, uv_fs_poll_t, begins with a look of its own in
 * another thread, and does not see what changes before that. */
static void on_poll(uv_timer_t *timer) {
  tlstream_watch *watch = timer->data;
  if (uv_is_active((uv_handle_t *)&watch->timer) || !look(watch)) return;
  begin_look(watch);
}

/* Life. */

static int check(const tlstream_watch_options *options,
                 tlstream_watch_cb on_change, tlstream_error *error) {
  bool fine = on_change != NULL && options->files != NULL &&
              options->file_count > 0 && options->file_count <= FILES_MAX;
  for (size_t i = 0; fine && i < options->file_count; i++)
    fine = options->files[i] != NULL && options->files[i][0] != '\0';
  if (fine) return 0;
  return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                             "watch: it needs files with names, and on_change");
}

static bool copy_files(tlstream_watch *watch,
                       const tlstream_watch_options *options) {
  watch->files = tlstream__calloc(options->file_count * sizeof(*watch->files));
  if (watch->files == NULL) return false;
  for (size_t i = 0; i < options->file_count; i++) {
    watch->files[i].path = tlstream__strdup(options->files[i]);
    if (watch->files[i].path == NULL) return false;
    watch->file_count++;
  }
  return true;
}

static tlstream_watch *make(uv_loop_t *loop,
                            const tlstream_watch_options *options) {
  tlstream_watch *watch = tlstream__calloc(sizeof(*watch));
  if (watch == NULL) return NULL;
  watch->loop = loop;
  watch->settle_ms = options->settle_ms != 0 ? options->settle_ms : SETTLE_MS;
  watch->poll_ms = options->poll_ms != 0 ? options->poll_ms : POLL_MS;
  if (copy_files(watch, options)) return watch;
  finish(watch);
  return NULL;
}

static void start(tlstream_watch *watch) {
  uv_timer_init(watch->loop, &watch->timer);
  uv_timer_init(watch->loop, &watch->poll);
  watch->timer.data = watch->poll.data = watch;
  watch->open_handles = 2;
  uv_timer_start(&watch->poll, on_poll, watch->poll_ms, watch->poll_ms);
  follow_links(watch);
  (void)look(watch);
  note_reported(watch);
}

tlstream_watch *tlstream_watch_new(uv_loop_t *loop,
                                   const tlstream_watch_options *options,
                                   tlstream_watch_cb on_change, void *data,
                                   tlstream_error *error) {
  tlstream_watch_options known = {0};
  tlstream__error_clear(error);
  if (tlstream__options_copy(&known, sizeof(known), options, "watch", error) !=
          0 ||
      check(&known, on_change, error) != 0) {
    return NULL;
  }
  tlstream_watch *watch = make(loop, &known);
  if (watch == NULL) {
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    return NULL;
  }
  watch->on_change = on_change;
  watch->data = data;
  start(watch);
  return watch;
}

void tlstream_watch_close(tlstream_watch *watch) {
  if (watch == NULL || watch->closed) return;
  watch->closed = true;
  for (watched_folder *each = watch->folders; each != NULL; each = each->next)
    each->wanted = false;
  drop_unwanted(watch);
  uv_close((uv_handle_t *)&watch->poll, on_handle_closed);
  uv_close((uv_handle_t *)&watch->timer, on_handle_closed);
}
