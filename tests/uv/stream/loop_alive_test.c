/* SPDX-License-Identifier: MIT */
/* What keeps a loop running, and which settings about its end a stream takes
 * while it is open. */
#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/stage.h"

/* A stream that waits for its peer, and nothing else on the loop. */
TEST(a_stream_keeps_its_loop_running_by_default) {
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
