/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_UV_NEST_H
#define TESTS_SUPPORT_UV_NEST_H

/*
 * TLS inside of TLS: two streams over the simulated network, and two streams
 * over these. Both arrays are indexed by tlstream_role.
 *
 *     nest at = {.inner = {{.act = say_something}, {0}}};
 *     nest_open(&at, NULL);
 *     ...
 *     nest_finish(&at);
 */
#include "support/uv/stage.h"

typedef struct nest {
  stage here;
  actor outer[2];
  actor inner[2];
} nest;

/* The outer two, which are secure then; and all four. NULL weather is ideal. */
void nest_open_outer(nest *at, const sim_weather *weather);
void nest_open(nest *at, const sim_weather *weather);

/* Until nothing is left; every stream has closed. */
void nest_finish(nest *at);

/* A stream over the outer one; NULL when it could not be made. */
tlstream *nest_try(actor *outer, const actor *self, tlstream_role role,
                   tlstream_error *error);

/* The same, for an actor. */
void nest_inside(actor *outer, actor *self, tlstream_role role);

/* The inner server by hand: a pair on the outer server's stream. */
typedef struct puppet {
  actor *outer;
  tlstream_pair *pair;
  bool silent; /* what it would send waits */
} puppet;

void nest_open_puppet(nest *at, puppet *server);
void nest_finish_puppet(nest *at, puppet *server);

/* Send what the puppet's pair has to send. */
void puppet_flush(puppet *self);

#endif
