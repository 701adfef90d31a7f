/* SPDX-License-Identifier: MIT */
#include "support/uv/stage.h"

#include "support/test.h"

enum { HOUR_MS = 3600 * 1000, TURNS_MAX = 100000 };

static void open_loop(stage *here, const sim_weather *weather) {
  here->loop = loop_guard_open(&here->guard);
  here->net = sim_net_new(here->loop, weather);
}

void stage_open(stage *here, const sim_weather *weather) {
  virtual_clock_start();
  virtual_clock_without_descriptors();
  open_loop(here, weather);
}

void stage_open_with_sockets(stage *here) {
  virtual_clock_start();
  open_loop(here, NULL);
}

void stage_close(stage *here) {
  sim_net_free(here->net);
  loop_guard_close(&here->guard);
  virtual_clock_stop();
}

void stage_join(stage *here, actor *client, actor *server) {
  sim_end *near = NULL;
  sim_end *far = NULL;
  sim_link(here->net, &near, &far);
  if (client->name == NULL) client->name = "client";
  if (server->name == NULL) server->name = "server";
  actor_open(client, here->loop, TLSTREAM_ROLE_CLIENT, near);
  actor_open(server, here->loop, TLSTREAM_ROLE_SERVER, far);
}

void stage_face(stage *here, actor *self, tlstream_role role, wire_peer *peer) {
  sim_end *near = NULL;
  sim_end *far = NULL;
  sim_link(here->net, &near, &far);
  wire_peer_open(peer, &self->config, other_role(role), far);
  actor_open(self, here->loop, role, near);
}

/* H9: whatever there is to do comes to an end. */
void stage_settle(stage *here) {
  int turns = 0;
  do {
    uv_run(here->loop, UV_RUN_NOWAIT);
    if (++turns == TURNS_MAX) {
      test_fail(__FILE__, __LINE__, "%d turns, and still something to do",
                TURNS_MAX);
      return;
    }
  } while (uv_loop_alive(here->loop) && uv_backend_timeout(here->loop) == 0);
}

static void on_timer(uv_timer_t *timer) {
  uv_close((uv_handle_t *)timer, NULL);
  uv_stop(timer->loop);
}

void stage_wait(stage *here, uint64_t ms) {
  uv_timer_t timer;
  CHECK_ERROR(uv_timer_init(here->loop, &timer), 0);
  uv_timer_start(&timer, on_timer, ms, 0);
  uv_run(here->loop, UV_RUN_DEFAULT);
  stage_settle(here);
}

static void on_too_late(uv_timer_t *timer) {
  test_fail(__FILE__, __LINE__, "not over after an hour");
  uv_stop(timer->loop);
}

void stage_run(stage *here) {
  uv_timer_t time_limit;
  CHECK_ERROR(uv_timer_init(here->loop, &time_limit), 0);
  uv_timer_start(&time_limit, on_too_late, HOUR_MS, 0);
  uv_unref((uv_handle_t *)&time_limit);
  uv_run(here->loop, UV_RUN_DEFAULT);
  uv_close((uv_handle_t *)&time_limit, NULL);
  stage_settle(here);
}
