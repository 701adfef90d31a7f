/* SPDX-License-Identifier: MIT */
/* Queues of bytes, in memory of their own and in memory that is lent. */
#include "base/buf.h"

#include <stdint.h>
#include <stdlib.h>

#include "support/test.h"
#include "support/torture.h"

static unsigned char source[8192]; /* no two places in it look alike */

BEFORE_TESTS(fill_source) {
  for (size_t i = 0; i < sizeof(source); i++)
    source[i] = (unsigned char)(i * 7 + i / 256);
}

static void check_holds(const tlstream__buf *buf, const void *bytes,
                        size_t len) {
  CHECK_INT(tlstream__buf_len(buf), len);
  if (tlstream__buf_len(buf) != len) return;
  CHECK(len == 0 || memcmp(tlstream__buf_data(buf), bytes, len) == 0);
}

TEST(a_zeroed_one_is_empty) {
  tlstream__buf buf = {0};
  torture_install();
  CHECK_INT(tlstream__buf_len(&buf), 0);
  CHECK(tlstream__buf_data(&buf) == NULL);
  CHECK(tlstream__buf_append(&buf, NULL, 0));
  CHECK(tlstream__buf_settle(&buf));
  tlstream__buf_consume(&buf, 0);
  tlstream__buf_clear(&buf);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(keeps_bytes_in_their_order) {
  tlstream__buf buf = {0};
  torture_install();
  CHECK(tlstream__buf_append(&buf, "hello ", 6));
  CHECK(tlstream__buf_append(&buf, "world", 5));
  check_holds(&buf, "hello world", 11);
  tlstream__buf_consume(&buf, 6);
  check_holds(&buf, "world", 5);
  CHECK(tlstream__buf_append(&buf, "!", 1));
  check_holds(&buf, "world!", 6);
  tlstream__buf_clear(&buf);
  check_holds(&buf, "", 0);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(grows_for_every_size) {
  static const size_t sizes[] = {1, 511, 512, 513, 1024, 1025, 8192};
  torture_install();
  EACH_ROW(i, sizes) {
    tlstream__buf buf = {0};
    CHECK(tlstream__buf_append(&buf, source, sizes[i]));
    check_holds(&buf, source, sizes[i]);
    CHECK(buf.cap >= sizes[i] && buf.cap < 2 * sizes[i] + 512);
    tlstream__buf_clear(&buf);
  }
}

/* An idle connection holds no memory. */
TEST(holds_no_memory_when_it_is_empty) {
  tlstream__buf buf = {0};
  torture_install();
  CHECK(tlstream__buf_append(&buf, source, 1000));
  CHECK_INT(torture_live(TORTURE_LIBRARY), 1);
  tlstream__buf_consume(&buf, 999);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 1);
  tlstream__buf_consume(&buf, 1);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
  CHECK(buf.mem == NULL);
}

/* Moving to the front costs no more than what it makes room for. */
TEST(uses_the_room_in_front) {
  tlstream__buf buf = {0};
  torture_install();
  CHECK(tlstream__buf_append(&buf, source, 512));
  const unsigned char *mem = buf.mem;
  tlstream__buf_consume(&buf, 256);
  CHECK(tlstream__buf_append(&buf, source + 512, 256));
  CHECK(buf.mem == mem && buf.start == 0);
  check_holds(&buf, source + 256, 512);

  tlstream__buf_consume(&buf, 255);
  CHECK(tlstream__buf_append(&buf, source + 768, 255));
  CHECK(buf.mem != mem && buf.start == 0);
  check_holds(&buf, source + 511, 512);
  tlstream__buf_clear(&buf);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(lent_memory_is_used_where_it_is) {
  unsigned char lent[64] = "lent";
  tlstream__buf buf = {0};
  torture_install();
  size_t total = torture_total(TORTURE_LIBRARY);
  tlstream__buf_lend(&buf, lent, 4, sizeof(lent));
  check_holds(&buf, "lent", 4);
  CHECK(tlstream__buf_append(&buf, " more", 5));
  CHECK(tlstream__buf_data(&buf) == lent);
  check_holds(&buf, "lent more", 9);
  tlstream__buf_consume(&buf, 9);
  CHECK(buf.lent && buf.start == 0);
  CHECK(tlstream__buf_append(&buf, source, sizeof(lent)));
  CHECK(tlstream__buf_data(&buf) == lent);
  check_holds(&buf, source, sizeof(lent));
  tlstream__buf_clear(&buf);
  CHECK(!buf.lent && buf.mem == NULL);
  CHECK_INT(torture_total(TORTURE_LIBRARY), total);
}

TEST(what_is_left_of_lent_memory_is_kept) {
  unsigned char lent[64] = "lent";
  tlstream__buf buf = {0};
  torture_install();
  tlstream__buf_lend(&buf, lent, 4, sizeof(lent));
  tlstream__buf_consume(&buf, 1);
  CHECK(tlstream__buf_settle(&buf));
  CHECK(!buf.lent);
  memset(lent, 'x', sizeof(lent));
  check_holds(&buf, "ent", 3);
  CHECK(tlstream__buf_settle(&buf)); /* again: there is nothing to do */
  check_holds(&buf, "ent", 3);
  tlstream__buf_clear(&buf);

  tlstream__buf_lend(&buf, lent, 4, sizeof(lent));
  tlstream__buf_consume(&buf, 4);
  CHECK(tlstream__buf_settle(&buf));
  CHECK(!buf.lent && buf.mem == NULL);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(outgrows_lent_memory) {
  unsigned char lent[16];
  tlstream__buf buf = {0};
  torture_install();
  memcpy(lent, source, sizeof(lent));
  tlstream__buf_lend(&buf, lent, 16, sizeof(lent));
  tlstream__buf_consume(&buf, 4);
  CHECK(tlstream__buf_append(&buf, source + 16, 8));
  CHECK(!buf.lent);
  memset(lent, 'x', sizeof(lent));
  check_holds(&buf, source + 4, 20);
  CHECK(tlstream__buf_settle(&buf));
  check_holds(&buf, source + 4, 20);
  tlstream__buf_clear(&buf);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(appends_all_or_nothing) {
  tlstream__buf buf = {0};
  torture_install();
  torture_arm(TORTURE_LIBRARY, TORTURE_FOREVER, 1);
  CHECK(!tlstream__buf_append(&buf, "a", 1));
  check_holds(&buf, "", 0);
  torture_disarm();
  CHECK(tlstream__buf_append(&buf, source, 512));
  torture_arm(TORTURE_LIBRARY, TORTURE_FOREVER, 1);
  CHECK(!tlstream__buf_append(&buf, "a", 1));
  torture_disarm();
  check_holds(&buf, source, 512);
  tlstream__buf_clear(&buf);
}

/* What was lent goes back to its owner, so it cannot be kept there. */
TEST(loses_what_cannot_be_kept) {
  unsigned char lent[16] = "lent";
  tlstream__buf buf = {0};
  torture_install();
  tlstream__buf_lend(&buf, lent, 4, sizeof(lent));
  torture_arm(TORTURE_LIBRARY, TORTURE_FOREVER, 1);
  CHECK(!tlstream__buf_settle(&buf));
  torture_disarm();
  CHECK(!buf.lent && buf.mem == NULL);
  check_holds(&buf, "", 0);
}

/* H8. No such memory exists, so nothing is read: the sizes are the point. */
TEST(refuses_sizes_that_overflow) {
  static const struct {
    size_t size;
    bool is_asked_for;
  } rows[] = {{SIZE_MAX, false}, {SIZE_MAX - 3, false}, {SIZE_MAX / 2, true}};
  tlstream__buf buf = {0};
  torture_install();
  CHECK(tlstream__buf_append(&buf, "abcd", 4));
  EACH_ROW(i, rows) {
    torture_arm(TORTURE_LIBRARY, TORTURE_FOREVER, 1);
    CHECK(!tlstream__buf_append(&buf, source, rows[i].size));
    CHECK_INT(torture_disarm(), rows[i].is_asked_for);
    check_holds(&buf, "abcd", 4);
  }
  tlstream__buf_clear(&buf);
}

/* The queue beside the plainest one there is: an array and two indexes. */
enum { STEPS = 30000, MODEL = 16 * 1024 * 1024 };

typedef struct model {
  tlstream__buf buf;
  unsigned char *bytes;
  size_t start;
  size_t end;
  unsigned char lent[4096];
} model;

static uint32_t next_random(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

static void model_append(model *two, size_t len) {
  if (two->end + len > MODEL) return;
  memcpy(two->bytes + two->end, source + two->end % 4096, len);
  CHECK(tlstream__buf_append(&two->buf, two->bytes + two->end, len));
  two->end += len;
}

static void model_lend(model *two, size_t len) {
  if (tlstream__buf_len(&two->buf) > 0 || two->buf.lent) return;
  if (two->end + len > MODEL) return;
  memcpy(two->lent, source + len, len);
  memcpy(two->bytes + two->end, two->lent, len);
  two->end += len;
  tlstream__buf_lend(&two->buf, two->lent, len, sizeof(two->lent));
}

static void model_step(model *two, uint32_t random) {
  size_t len = random >> 8 & 1023;
  size_t held = two->end - two->start;
  switch (random & 7) {
    case 0:
    case 1:
    case 2: model_append(two, len); break;
    case 3: model_lend(two, len); break;
    case 4:
      CHECK(tlstream__buf_settle(&two->buf));
      memset(two->lent, 0xEE, sizeof(two->lent));
      break;
    default:
      if (len > held || (random >> 20) % 8 == 0) len = held;
      tlstream__buf_consume(&two->buf, len);
      two->start += len;
      break;
  }
}

TEST(does_what_the_plainest_queue_does) {
  static model two;
  uint32_t seed = 20111109;
  torture_install();
  two.bytes = malloc(MODEL);
  CHECK(two.bytes != NULL);
  for (size_t i = 0; i < STEPS && test_failures == 0; i++) {
    model_step(&two, next_random(&seed));
    check_holds(&two.buf, two.bytes + two.start, two.end - two.start);
  }
  CHECK_GT(two.end, 1000 * 1000);
  tlstream__buf_clear(&two.buf);
  free(two.bytes);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}
