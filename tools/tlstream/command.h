/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_COMMAND_H
#define TLSTREAM_TOOL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

/*
 * Exit status of every command. stdout is for data, stderr for messages.
 */
enum {
  EXIT_DONE = 0,
  EXIT_PEER = 1, /* the peer's fault: refused, untrusted, truncated */
  EXIT_LOCAL = 2 /* a fault on our side: usage, a file, the terminal */
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/*
 * A command, or a group of commands. The dispatcher parses the options into a
 * fresh copy of the command's settings, prints help and errors, and calls
 * `check`, then `run`.
 */
typedef struct command {
  const char *path;    /* "tlstream cert key": its name is the last word */
  const char *summary; /* its line in the list of commands */

  /* Of a group. */
  const struct command *const *commands;
  size_t command_count;

  /* Of a command. */
  const char *argument;   /* "HOST:PORT", or NULL if it takes none */
  size_t argument_offset; /* of a const char * in the settings */
  const char *description;
  const option_row *options;
  size_t option_count;
  size_t settings_size;
  const void *defaults; /* the settings before parsing; NULL: all zero */
  bool (*check)(void *settings); /* false after printing what is wrong */
  int (*run)(void *settings);    /* returns an exit status */
} command;

/* Run the command, or the one of the group that argv[0] names. Returns an exit
 * status. */
int command_run(const command *self, int argc, char **argv);

/* Print "tlstream cert key: <message>" on stderr and return false. */
bool command_error(const command *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
