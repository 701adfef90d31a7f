/* SPDX-License-Identifier: MIT */
/* Cleartext that waits: nothing lost, nothing twice, and what was lent comes
 * back once, in order, and only when asked for (G6, H1, H7, H8). */
#include "uv/stream/queue.h"

#include <stdlib.h>

#include "support/peers.h"
#include "support/test.h"
#include "support/torture.h"

enum { RECORD = 16 * 1024, LENT_MAX = 64 };

/* Buffers in the order in which they came back. */
static struct {
  void *bytes[LENT_MAX];
  size_t len[LENT_MAX];
  size_t count;
} returned;

static void note_return(void *bytes, size_t len, void *arg) {
  CHECK(arg == &returned);
  CHECK_LT(returned.count, LENT_MAX);
  returned.bytes[returned.count] = bytes;
  returned.len[returned.count++] = len;
}

static bool lend(tlstream__queue *queue, void *bytes, size_t len) {
  return tlstream__queue_lend(queue, bytes, len, note_return, &returned);
}

static tlstream__queue fresh(void) {
  torture_install();
  returned.count = 0;
  return (tlstream__queue){0};
}

/* Take `len` bytes from the front, which must be the pattern's from `at`. */
static void take(tlstream__queue *queue, size_t at, size_t len) {
  unsigned char want[256];
  while (len > 0) {
    size_t ready = 0;
    const void *front = tlstream__queue_front(queue, &ready);
    if (!CHECK_GT(ready, 0)) return;
    if (ready > len) ready = len;
    if (ready > sizeof(want)) ready = sizeof(want);
    pattern_fill(want, at, ready);
    CHECK(memcmp(front, want, ready) == 0);
    tlstream__queue_consume(queue, ready);
    at += ready;
    len -= ready;
  }
}

static void copy(tlstream__queue *queue, size_t at, size_t len) {
  unsigned char *bytes = malloc(len + 1);
  pattern_fill(bytes, at, len);
  CHECK(tlstream__queue_copy(queue, bytes, len));
  free(bytes);
}

TEST(is_empty_at_first) {
  tlstream__queue queue = fresh();
  size_t len = 7;
  CHECK(tlstream__queue_front(&queue, &len) == NULL);
  CHECK_INT(len, 0);
  tlstream__queue_consume(&queue, 0);
  tlstream__queue_drop(&queue);
  tlstream__queue_give_back(&queue);
  CHECK_INT(queue.bytes, 0);
}

TEST(small_copies_share_a_chunk) {
  tlstream__queue queue = fresh();
  tlstream__chunk *spare = NULL;
  size_t len = 0;
  queue.spare = &spare;
  size_t before = torture_total(TORTURE_LIBRARY);
  for (size_t at = 0; at < RECORD; at += 64)
    copy(&queue, at, 64);
  CHECK_INT(torture_total(TORTURE_LIBRARY), before + 1);
  CHECK(tlstream__queue_front(&queue, &len) != NULL);
  CHECK_INT(len, RECORD);
  copy(&queue, RECORD, 1);
  CHECK_INT(torture_total(TORTURE_LIBRARY), before + 2);
  CHECK_INT(queue.bytes, RECORD + 1);
  take(&queue, 0, RECORD + 1);
  CHECK_INT(queue.bytes, 0);
  tlstream__chunk_free(spare);
}

/* Little written often costs no allocation: the chunk is used again. */
TEST(a_chunk_is_used_again) {
  tlstream__queue queue = fresh();
  tlstream__chunk *spare = NULL;
  queue.spare = &spare;
  copy(&queue, 0, 10);
  take(&queue, 0, 10);
  CHECK(spare != NULL);
  size_t before = torture_total(TORTURE_LIBRARY);
  for (size_t at = 0; at < 1000; at += 100) {
    copy(&queue, at, 100);
    take(&queue, at, 100);
  }
  copy(&queue, 0, RECORD);
  take(&queue, 0, RECORD);
  CHECK_INT(torture_total(TORTURE_LIBRARY), before);
  copy(&queue, 0, RECORD + 1);
  take(&queue, 0, RECORD + 1);
  CHECK_INT(torture_total(TORTURE_LIBRARY), before + 1);
  CHECK(spare != NULL);
  tlstream__chunk_free(spare);
}

