/* SPDX-License-Identifier: MIT */
/* How TLS ends on a connection that was plain text before: as everywhere, see
 * docs/guide/closing.md (G1, G3, H6). */
#include <sys/socket.h>

#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/starttls.h"

enum { SOME = 50000 };

static void peer_writes(scene *at) {
  char bytes[SOME];
  pattern_fill(bytes, 0, SOME);
  for (size_t done = 0; done < SOME;) {
    ptrdiff_t taken =
        tlstream_pair_write(at->theirs.pair, bytes + done, SOME - done);
    if (!CHECK_GT(taken, 0)) return;
    done += (size_t)taken;
    plain_peer_flush(&at->theirs);
  }
}

static void peer_sends_close_notify(scene *at) {
  CHECK_ERROR(tlstream_pair_end(at->theirs.pair), 0);
  plain_peer_flush(&at->theirs);
}

static void ignore(uv_shutdown_t *request, int status) {
  (void)request, (void)status;
}

static void peer_leaves(scene *at) {
  static uv_shutdown_t request;
  at->theirs.hold = true;
  uv_shutdown(&request, at->theirs.end.handle, ignore);
}

static void peer_resets(scene *at) {
  struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  uv_os_fd_t fd = -1;
  CHECK_ERROR(uv_fileno((uv_handle_t *)at->theirs.end.handle, &fd), 0);
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  plain_close(&at->theirs.end);
}

static void we_end_and_are_left(scene *at) {
  tlstream_end(at->self.stream);
  peer_leaves(at);
}

static void we_end_and_hear_nothing(scene *at) {
  at->theirs.rude = true;
  tlstream_end(at->self.stream);
}

static void we_close_and_are_left(scene *at) {
  tlstream_close(at->self.stream);
  peer_leaves(at);
}

static void we_close_and_hear_nothing(scene *at) {
  at->theirs.rude = true;
  tlstream_close(at->self.stream);
}

static void we_destroy(scene *at) {
  actor_destroy(&at->self);
}

static const struct row {
  void (*happen)(scene *at);
  tlstream_ending ending;
  const char *error;
  bool close_notify; /* does the peer get ours? */
} rows[] = {
    {peer_sends_close_notify, TLSTREAM_ENDING_CLEAN, "", true},
    {peer_leaves, TLSTREAM_ENDING_FAILED, "ERR_TLSTREAM_TRUNCATED", false},
    {peer_resets, TLSTREAM_ENDING_FAILED, "ECONNRESET", false},
    {we_end_and_are_left, TLSTREAM_ENDING_FAILED, "ERR_TLSTREAM_TRUNCATED",
     true},
    {we_end_and_hear_nothing, TLSTREAM_ENDING_FAILED,
     "ERR_TLSTREAM_HALF_CLOSED_TIMEOUT", true},
    {we_close_and_are_left, TLSTREAM_ENDING_TRUNCATED, "", true},
    {we_close_and_hear_nothing, TLSTREAM_ENDING_TRUNCATED, "", true},
    {we_destroy, TLSTREAM_ENDING_DESTROYED, "", false},
};

static bool got_some(loopback *net) {
  scene *at = net->data;
  return at->self.got == SOME;
}

static bool peer_is_left(loopback *net) {
  scene *at = net->data;
  return at->theirs.end.handle == NULL || at->theirs.end.stop != 0;
}

/* A reset, or we, would drop what is on the way. */
static bool drops_data(const struct row *row) {
  return row->happen == peer_resets || row->happen == we_destroy ||
         row->happen == we_close_and_are_left ||
         row->happen == we_close_and_hear_nothing;
}

static void end_as_promised(const struct row *row, tlstream_version version,
                            tlstream_role role) {
  scene at = {.self.config.version = version};
  scene_begin(&at);
  scene_upgrade(&at, role,
                (tlstream_upgrade_options){
                    .timeouts = {.half_closed_ms = 30, .shutdown_ms = 30}});
  scene_open_peer(&at, other_role(role));
  scene_run_until(&at, scene_is_secure);
  peer_writes(&at);
  if (drops_data(row)) scene_run_until(&at, got_some);
  row->happen(&at);
  scene_run_until(&at, scene_is_over);
  scene_run_until(&at, peer_is_left);
  CHECK_INT(at.self.ending, row->ending);
  CHECK_STR(at.self.error.name, row->error);
  CHECK_INT(at.self.got, SOME); /* what came before is delivered */
  CHECK_INT(at.theirs.saw_end, row->close_notify);
  CHECK_INT(at.ours.released, 1);
  scene_finish(&at);
}

static void each_row(tlstream_version version, tlstream_role role) {
  EACH_ROW(i, rows)
    end_as_promised(&rows[i], version, role);
}

TEST(it_ends_as_promised) {
  each_side(each_row);
}

/* G3: all data, then close_notify, then the end of the transport; and what the
 * peer sends after that is read. */
TEST(the_end_is_behind_the_data_and_reading_goes_on) {
  for (plain_kind kind = 0; kind < PLAIN_KINDS; kind++) {
    scene at = {.kind = kind, .theirs.rude = true};
    scene_begin(&at);
    scene_upgrade(&at, TLSTREAM_ROLE_SERVER,
                  (tlstream_upgrade_options){.allow_half_open = true});
    scene_open_peer(&at, TLSTREAM_ROLE_CLIENT);
    scene_run_until(&at, scene_is_secure);
    CHECK_GE(actor_write(&at.self, SOME), 0);
    tlstream_end(at.self.stream);
    scene_run_until(&at, peer_is_left);
    CHECK_ERROR(at.theirs.end.stop, UV_EOF);
    CHECK_INT(at.theirs.got_len, SOME);
    CHECK(at.theirs.saw_end);
    CHECK_INT(at.self.order.count[CAME_CLOSE], 0);
    peer_writes(&at);
    peer_sends_close_notify(&at);
    scene_run_until(&at, scene_is_over);
    CHECK_INT(at.self.got, SOME);
    CHECK_INT(at.self.ending, TLSTREAM_ENDING_CLEAN);
    scene_finish(&at);
  }
}
