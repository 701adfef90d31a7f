/* SPDX-License-Identifier: MIT */
/*
 * G6: much data, both ways at once, to readers that stop again and again. Every
 * byte arrives in its place, and memory stays where the marks have it.
 */
#include <malloc.h>
#include <stdlib.h>

#include <tlstream/memory.h>
#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/uv/loopback.h"

enum {
  KIB = 1024,
  TOTAL = 64 * KIB * KIB,
  PAUSE_AFTER = 700 * 1000, /* no multiple of anything */
  PAUSE_TURNS = 60,
  LONGEST_WRITE = 64 * KIB + 1
};

static size_t live;
static size_t peak;

static void *counted(void *memory) {
  if (memory != NULL) live += malloc_usable_size(memory);
  if (live > peak) peak = live;
  return memory;
}

static void uncounted(void *memory) {
  if (memory != NULL) live -= malloc_usable_size(memory);
}

static void *allocate(size_t size) {
  return counted(malloc(size));
}

static void *reallocate(void *memory, size_t size) {
  uncounted(memory);
  return counted(realloc(memory, size));
}

static void release(void *memory) {
  uncounted(memory);
  free(memory);
}

/* One side, and what it waits for before it reads on. */
typedef struct worker {
  uv_idle_t turns;
  unsigned left;
  size_t next_pause;
  size_t writes;
  unsigned pauses;
  size_t fullest; /* the queue */
} worker;

static void on_turn(uv_idle_t *idle) {
  actor *self = idle->data;
  worker *work = self->data;
  if (--work->left > 0) return;
  uv_idle_stop(idle);
  actor_resume(self);
}

/* All sizes: several to a record, and several records to one. */
static void write_on(actor *self) {
  static const size_t sizes[] = {1, 300, 16 * KIB, 20000, LONGEST_WRITE};
  worker *work = self->data;
  int status = 0;
  while (status == 0 && self->written < TOTAL) {
    size_t len = sizes[work->writes++ % 5];
    if (len > TOTAL - self->written) len = TOTAL - self->written;
    status = actor_write(self, len);
    CHECK_GE(status, 0);
    size_t queued = tlstream_write_queue_size(self->stream);
    if (queued > work->fullest) work->fullest = queued;
  }
  if (self->written == TOTAL) tlstream_end(self->stream);
}

static void take_a_break(actor *self) {
  worker *work = self->data;
  if (self->got < work->next_pause) return;
  work->next_pause = self->got + PAUSE_AFTER;
  work->left = PAUSE_TURNS;
  work->pauses++;
  actor_pause(self);
  uv_idle_start(&work->turns, on_turn);
}

static void act(actor *self, callback_kind kind) {
  worker *work = self->data;
  switch (kind) {
    case CAME_SECURE:
      uv_idle_init(tlstream_loop(self->stream), &work->turns);
      work->turns.data = self;
      work->next_pause = PAUSE_AFTER;
      write_on(self);
      break;
    case CAME_DRAIN: write_on(self); break;
    case CAME_DATA: take_a_break(self); break;
    case CAME_CLOSE: uv_close((uv_handle_t *)&work->turns, NULL); break;
    default: break;
  }
}

static worker workers[2];

static void on_connection(loopback *net, actor *guest) {
  (void)net;
  guest->act = act;
  guest->data = &workers[1];
  act(guest, CAME_SECURE);
}

/*
 * What the marks allow. To each of the two streams: input that is kept, output
 * that is kept, by the pair or for the socket, the queue up to its mark and one
 * write beyond, and something for the stream itself. To their loop: four
 * buffers that wait and one that is lent.
 */
static size_t allowed(void) {
  size_t queue = 64 * KIB + LONGEST_WRITE;
  size_t stream = 64 * KIB + 64 * KIB + queue + 8 * KIB;
  size_t loop = 5 * 128 * KIB;
  return 2 * stream + loop;
}

static void exchange(tlstream_version version) {
  loopback net = {.config.version = version, .on_connection = on_connection};
  actor client = {.act = act, .data = &workers[0]};
  memset(workers, 0, sizeof(workers));
  loopback_open(&net);
  loopback_serve(&net, NULL);
  peak = live;
  loopback_connect(&net, &client, NULL);
  loopback_run(&net);
  actor_done(&client);
  for (int i = 0; i < 2; i++) {
    actor *each = i == 0 ? &client : &net.guests[0];
    CHECK_INT(each->got, TOTAL);
    CHECK_INT(each->written, TOTAL);
    CHECK_INT(each->ending, TLSTREAM_ENDING_CLEAN);
    CHECK_GT(workers[i].pauses, TOTAL / PAUSE_AFTER / 2);
    CHECK_GT(each->order.count[CAME_DRAIN], 0);
    CHECK_LT(workers[i].fullest, 64 * KIB + LONGEST_WRITE);
  }
  printf("# %s: at most %zu KiB of the library's memory, of %zu KiB\n",
         tlstream_version_name(version), peak / KIB, allowed() / KIB);
  CHECK_LE(peak, allowed());
  loopback_close(&net);
}

TEST(much_goes_both_ways) {
  static const tlstream_allocator counting = {allocate, reallocate, release};
  tlstream_set_allocator(&counting);
  exchange(TLSTREAM_TLS_1_3);
  exchange(TLSTREAM_TLS_1_2);
}
