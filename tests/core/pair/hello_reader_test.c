/* SPDX-License-Identifier: MIT */
/* The first message is collected before there is an SSL: whole, in pieces, in
 * records of any size, too large, and not one at all. */
#include <stdlib.h>

#include "core/pair/hello_reader.h"
#include "support/test.h"

enum { HEADER = 5, FRAGMENT_MAX = 16384, WIRE_MAX = 8 * TLSTREAM__HELLO_MAX };

static unsigned char message[TLSTREAM__HELLO_MAX + 100];
static unsigned char wire[WIRE_MAX];
static size_t wire_len;

/* A message of this length, its header included. */
static void make_message(unsigned char type, size_t len) {
  for (size_t i = 0; i < sizeof(message); i++)
    message[i] = (unsigned char)(i * 7);
  message[0] = type;
  message[1] = (unsigned char)((len - 4) >> 16);
  message[2] = (unsigned char)((len - 4) >> 8);
  message[3] = (unsigned char)(len - 4);
}

static void put_record(unsigned char type, const unsigned char *bytes,
                       size_t len) {
  const unsigned char header[HEADER] = {type, 3, 1, (unsigned char)(len >> 8),
                                        (unsigned char)len};
  memcpy(wire + wire_len, header, HEADER);
  memcpy(wire + wire_len + HEADER, bytes, len);
  wire_len += HEADER + len;
}

static void put_message(size_t len, size_t chunk) {
  make_message(1, len);
  wire_len = 0;
  for (size_t at = 0; at < len; at += chunk)
    put_record(22, message + at, len - at < chunk ? len - at : chunk);
}

static tlstream__hello_progress read_piece(tlstream__hello_reader *reader,
                                           tlstream__buf *in,
                                           const unsigned char *bytes,
                                           size_t len) {
  CHECK(tlstream__buf_append(in, bytes, len));
  return tlstream__hello_read(reader, in);
}

/* Feed what is on the wire in pieces: only the last gives another result than
 * that something is missing. */
static tlstream__hello_progress read_wire(tlstream__hello_reader *reader,
                                          tlstream__buf *in, size_t piece) {
  tlstream__hello_progress progress = TLSTREAM__HELLO_PARTIAL;
  for (size_t at = 0; at < wire_len; at += piece) {
    size_t n = wire_len - at < piece ? wire_len - at : piece;
    progress = read_piece(reader, in, wire + at, n);
    if (at + n < wire_len && progress != TLSTREAM__HELLO_PARTIAL) break;
  }
  return progress;
}

/* What OpenSSL will read: the message, in as few records as it fits in but for
 * the last, which stays as it came. */
static void check_handed_over(tlstream__buf *in, size_t len, size_t chunk) {
  const unsigned char *at = tlstream__buf_data(in);
  const unsigned char *end = at + tlstream__buf_len(in);
  size_t got = 0;
  size_t records = 0;
  for (; end - at > HEADER; records++) {
    size_t n = (size_t)at[3] << 8 | at[4];
    CHECK(at[0] == 22 && at[1] == 3 && at[2] == 1 && n <= FRAGMENT_MAX);
    CHECK(got + n <= len && memcmp(at + HEADER, message + got, n) == 0);
    got += n;
    at += HEADER + n;
  }
  CHECK(at == end);
  CHECK_INT(got, len);
  CHECK_LE(records, len / FRAGMENT_MAX + (len > chunk ? 2 : 1));
}

static void check_hello(size_t len, size_t chunk, size_t piece) {
  IN_CASE("%zu bytes, records of %zu, pieces of %zu", len, chunk, piece);
  tlstream__hello_reader reader = {.len = 0};
  tlstream__buf in = {0};
  put_message(len, chunk);
  CHECK_INT(read_wire(&reader, &in, piece), TLSTREAM__HELLO_COMPLETE);
  CHECK_LE(tlstream__buf_len(&reader.joined), TLSTREAM__HELLO_MAX + 5 * HEADER);
  CHECK(tlstream__hello_hand_over(&reader, &in));
  check_handed_over(&in, len, chunk);
  tlstream__hello_reader_clear(&reader);
  tlstream__buf_clear(&in);
}

