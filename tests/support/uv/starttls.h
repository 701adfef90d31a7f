/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_UV_STARTTLS_H
#define TESTS_SUPPORT_UV_STARTTLS_H

/*
 * A connection that is in use in plain text and is to change to TLS: one side
 * is upgraded, the other is played by hand.
 *
 *     scene at = {.kind = PLAIN_TCP};
 *     scene_begin(&at);
 *     plain_say(&at.theirs.end, "STARTTLS");
 *     scene_upgrade(&at, TLSTREAM_ROLE_SERVER, (tlstream_upgrade_options){0});
 *     scene_open_peer(&at, TLSTREAM_ROLE_CLIENT);
 *     scene_run_until(&at, scene_is_secure);
 *     ...
 *     scene_finish(&at);
 */
#include "support/uv/loopback.h"
#include "support/uv/plain.h"

typedef struct scene {
  /* A test may set these before scene_begin(). */
  plain_kind kind;
  actor self; /* the stream, once there is one */
  plain_end ours;
  plain_peer theirs;

  loopback net; /* for its loop */
  tlstream_error error;
  unsigned commands; /* for a test's parser of the plain text */
} scene;

scene *scene_of(plain_end *end);

/* Both ends are connected and read. */
void scene_begin(scene *at);

/* Everything must be over, but for ends that are still in plain text. */
void scene_finish(scene *at);

/* What `options` leave out is as it should be. */
tlstream *scene_try_upgrade(scene *at, tlstream_role role,
                            tlstream_upgrade_options options);
void scene_upgrade(scene *at, tlstream_role role,
                   tlstream_upgrade_options options);

/* The other side begins with TLS. */
void scene_open_peer(scene *at, tlstream_role role);

void scene_run_until(scene *at, bool (*done)(loopback *net));
bool scene_is_secure(loopback *net);
bool scene_is_over(loopback *net);

#endif
