/* SPDX-License-Identifier: MIT */
/* Servers on sockets that they were given, and several on one port. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/test.h"
#include "support/uv/loopback.h"

static void end_when_secure(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) tlstream_end(self->stream);
}

static const tlstream_server_events no_events;

static tlstream_server *make_server(loopback *net, bool reuse_port,
                                    const tlstream_server_events *events,
                                    void *data) {
  tlstream_error error;
  tlstream_context *context =
      config_context(&net->config, TLSTREAM_ROLE_SERVER);
  tlstream_server *server = tlstream_server_new(
      net->loop, TLSTREAM_SERVER(.context = context, .reuse_port = reuse_port),
      events, data, &error);
  tlstream_context_unref(context);
  CHECK(server != NULL);
  return server;
}

/* The one client of a server ends it. */
static void on_connection(tlstream_server *server, tlstream *stream,
                          void *data) {
  ++*(int *)data;
  tlstream_end(stream);
  tlstream_server_close(server, 10000);
}

static const tlstream_server_events one_client = {.on_connection =
                                                      on_connection};

static void visit(loopback *net, const tlstream_connect_options *options,
                  actor *client) {
  client->act = end_when_secure;
  loopback_connect(net, client, options);
  loopback_run(net);
  actor_done(client);
  CHECK_INT(client->ending, TLSTREAM_ENDING_CLEAN);
}

TEST(a_tcp_socket_that_listens_is_served) {
  int port = 0;
  int connections = 0;
  tlstream_address at;
  tlstream_error error;
  loopback net = {0};
  actor client = {0};
  loopback_open(&net);
  tlstream_server *server = make_server(&net, false, &one_client, &connections);
  int fd = raw_listen("127.0.0.1", 8, &port);
  CHECK_INT(tlstream_server_listen_descriptor(server, fd, &error), 0);
  CHECK((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  CHECK_INT(tlstream_server_address(server, &at), 0);
  CHECK_INT(at.port, port);
  CHECK_ERROR(tlstream_server_listen(server, NULL, 0, &error),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_server_listen_descriptor(server, fd, &error),
              TLSTREAM_ERR_WRONG_STATE);
  visit(&net, TLSTREAM_CONNECT(.host = "127.0.0.1", .port = port), &client);
  CHECK_INT(connections, 1);
  CHECK_INT(fcntl(fd, F_GETFD), -1); /* closed with the server */
  loopback_close(&net);
}

static int listen_at(const char *path) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
  CHECK_INT(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
  CHECK_INT(listen(fd, 8), 0);
  return fd;
}

TEST(a_unix_socket_that_listens_is_served_and_its_path_stays) {
  char path[64];
  int connections = 0;
  tlstream_error error;
  struct stat status;
  loopback net = {0};
  actor client = {0};
  snprintf(path, sizeof(path), "/tmp/tlstream-given-%d", (int)getpid());
  loopback_open(&net);
  tlstream_server *server = make_server(&net, false, &one_client, &connections);
  int fd = listen_at(path);
  CHECK_INT(tlstream_server_listen_descriptor(server, fd, &error), 0);
  visit(&net, TLSTREAM_CONNECT(.path = path), &client);
  CHECK_INT(connections, 1);
  CHECK_INT(stat(path, &status), 0);
  unlink(path);
  loopback_close(&net);
}

TEST(what_does_not_listen_is_refused_and_stays_the_callers) {
  int port = 0;
  int pipes[2];
  tlstream_error error;
  loopback net = {0};
  loopback_open(&net);
  tlstream_server *server = make_server(&net, false, &no_events, NULL);
  CHECK_INT(pipe(pipes), 0);
  const int bad[] = {-1,
                     1000,
                     pipes[0],
                     raw_listen("127.0.0.1", -1, &port),
                     socket(AF_INET, SOCK_DGRAM, 0),
                     open("/dev/null", O_RDONLY)};
  EACH_ROW(i, bad) {
    CHECK_ERROR(tlstream_server_listen_descriptor(server, bad[i], &error),
                TLSTREAM_ERR_INVALID_ARGUMENT);
    CHECK_HAS(error.message, "that listens");
    if (i >= 2) CHECK_INT(close(bad[i]), 0);
  }
  close(pipes[1]);
  CHECK_INT(tlstream_server_listen(server, "127.0.0.1", 0, &error), 0);
  tlstream_server_destroy(server);
  loopback_run(&net);
  loopback_close(&net);
}

/* As many servers as loops, and the kernel picks one for each connection. */
TEST(several_servers_share_a_port_when_all_of_them_ask_for_it) {
  enum { SERVERS = 3 };
  int connections[SERVERS] = {0};
  tlstream_server *servers[SERVERS];
  tlstream_address at;
  tlstream_error error;
  loopback net = {0};
  loopback_open(&net);
  tlstream_server *other = make_server(&net, false, &no_events, NULL);
  for (int i = 0; i < SERVERS; i++) {
    servers[i] = make_server(&net, true, &one_client, &connections[i]);
    CHECK_INT(tlstream_server_listen(servers[i], "127.0.0.1",
                                     i == 0 ? 0 : at.port, &error),
              0);
    CHECK_INT(tlstream_server_address(servers[i], &at), 0);
  }
  CHECK_ERROR(tlstream_server_listen(other, "127.0.0.1", at.port, &error),
              TLSTREAM_ERR_LISTEN);
  CHECK_STR(error.name, "EADDRINUSE");
  tlstream_server_destroy(other);
  /* Each stops with its first client, so that all get one in the end. */
  for (int i = 0; i < SERVERS; i++) {
    actor client = {.act = end_when_secure};
    loopback_connect(&net, &client,
                     TLSTREAM_CONNECT(.host = "127.0.0.1", .port = at.port));
    loopback_until_over(&net, &client);
    CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
  }
  loopback_run(&net);
  for (int i = 0; i < SERVERS; i++)
    CHECK_INT(connections[i], 1);
  loopback_close(&net);
}
