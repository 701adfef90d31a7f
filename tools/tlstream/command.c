/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <stdio.h>
#include <string.h>

#include "message.h"
#include "suggest.h"

static void print_table(FILE *out, const char *path, const command *table,
                        size_t count) {
  fprintf(out, "usage: %s COMMAND [OPTIONS]\n\n", path);
  for (size_t i = 0; i < count; i++) {
    fprintf(out, "  %-13s  %s\n", table[i].name, table[i].summary);
  }
  fprintf(out, "\n`%s COMMAND --help` lists the options of a command.\n", path);
}

static int refuse(const char *path, const command *table, size_t count,
                  const char *name) {
  const char *suggestion = NULL;
  size_t distance = SUGGEST_LIMIT;
  for (size_t i = 0; i < count; i++) {
    suggest_consider(name, table[i].name, &suggestion, &distance);
  }
  if (suggestion != NULL) {
    print_message("%s: there is no command %s; did you mean %s?", path,
                  escaped(name), suggestion);
  } else {
    print_message("%s: there is no command %s; `%s help` lists them", path,
                  escaped(name), path);
  }
  return EXIT_LOCAL;
}

int command_dispatch(const char *path, const command *table, size_t count,
                     int argc, char **argv) {
  if (argc == 0) {
    print_table(stderr, path, table, count);
    return EXIT_LOCAL;
  }
  if (strcmp(argv[0], "help") == 0 || strcmp(argv[0], "--help") == 0 ||
      strcmp(argv[0], "-h") == 0) {
    print_table(stdout, path, table, count);
    return EXIT_DONE;
  }
  for (size_t i = 0; i < count; i++) {
    if (strcmp(argv[0], table[i].name) == 0) {
      return table[i].run(argc - 1, argv + 1);
    }
  }
  return refuse(path, table, count, argv[0]);
}
