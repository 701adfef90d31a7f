/* SPDX-License-Identifier: MIT */
/* tlstream_dial(): a connected socket or a reason, once. What is raced, and
 * how, is in dial_test.c: the client dials in the same way. */
#include <fcntl.h>
#include <netdb.h>
#include <sys/un.h>
#include <unistd.h>

#include <tlstream/dial.h>
#include <tlstream/upgrade.h>

#include "support/test.h"
#include "support/torture.h"
#include "support/uv/loopback.h"
#include "support/uv/names.h"

typedef struct caller {
  int calls;
  int fd; /* -1: none */
  tlstream_address peer;
  tlstream_error error;
  tlstream_dialer *dialer;
  void (*act)(struct caller *self);
} caller;

static void on_dialed(int fd, const tlstream_address *peer,
                      const tlstream_error *error, void *data) {
  caller *self = data;
  self->calls++;
  self->fd = fd;
  CHECK((fd >= 0) == (error == NULL) && (fd >= 0) == (peer != NULL));
  if (peer != NULL) self->peer = *peer;
  if (error != NULL) self->error = *error;
  if (self->act != NULL) self->act(self);
}

static void dial(caller *self, uv_loop_t *loop,
                 const tlstream_dial_options *options) {
  self->dialer = tlstream_dial(loop, options, on_dialed, self, &self->error);
  CHECK(self->dialer != NULL);
  CHECK_INT(self->calls, 0);
}

static void check_failed(const caller *self, int code, const char *part) {
  CHECK_INT(self->calls, 1);
  CHECK_INT(self->fd, -1);
  CHECK_ERROR(self->error.code, code);
  CHECK_HAS(self->error.message, part);
}

static void check_socket(int fd) {
  CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  CHECK_INT(write(fd, "x", 1), 1);
}

TEST(a_name_becomes_a_connected_socket) {
  int port = 0;
  loop_guard guard;
  caller self = {0};
  RESOLVE_TO("127.0.0.3", "127.0.0.2");
  uv_loop_t *loop = loop_guard_open(&guard);
  int listener = raw_listen("127.0.0.2", 1, &port);
  dial(&self, loop, TLSTREAM_DIAL(.host = "a.test", .port = port));
  loop_guard_run(&guard);
  CHECK_INT(self.calls, 1);
  check_socket(self.fd);
  CHECK_STR(self.peer.host, "127.0.0.2");
  CHECK_INT(self.peer.port, port);
  close(self.fd);
  close(listener);
  loop_guard_close(&guard);
}

static int listen_at(const char *path) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
  CHECK_INT(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
  CHECK_INT(listen(fd, 1), 0);
  return fd;
}

TEST(a_path_becomes_a_connected_socket) {
  char path[64];
  loop_guard guard;
  caller self = {0};
  uv_loop_t *loop = loop_guard_open(&guard);
  snprintf(path, sizeof(path), "/tmp/tlstream-dial-%d", (int)getpid());
  int listener = listen_at(path);
  dial(&self, loop, TLSTREAM_DIAL(.path = path));
  loop_guard_run(&guard);
  check_socket(self.fd);
  CHECK_STR(self.peer.host, path);
  CHECK_INT(self.peer.port, 0);
  close(self.fd);
  close(listener);
  unlink(path);
  loop_guard_close(&guard);
}

TEST(a_path_without_a_server_is_a_reason) {
  loop_guard guard;
  caller self = {0};
  uv_loop_t *loop = loop_guard_open(&guard);
  dial(&self, loop, TLSTREAM_DIAL(.path = "/tmp/no/such/socket"));
  loop_guard_run(&guard);
  check_failed(&self, TLSTREAM_ERR_CONNECT, "/tmp/no/such/socket");
  CHECK_STR(self.error.name, "ENOENT");
  loop_guard_close(&guard);
}

TEST(each_address_that_refuses_is_named) {
  int port = 0;
  loop_guard guard;
  caller self = {0};
  RESOLVE_TO("127.0.0.2", "127.0.0.3");
  uv_loop_t *loop = loop_guard_open(&guard);
  int keeper = raw_listen("0.0.0.0", -1, &port);
  dial(&self, loop, TLSTREAM_DIAL(.host = "many.test", .port = port));
  loop_guard_run(&guard);
  check_failed(&self, TLSTREAM_ERR_CONNECT, "127.0.0.2:");
  CHECK_HAS(self.error.message, "127.0.0.3:");
  CHECK_STR(self.error.name, "ECONNREFUSED");
  close(keeper);
  loop_guard_close(&guard);
}

TEST(an_unknown_name_and_a_full_host_are_reasons) {
  int port = 0;
  loop_guard guard;
  caller unknown = {0};
  caller full = {0};
  full_host host;
  RESOLVE_TO("127.0.0.1");
  names.status = EAI_NONAME;
  uv_loop_t *loop = loop_guard_open(&guard);
  full_host_open(&host, "127.0.0.2", &port);
  dial(&unknown, loop, TLSTREAM_DIAL(.host = "no.test", .port = 1));
  dial(&full, loop,
       TLSTREAM_DIAL(.host = "127.0.0.2", .port = port, .connect_ms = 50));
  loop_guard_run(&guard);
  check_failed(&unknown, TLSTREAM_ERR_CONNECT, "the address of no.test");
  check_failed(&full, TLSTREAM_ERR_CONNECT_TIMEOUT, "50 ms");
  full_host_close(&host);
  loop_guard_close(&guard);
}

static void cancel_again(caller *self) {
  tlstream_dialer_cancel(self->dialer);
}

