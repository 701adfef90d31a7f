/* SPDX-License-Identifier: MIT */
#include "core/context/hosts.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include <tlstream/hosts.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "core/context/context.h"
#include "core/x509/identity.h"
#include "core/x509/idn.h"

enum { NAME_MAX_LEN = TLSTREAM__HOST_MAX, WILD_LABELS = 32, BUCKETS = 16 };

struct tlstream__hosts_entry {
  tlstream__hosts_entry *next;
  tlstream_context *context; /* shared */
  uint32_t hash;
  size_t len;
  char pattern[]; /* lower case, no dot at the end */
};

/* FNV-1a. Clients choose what is looked for, but not what is in the table, so
 * nothing is won by collisions. */
static uint32_t hash_of(const char *name, size_t len) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < len; i++)
    hash = (hash ^ (unsigned char)name[i]) * 16777619u;
  return hash;
}

static tlstream__hosts_entry *lookup(const tlstream_hosts *table,
                                     const char *name, size_t len) {
  if (table->bucket_count == 0) return NULL;
  uint32_t hash = hash_of(name, len);
  tlstream__hosts_entry *entry =
      table->buckets[hash & (table->bucket_count - 1)];
  while (entry != NULL && (entry->hash != hash || entry->len != len ||
                           memcmp(entry->pattern, name, len) != 0)) {
    entry = entry->next;
  }
  return entry;
}

static void link_entry(tlstream_hosts *table, tlstream__hosts_entry *entry) {
  size_t at = entry->hash & (table->bucket_count - 1);
  entry->next = table->buckets[at];
  table->buckets[at] = entry;
}

static bool grow(tlstream_hosts *table) {
  size_t before = table->bucket_count;
  tlstream__hosts_entry **old = table->buckets;
  if (table->count < before) return true;
  size_t wanted = before == 0 ? BUCKETS : 2 * before;
  tlstream__hosts_entry **made =
      tlstream__calloc(wanted * sizeof(tlstream__hosts_entry *));
  if (made == NULL) return false;
  table->buckets = made;
  table->bucket_count = wanted;
  for (size_t i = 0; i < before; i++) {
    while (old[i] != NULL) {
      tlstream__hosts_entry *entry = old[i];
      old[i] = entry->next;
      link_entry(table, entry);
    }
  }
  tlstream__free(old);
  return true;
}

static tlstream__hosts_shape shape_of(const char *name, size_t len) {
  tlstream__hosts_shape shape = {.labels = 1};
  for (size_t i = 0; i < len; i++) {
    if (name[i] == '.') shape.labels++;
    if (name[i] == '*') shape.wild |= 1u << (shape.labels - 1);
  }
  return shape;
}

static bool add_shape(tlstream_hosts *table, tlstream__hosts_shape shape) {
  if (shape.wild == 0) return true;
  for (size_t i = 0; i < table->shape_count; i++) {
    const tlstream__hosts_shape *known = &table->shapes[i];
    if (known->labels == shape.labels && known->wild == shape.wild) return true;
  }
  tlstream__hosts_shape *grown = tlstream__realloc(
      table->shapes, (table->shape_count + 1) * sizeof(*table->shapes));
  if (grown == NULL) return false;
  table->shapes = grown;
  table->shapes[table->shape_count++] = shape;
  return true;
}

static const char *blame_wildcards(const char *text, size_t len) {
  unsigned label = 0;
  for (size_t i = 0; i < len; i++) {
    if (text[i] == '.') label++;
    if (text[i] != '*') continue;
    if (label >= WILD_LABELS) return "its wildcards are too far to the right";
    if ((i > 0 && text[i - 1] != '.') || (i + 1 < len && text[i + 1] != '.')) {
      return "a wildcard stands for a whole label, as in *.example.com";
    }
  }
  return NULL;
}

/* A wildcard is no byte of a host name, any letter is. */
static void fill_wildcards(char *out, const char *text, size_t len) {
  for (size_t i = 0; i < len; i++)
    out[i] = text[i];
  for (char *star = memchr(out, '*', len); star != NULL;
       star = memchr(out, '*', len)) {
    *star = 'x';
  }
}

/* A valid pattern in lower case to `host->name`; or a code. */
static int parse_pattern(const char *given, tlstream__host *host,
                         tlstream_error *error) {
  char shown[128];
  char ascii[NAME_MAX_LEN + 2];
  char filled[NAME_MAX_LEN + 1] = ""; /* it may end in a dot */
  const char *text = tlstream__idn_prefer_ascii(given, ascii, sizeof(ascii));
  size_t len = strlen(text);
  const char *why = blame_wildcards(text, len);
  if (len > sizeof(filled)) why = "it is longer than 253 bytes";
  if (why == NULL) {
    fill_wildcards(filled, text, len);
    int code = tlstream__host_parse(host, filled, len, error);
    if (code != 0) return code;
    if (host->ip_len > 0) why = "clients never ask for an address by name";
  }
  if (why != NULL) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_INVALID_ARGUMENT, "\"%s\" is no host pattern: %s",
        tlstream_escape(shown, sizeof(shown), text, len), why);
  }
  for (size_t i = 0; i < host->len; i++) {
    if (text[i] == '*') host->name[i] = '*';
  }
  return 0;
}

