/* SPDX-License-Identifier: MIT */
/*
 * What it costs a server to find the context for a name: CPU time for one
 * look-up, in tables of three sizes.
 *
 *   hosts_lookup [LOOKUPS]
 *
 * Half of a table are names, half are patterns of four shapes. What is looked
 * for is drawn at random from all of the table, so that a large one pays for
 * its cache misses: names that are in it ("exact"), names that a pattern fits
 * ("wildcard"), and names that nothing fits ("missing"). Prints one JSON object
 * with nanoseconds for each, the median of some rounds.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/context/hosts.h"

enum { ROUNDS = 7, LOOKUPS = 200000, SHAPES = 4, NAME_LEN = 64 };

typedef enum kind { EXACT, WILDCARD, MISSING, KINDS } kind;

static const char *const kind_names[KINDS] = {"exact", "wildcard", "missing"};

/* The front of each shape, and of a name that it fits. */
static const char *const patterns[SHAPES] = {"*", "*.cdn", "api.*", "*.*.eu"};
static const char *const fitting[SHAPES] = {"Www", "img.cdn", "api.v2",
                                            "a.b.eu"};

static tlstream_context *context;

static void *need(void *made) {
  if (made != NULL) return made;
  fprintf(stderr, "out of memory\n");
  exit(1);
}

static void write_name(char *out, const char *front, unsigned number) {
  snprintf(out, NAME_LEN, "%s.shop-%u.example.com", front, number);
}

static void add(tlstream_hosts *table, const char *pattern) {
  tlstream_error error;
  if (tlstream__hosts_add(table, pattern, context, &error) == 0) return;
  tlstream_error_print(&error, stderr);
  exit(1);
}

static tlstream_hosts make_table(unsigned size) {
  char name[NAME_LEN];
  tlstream_hosts table = {0};
  for (unsigned i = 0; i < size / 2; i++) {
    write_name(name, "host", i);
    add(&table, name);
    write_name(name, patterns[i % SHAPES], i);
    add(&table, name);
  }
  return table;
}

/* Xorshift (Marsaglia): the same names in every run. */
static unsigned draw(unsigned below) {
  static uint32_t state = 20111207;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state % below;
}

typedef char name_text[NAME_LEN];

static void draw_names(name_text *names, size_t count, kind what,
                       unsigned size) {
  for (size_t i = 0; i < count; i++) {
    unsigned number = draw(size / 2);
    switch (what) {
      case EXACT: write_name(names[i], "host", number); break;
      case WILDCARD:
        write_name(names[i], fitting[number % SHAPES], number);
        break;
      default: write_name(names[i], "a.b.c", number); break;
    }
  }
}

static double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* One round; every look-up has to come to what is expected of its kind. */
static double measure(const tlstream_hosts *table, const name_text *names,
                      size_t count, kind what) {
  size_t found = 0;
  double start = now_ns();
  for (size_t i = 0; i < count; i++)
    found += tlstream_hosts_find(table, names[i]) != NULL;
  double spent = now_ns() - start;
  if (found != (what == MISSING ? 0 : count)) {
    fprintf(stderr, "%s: %zu of %zu found\n", kind_names[what], found, count);
    exit(1);
  }
  return spent / (double)count;
}

static int by_size(const void *a, const void *b) {
  double left = *(const double *)a;
  double right = *(const double *)b;
  return (left > right) - (left < right);
}

static double median(const tlstream_hosts *table, name_text *names,
                     size_t count, kind what, unsigned size) {
  double rounds[ROUNDS];
  draw_names(names, count, what, size);
  measure(table, (const name_text *)names, count, what); /* to warm up */
  for (int i = 0; i < ROUNDS; i++)
    rounds[i] = measure(table, (const name_text *)names, count, what);
  qsort(rounds, ROUNDS, sizeof(rounds[0]), by_size);
  return rounds[ROUNDS / 2];
}

int main(int argc, char **argv) {
  static const unsigned sizes[] = {10, 1000, 10000};
  tlstream_error error;
  size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : LOOKUPS;
  if (count == 0) {
    fprintf(stderr, "usage: hosts_lookup [LOOKUPS]\n");
    return 2;
  }
  context = tlstream_context_new(NULL, &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);
  name_text *names = need(malloc(count * sizeof(*names)));
  printf("{\"lookups\": %zu, \"ns\": {", count);
  for (size_t i = 0; i < 3; i++) {
    tlstream_hosts table = make_table(sizes[i]);
    printf("%s\"%u\": {", i > 0 ? ", " : "", sizes[i]);
    for (kind what = EXACT; what < KINDS; what++) {
      printf("%s\"%s\": %.0f", what > EXACT ? ", " : "", kind_names[what],
             median(&table, names, count, what, sizes[i]));
    }
    printf("}");
    tlstream__hosts_clear(&table);
  }
  printf("}}\n");
  free(names);
  tlstream_context_unref(context);
  return 0;
}
