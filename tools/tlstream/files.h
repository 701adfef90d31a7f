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
  bool placed;                       /* it was put where nothing had been */
} new_file;

/* Write the contents, readable by the owner alone plus `mode`, less the umask.
 * False when that failed, and then the reason has been said. */
bool new_file_write(new_file *file, const char *path, mode_t mode,
                    const void *bytes, size_t len);

/* Put it in its place. Something that is there already stays and makes this
 * fail, unless it is a plain file and `replace` is set. */
bool new_file_place(new_file *file, bool replace);

/* Remove what is under the other name, and, with `undo`, what was placed. */
void new_file_clear(new_file *file, bool undo);

/* Tell whether a new file could be put there, and if not say why. */
bool file_place_is_free(const char *path, bool replace);

#endif
