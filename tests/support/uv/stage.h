/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_UV_STAGE_H
#define TESTS_SUPPORT_UV_STAGE_H

/* Where actors play: a loop that is left as it was found, a simulated network,
 * and time that goes by only while nothing else happens. */
#include "support/uv/actor.h"
#include "support/virtual_clock.h"

typedef struct stage {
  loop_guard guard;
  uv_loop_t *loop;
  sim_net *net;
} stage;

/* NULL weather is ideal. */
void stage_open(stage *here, const sim_weather *weather);

/* The loop has sockets too, which never wait for anybody elsewhere. */
void stage_open_with_sockets(stage *here);

/* Nothing may be left. Actors must be done, raw ends may stay open. */
void stage_close(stage *here);

/* Two streams, joined; they shake hands when the loop runs. */
void stage_join(stage *here, actor *client, actor *server);

/* A stream in this role, and a peer that is none. */
void stage_face(stage *here, actor *self, tlstream_role role, wire_peer *peer);

/* All that can happen before time goes by. */
void stage_settle(stage *here);

/* Let this much time go by, and what happens in it happen. */
void stage_wait(stage *here, uint64_t ms);

/* Until nothing is left to wait for, for at most an hour. */
void stage_run(stage *here);

#endif
