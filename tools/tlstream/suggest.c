/* SPDX-License-Identifier: MIT */
/* Suggestions for misspelled words, by Levenshtein distance. */
#include "suggest.h"

#include <string.h>

enum { LONGEST = 40 };

static size_t least(size_t a, size_t b, size_t c) {
  size_t smaller = a < b ? a : b;
  return smaller < c ? smaller : c;
}

static size_t distance_between(const char *a, const char *b) {
  size_t row[LONGEST + 1];
  size_t len = strlen(b);
  for (size_t j = 0; j <= len; j++)
    row[j] = j;
  for (size_t i = 0; a[i] != '\0'; i++) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < len; j++) {
      size_t above = row[j + 1];
      size_t change = diagonal + (a[i] != b[j]);
      row[j + 1] = least(above + 1, row[j] + 1, change);
      diagonal = above;
    }
  }
  return row[len];
}

void suggest_consider(const char *typed, const char *known,
                      const char **suggestion, size_t *distance) {
  if (strlen(typed) > LONGEST || strlen(known) > LONGEST) return;
  size_t found = distance_between(typed, known);
  if (found >= *distance || found >= strlen(known)) return;
  *distance = found;
  *suggestion = known;
}
