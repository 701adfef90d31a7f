/* SPDX-License-Identifier: MIT */
#include "support/hello.h"

#include <stdlib.h>

#include "support/test.h"

enum { HANDSHAKE = 22, RECORD_HEADER = 5, MESSAGE_HEADER = 4 };

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
    record[2] = 1;
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

void hello_add(hello *self, unsigned type, const void *data, size_t len) {
  size_t at = extensions_at(self);
  size_t more = 4 + len;
  unsigned char *place = self->bytes + at + 2;
  memmove(place + more, place, self->len - at - 2);
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
