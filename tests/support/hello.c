/* SPDX-License-Identifier: MIT */
#include "support/hello.h"

#include <stdlib.h>

#include "support/test.h"

enum {
  HANDSHAKE = 22,
  CLIENT_HELLO = 1,
  RECORD_HEADER = 5,
  MESSAGE_HEADER = 4
};

static hello *new_hello(void) {
  hello *made = calloc(1, sizeof(*made));
  if (made == NULL) abort();
  return made;
}

hello *hello_of(tlstream_pair *client) {
  hello *made = new_hello();
  CHECK_ERROR(tlstream_pair_start(client), 0);
  made->len = tlstream_pair_drain(client, made->bytes, sizeof(made->bytes));
  CHECK_GT(made->len, 100);
  return made;
}

hello *hello_in_records(const hello *whole, size_t chunk) {
  hello *made = new_hello();
  for (size_t at = RECORD_HEADER; at < whole->len; at += chunk) {
    size_t n = whole->len - at < chunk ? whole->len - at : chunk;
    unsigned char *record = made->bytes + made->len;
    record[0] = HANDSHAKE;
    record[1] = 3;
    record[2] = whole->bytes[2];
    record[3] = (unsigned char)(n >> 8);
    record[4] = (unsigned char)n;
    memcpy(record + RECORD_HEADER, whole->bytes + at, n);
    made->len += RECORD_HEADER + n;
  }
  return made;
}

static size_t number(const unsigned char *at) {
  return (size_t)at[0] << 8 | at[1];
}

static void add_to(unsigned char *at, size_t more) {
  size_t sum = number(at) + more;
  at[0] = (unsigned char)(sum >> 8);
  at[1] = (unsigned char)sum;
}

/* Where the length of all extensions is. */
static size_t extensions_at(const hello *self) {
  size_t at = RECORD_HEADER + MESSAGE_HEADER + 2 + 32;
  at += 1 + (size_t)self->bytes[at];
  at += 2 + number(self->bytes + at);
  return at + 1 + self->bytes[at];
}

/* At `place`. */
static void add_at(hello *self, unsigned char *place, unsigned type,
                   const void *data, size_t len) {
  size_t at = extensions_at(self);
  size_t more = 4 + len;
  memmove(place + more, place, (size_t)(self->bytes + self->len - place));
  self->len += more;
  add_to(self->bytes + at, more);
  add_to(self->bytes + RECORD_HEADER + 2, more);
  add_to(self->bytes + 3, more);
  place[0] = (unsigned char)(type >> 8);
  place[1] = (unsigned char)type;
  place[2] = (unsigned char)(len >> 8);
  place[3] = (unsigned char)len;
  if (len > 0) memcpy(place + 4, data, len);
}

void hello_add(hello *self, unsigned type, const void *data, size_t len) {
  add_at(self, self->bytes + extensions_at(self) + 2, type, data, len);
}

void hello_add_last(hello *self, unsigned type, const void *data, size_t len) {
  add_at(self, self->bytes + self->len, type, data, len);
}

static void put(hello *self, const void *bytes, size_t len) {
  memcpy(self->bytes + self->len, bytes, len);
  self->len += len;
}

static void put_number(hello *self, size_t number, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
    self->bytes[self->len++] = (unsigned char)(number >> shift);
}

static void put_back(hello *self, size_t at, int size) {
  size_t end = self->len;
  self->len = at;
  put_number(self, end - at - (size_t)size, size);
  self->len = end;
}

static size_t open_list(hello *self, int size) {
  self->len += (size_t)size;
  return self->len - (size_t)size;
}

/* One number, many times. */
static void put_many(hello *self, size_t number, size_t count) {
  for (size_t i = 0; i < count; i++)
    put_number(self, number, 2);
}

static void put_extension(hello *self, size_t type, size_t number,
                          size_t count) {
  put_number(self, type, 2);
  size_t extension = open_list(self, 2);
  size_t list = open_list(self, 2);
  put_many(self, number, count);
  put_back(self, list, 2);
  put_back(self, extension, 2);
}

/* Shares of a group that is the last in a long list, and that is unknown. */
static void put_shares(hello *self, size_t groups, size_t shares) {
  put_extension(self, 10, 0x7E7E, groups);
  put_back(self, self->len - 2, 2); /* 0 is the last group */
  put_number(self, 51, 2);
  size_t extension = open_list(self, 2);
  size_t list = open_list(self, 2);
  for (size_t i = 0; i < shares; i++)
    put(self, "\0\0\0\1x", 5);
  put_back(self, list, 2);
  put_back(self, extension, 2);
}

/* Of the length that a server looks at: name, vector, content, MAC. */
static void put_ticket(hello *self, const void *start) {
  enum { NAME = 16, REST = 16 + 16 + 32 };
  static const unsigned char zeros[REST + 4]; /* and an age */
  put_number(self, NAME + REST, 2);
  put(self, start, NAME);
  put(self, zeros, sizeof(zeros));
}

/* The last extension, by the rule, and without the proof that is not looked at
 * unless one of the tickets is good. */
static void put_tickets(hello *self, const hello_lists *lists) {
  put(self, "\0\x2d\0\2\1\1", 6); /* psk_key_exchange_modes */
  put_number(self, 41, 2);
  size_t extension = open_list(self, 2);
  size_t list = open_list(self, 2);
  for (size_t i = 0; i < lists->tickets; i++)
    put_ticket(self, lists->ticket_start);
  put_back(self, list, 2);
  put_back(self, extension, 2);
}

static size_t at_least_one(size_t count) {
  return count > 0 ? count : 1;
}

hello *hello_made(const hello_lists *lists) {
  size_t suites = at_least_one(lists->suites);
  hello *self = new_hello();
  self->len = RECORD_HEADER;
  put_number(self, CLIENT_HELLO, 1);
  size_t message = open_list(self, 3);
  put_number(self, 0x0303, 2);
  self->len += 32; /* a random of zeros */
  put_number(self, 0, 1);
  put_number(self, 2 * suites, 2);
  put_many(self, 0x1301, suites);
  put(self, "\1\0", 2);
  size_t extensions = open_list(self, 2);
  put(self, "\0\x2b\0\3\2\3\4", 7); /* supported_versions */
  put_shares(self, at_least_one(lists->groups), at_least_one(lists->shares));
  put_extension(self, 13, 0x0403, at_least_one(lists->signatures));
  if (lists->tickets > 0) put_tickets(self, lists);
  put_back(self, extensions, 2);
  put_back(self, message, 3);
  hello *cut = hello_in_records(self, 16384);
  free(self);
  return cut;
}
