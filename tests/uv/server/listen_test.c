/* SPDX-License-Identifier: MIT */
/* Listening, and why it cannot be done. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/test.h"
#include "support/uv/loopback.h"

static tlstream_server *make_server(loopback *net) {
  tlstream_error error;
  tlstream_context *context =
      config_context(&net->config, TLSTREAM_ROLE_SERVER);
  tlstream_server *server = tlstream_server_new(
      net->loop, TLSTREAM_SERVER(.context = context), NULL, NULL, &error);
  tlstream_context_unref(context);
  CHECK(server != NULL);
  return server;
}

static void done_with(loopback *net, tlstream_server *server) {
  tlstream_server_destroy(server);
  loopback_run(net);
  loopback_close(net);
}

TEST(a_port_in_use_is_refused_and_another_may_be_tried) {
  char where[64];
  int port = 0;
  loopback net = {0};
  tlstream_error error;
  loopback_open(&net);
  tlstream_server *server = make_server(&net);
  int taken = raw_listen("127.0.0.1", 1, &port);
  CHECK_ERROR(tlstream_server_listen(server, "127.0.0.1", port, &error),
              TLSTREAM_ERR_LISTEN);
  CHECK_STR(error.name, "EADDRINUSE");
  CHECK_ERROR(error.system, UV_EADDRINUSE);
  snprintf(where, sizeof(where), "127.0.0.1 port %d", port);
  CHECK_HAS(error.message, where);
  CHECK_INT(tlstream_server_listen(server, "127.0.0.2", port, &error), 0);
  close(taken);
  done_with(&net, server);
}

/* As a server that is restarted finds it: connections of the old one's are
 * still known to the kernel. */
TEST(a_port_can_be_used_again_at_once) {
  loopback net = {0};
  tlstream_error error;
  loopback_open(&net);
  loopback_serve(&net, NULL);
  int client = raw_connect(&net);
  while (tlstream_server_connections(net.server) == 0)
    uv_run(net.loop, UV_RUN_ONCE);
  tlstream_server_destroy(net.server);
  loopback_run(&net);
  tlstream_server *server = make_server(&net);
  CHECK_INT(tlstream_server_listen(server, "127.0.0.1", net.at.port, &error),
            0);
  close(client);
  done_with(&net, server);
}

TEST(a_server_listens_once) {
  loopback net = {0};
  tlstream_error error;
  tlstream_address address;
  loopback_open(&net);
  tlstream_server *server = make_server(&net);
  CHECK_ERROR(tlstream_server_address(server, &address),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_INT(tlstream_server_listen(server, NULL, 0, &error), 0);
  CHECK_ERROR(tlstream_server_address(server, &address), 0);
  CHECK_GT(address.port, 0);
  CHECK_STR(address.host, "::");
  CHECK_ERROR(tlstream_server_listen(server, "127.0.0.1", 0, &error),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_server_listen_path(server, "/tmp/x", &error),
              TLSTREAM_ERR_WRONG_STATE);
  tlstream_server_close(server, 0);
  CHECK_ERROR(tlstream_server_address(server, &address),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_server_listen(server, "127.0.0.1", 0, &error),
              TLSTREAM_ERR_WRONG_STATE);
  loopback_run(&net);
  loopback_close(&net);
}

TEST(what_cannot_be_an_address_is_refused) {
  loopback net = {0};
  tlstream_error error;
  char name[300];
  memset(name, 'a', sizeof(name));
  name[254] = '\0';
  loopback_open(&net);
  tlstream_server *server = make_server(&net);
  CHECK_ERROR(tlstream_server_listen(server, "127.0.0.1", -1, &error),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_ERROR(tlstream_server_listen(server, "127.0.0.1", 65536, &error),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_ERROR(tlstream_server_listen(server, name, 0, &error),
              TLSTREAM_ERR_INVALID_ARGUMENT); /* H6 */
  /* An address for documentation (RFC 5737): no machine has it. */
  CHECK_ERROR(tlstream_server_listen(server, "192.0.2.1", 0, &error),
              TLSTREAM_ERR_LISTEN);
  CHECK_STR(error.name, "EADDRNOTAVAIL");
  CHECK_HAS(error.message, "192.0.2.1");
  done_with(&net, server);
}

/* A file that is not the server's is neither used nor removed. */
TEST(a_path_that_exists_is_refused) {
  char path[] = "/tmp/tlstream-XXXXXX";
  loopback net = {0};
  tlstream_error error;
  struct stat status;
  int file = mkstemp(path);
  loopback_open(&net);
  tlstream_server *server = make_server(&net);
  CHECK_ERROR(tlstream_server_listen_path(server, path, &error),
              TLSTREAM_ERR_LISTEN);
  CHECK_STR(error.name, "EADDRINUSE");
  CHECK_HAS(error.message, path);
  done_with(&net, server);
  CHECK_INT(stat(path, &status), 0);
  CHECK(S_ISREG(status.st_mode));
  close(file);
  unlink(path);
}

TEST(what_cannot_be_a_path_is_refused) {
  loopback net = {0};
  tlstream_error error;
  char path[200];
  memset(path, 'a', sizeof(path));
  path[108] = '\0';
  loopback_open(&net);
  tlstream_server *server = make_server(&net);
  CHECK_ERROR(tlstream_server_listen_path(server, path, &error),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_ERROR(tlstream_server_listen_path(server, "", &error),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_ERROR(
      tlstream_server_listen_path(server, "/nonexistent/socket", &error),
      TLSTREAM_ERR_LISTEN);
  CHECK_STR(error.name, "ENOENT");
  done_with(&net, server);
}

TEST(a_server_needs_a_certificate) {
  loopback net = {0};
  tlstream_error error;
  loopback_open(&net);
  tlstream_context *context = config_context(&net.config, TLSTREAM_ROLE_CLIENT);
  CHECK(tlstream_server_new(net.loop, TLSTREAM_SERVER(.context = context), NULL,
                            NULL, &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_NO_CERTIFICATE);
  CHECK(tlstream_server_new(net.loop, NULL, NULL, NULL, &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_NO_CERTIFICATE);
  tlstream_context_unref(context);
  loopback_close(&net);
}