static void replace(tlstream__hosts_entry *entry, tlstream_context *context) {
  tlstream_context *before = entry->context;
  entry->context = tlstream_context_ref(context);
  tlstream_context_unref(before);
}

static bool insert(tlstream_hosts *table, const tlstream__host *host,
                   tlstream_context *context) {
  if (!grow(table) || !add_shape(table, shape_of(host->name, host->len))) {
    return false;
  }
  tlstream__hosts_entry *entry =
      tlstream__malloc(sizeof(*entry) + host->len + 1);
  if (entry == NULL) return false;
  entry->context = tlstream_context_ref(context);
  entry->len = host->len;
  entry->hash = hash_of(host->name, host->len);
  memcpy(entry->pattern, host->name, host->len + 1);
  link_entry(table, entry);
  table->count++;
  return true;
}

int tlstream__hosts_add(tlstream_hosts *table, const char *pattern,
                        tlstream_context *context, tlstream_error *error) {
  tlstream__host host = {0};
  int code = parse_pattern(pattern, &host, error);
  if (code != 0) return code;
  tlstream__hosts_entry *known = lookup(table, host.name, host.len);
  if (known != NULL) {
    replace(known, context);
    return 0;
  }
  if (insert(table, &host, context)) return 0;
  return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
}

/* The name with `*` in place of the labels that are wildcards in a shape. */
static size_t apply(char *out, const char *name, size_t len, uint32_t wild) {
  size_t used = 0;
  unsigned label = 0;
  bool replaced = false;
  for (size_t i = 0; i < len; i++) {
    if (name[i] == '.') {
      label++;
      replaced = false;
      out[used++] = '.';
    } else if (label >= WILD_LABELS || (wild & 1u << label) == 0) {
      out[used++] = name[i];
    } else if (!replaced) {
      replaced = true;
      out[used++] = '*';
    }
  }
  return used;
}

/* The longest pattern is the most specific; of two as long, the one without a
 * wildcard in the first label in which they differ. */
static bool is_better(size_t len, uint32_t wild, size_t best_len,
                      uint32_t best_wild) {
  uint32_t differ = wild ^ best_wild;
  uint32_t first = differ & (0u - differ);
  if (len != best_len) return len > best_len;
  return (wild & first) == 0;
}

static tlstream_context *find_by_shape(const tlstream_hosts *table,
                                       const char *name, size_t len) {
  char key[NAME_MAX_LEN];
  size_t best_len = 0;
  uint32_t best_wild = 0;
  tlstream_context *best = NULL;
  unsigned labels = shape_of(name, len).labels;
  for (size_t i = 0; i < table->shape_count; i++) {
    const tlstream__hosts_shape *shape = &table->shapes[i];
    if (shape->labels != labels) continue;
    size_t key_len = apply(key, name, len, shape->wild);
    tlstream__hosts_entry *entry = lookup(table, key, key_len);
    if (entry == NULL) continue;
    if (best == NULL || is_better(key_len, shape->wild, best_len, best_wild)) {
      best = entry->context;
      best_len = key_len;
      best_wild = shape->wild;
    }
  }
  return best;
}

/* What a client asks for may be anything. An asterisk in it is no valid byte of
 * a host name, so it matches no wildcard. */
tlstream_context *tlstream_hosts_find(const tlstream_hosts *table,
                                      const char *name) {
  tlstream__host host = {0};
  if (name == NULL) return NULL;
  if (tlstream__host_parse(&host, name, strlen(name), NULL) != 0) return NULL;
  if (host.ip_len > 0) return NULL;
  tlstream__hosts_entry *exact = lookup(table, host.name, host.len);
  if (exact != NULL) return exact->context;
  return find_by_shape(table, host.name, host.len);
}

void tlstream__hosts_clear(tlstream_hosts *table) {
  for (size_t i = 0; i < table->bucket_count; i++) {
    while (table->buckets[i] != NULL) {
      tlstream__hosts_entry *entry = table->buckets[i];
      table->buckets[i] = entry->next;
      tlstream_context_unref(entry->context);
      tlstream__free(entry);
    }
  }
  tlstream__free(table->buckets);
  tlstream__free(table->shapes);
  *table = (tlstream_hosts){0};
}

tlstream_hosts *tlstream_hosts_new(void) {
  return tlstream__calloc(sizeof(tlstream_hosts));
}

void tlstream_hosts_free(tlstream_hosts *hosts) {
  if (hosts == NULL) return;
  tlstream__hosts_clear(hosts);
  tlstream__free(hosts);
}

int tlstream_hosts_add(tlstream_hosts *hosts, const char *pattern,
                       tlstream_context *context, tlstream_error *error) {
  assert(hosts != NULL);
  tlstream__error_clear(error);
  int code = tlstream__context_check_server(context, error);
  if (code != 0) return code;
  return tlstream__hosts_add(hosts, pattern != NULL ? pattern : "", context,
                             error);
}
