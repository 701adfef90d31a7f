/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "suggest.h"

static const char *name_of(const command *self) {
  const char *space = strrchr(self->path, ' ');
  return space != NULL ? space + 1 : self->path;
}

bool command_error(const command *self, const char *format, ...) {
  va_list args;
  FILE *out = message_begin();
  fprintf(out, "%s: ", self->path);
  va_start(args, format);
  vfprintf(out, format, args);
  va_end(args);
  fputc('\n', out);
  message_end(out);
  return false;
}

static void print_commands(FILE *out, const command *group) {
  fprintf(out, "usage: %s COMMAND [OPTIONS]\n\n", group->path);
  for (size_t i = 0; i < group->command_count; i++) {
    fprintf(out, "  %-13s  %s\n", name_of(group->commands[i]),
            group->commands[i]->summary);
  }
  fprintf(out, "\n`%s COMMAND --help` lists the options of a command.\n",
          group->path);
}

static int refuse_unknown(const command *group, const char *name) {
  const char *suggestion = NULL;
  size_t distance = SUGGEST_LIMIT;
  for (size_t i = 0; i < group->command_count; i++) {
    suggest_consider(name, name_of(group->commands[i]), &suggestion, &distance);
  }
  if (suggestion != NULL) {
    command_error(group, "there is no command %s; did you mean %s?",
                  escaped(name), suggestion);
  } else {
    command_error(group, "there is no command %s; `%s help` lists them",
                  escaped(name), group->path);
  }
  return EXIT_LOCAL;
}

static bool asks_for_help(const char *word) {
  return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 ||
         strcmp(word, "-h") == 0;
}

static const command *find(const command *group, const char *name) {
  for (size_t i = 0; i < group->command_count; i++) {
    if (strcmp(name, name_of(group->commands[i])) == 0) {
      return group->commands[i];
    }
  }
  return NULL;
}

/* "help", "help connect", "help cert key". */
static int run_help(const command *self, int argc, char **argv) {
  char *help[] = {(char[]){"--help"}};
  if (self->commands == NULL) return command_run(self, 1, help);
  if (argc == 0) {
    print_commands(stdout, self);
    return EXIT_DONE;
  }
  const command *named = find(self, argv[0]);
  if (named == NULL) return refuse_unknown(self, argv[0]);
  return run_help(named, argc - 1, argv + 1);
}

static int run_group(const command *group, int argc, char **argv) {
  if (argc == 0) {
    print_commands(stderr, group);
    return EXIT_LOCAL;
  }
  if (asks_for_help(argv[0])) return run_help(group, argc - 1, argv + 1);
  const command *named = find(group, argv[0]);
  if (named == NULL) return refuse_unknown(group, argv[0]);
  return command_run(named, argc - 1, argv + 1);
}

static int run_with(const command *self, int argc, char **argv,
                    void *settings) {
  if (self->defaults != NULL) {
    memcpy(settings, self->defaults, self->settings_size);
  }
  switch (options_parse(self, argc, argv, settings)) {
    case OPTIONS_HELP: return EXIT_DONE;
    case OPTIONS_INVALID: return EXIT_LOCAL;
    case OPTIONS_PARSED: break;
  }
  return self->check(settings) ? self->run(settings) : EXIT_LOCAL;
}

int command_run(const command *self, int argc, char **argv) {
  if (self->commands != NULL) return run_group(self, argc, argv);
  void *settings = calloc(1, self->settings_size);
  int status = EXIT_LOCAL;
  if (settings == NULL) {
    command_error(self, "out of memory");
  } else {
    status = run_with(self, argc, argv, settings);
  }
  free(settings);
  return status;
}
