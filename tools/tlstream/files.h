/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_FILES_H
#define TLSTREAM_TOOL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { FILE_PATH_MAX = 1024 };

/*
 * A file that is made under another name beside its place and appears there
 * complete or not at all. Zeroed, it is one that was never begun.
 */
typedef struct new_file {
  const char *path;                  /* borrowed: where it goes */
  char temporary[FILE_PATH_MAX + 8]; /* where it is; "" if it is not */
  char old[FILE_PATH_MAX + 9]; /* where what it replaced is; "" if nowhere */
  bool placed;
} new_file;

/* Write the contents, readable by the owner alone plus `mode`, less the umask.
 * False when that failed, and then the reason has been said. */
bool new_file_write(new_file *file, const char *path, mode_t mode,
                    const void *bytes, size_t len);

/* Put it in its place. Something that is there already stays and makes this
 * fail, unless it is a plain file and `replace` is set. */
bool new_file_place(new_file *file, bool replace);

/* Remove what is under other names, and, with `undo`, what was placed: what it
 * replaced comes back. */
void new_file_clear(new_file *file, bool undo);

/* One of several files that appear together or not at all. */
typedef struct new_file_row {
  const char *path;
  mode_t mode;
  const void *bytes;
  size_t len;
} new_file_row;

enum { NEW_FILES_MAX = 2 };

/* Write and place all of them. When one cannot be, all is as it was before, and
 * the reason has been said. Nobody's Ctrl-C comes in between. */
bool new_files_write(const new_file_row *rows, size_t count, bool replace);

/* Read all of a file, "-" being standard input. False when that failed, and
 * then the reason has been said. */
bool file_read(const char *path, char **bytes, size_t *len);

/* Wipe and release what was read; NULL is a no-op. */
void file_release(char *bytes, size_t len);

/* Tell whether both names lead to one file that is there. */
bool file_is_same(const char *path, const char *other);

/* Tell whether a new file could be put there, and if not say why. */
bool file_place_is_free(const char *path, bool replace);

#endif
