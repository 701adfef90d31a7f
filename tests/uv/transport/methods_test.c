/* SPDX-License-Identifier: MIT */
/* The methods that a transport may lack or have: shutdown and reset. */
#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/stage.h"

/* The simulated network's transport, with another table of methods. */
typedef struct play {
  stage here;
  tlstream_transport_methods methods;
  actor self;
  wire_peer peer;
} play;

static void face(play *all, bool has_shutdown,
                 void (*reset)(tlstream_transport *transport)) {
  tlstream_error error;
  sim_end *far = NULL;
  stage_open(&all->here, NULL);
  sim_link(all->here.net, &all->self.end, &far);
  wire_peer_open(&all->peer, &all->self.config, TLSTREAM_ROLE_CLIENT, far);
  tlstream_transport *transport = sim_transport(all->self.end);
  all->methods = *transport->methods;
  all->methods.reset = reset;
  if (!has_shutdown) all->methods.shutdown = NULL;
  transport->methods = &all->methods;
  tlstream_context *context =
      config_context(&all->self.config, TLSTREAM_ROLE_SERVER);
  tlstream *stream = tlstream_over(
      all->here.loop, transport,
      TLSTREAM_OVER(.role = TLSTREAM_ROLE_SERVER, .context = context), NULL,
      NULL, &error);
  tlstream_context_unref(context);
  if (!CHECK(stream != NULL)) return;
  all->self.name = "server";
  actor_watch(&all->self, TLSTREAM_ROLE_SERVER, stream);
}

static void leave(play *all) {
  stage_run(&all->here);
  actor_done(&all->self);
  wire_peer_free(&all->peer);
  stage_close(&all->here);
}

/* Without a half-close it is open until both have sent close_notify, or the
 * deadline for the peer's comes; and it is closed then. */

static void end_without_shutdown(void (*end)(tlstream *stream), bool answers,
                                 tlstream_ending ending) {
  play all = {0};
  face(&all, false, NULL);
  stage_settle(&all.here);
  CHECK_GE(actor_write(&all.self, 1000), 0);
  end(all.self.stream);
  stage_wait(&all.here, 2000);
  CHECK_INT(all.peer.got, 1000);
  CHECK(all.peer.saw_close_notify);
  CHECK_INT(all.peer.saw_stop, 0);
  CHECK_INT(all.self.order.count[CAME_CLOSE], 0);
  if (answers) wire_peer_close_notify(&all.peer);
  stage_run(&all.here);
  CHECK(!all.self.end->fin_sent);
  leave(&all);
  CHECK_INT(all.self.ending, ending);
  CHECK_ERROR(all.peer.saw_stop, UV_EOF);
}

TEST(a_transport_need_not_have_a_half_close) {
  end_without_shutdown(tlstream_end, true, TLSTREAM_ENDING_CLEAN);
  end_without_shutdown(tlstream_close, true, TLSTREAM_ENDING_CLEAN);
  end_without_shutdown(tlstream_end, false, TLSTREAM_ENDING_FAILED);
  end_without_shutdown(tlstream_close, false, TLSTREAM_ENDING_TRUNCATED);
}

/* A reset is for endings that lose data of ours, and for no others. */

static unsigned resets;

static void count_reset(tlstream_transport *transport) {
  resets++;
  transport->methods->close(transport);
}

static void stall_and_write(play *all) {
  all->self.end->faults.stalled = true;
  CHECK_GE(actor_write(&all->self, 1000), 0);
}

static void destroy_with_data_queued(play *all) {
  CHECK_GE(actor_write(&all->self, 1000), 0);
  actor_destroy(&all->self);
}

static void destroy_with_data_on_its_way(play *all) {
  stall_and_write(all);
  stage_settle(&all->here);
  actor_destroy(&all->self);
}

static void destroy_with_nothing_to_lose(play *all) {
  CHECK_GE(actor_write(&all->self, 1000), 0);
  stage_settle(&all->here);
  actor_destroy(&all->self);
}

static void have_data_not_taken(play *all) {
  stall_and_write(all);
  tlstream_end(all->self.stream);
}

static void end_cleanly(play *all) {
  all->peer.polite = true;
  tlstream_end(all->self.stream);
}

static void be_left(play *all) {
  sim_fin(all->peer.end);
}

static void refuse_a_record(play *all) {
  sim_send(all->peer.end, forged_record, sizeof(forged_record));
}

static const struct row {
  void (*happen)(play *all);
  tlstream_ending ending;
  unsigned resets;
} rows[] = {
    {destroy_with_data_queued, TLSTREAM_ENDING_DESTROYED, 1},
    {destroy_with_data_on_its_way, TLSTREAM_ENDING_DESTROYED, 1},
    {destroy_with_nothing_to_lose, TLSTREAM_ENDING_DESTROYED, 0},
    {have_data_not_taken, TLSTREAM_ENDING_FAILED, 1},
    {end_cleanly, TLSTREAM_ENDING_CLEAN, 0},
    {be_left, TLSTREAM_ENDING_FAILED, 0},
    {refuse_a_record, TLSTREAM_ENDING_FAILED, 0},
};

static void end_with(const struct row *row, bool has_reset) {
  play all = {0};
  resets = 0;
  face(&all, true, has_reset ? count_reset : NULL);
  stage_settle(&all.here);
  row->happen(&all);
  leave(&all);
  CHECK_INT(all.self.ending, row->ending);
  CHECK_INT(resets, has_reset ? row->resets : 0);
}

TEST(a_transport_is_reset_when_data_is_lost) {
  EACH_ROW(i, rows) {
    end_with(&rows[i], true);
    end_with(&rows[i], false);
  }
}
