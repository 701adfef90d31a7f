/* SPDX-License-Identifier: MIT */
/* From TLS back to plain text on the same connection: which bytes are TLS and
 * which are plain text (E7). */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/starttls.h"

static const char farewell[] =
    "250 back in the clear\r\n221 and that was it\r\n";

typedef struct takeover {
  scene at;
  uv_stream_t *taken;
  char trailing[256 * 1024];
  size_t trailing_len;
  bool leave_it;    /* do not take the handle */
  unsigned send_ms; /* 0: the default */
} takeover;

static takeover *new_takeover(void) {
  takeover *made = calloc(1, sizeof(*made));
  if (made == NULL) abort();
  return made;
}

/* The trailing bytes are lent until on_close returns. */
static void take_back(actor *self, callback_kind kind) {
  takeover *taking = self->data;
  tlstream_bytes trailing;
  if (kind != CAME_CLOSE) {
    CHECK(tlstream_take_handle(self->stream, &trailing) == NULL);
    CHECK_INT(trailing.len, 0);
    return;
  }
  if (taking->leave_it) return;
  taking->taken = tlstream_take_handle(self->stream, &trailing);
  if (!CHECK_LE(trailing.len, sizeof(taking->trailing))) return;
  if (trailing.len > 0) {
    memcpy(taking->trailing, trailing.data, trailing.len);
  }
  taking->trailing_len = trailing.len;
  CHECK(tlstream_take_handle(self->stream, NULL) == NULL);
}

static void begin(takeover *taking, tlstream_role role) {
  scene *at = &taking->at;
  scene_begin(at);
  at->self.data = taking;
  at->self.act = take_back;
  scene_upgrade(
      at, role,
      (tlstream_upgrade_options){.return_handle = true,
                                 .timeouts.send_ms = taking->send_ms});
  scene_open_peer(at, other_role(role));
  scene_run_until(at, scene_is_secure);
}

/* The handle is plain again, and was not closed or released. */
static void check_taken(takeover *taking) {
  scene *at = &taking->at;
  CHECK_INT(at->self.ending, TLSTREAM_ENDING_CLEAN);
  if (!CHECK(taking->taken != NULL)) return;
  CHECK(taking->taken == at->ours.handle);
  CHECK(taking->taken->data == &at->ours);
  CHECK(!uv_is_active((uv_handle_t *)taking->taken)); /* it does not read */
  CHECK_INT(at->ours.released, 0);
  CHECK_INT(at->theirs.end.stop, 0); /* nor has the peer seen an end */
}

static void finish(takeover *taking) {
  scene *at = &taking->at;
  if (taking->taken != NULL) plain_close(&at->ours);
  scene_finish(at);
  free(taking);
}

static bool has_heard_all(loopback *net) {
  takeover *taking = (takeover *)net->data;
  return taking->trailing_len + taking->at.ours.heard_len >=
         taking->at.self.written;
}

/* After close_notify come the trailing bytes, and then what the handle reads:
 * all of it, once, in order. */
static void hear_the_rest(takeover *taking, const void *want, size_t len) {
  scene *at = &taking->at;
  plain_read(&at->ours);
  at->self.written = len;
  scene_run_until(at, has_heard_all);
  CHECK_INT(taking->trailing_len + at->ours.heard_len, len);
  CHECK(memcmp(taking->trailing, want, taking->trailing_len) == 0);
  CHECK(memcmp(at->ours.heard, (const char *)want + taking->trailing_len,
               at->ours.heard_len) == 0);
}

/* The peer's close_notify and what follows it, in one piece. */
static size_t make_ending(takeover *taking, char *out, size_t cap) {
  tlstream_pair *pair = taking->at.theirs.pair;
  CHECK_ERROR(tlstream_pair_end(pair), 0);
  size_t len = tlstream_pair_drain(pair, out, cap);
  memcpy(out + len, farewell, strlen(farewell));
  return len + strlen(farewell);
}

static size_t disconnect_at(tlstream_version version, tlstream_role role,
                            size_t split) {
  takeover *taking = new_takeover();
  scene *at = &taking->at;
  char ending[512];
  at->self.config.version = version;
  begin(taking, role);
  size_t len = make_ending(taking, ending, sizeof(ending));
  if (split > len) split = len;
  if (split > 0) plain_write(&at->theirs.end, ending, split);
  uv_run(at->net.loop, UV_RUN_NOWAIT);
  plain_write(&at->theirs.end, ending + split, len - split);
  scene_run_until(at, scene_is_over);
  check_taken(taking);
  hear_the_rest(taking, farewell, strlen(farewell));
  plain_say(&at->ours, "QUIT\r\n");
  finish(taking);
  return len;
}

static void each_byte_goes_to_one_side(tlstream_version version,
                                       tlstream_role role) {
  size_t len = disconnect_at(version, role, 0);
  for (size_t split = 1; split <= len; split++)
    disconnect_at(version, role, split);
}

