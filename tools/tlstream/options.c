/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "suggest.h"

enum { NAME_COLUMN = 27 };

static void print_option(FILE *out, const option_row *option) {
  char left[64];
  snprintf(left, sizeof(left), "--%s%s%s", option->name,
           option->value != NULL ? " " : "",
           option->value != NULL ? option->value : "");
  fprintf(out, "  %-*s  %s\n", NAME_COLUMN, left, option->summary);
}

static void print_help(const command_usage *usage) {
  printf("usage: %s%s%s [OPTIONS]\n\n%s\n\n", usage->command,
         usage->argument != NULL ? " " : "",
         usage->argument != NULL ? usage->argument : "", usage->summary);
  for (size_t i = 0; i < usage->count; i++) {
    print_option(stdout, &usage->options[i]);
  }
  printf("  %-*s  %s\n", NAME_COLUMN, "--help", "print this");
}

static const option_row *find(const command_usage *usage, const char *name,
                              size_t len) {
  for (size_t i = 0; i < usage->count; i++) {
    const option_row *option = &usage->options[i];
    if (strlen(option->name) == len && memcmp(option->name, name, len) == 0) {
      return option;
    }
  }
  return NULL;
}

static bool refuse_unknown(const command_usage *usage, const char *word) {
  const char *suggestion = NULL;
  size_t distance = SUGGEST_LIMIT;
  char name[64];
  const char *start = word + strspn(word, "-");
  snprintf(name, sizeof(name), "%.*s", (int)strcspn(start, "="), start);
  for (size_t i = 0; i < usage->count; i++) {
    suggest_consider(name, usage->options[i].name, &suggestion, &distance);
  }
  if (suggestion != NULL) {
    print_message("%s: unknown option %s; did you mean --%s?", usage->command,
                  escaped(word), suggestion);
  } else {
    print_message("%s: unknown option %s; `%s --help` lists them",
                  usage->command, escaped(word), usage->command);
  }
  return false;
}

static bool store_text(const command_usage *usage, const option_row *option,
                       const char *value, const char **place) {
  if (*place != NULL) {
    print_message("%s: --%s is given twice", usage->command, option->name);
    return false;
  }
  *place = value;
  return true;
}

static bool add_text(const command_usage *usage, const option_row *option,
                     const char *value, texts *place) {
  if (place->count == sizeof(place->items) / sizeof(place->items[0])) {
    print_message("%s: too many --%s", usage->command, option->name);
    return false;
  }
  place->items[place->count++] = value;
  return true;
}

static bool store_number(const command_usage *usage, const option_row *option,
                         const char *value, int *place) {
  char *end = NULL;
  errno = 0;
  long number = strtol(value, &end, 10);
  bool is_digits = value[0] >= '0' && value[0] <= '9' && *end == '\0';
  if (!is_digits || errno != 0 || number < option->min ||
      number > option->max) {
    print_message("%s: --%s is a number from %d to %d, not '%s'",
                  usage->command, option->name, option->min, option->max,
                  escaped(value));
    return false;
  }
  *place = (int)number;
  return true;
}

static bool store_version(const command_usage *usage, const option_row *option,
                          const char *value, tlstream_version *place) {
  if (strcmp(value, "1.2") == 0) {
    *place = TLSTREAM_TLS_1_2;
  } else if (strcmp(value, "1.3") == 0) {
    *place = TLSTREAM_TLS_1_3;
  } else {
    print_message("%s: --%s is 1.2 or 1.3, not '%s'", usage->command,
                  option->name, escaped(value));
    return false;
  }
  return true;
}

static bool store(const command_usage *usage, const option_row *option,
                  const char *value, void *settings) {
  void *place = (char *)settings + option->offset;
  switch (option->kind) {
    case OPTION_FLAG: *(bool *)place = true; return true;
    case OPTION_TEXT: return store_text(usage, option, value, place);
    case OPTION_TEXTS: return add_text(usage, option, value, place);
    case OPTION_NUMBER: return store_number(usage, option, value, place);
    case OPTION_VERSION: return store_version(usage, option, value, place);
  }
  return false;
}

/* `argv[*i]` is an option: take it, and its value where it needs one. */
static bool take_option(const command_usage *usage, int argc, char **argv,
                        int *i, void *settings) {
  const char *name = argv[*i] + 2;
  size_t len = strcspn(name, "=");
  const char *value = name[len] == '=' ? name + len + 1 : NULL;
  const option_row *option = find(usage, name, len);
  if (option == NULL) return refuse_unknown(usage, argv[*i]);
  if (option->kind == OPTION_FLAG && value != NULL) {
    print_message("%s: --%s takes no value", usage->command, option->name);
    return false;
  }
  if (option->kind != OPTION_FLAG && value == NULL) {
    /* A value that looks like an option can be given as --name=value. */
    if (*i + 1 == argc || strncmp(argv[*i + 1], "--", 2) == 0) {
      print_message("%s: --%s needs a value: --%s %s", usage->command,
                    option->name, option->name, option->value);
      return false;
    }
    value = argv[++*i];
  }
  return store(usage, option, value, settings);
}

static bool take_argument(const command_usage *usage, const char *word,
                          const char **argument) {
  if (usage->argument == NULL || *argument != NULL) {
    print_message(
        "%s: '%s' is one word too many; `%s --help` shows how it is used",
        usage->command, escaped(word), usage->command);
    return false;
  }
  *argument = word;
  return true;
}

static bool asks_for_help(const char *word) {
  return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

options_outcome options_parse(const command_usage *usage, int argc, char **argv,
                              void *settings, const char **argument) {
  const char *word = NULL;
  bool only_arguments = false;
  for (int i = 0; i < argc; i++) {
    bool fine = true;
    if (only_arguments || argv[i][0] != '-' || argv[i][1] == '\0') {
      fine = take_argument(usage, argv[i], &word);
    } else if (strcmp(argv[i], "--") == 0) {
      only_arguments = true;
    } else if (asks_for_help(argv[i])) {
      print_help(usage);
      return OPTIONS_HELP;
    } else if (argv[i][1] != '-') {
      fine = refuse_unknown(usage, argv[i]);
    } else {
      fine = take_option(usage, argc, argv, &i, settings);
    }
    if (!fine) return OPTIONS_WRONG;
  }
  if (argument != NULL) *argument = word;
  return OPTIONS_FINE;
}
