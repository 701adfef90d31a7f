/* SPDX-License-Identifier: MIT */
/* Clients and servers connect: over every kind of address, both versions and
 * both kinds of key; and where they cannot, the error has the reason. */
#include <stdlib.h>
#include <unistd.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/uv/loopback.h"

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

/* What a stream knew about its connection. */
typedef struct facts {
  tlstream_address local;
  tlstream_address remote;
  tlstream_version version;
  char cipher[64];
  char key_type[16];
  bool authorized;
} facts;

static void take_facts(actor *self) {
  facts *known = self->data;
  tlstream_certificate *peer = tlstream_peer_certificate(self->stream);
  CHECK_ERROR(tlstream_local_address(self->stream, &known->local), 0);
  CHECK_ERROR(tlstream_remote_address(self->stream, &known->remote), 0);
  known->version = tlstream_tls_version(self->stream);
  known->authorized = tlstream_authorized(self->stream);
  snprintf(known->cipher, sizeof(known->cipher), "%s",
           tlstream_cipher_standard_name(self->stream));
  if (peer != NULL) {
    snprintf(known->key_type, sizeof(known->key_type), "%s",
             tlstream_certificate_public_key(peer)->type);
  }
  tlstream_certificate_unref(peer);
}

static void say_and_end(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) {
    if (self->data != NULL) take_facts(self);
    CHECK_ERROR(actor_write(self, 100), 0);
  }
  if (kind == CAME_DATA && self->got == self->written)
    tlstream_end(self->stream);
  if (kind == CAME_CLOSE) {
    tlstream_address address;
    CHECK_ERROR(tlstream_remote_address(self->stream, &address),
                TLSTREAM_ERR_WRONG_STATE);
    CHECK_ERROR(tlstream_local_address(self->stream, &address),
                TLSTREAM_ERR_WRONG_STATE);
  }
}

static void check_echo(const actor *client) {
  actor_done(client);
  CHECK_STR(client->error.message, "");
  CHECK_INT(client->got, 100);
  CHECK_INT(client->order.count[CAME_END], 1);
  CHECK_INT(client->ending, TLSTREAM_ENDING_CLEAN);
}

static facts server_facts;

static void echo_with_facts(loopback *net, actor *guest) {
  (void)net;
  guest->data = &server_facts;
  take_facts(guest);
  CHECK_ERROR(tlstream_pipe(guest->stream, guest->stream), 0);
}

static void check_suite(const facts *known, const config *agreed) {
  bool is_rsa = agreed->key == KEY_RSA;
  CHECK_STR(known->key_type, is_rsa ? "RSA" : "EC");
  if (agreed->version == TLSTREAM_TLS_1_2) {
    CHECK_HAS(known->cipher, is_rsa ? "_RSA_" : "_ECDSA_");
  } else {
    CHECK_HAS(known->cipher, "TLS_AES_");
  }
}

static void check_addresses(const facts *client, const loopback *net) {
  CHECK_STR(client->remote.host, net->at.host);
  CHECK_INT(client->remote.port, net->at.port);
  CHECK_STR(server_facts.local.host, client->remote.host);
  CHECK_INT(server_facts.local.port, client->remote.port);
  CHECK_STR(server_facts.remote.host, client->local.host);
  CHECK_INT(server_facts.remote.port, client->local.port);
}

static void talk(const char *listen, const char *name, const config *agreed) {
  facts known = {0};
  loopback net = {.config = *agreed, .on_connection = echo_with_facts};
  actor client = {.act = say_and_end, .data = &known};
  server_facts = (facts){0};
  loopback_open(&net);
  loopback_serve(&net, listen);
  loopback_connect(&net, &client, TLSTREAM_CONNECT(.host = name));
  loopback_run(&net);
  check_echo(&client);
  CHECK_INT(net.guests[0].ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(net.client_errors, 0);
  CHECK_INT(known.version, agreed->version);
  CHECK_INT(server_facts.version, agreed->version);
  CHECK(known.authorized);
  CHECK(!server_facts.authorized); /* it did not ask */
  check_suite(&known, agreed);
  check_addresses(&known, &net);
  loopback_close(&net);
}

static void talk_in_every_way(const char *listen, const char *name) {
  for (int i = 0; i < 4; i++) {
    config agreed = {.version = versions[i / 2],
                     .key = i % 2 == 0 ? KEY_ECDSA : KEY_RSA};
    IN_CASE("%s, %s", tlstream_version_name(agreed.version),
            agreed.key == KEY_RSA ? "RSA" : "ECDSA");
    talk(listen, name, &agreed);
  }
}

TEST(they_meet_over_ipv4) {
  talk_in_every_way("127.0.0.1", NULL);
}

TEST(they_meet_over_ipv6) {
  talk_in_every_way("::1", NULL);
}

TEST(they_meet_by_name) {
  talk_in_every_way("localhost", "localhost");
}

/* The folder can be removed, so the server has removed its socket. */
TEST(they_meet_over_a_unix_socket) {
  char folder[] = "/tmp/tlstream-XXXXXX";
  char path[64];
  CHECK(mkdtemp(folder) != NULL);
  snprintf(path, sizeof(path), "%s/socket", folder);
  talk_in_every_way(path, NULL);
  CHECK_INT(rmdir(folder), 0);
}

TEST(every_address_is_every_address) {
  static const char *const hosts[] = {"127.0.0.1", "::1", "127.0.0.9"};
  for (int i = 0; i < 3; i++) {
    loopback net = {0};
    actor client = {.act = say_and_end};
    loopback_open(&net);
    loopback_serve(&net, "*");
    loopback_connect(&net, &client, TLSTREAM_CONNECT(.host = hosts[i]));
    loopback_run(&net);
    check_echo(&client);
    loopback_close(&net);
  }
}

/* All of it before anything of the connection is there. */
TEST(what_is_written_at_once_arrives) {
  loopback net = {0};
  actor client = {0};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &client, NULL);
  CHECK_ERROR(actor_write(&client, 50), 0);
  CHECK_ERROR(actor_write_owned(&client, 50), 0);
  tlstream_end(client.stream);
  CHECK(!tlstream_is_secure(client.stream));
  loopback_run(&net);
  check_echo(&client);
  loopback_close(&net);
}