TEST(after_close_notify_the_text_is_plain) {
  each_side(each_byte_goes_to_one_side);
}

/* We send close_notify first, and the peer answers. */
TEST(the_first_to_end_can_go_on_in_plain_text) {
  takeover *taking = new_takeover();
  scene *at = &taking->at;
  begin(taking, TLSTREAM_ROLE_CLIENT);
  tlstream_end(at->self.stream);
  scene_run_until(at, scene_is_over);
  check_taken(taking);
  CHECK_INT(taking->trailing_len, 0);
  at->theirs.end.on_bytes = NULL;
  size_t before = at->theirs.end.heard_len;
  plain_say(&at->ours, "NOOP\r\n");
  plain_say(&at->theirs.end, farewell);
  hear_the_rest(taking, farewell, strlen(farewell));
  CHECK_STR(at->theirs.end.heard + before, "NOOP\r\n");
  finish(taking);
}

enum { A_LOT = 1024 * 1024 };

/* Once there are any, no more is read: the rest stays in the kernel, and the
 * peer has to wait. */
TEST(a_lot_after_close_notify_waits) {
  takeover *taking = new_takeover();
  scene *at = &taking->at;
  char *lot = malloc(A_LOT);
  char ending[512];
  if (lot == NULL) abort();
  pattern_fill(lot, 0, A_LOT);
  begin(taking, TLSTREAM_ROLE_SERVER);
  CHECK_ERROR(tlstream_pair_end(at->theirs.pair), 0);
  size_t len = tlstream_pair_drain(at->theirs.pair, ending, sizeof(ending));
  plain_write(&at->theirs.end, ending, len);
  plain_write(&at->theirs.end, lot, A_LOT);
  scene_run_until(at, scene_is_over);
  check_taken(taking);
  CHECK_LE(taking->trailing_len, 128 * 1024);
  hear_the_rest(taking, lot, A_LOT);
  free(lot);
  finish(taking);
}

