/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_FILES_H
#define TLSTREAM_TOOL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { FILE_PATH_MAX = 1024 };

/*
 * A new file. It is written under a temporary name in the same folder and then
 * renamed, so that it appears complete or not at all. Zeroed: not begun.
 */
typedef struct new_file {
  const char *path;                   /* borrowed: its final name */
  char temporary[FILE_PATH_MAX + 20]; /* its name until then, or "" */
  char old[FILE_PATH_MAX + 21];       /* of the file it replaced, or "" */
  bool placed;
} new_file;

/* Write the contents under the temporary name, with mode 0600 plus `mode` less
 * the umask. False on failure, after printing the reason, as in the functions
 * below. */
bool new_file_write(new_file *file, const char *path, mode_t mode,
                    const void *bytes, size_t len);

/* Give it its final name. Fails if that name exists, unless it is a regular
 * file and `replace` is set. */
bool new_file_place(new_file *file, bool replace);

/* Remove the temporary files. With `undo`, remove the placed file too and
 * restore the one that it replaced. */
void new_file_clear(new_file *file, bool undo);

/* One of several files that appear together or not at all. */
typedef struct new_file_row {
  const char *path;
  mode_t mode;
  const void *bytes;
  size_t len;
} new_file_row;

enum { NEW_FILES_MAX = 2 };

/* Write and place all of them, or restore everything and fail. Signals are
 * blocked meanwhile. */
bool new_files_write(const new_file_row *rows, size_t count, bool replace);

/* True if both names refer to the same existing file. Prints nothing. */
bool file_is_same(const char *path, const char *other);

/* True if a new file may be created under this name. */
bool file_place_is_free(const char *path, bool replace);

#endif
