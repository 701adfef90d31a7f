/* SPDX-License-Identifier: MIT */
#include "core/pair/hello_reader.h"

#include <string.h>

enum {
  RECORD_HEADER = 5,
  RECORD_HANDSHAKE = 22,
  FRAGMENT_MAX = 16 * 1024,
  MESSAGE_HEADER = 4,
  MESSAGE_CLIENT_HELLO = 1
};

static size_t fragment_len(const unsigned char *record) {
  return (size_t)record[3] << 8 | record[4];
}

/* OpenSSL takes empty records, up to a number that it counts. */
static bool is_handshake_record(const unsigned char *record) {
  size_t len = fragment_len(record);
  return record[0] == RECORD_HANDSHAKE && record[1] == 3 && len > 0 &&
         len <= FRAGMENT_MAX;
}

static size_t message_len(const tlstream__hello_reader *reader) {
  const unsigned char *header = reader->message;
  return MESSAGE_HEADER +
         ((size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3]);
}

/* Count a fragment, and keep the header of the message that is in it. */
static void note_fragment(tlstream__hello_reader *reader,
                          const unsigned char *bytes, size_t len) {
  for (size_t i = 0; i < len && reader->len + i < MESSAGE_HEADER; i++)
    reader->message[reader->len + i] = bytes[i];
  reader->len += len;
}

static tlstream__hello_progress
judge_message(const tlstream__hello_reader *reader) {
  int awaited =
      reader->awaits != 0 ? reader->awaits : (int)MESSAGE_CLIENT_HELLO;
  if (reader->message[0] != awaited) {
    return TLSTREAM__HELLO_FOREIGN;
  }
  if (reader->len < MESSAGE_HEADER) return TLSTREAM__HELLO_PARTIAL;
  if (message_len(reader) > TLSTREAM__HELLO_MAX) {
    return TLSTREAM__HELLO_OVERSIZED;
  }
  return reader->len < message_len(reader) ? TLSTREAM__HELLO_PARTIAL
                                           : TLSTREAM__HELLO_COMPLETE;
}

/* Append to the last record in `joined`, as much as fits. Returns how much. */
static size_t extend_record(tlstream__hello_reader *reader,
                            const unsigned char *bytes, size_t len) {
  if (tlstream__buf_len(&reader->joined) == 0) return 0;
  size_t has =
      tlstream__buf_len(&reader->joined) - reader->record - RECORD_HEADER;
  if (len > FRAGMENT_MAX - has) len = FRAGMENT_MAX - has;
  if (!tlstream__buf_append(&reader->joined, bytes, len)) return 0;
  unsigned char *record =
      reader->joined.mem + reader->joined.start + reader->record;
  record[3] = (unsigned char)((has + len) >> 8);
  record[4] = (unsigned char)(has + len);
  return len;
}

static bool add_record(tlstream__hello_reader *reader,
                       const unsigned char *header, const unsigned char *bytes,
                       size_t len) {
  unsigned char made[RECORD_HEADER];
  if (len == 0) return true;
  memcpy(made, header, RECORD_HEADER);
  made[3] = (unsigned char)(len >> 8);
  made[4] = (unsigned char)len;
  reader->record = tlstream__buf_len(&reader->joined);
  return tlstream__buf_append(&reader->joined, made, RECORD_HEADER) &&
         tlstream__buf_append(&reader->joined, bytes, len);
}

static bool join(tlstream__hello_reader *reader, tlstream__buf *in,
                 size_t len) {
  const unsigned char *record = tlstream__buf_data(in);
  const unsigned char *bytes = record + RECORD_HEADER;
  size_t done = extend_record(reader, bytes, len);
  if (!add_record(reader, record, bytes + done, len - done)) return false;
  tlstream__buf_consume(in, RECORD_HEADER + len);
  return true;
}

/* The first record in `in` is complete. */
static tlstream__hello_progress take_record(tlstream__hello_reader *reader,
                                            tlstream__buf *in) {
  const unsigned char *record = tlstream__buf_data(in);
  size_t len = fragment_len(record);
  note_fragment(reader, record + RECORD_HEADER, len);
  tlstream__hello_progress progress = judge_message(reader);
  if (progress == TLSTREAM__HELLO_PARTIAL && !join(reader, in, len)) {
    reader->out_of_memory = true;
  }
  return progress;
}

tlstream__hello_progress tlstream__hello_read(tlstream__hello_reader *reader,
                                              tlstream__buf *in) {
  while (tlstream__buf_len(in) >= RECORD_HEADER && !reader->out_of_memory) {
    const unsigned char *record = tlstream__buf_data(in);
    if (!is_handshake_record(record)) return TLSTREAM__HELLO_FOREIGN;
    if (tlstream__buf_len(in) - RECORD_HEADER < fragment_len(record)) break;
    tlstream__hello_progress progress = take_record(reader, in);
    if (progress != TLSTREAM__HELLO_PARTIAL) return progress;
  }
  return TLSTREAM__HELLO_PARTIAL;
}

size_t tlstream__hello_copy(const tlstream__buf *in, unsigned char *out,
                            size_t cap) {
  const unsigned char *at = tlstream__buf_data(in);
  const unsigned char *end = at + tlstream__buf_len(in);
  size_t done = 0;
  while (done < cap && end - at >= RECORD_HEADER && is_handshake_record(at)) {
    size_t len = fragment_len(at);
    at += RECORD_HEADER;
    if ((size_t)(end - at) < len) break;
    size_t n = len < cap - done ? len : cap - done;
    memcpy(out + done, at, n);
    done += n;
    at += len;
  }
  return done;
}

bool tlstream__hello_hand_over(tlstream__hello_reader *reader,
                               tlstream__buf *in) {
  if (tlstream__buf_len(&reader->joined) == 0) return true;
  if (!tlstream__buf_append(&reader->joined, tlstream__buf_data(in),
                            tlstream__buf_len(in))) {
    return false;
  }
  tlstream__buf_clear(in);
  *in = reader->joined;
  reader->joined = (tlstream__buf){0};
  return true;
}

void tlstream__hello_reader_clear(tlstream__hello_reader *reader) {
  tlstream__buf_clear(&reader->joined);
}