TEST(a_handle_that_is_not_taken_is_closed) {
  takeover *taking = new_takeover();
  scene *at = &taking->at;
  taking->leave_it = true;
  begin(taking, TLSTREAM_ROLE_CLIENT);
  tlstream_end(at->self.stream);
  loopback_run(&at->net); /* both ends close when there is nothing left */
  CHECK_INT(at->self.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(at->ours.released, 1);
  CHECK_ERROR(at->theirs.end.stop, UV_EOF);
  finish(taking);
}

static void send_no_close_notify(scene *at) {
  at->theirs.rude = true;
  plain_close(&at->theirs.end);
}

static void end_and_be_cut(scene *at) {
  at->theirs.rude = true;
  tlstream_end(at->self.stream);
  plain_close(&at->theirs.end);
}

static void close_and_be_cut(scene *at) {
  at->theirs.rude = true;
  tlstream_close(at->self.stream);
  plain_close(&at->theirs.end);
}

static void destroy(scene *at) {
  actor_destroy(&at->self);
}

static void send_junk(scene *at) {
  plain_write(&at->theirs.end, forged_record, sizeof(forged_record));
}

/* Without proof that all data arrived, there is no plain text to trust. */
TEST(only_a_clean_end_gives_the_handle_back) {
  static const struct {
    void (*happen)(scene *at);
    tlstream_ending ending;
  } rows[] = {{send_no_close_notify, TLSTREAM_ENDING_FAILED},
              {end_and_be_cut, TLSTREAM_ENDING_FAILED},
              {close_and_be_cut, TLSTREAM_ENDING_TRUNCATED},
              {destroy, TLSTREAM_ENDING_DESTROYED},
              {send_junk, TLSTREAM_ENDING_FAILED}};
  EACH_ROW(i, rows) {
    takeover *taking = new_takeover();
    scene *at = &taking->at;
    begin(taking, TLSTREAM_ROLE_CLIENT);
    rows[i].happen(at);
    scene_run_until(at, scene_is_over);
    CHECK_INT(at->self.ending, rows[i].ending);
    CHECK(taking->taken == NULL);
    CHECK_INT(at->ours.released, 1);
    finish(taking);
  }
}

/* E4: an attacker on the network can forge close_notify before there are
 * keys. */
TEST(nothing_in_the_handshake_gives_it_back) {
  static const unsigned char close_notify[] = {21, 3, 3, 0, 2, 1, 0};
  static const tlstream_bytes rows[] = {{close_notify, sizeof(close_notify)},
                                        {"454 no TLS today\r\n", 18}};
  for (size_t i = 0; i < 8; i++) {
    takeover *taking = new_takeover();
    scene *at = &taking->at;
    scene_begin(at);
    at->self.data = taking;
    at->self.act = take_back;
    scene_upgrade(at,
                  i / 2 % 2 == 0 ? TLSTREAM_ROLE_CLIENT : TLSTREAM_ROLE_SERVER,
                  (tlstream_upgrade_options){.return_handle = true});
    if (i / 4 == 1) tlstream_end(at->self.stream);
    plain_write(&at->theirs.end, rows[i % 2].data, rows[i % 2].len);
    scene_run_until(at, scene_is_over);
    /* There was nothing to send, so the handshake was abandoned. */
    CHECK_INT(at->self.ending,
              i / 4 == 1 ? TLSTREAM_ENDING_TRUNCATED : TLSTREAM_ENDING_FAILED);
    CHECK(taking->taken == NULL);
    CHECK_INT(at->ours.released, 1);
    finish(taking);
  }
}

static void fill_socket(uv_stream_t *handle) {
  static const char junk[4096];
  uv_os_fd_t fd = -1;
  CHECK_ERROR(uv_fileno((uv_handle_t *)handle, &fd), 0);
  while (send(fd, junk, sizeof(junk), MSG_DONTWAIT) > 0)
    continue;
  CHECK_INT(errno, EAGAIN);
}

/* The peer's close_notify comes, and ours is not taken: the send deadline ends
 * that, and a handle with something of ours in it is not the user's. */
TEST(a_handle_that_still_sends_is_not_given_back) {
  takeover *taking = new_takeover();
  scene *at = &taking->at;
  at->kind = PLAIN_PIPE;
  taking->send_ms = 30;
  begin(taking, TLSTREAM_ROLE_CLIENT);
  uv_read_stop(at->theirs.end.handle);
  at->theirs.end.on_bytes = NULL;
  fill_socket(at->ours.handle);
  CHECK_ERROR(tlstream_pair_end(at->theirs.pair), 0);
  plain_peer_flush(&at->theirs);
  scene_run_until(at, scene_is_over);
  CHECK_ERROR(at->self.error.code, TLSTREAM_ERR_SEND_TIMEOUT);
  CHECK(taking->taken == NULL);
  CHECK_INT(at->ours.released, 1);
  plain_read(&at->theirs.end);
  finish(taking);
}

TEST(it_has_to_be_asked_for) {
  takeover *taking = new_takeover();
  scene *at = &taking->at;
  char ending[512];
  scene_begin(at);
  at->self.data = taking;
  at->self.act = take_back;
  scene_upgrade(at, TLSTREAM_ROLE_CLIENT, (tlstream_upgrade_options){0});
  scene_open_peer(at, TLSTREAM_ROLE_SERVER);
  scene_run_until(at, scene_is_secure);
  size_t len = make_ending(taking, ending, sizeof(ending));
  plain_write(&at->theirs.end, ending, len);
  scene_run_until(at, scene_is_over);
  CHECK_INT(at->self.ending, TLSTREAM_ENDING_CLEAN);
  CHECK(taking->taken == NULL);
  CHECK_INT(taking->trailing_len, 0);
  CHECK_INT(at->ours.released, 1);
  finish(taking);
}

/* TLS, plain text, and TLS again. */
TEST(it_can_be_upgraded_once_more) {
  takeover *taking = new_takeover();
  scene *at = &taking->at;
  begin(taking, TLSTREAM_ROLE_CLIENT);
  tlstream_end(at->self.stream);
  scene_run_until(at, scene_is_over);
  check_taken(taking);
  actor_done(&at->self);
  tlstream_pair_free(at->theirs.pair);
  at->theirs.saw_end = false;
  at->self = (actor){.data = taking, .act = take_back};
  taking->taken = NULL;
  scene_upgrade(at, TLSTREAM_ROLE_CLIENT,
                (tlstream_upgrade_options){.return_handle = true});
  scene_open_peer(at, TLSTREAM_ROLE_SERVER);
  scene_run_until(at, scene_is_secure);
  tlstream_end(at->self.stream);
  scene_run_until(at, scene_is_over);
  check_taken(taking);
  finish(taking);
}

/* Most peers half-close after their close_notify. */
TEST(the_peers_end_is_there_to_be_read) {
  takeover *taking = new_takeover();
  scene *at = &taking->at;
  char ending[512];
  begin(taking, TLSTREAM_ROLE_SERVER);
  size_t len = make_ending(taking, ending, sizeof(ending));
  plain_write(&at->theirs.end, ending, len);
  plain_close(&at->theirs.end);
  scene_run_until(at, scene_is_over);
  CHECK_INT(at->self.ending, TLSTREAM_ENDING_CLEAN);
  hear_the_rest(taking, farewell, strlen(farewell));
  while (at->ours.stop == 0 && uv_run(at->net.loop, UV_RUN_ONCE) != 0)
    continue;
  CHECK(at->ours.stop == UV_EOF || at->ours.stop == UV_ECONNRESET);
  finish(taking);
}
