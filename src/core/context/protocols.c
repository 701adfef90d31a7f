/* SPDX-License-Identifier: MIT */
#include "core/context/protocols.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

enum { NAME_MAX_LEN = 255, WIRE_MAX = 65535 };

static int refuse(tlstream_error *error, const char *what, const char *why) {
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_PROTOCOLS, "%s: %s", what,
                             why);
}

static size_t wire_length(const tlstream_protocols *from, const char **why) {
  size_t len = 0;
  for (size_t i = 0; i < from->count; i++) {
    size_t n = from->names[i] != NULL ? strlen(from->names[i]) : 0;
    if (n == 0) *why = "a protocol's name is empty";
    if (n > NAME_MAX_LEN) *why = "a protocol's name is longer than 255 bytes";
    len += 1 + n;
  }
  return len;
}

static void put_names(unsigned char *wire, const tlstream_protocols *from) {
  for (size_t i = 0; i < from->count; i++) {
    size_t n = strlen(from->names[i]);
    *wire++ = (unsigned char)n;
    memcpy(wire, from->names[i], n);
    wire += n;
  }
}

/* Every length must lead to the next name or to the end. */
static const char *blame_wire(const unsigned char *wire, size_t len) {
  size_t at = 0;
  if (len == 0) return "the list is empty";
  while (at < len) {
    if (wire[at] == 0) return "a protocol's name is empty";
    at += 1 + (size_t)wire[at];
  }
  return at == len ? NULL : "the last name of the wire form is cut off";
}

static void put_text(tlstream__protocols *list) {
  for (size_t at = 0; at < list->len;) {
    size_t n = list->wire[at];
    memcpy(list->text + at, list->wire + at + 1, n);
    list->text[at + n] = '\0';
    at += n + 1;
  }
}

static const char *blame(const tlstream_protocols *from, size_t *len) {
  const char *why = NULL;
  bool has_wire = from->wire.data != NULL;
  if (from->count > 0 && from->names == NULL) return "there is no list";
  if (!has_wire && from->wire.len > 0) return "there is a length and no bytes";
  if (has_wire && from->count > 0) return "give names or the wire form";
  *len = has_wire ? from->wire.len : wire_length(from, &why);
  if (why != NULL) return why;
  if (*len > WIRE_MAX) return "all names together have over 65,535 bytes";
  return has_wire ? blame_wire(from->wire.data, *len) : NULL;
}

int tlstream__protocols_pack(tlstream__protocols *list,
                             const tlstream_protocols *from, const char *what,
                             tlstream_error *error) {
  size_t len = 0;
  const char *why = blame(from, &len);
  if (why != NULL) return refuse(error, what, why);
  if (len == 0) return 0;
  unsigned char *wire = tlstream__malloc(2 * len);
  if (wire == NULL) return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  if (from->wire.data != NULL) {
    memcpy(wire, from->wire.data, len);
  } else {
    put_names(wire, from);
  }
  *list = (tlstream__protocols){
      .wire = wire, .text = (char *)wire + len, .len = len};
  put_text(list);
  return 0;
}

void tlstream__protocols_clear(tlstream__protocols *list) {
  tlstream__free(list->wire);
  *list = (tlstream__protocols){0};
}

/* Where in a list a name is: its length byte, or NULL. */
static const unsigned char *find(const unsigned char *wire, size_t len,
                                 const void *name, size_t name_len) {
  size_t at = 0;
  while (at < len && len - at > wire[at]) {
    if (wire[at] == name_len && memcmp(wire + at + 1, name, name_len) == 0) {
      return wire + at;
    }
    at += 1 + (size_t)wire[at];
  }
  return NULL;
}

const char *tlstream__protocols_find(const tlstream__protocols *list,
                                     const void *name, size_t len) {
  const unsigned char *found = find(list->wire, list->len, name, len);
  return found != NULL ? list->text + (found - list->wire) : NULL;
}

const unsigned char *
tlstream__protocols_first_common(const unsigned char *first, size_t first_len,
                                 const unsigned char *second,
                                 size_t second_len) {
  size_t at = 0;
  while (at < first_len && first_len - at > first[at]) {
    const unsigned char *name = first + at;
    if (find(second, second_len, name + 1, name[0]) != NULL) return name;
    at += 1 + (size_t)name[0];
  }
  return NULL;
}
