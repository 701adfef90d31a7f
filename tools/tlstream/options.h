/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_OPTIONS_H
#define TLSTREAM_TOOL_OPTIONS_H

#include <stddef.h>

#include <tlstream/tlstream.h>

typedef enum option_kind {
  OPTION_FLAG,   /* bool */
  OPTION_TEXT,   /* const char *, borrowed from argv */
  OPTION_TEXTS,  /* texts: may be given again and again */
  OPTION_NUMBER, /* int, from `min` to `max` */
  OPTION_VERSION /* tlstream_version */
} option_kind;

typedef struct texts {
  const char *items[64];
  size_t count;
} texts;

/* One option of a command: `--name value` or `--name=value`. */
typedef struct option_row {
  const char *name;  /* without the dashes */
  const char *value; /* what stands for its value in the help */
  const char *summary;
  option_kind kind;
  size_t offset; /* where in the command's settings it goes */
  int min;
  int max;
} option_row;

typedef struct command_usage {
  const char *command;  /* "tlstream connect" */
  const char *argument; /* "HOST:PORT", or NULL if it takes none */
  const char *summary;
  const option_row *options;
  size_t count;
} command_usage;

typedef enum options_outcome {
  OPTIONS_FINE,
  OPTIONS_HELP, /* help was asked for and has been printed: done */
  OPTIONS_WRONG /* what is wrong has been said: EXIT_LOCAL */
} options_outcome;

/* Fill `settings` from the command line. `*argument` receives the one word that
 * is not an option, or NULL. */
options_outcome options_parse(const command_usage *usage, int argc, char **argv,
                              void *settings, const char **argument);

#endif