TEST(a_hello_comes_in_records_and_pieces) {
  static const size_t chunks[] = {1, 2, 3, 4, 5, 7, 64, 300, FRAGMENT_MAX};
  static const size_t pieces[] = {1, 2, 6, 100, WIRE_MAX};
  EACH_ROW(i, chunks) {
    EACH_ROW(j, pieces) {
      check_hello(4, chunks[i], pieces[j]);
      check_hello(517, chunks[i], pieces[j]);
    }
    check_hello(20000, chunks[i], 1000);
    check_hello(TLSTREAM__HELLO_MAX, chunks[i], 1400);
  }
}

TEST(what_comes_behind_it_is_kept) {
  tlstream__hello_reader reader = {.len = 0};
  tlstream__buf in = {0};
  put_message(600, 100);
  size_t len = wire_len;
  put_record(20, message, 1);
  memcpy(wire + wire_len, "xyz", 3);
  wire_len += 3;
  CHECK_INT(read_piece(&reader, &in, wire, wire_len), TLSTREAM__HELLO_COMPLETE);
  CHECK(tlstream__hello_hand_over(&reader, &in));
  size_t tail = wire_len - len;
  CHECK_INT(tlstream__buf_len(&in), HEADER + 500 + HEADER + 100 + tail);
  CHECK(memcmp(tlstream__buf_data(&in) + tlstream__buf_len(&in) - tail,
               wire + len, tail) == 0);
  tlstream__hello_reader_clear(&reader);
  tlstream__buf_clear(&in);
}

/* In one record it stays where it was, without a copy. */
TEST(a_hello_in_one_record_is_not_moved) {
  tlstream__hello_reader reader = {.len = 0};
  tlstream__buf in = {0};
  put_message(517, FRAGMENT_MAX);
  tlstream__buf_lend(&in, wire, wire_len, sizeof(wire));
  CHECK_INT(tlstream__hello_read(&reader, &in), TLSTREAM__HELLO_COMPLETE);
  CHECK(tlstream__hello_hand_over(&reader, &in));
  CHECK(tlstream__buf_data(&in) == wire && in.lent);
  CHECK_INT(tlstream__buf_len(&in), wire_len);
}

static void check_progress(const char *what, tlstream__hello_progress want) {
  tlstream__hello_reader reader = {.len = 0};
  tlstream__buf in = {0};
  IN_CASE("%s", what);
  CHECK_INT(read_wire(&reader, &in, 1), want);
  tlstream__hello_reader_clear(&reader);
  tlstream__buf_clear(&in);
}

TEST(the_message_is_bounded) {
  put_message(TLSTREAM__HELLO_MAX + 1, FRAGMENT_MAX);
  wire_len = HEADER + FRAGMENT_MAX;
  check_progress("one byte too many", TLSTREAM__HELLO_OVERSIZED);
  make_message(1, 0x1000000 + 3);
  wire_len = 0;
  put_record(22, message, 4);
  check_progress("the longest length", TLSTREAM__HELLO_OVERSIZED);
}

static void set_wire(const void *bytes, size_t len) {
  memcpy(wire, bytes, len);
  wire_len = len;
}

TEST(what_is_no_hello_is_foreign) {
  static const struct {
    const char *what;
    const char *bytes;
    size_t len;
  } table[] = {
      {"HTTP", "GET /", 5},
      {"a hello of SSL 2", "\x80\x2c\x01\x03\x03", 5},
      {"an alert", "\x15\x03\x01\x00\x02", 5},
      {"data", "\x17\x03\x03\x00\x20", 5},
      {"a record of SSL 2's version", "\x16\x02\x00\x00\x20", 5},
      {"an empty record", "\x16\x03\x01\x00\x00", 5},
      {"a record that is too long", "\x16\x03\x01\x40\x01", 5},
      {"another message", "\x16\x03\x01\x00\x01\x02", 6},
      {"an alert in the middle", "\x16\x03\x01\x00\x01\x01\x15\x03\x01\x00\x02",
       11},
      {"an empty record in the middle",
       "\x16\x03\x01\x00\x01\x01\x16\x03\x01\x00\x00", 11},
  };
  EACH_ROW_NAMED(i, table, what) {
    set_wire(table[i].bytes, table[i].len);
    check_progress(table[i].what, TLSTREAM__HELLO_FOREIGN);
  }
}

/* OpenSSL reads the header of a record at once, or nothing. */
TEST(fewer_than_five_bytes_say_nothing) {
  set_wire("GET ", 4);
  check_progress("the beginning of HTTP", TLSTREAM__HELLO_PARTIAL);
}
