/* SPDX-License-Identifier: MIT */
/* The socket beneath a stream, its options, and a limit that changes. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <tlstream/stream_info.h>
#include <tlstream/stream_socket.h>
#include <tlstream/transport.h>

#include "support/test.h"
#include "support/uv/loopback.h"
#include "support/uv/stage.h"

static int option_of(int fd, int level, int option) {
  int value = -1;
  socklen_t len = sizeof(value);
  CHECK_INT(getsockopt(fd, level, option, &value, &len), 0);
  return value;
}

static void check_refusals(tlstream *stream, int code) {
  CHECK_ERROR(tlstream_set_nodelay(stream, true), code);
  CHECK_ERROR(tlstream_set_keep_alive(stream, true, 60), code);
  CHECK_ERROR(tlstream_set_user_timeout(stream, 1000), code);
}

static void look_beneath(actor *self, callback_kind kind) {
  tlstream_address local;
  tlstream_address peer;
  if (kind != CAME_SECURE) return;
  int fd = tlstream_descriptor(self->stream);
  CHECK_GE(fd, 0);
  CHECK_INT(option_of(fd, IPPROTO_TCP, TCP_NODELAY) != 0, 1);
  CHECK_ERROR(tlstream_set_nodelay(self->stream, false), 0);
  CHECK_INT(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 0);
  CHECK_ERROR(tlstream_set_keep_alive(self->stream, true, 77), 0);
  CHECK_INT(option_of(fd, SOL_SOCKET, SO_KEEPALIVE) != 0, 1);
#ifdef TCP_KEEPIDLE
  CHECK_INT(option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE), 77);
#endif
  CHECK_ERROR(tlstream_set_keep_alive(self->stream, false, 0), 0);
  CHECK_INT(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
#ifdef TCP_USER_TIMEOUT
  CHECK_ERROR(tlstream_set_user_timeout(self->stream, 4321), 0);
  CHECK_INT(option_of(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 4321);
#endif
  CHECK_ERROR(tlstream_local_address(self->stream, &local), 0);
  CHECK_ERROR(tlstream_remote_address(self->stream, &peer), 0);
  CHECK_STR(local.host, peer.host);
  CHECK_NE(local.port, peer.port);
  tlstream_end(self->stream);
}

TEST(options_are_those_of_the_socket) {
  loopback net = {0};
  actor client = {.act = look_beneath};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &client, NULL);
  check_refusals(client.stream, TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_descriptor(client.stream), TLSTREAM_ERR_WRONG_STATE);
  tlstream *kept = tlstream_ref(client.stream);
  loopback_run(&net);
  actor_done(&client);
  check_refusals(kept, TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_descriptor(kept), TLSTREAM_ERR_WRONG_STATE);
  tlstream_unref(kept);
  loopback_close(&net);
}

static void look_beneath_unix(actor *self, callback_kind kind) {
  if (kind != CAME_SECURE) return;
  CHECK_GE(tlstream_descriptor(self->stream), 0);
  CHECK_ERROR(tlstream_set_nodelay(self->stream, true), UV_ENOTSUP);
  tlstream_end(self->stream);
}

TEST(a_unix_socket_has_no_options_of_tcp) {
  char path[64];
  loopback net = {0};
  actor client = {.act = look_beneath_unix};
  snprintf(path, sizeof(path), "/tmp/tlstream-options-%d", (int)getpid());
  loopback_open(&net);
  loopback_serve(&net, path);
  loopback_connect(&net, &client, NULL);
  loopback_run(&net);
  actor_done(&client);
  loopback_close(&net);
}

/* The simulated network has no socket. */
TEST(a_transport_without_a_socket_says_so) {
  stage here;
  actor client = {0};
  actor server = {0};
  stage_open(&here, NULL);
  stage_join(&here, &client, &server);
  stage_settle(&here);
  CHECK_ERROR(tlstream_descriptor(client.stream), TLSTREAM_ERR_WRONG_STATE);
  check_refusals(client.stream, TLSTREAM_ERR_WRONG_STATE);
  tlstream_end(client.stream);
  stage_run(&here);
  actor_done(&client);
  actor_done(&server);
  stage_close(&here);
}

/* A stream inside another one has that one's socket. */
static struct {
  tlstream *outer;
  tlstream *inner;
} nested;

static const tlstream_events no_events;

static void go_inside(actor *self, callback_kind kind) {
  tlstream_error error;
  if (kind != CAME_SECURE) return;
  nested.outer = self->stream;
  nested.inner = tlstream_over_stream(
      self->stream,
      TLSTREAM_OVER(.role = TLSTREAM_ROLE_CLIENT, .verify_name = "a.test"),
      &no_events, NULL, &error);
  if (!CHECK(nested.inner != NULL)) return;
  CHECK_GE(tlstream_descriptor(nested.outer), 0);
  CHECK_INT(tlstream_descriptor(nested.inner),
            tlstream_descriptor(nested.outer));
  tlstream_destroy(nested.inner);
}

TEST(a_stream_inside_another_has_its_socket) {
  loopback net = {0};
  actor client = {.act = go_inside, .carries = true};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &client, NULL);
  loopback_run(&net);
  CHECK_INT(client.order.count[CAME_CLOSE], 1);
  loopback_close(&net);
}

/* The limit is set, set anew, and taken away again. */
TEST(the_idle_limit_can_change) {
  enum { HOUR = 3600 * 1000 };
  stage here;
  actor client = {0};
  actor server = {0};
  stage_open(&here, NULL);
  stage_join(&here, &client, &server);
  stage_settle(&here);
  stage_wait(&here, HOUR);
  tlstream_set_idle_timeout(client.stream, 5000);
  stage_wait(&here, 4900);
  CHECK_ERROR(client.error.code, 0);
  tlstream_set_idle_timeout(client.stream, 0);
  stage_wait(&here, HOUR);
  CHECK_ERROR(client.error.code, 0);
  tlstream_set_idle_timeout(client.stream, 5000);
  stage_wait(&here, 5100);
  CHECK_ERROR(client.error.code, TLSTREAM_ERR_IDLE_TIMEOUT);
  stage_run(&here);
  actor_done(&client);
  actor_done(&server);
  stage_close(&here);
}
