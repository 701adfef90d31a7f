/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "message.h"
#include "suggest.h"

enum { NAME_COLUMN = 27, CHOICES_MAX = 200 };

static void print_option(FILE *out, const option_row *option) {
  char left[64];
  snprintf(left, sizeof(left), "--%s%s%s", option->name,
           option->value != NULL ? " " : "",
           option->value != NULL ? option->value : "");
  fprintf(out, "  %-*s  %s\n", NAME_COLUMN, left, option->summary);
}

static void print_help(const command *self) {
  printf("usage: %s%s%s [OPTIONS]\n\n%s\n\n", self->path,
         self->argument != NULL ? " " : "",
         self->argument != NULL ? self->argument : "", self->description);
  for (size_t i = 0; i < self->option_count; i++) {
    print_option(stdout, &self->options[i]);
  }
  printf("  %-*s  %s\n", NAME_COLUMN, "--help", "print this help");
}

static const option_row *find(const command *self, const char *name,
                              size_t len) {
  for (size_t i = 0; i < self->option_count; i++) {
    const option_row *option = &self->options[i];
    if (strlen(option->name) == len && memcmp(option->name, name, len) == 0) {
      return option;
    }
  }
  return NULL;
}

/* What another program's option is called here, if this command has it. */
static const char *other_name(const command *self, const char *name) {
  size_t next = 0;
  const char *ours = suggest_other_name(name, &next);
  while (ours != NULL && find(self, ours, strcspn(ours, " ")) == NULL)
    ours = suggest_other_name(name, &next);
  return ours;
}

static bool refuse_unknown(const command *self, const char *word) {
  const char *suggestion = NULL;
  size_t distance = SUGGEST_LIMIT;
  char name[64];
  const char *start = word + strspn(word, "-");
  snprintf(name, sizeof(name), "%.*s", (int)strcspn(start, "="), start);
  for (size_t i = 0; i < self->option_count; i++) {
    suggest_consider(name, self->options[i].name, &suggestion, &distance);
  }
  const char *elsewhere = other_name(self, name);
  if (elsewhere != NULL) suggestion = elsewhere;
  if (suggestion != NULL) {
    return command_error(self, "unknown option %s; did you mean --%s?",
                         escaped(word), suggestion);
  }
  return command_error(self, "unknown option %s; `%s --help` lists them",
                       escaped(word), self->path);
}

static bool refuse_second(const command *self, const option_row *option) {
  return command_error(self, "--%s is given twice", option->name);
}

static bool store_text(const command *self, const option_row *option,
                       const char *value, const char **place) {
  if (*place != NULL) return refuse_second(self, option);
  *place = value;
  return true;
}

static bool add_text(const command *self, const option_row *option,
                     const char *value, texts *place) {
  if (place->count == COUNT_OF(place->items)) {
    return command_error(self, "too many --%s", option->name);
  }
  place->items[place->count++] = value;
  return true;
}

/* Splits `value` in place: it is part of argv, which may be modified. */
static bool store_list(const command *self, const option_row *option,
                       char *value, texts *place) {
  if (place->count != 0) return refuse_second(self, option);
  for (char *item = value; item != NULL;) {
    char *comma = strchr(item, ',');
    if (comma != NULL) *comma++ = '\0';
    if (!add_text(self, option, item, place)) return false;
    item = comma;
  }
  return true;
}

static bool store_number(const command *self, const option_row *option,
                         const char *value, int *place) {
  char *end = NULL;
  errno = 0;
  long number = strtol(value, &end, 10);
  bool is_digits = value[0] >= '0' && value[0] <= '9' && *end == '\0';
  if (!is_digits || errno != 0 || number < option->min ||
      number > option->max) {
    return command_error(self, "--%s is a number from %d to %d, not '%s'",
                         option->name, option->min, option->max,
                         escaped(value));
  }
  *place = (int)number;
  return true;
}

/* "a, b or c" */
static void list_choices(const option_choice *choices, char *out, size_t cap) {
  size_t len = 0;
  for (size_t i = 0; choices[i].word != NULL && len < cap; i++) {
    const char *glue = choices[i + 1].word == NULL ? " or " : ", ";
    len += (size_t)snprintf(out + len, cap - len, "%s%s", i > 0 ? glue : "",
                            choices[i].word);
  }
}

static bool store_choice(const command *self, const option_row *option,
                         const char *value, const option_choice **place) {
  char known[CHOICES_MAX];
  if (*place != NULL) return refuse_second(self, option);
  for (const option_choice *at = option->choices; at->word != NULL; at++) {
    if (strcmp(value, at->word) != 0) continue;
    *place = at;
    return true;
  }
  list_choices(option->choices, known, sizeof(known));
  return command_error(self, "--%s is %s, not '%s'", option->name, known,
                       escaped(value));
}

unsigned option_choice_value(const option_choice *choice, unsigned fallback) {
  return choice != NULL ? choice->value : fallback;
}

static bool store(const command *self, const option_row *option, char *value,
                  void *settings) {
  void *place = (char *)settings + option->offset;
  switch (option->kind) {
    case OPTION_FLAG: *(bool *)place = true; return true;
    case OPTION_TEXT: return store_text(self, option, value, place);
    case OPTION_TEXTS: return add_text(self, option, value, place);
    case OPTION_LIST: return store_list(self, option, value, place);
    case OPTION_NUMBER: return store_number(self, option, value, place);
    case OPTION_CHOICE: return store_choice(self, option, value, place);
  }
  return false;
}

/* Parse the option in `argv[*i]`, and advance `*i` if its value is the next
 * word. */
static bool take_option(const command *self, int argc, char **argv, int *i,
                        void *settings) {
  char *name = argv[*i] + 2;
  size_t len = strcspn(name, "=");
  char *value = name[len] == '=' ? name + len + 1 : NULL;
  const option_row *option = find(self, name, len);
  if (option == NULL) return refuse_unknown(self, argv[*i]);
  if (option->kind == OPTION_FLAG && value != NULL) {
    return command_error(self, "--%s takes no value", option->name);
  }
  if (option->kind != OPTION_FLAG && value == NULL) {
    /* A value that looks like an option can be given as --name=value. */
    if (*i + 1 == argc || strncmp(argv[*i + 1], "--", 2) == 0) {
      return command_error(self, "--%s needs a value: --%s %s", option->name,
                           option->name, option->value);
    }
    value = argv[++*i];
  }
  return store(self, option, value, settings);
}

static bool take_argument(const command *self, const char *word,
                          void *settings) {
  const char **place =
      (const char **)((char *)settings + self->argument_offset);
  if (self->argument == NULL || *place != NULL) {
    return command_error(
        self, "unexpected argument '%s'; `%s --help` shows the usage",
        escaped(word), self->path);
  }
  *place = word;
  return true;
}

static bool asks_for_help(const char *word) {
  return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

options_outcome options_parse(const command *self, int argc, char **argv,
                              void *settings) {
  bool only_arguments = false;
  for (int i = 0; i < argc; i++) {
    bool is_valid = true;
    if (only_arguments || argv[i][0] != '-' || argv[i][1] == '\0') {
      is_valid = take_argument(self, argv[i], settings);
    } else if (strcmp(argv[i], "--") == 0) {
      only_arguments = true;
    } else if (asks_for_help(argv[i])) {
      print_help(self);
      return OPTIONS_HELP;
    } else if (argv[i][1] != '-') {
      is_valid = refuse_unknown(self, argv[i]);
    } else {
      is_valid = take_option(self, argc, argv, &i, settings);
    }
    if (!is_valid) return OPTIONS_INVALID;
  }
  return OPTIONS_PARSED;
}
