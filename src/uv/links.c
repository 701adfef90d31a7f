/* SPDX-License-Identifier: MIT */
#include "uv/links.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As many links as Linux follows. */
enum { PATH_CAP = 4096, LINKS_MAX = 40 };

/* Where the walk is, and what of the path is still before it. */
typedef struct walk {
  char at[PATH_CAP]; /* a folder, without links in it; "" is the current one */
  char rest[PATH_CAP];
  int links;
} walk;

static const char *folder(const walk *self) {
  return self->at[0] != '\0' ? self->at : ".";
}

/* Take the next name of the rest; false at its end. */
static bool take_name(walk *self, char *name) {
  const char *start = self->rest + strspn(self->rest, "/");
  size_t len = strcspn(start, "/");
  memcpy(name, start, len);
  name[len] = '\0';
  memmove(self->rest, start + len, strlen(start + len) + 1);
  return len > 0;
}

static bool has_rest(const walk *self) {
  return self->rest[strspn(self->rest, "/")] != '\0';
}

static bool join(char *out, const char *left, const char *right) {
  bool needs_slash = left[0] != '\0' && left[strlen(left) - 1] != '/';
  int len =
      snprintf(out, PATH_CAP, "%s%s%s", left, needs_slash ? "/" : "", right);
  return len >= 0 && len < PATH_CAP;
}

/* What the link leads to goes before the rest. */
static bool enter_link(walk *self, const char *path) {
  char target[PATH_CAP];
  char rest[PATH_CAP];
  ssize_t len = readlink(path, target, sizeof(target) - 1);
  if (len <= 0 || ++self->links > LINKS_MAX) return false;
  target[len] = '\0';
  if (!join(rest, target, self->rest)) return false;
  memcpy(self->rest, rest, sizeof(rest));
  if (target[0] == '/') memcpy(self->at, "/", 2);
  return true;
}

/* One name further. False when the walk is over. */
static bool step(walk *self, void (*visit)(const char *folder, void *data),
                 void *data) {
  char name[PATH_CAP];
  char path[PATH_CAP];
  struct stat status;
  if (!take_name(self, name) || !join(path, self->at, name)) return false;
  bool exists = lstat(path, &status) == 0;
  bool is_link = exists && S_ISLNK(status.st_mode);
  if (!exists || is_link || !has_rest(self)) visit(folder(self), data);
  if (is_link) return enter_link(self, path);
  memcpy(self->at, path, sizeof(path));
  return exists;
}

void tlstream__links_follow(const char *path,
                            void (*visit)(const char *folder, void *data),
                            void *data) {
  walk self = {.links = 0};
  if (!join(self.rest, "", path)) return;
  if (path[0] == '/') memcpy(self.at, "/", 2);
  while (step(&self, visit, data))
    continue;
}