static tlstream *connect_plainly(loopback *net,
                                 const tlstream_connect_options *options,
                                 tlstream_error *error) {
  tlstream_context *context =
      config_context(&net->config, TLSTREAM_ROLE_CLIENT);
  tlstream_connect_options all = *options;
  all.context = context;
  tlstream *stream = tlstream_connect(net->loop, &all, NULL, NULL, error);
  tlstream_context_unref(context);
  return stream;
}

/* A2: the chain is fine, and no name to look for was given. */
TEST(the_host_is_the_name_to_verify) {
  loopback net = {0};
  actor client = {.act = say_and_end};
  tlstream_error error;
  loopback_open(&net);
  loopback_serve(&net, NULL);
  tlstream *stream = connect_plainly(
      &net, TLSTREAM_CONNECT(.host = "127.0.0.1", .port = net.at.port), &error);
  actor_watch(&client, TLSTREAM_ROLE_CLIENT, stream);
  loopback_run(&net);
  actor_done(&client);
  CHECK_STR(client.error.name, "ERR_TLSTREAM_WRONG_NAME");
  CHECK_HAS(client.error.message, SERVER_NAME);
  CHECK_INT(client.order.count[CAME_SECURE], 0);
  CHECK_ERROR(net.client_error.code, TLSTREAM_ERR_ALERT);
  loopback_close(&net);
}

/* A failed connect ends like everything else: an error, then on_close. */
static void check_refused(actor *client, const char *name, const char *where) {
  actor_done(client);
  CHECK_ERROR(client->error.code, TLSTREAM_ERR_CONNECT);
  CHECK_STR(client->error.name, name);
  CHECK_HAS(client->error.message, where);
  CHECK_INT(client->order.count[CAME_ERROR], 1);
  CHECK_INT(client->order.count[CAME_SECURE], 0);
  CHECK_INT(client->ending, TLSTREAM_ENDING_FAILED);
}

TEST(a_port_without_a_listener_refuses) {
  char where[64];
  int port = 0;
  loopback net = {0};
  actor client = {0};
  loopback_open(&net);
  int keeper = raw_listen("127.0.0.1", -1, &port);
  loopback_connect(&net, &client,
                   TLSTREAM_CONNECT(.host = "127.0.0.1", .port = port));
  CHECK_ERROR(actor_write(&client, 10), 0);
  CHECK_ERROR(actor_write_owned(&client, 10), 0);
  loopback_run(&net);
  snprintf(where, sizeof(where), "127.0.0.1:%d: connection refused", port);
  check_refused(&client, "ECONNREFUSED", where);
  CHECK_ERROR(client.error.system, UV_ECONNREFUSED);
  close(keeper);
  loopback_close(&net);
}

TEST(a_path_without_a_listener_refuses) {
  loopback net = {0};
  actor client = {0};
  loopback_open(&net);
  loopback_connect(&net, &client,
                   TLSTREAM_CONNECT(.path = "/nonexistent/socket"));
  loopback_run(&net);
  check_refused(&client, "ENOENT", "/nonexistent/socket");
  loopback_close(&net);
}

/* Neither an error nor a stream, but no callback and nothing left either. */
static void check_usage(const tlstream_connect_options *options) {
  loopback net = {0};
  tlstream_error error;
  loopback_open(&net);
  CHECK(connect_plainly(&net, options, &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
  loopback_run(&net);
  loopback_close(&net);
}

/* H6: libuv cuts names off at 255 bytes (CVE-2024-24806). */
TEST(what_cannot_be_connected_to_is_refused_at_once) {
  char name[300];
  char path[200];
  memset(name, 'a', sizeof(name));
  name[254] = '\0';
  memset(path, 'a', sizeof(path));
  path[0] = '/';
  path[108] = '\0';
  check_usage(
      TLSTREAM_CONNECT(.host = name, .port = 1, .verify_name = SERVER_NAME));
  check_usage(TLSTREAM_CONNECT(.host = "127.0.0.1", .port = 0));
  check_usage(TLSTREAM_CONNECT(.host = "127.0.0.1", .port = 65536));
  check_usage(TLSTREAM_CONNECT(.host = "127.0.0.1", .port = -1));
  check_usage(TLSTREAM_CONNECT(.path = path, .verify_name = SERVER_NAME));
  check_usage(TLSTREAM_CONNECT(.path = "", .verify_name = SERVER_NAME));
}
