/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_BASE_FILE_H
#define TLSTREAM_BASE_FILE_H

/* The one place that reads a file that an option names, or looks at one. */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/error.h>

/*
 * What came out of the pipes among several files: FIFOs, terminals, sockets and
 * what a shell puts in the place of a command's output. It is there only once,
 * and more than one option may name it: a key and its certificate in one
 * stream. Zeroed: nothing yet.
 */
typedef struct tlstream__pipes {
  struct tlstream__piped *first; /* owned; wiped when cleared */
} tlstream__pipes;

void tlstream__pipes_clear(tlstream__pipes *pipes);

/*
 * Read all of `path`, at most 16 MiB; of a pipe, which is waited for, until it
 * ends. With `pipes`, what is read from one is kept there, and taken from there
 * the next time. On success `*data` is the caller's, to be wiped if it is
 * a secret, and released with tlstream__free(); it ends in a NUL that `*len`
 * does not count. Returns 0 or a code; `what` names the option in the message.
 */
int tlstream__file_read(const char *path, const char *what,
                        tlstream__pipes *pipes, char **data, size_t *len,
                        tlstream_error *error);

bool tlstream__file_is_pipe(const char *path);

/*
 * A log that only its user may read: lines are appended to what `path` holds,
 * and a file that is made has mode 0600. Returns 0 or FILE; `what` names the
 * option in the message. Lines of several threads and processes do not mix.
 */
int tlstream__file_open_log(const char *path, const char *what, int *fd,
                            tlstream_error *error);
int tlstream__file_log(int fd, const char *line, const char *what,
                       tlstream_error *error);
void tlstream__file_close_log(int fd); /* -1 is a no-op */

/* What changes when a file or a folder does, as a text: "" where there is none.
 * Folders change with the list of what is in them, and pipes never. */
void tlstream__file_stamp(const char *path, char *out, size_t cap);

/* Is there a name in the folder that `fits`? */
bool tlstream__file_any(const char *folder, bool (*fits)(const char *name));

#endif
