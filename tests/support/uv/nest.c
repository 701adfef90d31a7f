/* SPDX-License-Identifier: MIT */
#include "support/uv/nest.h"

#include <stdlib.h>

#include <tlstream/pair_ending.h>

#include "support/test.h"

static const char *const outer_names[] = {"outer client", "outer server"};
static const char *const inner_names[] = {"inner client", "inner server"};

tlstream *nest_try(actor *outer, const actor *self, tlstream_role role,
                   tlstream_error *error) {
  tlstream_context *context = self->context != NULL
                                  ? tlstream_context_ref(self->context)
                                  : config_context(&self->config, role);
  tlstream *stream = tlstream_over_stream(
      outer->stream,
      TLSTREAM_OVER(.role = role, .context = context,
                    .verify_name =
                        role == TLSTREAM_ROLE_CLIENT ? SERVER_NAME : NULL,
                    .high_water_mark = self->high_water,
                    .allow_half_open = self->config.half_open),
      NULL, NULL, error);
  tlstream_context_unref(context);
  return stream;
}

void nest_inside(actor *outer, actor *self, tlstream_role role) {
  tlstream_error error;
  tlstream *stream = nest_try(outer, self, role, &error);
  CHECK_STR(error.message, "");
  if (!CHECK(stream != NULL)) return;
  outer->carries = true;
  if (self->name == NULL) self->name = inner_names[role];
  actor_watch(self, role, stream);
}

void nest_open_outer(nest *at, const sim_weather *weather) {
  stage_open(&at->here, weather);
  for (int role = 0; role < 2; role++)
    at->outer[role].name = outer_names[role];
  stage_join(&at->here, &at->outer[TLSTREAM_ROLE_CLIENT],
             &at->outer[TLSTREAM_ROLE_SERVER]);
  stage_settle(&at->here);
}

static bool are_secure(const nest *at) {
  return at->outer[0].order.count[CAME_SECURE] > 0 &&
         at->outer[1].order.count[CAME_SECURE] > 0;
}

void nest_open(nest *at, const sim_weather *weather) {
  nest_open_outer(at, weather);
  if (!CHECK(are_secure(at))) exit(1);
  for (tlstream_role role = 0; role < 2; role++)
    nest_inside(&at->outer[role], &at->inner[role], role);
}

/* Until nothing is left; every stream has closed. */
void nest_finish(nest *at) {
  stage_run(&at->here);
  for (int role = 0; role < 2; role++) {
    actor_done(&at->outer[role]);
    if (at->inner[role].name != NULL) actor_done(&at->inner[role]);
  }
  stage_close(&at->here);
}

void puppet_flush(puppet *self) {
  size_t len = 0;
  const void *data = tlstream_pair_peek(self->pair, &len);
  if (len == 0) return;
  CHECK_GE(tlstream_write(self->outer->stream, data, len), 0);
  tlstream_pair_consume(self->pair, len);
}

static void on_puppet_data(tlstream *stream, const void *bytes, size_t len,
                           void *data) {
  puppet *self = data;
  char sink[4096];
  (void)stream;
  (void)!tlstream_pair_feed(self->pair, bytes, len);
  while (tlstream_pair_read(self->pair, sink, sizeof(sink)) > 0)
    continue;
  if (!self->silent) puppet_flush(self);
}

static void on_puppet_close(tlstream *stream, tlstream_ending ending,
                            void *data) {
  puppet *self = data;
  (void)stream;
  self->outer->ending = ending;
  self->outer->stream = NULL;
  callback_came(&self->outer->order, CAME_CLOSE);
}

static const tlstream_events puppet_events = {.on_data = on_puppet_data,
                                              .on_close = on_puppet_close};

/* The client is a stream in a stream; the server inside is a puppet. */
void nest_open_puppet(nest *at, puppet *server) {
  nest_open_outer(at, NULL);
  server->outer = &at->outer[TLSTREAM_ROLE_SERVER];
  server->pair = config_pair(&at->inner[0].config, TLSTREAM_ROLE_SERVER);
  tlstream_set_events(server->outer->stream, &puppet_events, server);
  nest_inside(&at->outer[TLSTREAM_ROLE_CLIENT],
              &at->inner[TLSTREAM_ROLE_CLIENT], TLSTREAM_ROLE_CLIENT);
  stage_settle(&at->here);
}

void nest_finish_puppet(nest *at, puppet *server) {
  nest_finish(at);
  tlstream_pair_free(server->pair);
}
