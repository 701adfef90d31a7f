/* SPDX-License-Identifier: MIT */
#include "support/uv/starttls.h"

#include "support/test.h"

scene *scene_of(plain_end *end) {
  return end->data;
}

void scene_begin(scene *at) {
  loopback_open(&at->net);
  plain_link(at->net.loop, at->kind, &at->ours, &at->theirs.end);
  at->ours.data = at->theirs.end.data = at;
  plain_read(&at->ours);
  plain_read(&at->theirs.end);
}

void scene_finish(scene *at) {
  bool is_ours = at->self.order.name == NULL;
  if (is_ours) plain_close(&at->ours);
  plain_close(&at->theirs.end);
  loopback_run(&at->net);
  if (!is_ours) actor_done(&at->self);
  plain_peer_done(&at->theirs);
  plain_done(&at->ours);
  loopback_close(&at->net);
}

tlstream *scene_try_upgrade(scene *at, tlstream_role role,
                            tlstream_upgrade_options options) {
  tlstream_context *context = config_context(&at->self.config, role);
  options.size = sizeof(options);
  options.role = role;
  options.context = context;
  if (role == TLSTREAM_ROLE_CLIENT) options.verify_name = SERVER_NAME;
  if (options.release == NULL) options.release = plain_released;
  tlstream *stream =
      tlstream_upgrade(at->ours.handle, &options, NULL, NULL, &at->error);
  tlstream_context_unref(context);
  return stream;
}

void scene_upgrade(scene *at, tlstream_role role,
                   tlstream_upgrade_options options) {
  tlstream *stream = scene_try_upgrade(at, role, options);
  CHECK_STR(at->error.message, "");
  if (!CHECK(stream != NULL)) return;
  at->self.name = role == TLSTREAM_ROLE_CLIENT ? "client" : "server";
  actor_watch(&at->self, role, stream);
}

void scene_open_peer(scene *at, tlstream_role role) {
  plain_peer_open(&at->theirs, config_pair(&at->self.config, role));
}

bool scene_is_secure(loopback *net) {
  scene *at = net->data;
  return at->self.order.count[CAME_SECURE] > 0;
}

bool scene_is_over(loopback *net) {
  scene *at = net->data;
  return at->self.order.count[CAME_CLOSE] > 0;
}

void scene_run_until(scene *at, bool (*done)(loopback *net)) {
  at->net.data = at;
  loopback_until(&at->net, done);
}
