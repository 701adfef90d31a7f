/* SPDX-License-Identifier: MIT */
/* The table of host names against one that is slow and obvious: random patterns
 * of a few labels, so that there are many hits. B5. */
#include "core/context/hosts.h"

#include <stdio.h>
#include <string.h>

#include "support/numbered.h"
#include "support/test.h"

/* The reference. Both are lower case and without a dot at the end. */
static bool matches(const char *pattern, const char *name) {
  for (;;) {
    size_t p = strcspn(pattern, ".");
    size_t n = strcspn(name, ".");
    bool wild = p == 1 && pattern[0] == '*';
    if (n == 0 || memchr(name, '*', n) != NULL) return false;
    if (!wild && (p != n || strncmp(pattern, name, n) != 0)) return false;
    if (pattern[p] != name[n]) return false;
    if (pattern[p] == '\0') return true;
    pattern += p + 1;
    name += n + 1;
  }
}

static bool says_more(const char *a, const char *b) {
  bool exact = strchr(a, '*') == NULL;
  if (exact != (strchr(b, '*') == NULL)) return exact;
  if (strlen(a) != strlen(b)) return strlen(a) > strlen(b);
  while (*a == *b && *a != '\0')
    a++, b++;
  return *a != '*';
}

static const char *reference(char patterns[][24], size_t count,
                             const char *name) {
  const char *best = NULL;
  for (size_t i = 0; i < count; i++) {
    if (!matches(patterns[i], name)) continue;
    if (best == NULL || says_more(patterns[i], best)) best = patterns[i];
  }
  return best;
}

static unsigned draw(unsigned below) {
  static unsigned state = 20111207;
  state = state * 1103515245u + 12345u;
  return (state >> 16) % below;
}

/* One to four labels, a few of each, so that there are many hits. */
static void draw_name(char *out, bool junk) {
  static const char *const labels[] = {"a", "b", "aa", "*", "", "a*"};
  out[0] = '\0';
  for (unsigned left = 1 + draw(4); left > 0; left--) {
    strcat(out, labels[draw(junk ? 6 : 4)]);
    if (left > 1) strcat(out, ".");
  }
}

/* Another spelling of the same name. */
static void dress(char *out, const char *name) {
  size_t len = strlen(name);
  for (size_t i = 0; i <= len; i++) {
    bool raise = name[i] >= 'a' && draw(3) == 0;
    out[i] = (char)(raise ? name[i] - 'a' + 'A' : name[i]);
  }
  if (len > 0 && name[len - 1] != '.' && draw(3) == 0) strcat(out, ".");
}

enum { PATTERNS_MAX = 12 };

static size_t add_all(tlstream_hosts *table, char patterns[][24],
                      size_t *contexts, size_t count) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++) {
    char spelled[32];
    size_t at = 0;
    draw_name(patterns[kept], /* junk = */ false);
    dress(spelled, patterns[kept]);
    CHECK_ERROR(tlstream__hosts_add(table, spelled, numbered_context(i), NULL),
                0);
    while (strcmp(patterns[at], patterns[kept]) != 0)
      at++;
    contexts[at] = i;
    if (at == kept) kept++;
  }
  return kept;
}

static bool agrees(const tlstream_hosts *table, char patterns[][24],
                   const size_t *contexts, size_t count) {
  char name[24];
  char spelled[32];
  draw_name(name, /* junk = */ true);
  dress(spelled, name);
  size_t len = strlen(name);
  if (len > 1 && name[len - 1] == '.') name[len - 1] = '\0';
  const char *best = reference(patterns, count, name);
  tlstream_context *want =
      best != NULL ? numbered_context(contexts[(best - patterns[0]) / 24])
                   : NULL;
  IN_CASE("%s, by %s", spelled, best != NULL ? best : "none");
  CHECK(tlstream_hosts_find(table, spelled) == want);
  return want != NULL;
}

TEST(the_table_agrees_with_a_simple_one) {
  unsigned hits = 0;
  for (int round = 0; round < 3000; round++) {
    tlstream_hosts table = {0};
    char patterns[PATTERNS_MAX + 1][24];
    size_t contexts[PATTERNS_MAX];
    size_t count = add_all(&table, patterns, contexts, 1 + draw(PATTERNS_MAX));
    CHECK_INT(table.count, count);
    for (int i = 0; i < 20; i++) {
      hits += agrees(&table, patterns, contexts, count);
    }
    tlstream__hosts_clear(&table);
  }
  CHECK_GT(hits, 5000);
}