/* A slow peer costs what waits, rounded up, and not a record for each. */
TEST(a_long_wait_costs_little_more_than_the_bytes) {
  tlstream__queue queue = fresh();
  for (size_t at = 0; at < 100; at++)
    copy(&queue, at, 1);
  CHECK_INT(queue.bytes, 100);
  take(&queue, 0, 100);
  copy(&queue, 0, 1000000);
  CHECK_INT(queue.bytes, 1000000);
  take(&queue, 0, 1000000);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(lent_buffers_come_back_in_order_when_asked_for) {
  tlstream__queue queue = fresh();
  unsigned char lent[3][100];
  for (size_t i = 0; i < 3; i++) {
    pattern_fill(lent[i], i * 110, 100);
    CHECK(lend(&queue, lent[i], 100));
    copy(&queue, i * 110 + 100, 10);
  }
  CHECK_INT(queue.bytes, 330);
  take(&queue, 0, 210);
  CHECK_INT(returned.count, 0);
  tlstream__queue_give_back(&queue);
  CHECK_INT(returned.count, 2);
  take(&queue, 210, 120);
  tlstream__queue_give_back(&queue);
  tlstream__queue_give_back(&queue);
  CHECK_INT(returned.count, 3);
  for (size_t i = 0; i < returned.count; i++) {
    CHECK(returned.bytes[i] == lent[i]);
    CHECK_INT(returned.len[i], 100);
  }
}

/* An empty buffer is nothing to wait for, and must not stand in the way. */
TEST(an_empty_buffer_blocks_nothing) {
  tlstream__queue queue = fresh();
  unsigned char lent[10];
  size_t len = 0;
  pattern_fill(lent, 0, 10);
  CHECK(lend(&queue, lent, 0));
  CHECK_INT(queue.bytes, 0);
  CHECK(tlstream__queue_front(&queue, &len) == NULL);
  copy(&queue, 0, 10);
  CHECK(lend(&queue, lent, 0));
  CHECK(lend(&queue, lent, 10));
  take(&queue, 0, 10);
  take(&queue, 0, 10);
  CHECK_INT(queue.bytes, 0);
  tlstream__queue_give_back(&queue);
  CHECK_INT(returned.count, 3);
  CHECK_INT(returned.len[0] + returned.len[1] + returned.len[2], 10);
}

TEST(dropping_gives_back_what_was_lent) {
  tlstream__queue queue = fresh();
  unsigned char lent[2][100];
  pattern_fill(lent[0], 0, 100);
  CHECK(lend(&queue, lent[0], 100));
  copy(&queue, 100, 50);
  CHECK(lend(&queue, lent[1], 100));
  take(&queue, 0, 30);
  tlstream__queue_drop(&queue);
  CHECK_INT(queue.bytes, 0);
  CHECK_INT(returned.count, 0);
  tlstream__queue_give_back(&queue);
  CHECK_INT(returned.count, 2);
  CHECK(returned.bytes[0] == lent[0] && returned.bytes[1] == lent[1]);
  CHECK_INT(returned.len[0], 100); /* all of it, though a part had been used */
  copy(&queue, 0, 5);
  take(&queue, 0, 5);
}

static tlstream__queue *reentered;

static void lend_again(void *bytes, size_t len, void *arg) {
  note_return(bytes, len, arg);
  if (returned.count < 3) {
    CHECK(tlstream__queue_lend(reentered, bytes, len, lend_again, arg));
    tlstream__queue_consume(reentered, len);
  }
}

/* H1: a buffer that comes back may be written again at once. */
TEST(a_buffer_can_be_lent_again_when_it_comes_back) {
  tlstream__queue queue = fresh();
  unsigned char lent[10] = "123456789";
  reentered = &queue;
  CHECK(tlstream__queue_lend(&queue, lent, 10, lend_again, &returned));
  tlstream__queue_consume(&queue, 10);
  for (size_t round = 1; round <= 3; round++) {
    tlstream__queue_give_back(&queue);
    CHECK_INT(returned.count, round);
  }
  tlstream__queue_give_back(&queue);
  CHECK_INT(returned.count, 3);
}

/* H7: without memory nothing is taken, and what was there is still there. */
TEST(takes_nothing_without_memory) {
  tlstream__queue queue = fresh();
  unsigned char lent[10];
  copy(&queue, 0, RECORD);
  torture_arm(TORTURE_LIBRARY, TORTURE_FOREVER, 1);
  CHECK(!tlstream__queue_copy(&queue, lent, 10));
  CHECK(!lend(&queue, lent, 10));
  CHECK(torture_disarm());
  CHECK_INT(queue.bytes, RECORD);
  take(&queue, 0, RECORD);
  tlstream__queue_give_back(&queue);
  CHECK_INT(returned.count, 0);
}

/* Random writes of both kinds and random reads against one running count. */
TEST(everything_comes_out_as_it_went_in) {
  tlstream__queue queue = fresh();
  tlstream__chunk *spare = NULL;
  size_t in = 0;
  size_t out = 0;
  uint64_t random = 2009;
  queue.spare = &spare;
  while (in < 3000000) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    size_t len = (random >> 33) % (random >> 40 & 1 ? 100 : 40000);
    if (random >> 62 == 0) {
      size_t most = in - out < len ? in - out : len;
      take(&queue, out, most);
      out += most;
    } else {
      copy(&queue, in, len);
      in += len;
    }
    CHECK_INT(queue.bytes, in - out);
  }
  take(&queue, out, in - out);
  tlstream__chunk_free(spare);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}