static void on_time(uv_timer_t *timer) {
  caller *self = timer->data;
  tlstream_dialer_cancel(self->dialer);
  tlstream_dialer_cancel(self->dialer);
  CHECK_INT(self->calls, 0);
  uv_close((uv_handle_t *)timer, NULL);
}

/* During the look-up, and during an attempt. */
TEST(a_canceled_dial_says_so_once) {
  static const uint64_t times[] = {0, 20};
  for (int i = 0; i < 2; i++) {
    int port = 0;
    loop_guard guard;
    caller self = {.act = cancel_again};
    uv_timer_t timer = {.data = &self};
    full_host host;
    RESOLVE_TO("127.0.0.2");
    uv_loop_t *loop = loop_guard_open(&guard);
    full_host_open(&host, "127.0.0.2", &port);
    dial(&self, loop, TLSTREAM_DIAL(.host = "mute.test", .port = port));
    uv_timer_init(loop, &timer);
    uv_timer_start(&timer, on_time, times[i], 0);
    if (i == 0) tlstream_dialer_cancel(self.dialer);
    loop_guard_run(&guard);
    check_failed(&self, TLSTREAM_ERR_CANCELED, "mute.test");
    full_host_close(&host);
    loop_guard_close(&guard);
  }
}

static void open_the_gate(caller *self) {
  (void)self;
  uv_sem_post(&names.gate);
}

TEST(canceling_does_not_wait_for_the_resolver) {
  loop_guard guard;
  caller self = {.act = open_the_gate};
  RESOLVE_TO("127.0.0.1");
  names.stuck = true;
  uv_sem_init(&names.reached, 0);
  uv_sem_init(&names.gate, 0);
  uv_loop_t *loop = loop_guard_open(&guard);
  dial(&self, loop, TLSTREAM_DIAL(.host = "slow.test", .port = 443));
  uv_sem_wait(&names.reached);
  tlstream_dialer_cancel(self.dialer);
  loop_guard_run(&guard);
  check_failed(&self, TLSTREAM_ERR_CANCELED, "slow.test");
  loop_guard_close(&guard);
  uv_sem_destroy(&names.reached);
  uv_sem_destroy(&names.gate);
}

TEST(what_cannot_be_dialed_is_refused_at_once) {
  char name[256];
  tlstream_error error;
  loop_guard guard;
  const tlstream_dial_options bad[] = {
      {.host = name, .port = 443},
      {.host = "localhost"},
      {.host = "localhost", .port = 65536},
      {.path = ""},
      {.path = name},
  };
  memset(name, 'a', sizeof(name));
  name[254] = '\0';
  uv_loop_t *loop = loop_guard_open(&guard);
  EACH_ROW(i, bad) {
    CHECK(tlstream_dial(loop, &bad[i], on_dialed, NULL, &error) == NULL);
    CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
  }
  loop_guard_close(&guard);
}

static void dial_with_little_memory(void *data) {
  loop_guard guard;
  caller self = {.fd = -1};
  const int *port = data;
  uv_loop_t *loop = loop_guard_open(&guard);
  self.dialer =
      tlstream_dial(loop, TLSTREAM_DIAL(.host = "a.test", .port = *port),
                    on_dialed, &self, &self.error);
  loop_guard_run(&guard);
  CHECK_INT(self.calls, self.dialer != NULL);
  CHECK((self.fd >= 0) == (self.error.code == 0));
  CHECK(self.fd >= 0 || self.error.code == TLSTREAM_ERR_NO_MEMORY ||
        self.error.system == UV_ENOMEM);
  if (self.fd >= 0) close(self.fd);
  loop_guard_close(&guard);
}

TEST(without_memory_there_is_a_reason_and_nothing_is_left) {
  int port = 0;
  torture_install();
  int listener = raw_listen("127.0.0.2", 8, &port);
  RESOLVE_TO("127.0.0.2");
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, dial_with_little_memory,
                        &port),
           3);
  close(listener);
}

/* What the contract says to do with it. */
static struct {
  loopback net;
  actor client;
  uv_tcp_t tcp;
} upgraded;

static void end_when_secure(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) tlstream_end(self->stream);
}

static void upgrade(caller *self) {
  tlstream_error error;
  loopback *net = &upgraded.net;
  tlstream_context *context =
      config_context(&net->config, TLSTREAM_ROLE_CLIENT);
  uv_tcp_init(net->loop, &upgraded.tcp);
  CHECK_ERROR(uv_tcp_open(&upgraded.tcp, self->fd), 0);
  tlstream *stream = tlstream_upgrade(
      (uv_stream_t *)&upgraded.tcp,
      TLSTREAM_UPGRADE(.role = TLSTREAM_ROLE_CLIENT, .context = context,
                       .verify_name = SERVER_NAME),
      NULL, NULL, &error);
  tlstream_context_unref(context);
  if (CHECK(stream != NULL)) {
    actor_watch(&upgraded.client, TLSTREAM_ROLE_CLIENT, stream);
  }
}

TEST(the_socket_can_be_upgraded) {
  caller self = {.act = upgrade};
  loopback *net = &upgraded.net;
  upgraded.client.act = end_when_secure;
  loopback_open(net);
  loopback_serve(net, NULL);
  dial(&self, net->loop,
       TLSTREAM_DIAL(.host = "127.0.0.1", .port = net->at.port));
  loopback_run(net);
  actor_done(&upgraded.client);
  CHECK_INT(upgraded.client.ending, TLSTREAM_ENDING_CLEAN);
  loopback_close(net);
}
