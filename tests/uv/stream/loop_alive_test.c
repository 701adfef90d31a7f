/* SPDX-License-Identifier: MIT */
/* What keeps a loop running, and what a stream may be told about its end while
 * it is open. */
#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/stage.h"

/* A stream that waits for its peer, and nothing else on the loop. */
TEST(a_stream_keeps_its_loop_running_unless_told_not_to) {
  stage here = {0};
  actor self = {.name = "self"};
  wire_peer peer = {.silent = true};
  stage_open(&here, NULL);
  stage_face(&here, &self, TLSTREAM_ROLE_CLIENT, &peer);
  stage_settle(&here);
  CHECK(uv_loop_alive(here.loop)); /* the handshake's deadline */
  tlstream_keep_loop_alive(self.stream, false);
  CHECK(!uv_loop_alive(here.loop));
  tlstream_keep_loop_alive(self.stream, true);
  CHECK(uv_loop_alive(here.loop));
  tlstream_keep_loop_alive(self.stream, false);
  actor_destroy(&self); /* what closes is waited for */
  CHECK(uv_loop_alive(here.loop));
  stage_run(&here);
  actor_done(&self);
  wire_peer_free(&peer);
  stage_close(&here);
}

/* A peer that never answers our end. */
TEST(the_deadline_of_the_end_can_be_set_later) {
  for (int allowed = 0; allowed < 2; allowed++) {
    stage here = {0};
    actor self = {.name = "self"};
    wire_peer peer = {0};
    stage_open(&here, NULL);
    stage_face(&here, &self, TLSTREAM_ROLE_CLIENT, &peer);
    stage_settle(&here);
    tlstream_set_half_open(self.stream, allowed == 1);
    tlstream_end(self.stream);
    stage_wait(&here, 60 * 1000);
    CHECK_INT(self.order.count[CAME_CLOSE], allowed == 1 ? 0 : 1);
    if (allowed == 1) tlstream_set_half_open(self.stream, false);
    stage_wait(&here, 60 * 1000);
    CHECK_INT(self.order.count[CAME_CLOSE], 1);
    CHECK_INT(self.ending, TLSTREAM_ENDING_TRUNCATED);
    actor_done(&self);
    wire_peer_free(&peer);
    stage_close(&here);
  }
}
