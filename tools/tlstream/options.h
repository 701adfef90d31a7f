/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_OPTIONS_H
#define TLSTREAM_TOOL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct command;

typedef enum option_kind {
  OPTION_FLAG,   /* bool */
  OPTION_TEXT,   /* const char *, borrowed from argv */
  OPTION_TEXTS,  /* texts: one more each time the option is given */
  OPTION_LIST,   /* texts: "A,B,..." split at the commas */
  OPTION_NUMBER, /* int, from `min` to `max` */
  OPTION_CHOICE  /* const option_choice *, NULL if not given */
} option_kind;

enum { TEXTS_MAX = 64 };

typedef struct texts {
  const char *items[TEXTS_MAX];
  size_t count;
} texts;

/* One of the words that an option accepts, and what it stands for. */
typedef struct option_choice {
  const char *word; /* NULL ends the table */
  unsigned value;
} option_choice;

/* One option of a command: `--name value` or `--name=value`. */
typedef struct option_row {
  const char *name;  /* without the dashes */
  const char *value; /* placeholder for its value in the help */
  const char *summary;
  option_kind kind;
  size_t offset; /* of its value in the command's settings */
  int min;
  int max;
  const option_choice *choices;
} option_row;

/* Rows of a table of options; `at` is the offset in the settings. */
#define FLAG_OPTION(key, help, at) \
  { .name = (key), .summary = (help), .kind = OPTION_FLAG, .offset = (at) }
#define VALUE_OPTION(key, placeholder, help, type, at)                        \
  {                                                                           \
    .name = (key), .value = (placeholder), .summary = (help), .kind = (type), \
    .offset = (at)                                                            \
  }
#define TEXT_OPTION(key, placeholder, help, at) \
  VALUE_OPTION(key, placeholder, help, OPTION_TEXT, at)
#define TEXTS_OPTION(key, placeholder, help, at) \
  VALUE_OPTION(key, placeholder, help, OPTION_TEXTS, at)
#define LIST_OPTION(key, placeholder, help, at) \
  VALUE_OPTION(key, placeholder, help, OPTION_LIST, at)
#define NUMBER_OPTION(key, placeholder, help, at, least, most)           \
  {                                                                      \
    .name = (key), .value = (placeholder), .summary = (help),            \
    .kind = OPTION_NUMBER, .offset = (at), .min = (least), .max = (most) \
  }
#define CHOICE_OPTION(key, placeholder, help, at, table)      \
  {                                                           \
    .name = (key), .value = (placeholder), .summary = (help), \
    .kind = OPTION_CHOICE, .offset = (at), .choices = (table) \
  }

/* The value that was chosen, or `fallback` if none was. */
unsigned option_choice_value(const option_choice *choice, unsigned fallback);

typedef enum options_outcome {
  OPTIONS_PARSED,
  OPTIONS_HELP,   /* --help was given and the help has been printed */
  OPTIONS_INVALID /* the reason has been printed */
} options_outcome;

/* Fill the command's `settings` from the command line. */
options_outcome options_parse(const struct command *command, int argc,
                              char **argv, void *settings);

#endif
