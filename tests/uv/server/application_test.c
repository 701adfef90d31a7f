/* SPDX-License-Identifier: MIT */
/* The application protocol, over sockets: both sides get it, and a client
 * without one in common leaves nothing behind. C1, C6. */
#include <tlstream/memory.h>
#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/handshake.h"
#include "support/test.h"
#include "support/uv/loopback.h"

enum { NO_APPLICATION_PROTOCOL = 120, MANY = 2000 };

static const tlstream_protocols ours = TLSTREAM_PROTOCOLS("h2", "foo");
static const tlstream_protocols theirs = TLSTREAM_PROTOCOLS("foo", "bar");
static const tlstream_protocols others = TLSTREAM_PROTOCOLS("bar");

static tlstream_context *server_context(tlstream_version version) {
  return context_of(TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                     .key = test_leaf(KEY_ECDSA)->key_pem,
                                     .ca = test_ca()->cert_pem,
                                     .protocols = ours,
                                     .max_version = version));
}

/* By ALPN, or by NPN alone. */
static tlstream_context *client_context(const tlstream_protocols *speaks,
                                        bool by_npn) {
  return context_of(
      TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                       .alpn =
                           by_npn ? (tlstream_protocols){.count = 0} : *speaks,
                       .npn = *speaks));
}

static void check_reported(tlstream *stream, bool by_npn) {
  size_t len = 0;
  CHECK_STR(tlstream_alpn_protocol(stream), by_npn ? NULL : "foo");
  CHECK_STR(tlstream_npn_protocol(stream), by_npn ? "foo" : NULL);
  const char *picked = tlstream_npn_picked(stream, &len);
  CHECK_INT(len, by_npn ? 3 : 0);
  if (by_npn) CHECK(picked != NULL && memcmp(picked, "foo", 3) == 0);
  char *json = tlstream_json(stream);
  CHECK_HAS(json,
            by_npn ? "\"npnProtocol\":\"foo\"" : "\"alpnProtocol\":\"foo\"");
  tlstream_free(json);
}

static void on_client(actor *self, callback_kind kind) {
  if (kind != CAME_SECURE) return;
  check_reported(self->stream, *(const bool *)self->data);
  tlstream_end(self->stream);
}

static void on_connection(loopback *net, actor *guest) {
  check_reported(guest->stream, *(const bool *)net->data);
  CHECK_ERROR(tlstream_pipe(guest->stream, guest->stream), 0);
}

TEST(both_sides_get_the_protocol) {
  for (int i = 0; i < 2; i++) {
    bool by_npn = i == 1;
    tlstream_context *server =
        server_context(by_npn ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3);
    tlstream_context *context = client_context(&theirs, by_npn);
    loopback net = {.on_connection = on_connection,
                    .data = &by_npn,
                    .options.context = server};
    actor client = {.act = on_client, .data = &by_npn};
    loopback_open(&net);
    loopback_serve(&net, NULL);
    loopback_connect(&net, &client, TLSTREAM_CONNECT(.context = context));
    loopback_run(&net);
    loopback_close(&net);
    actor_done(&client);
    CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
    tlstream_context_unref(server);
    tlstream_context_unref(context);
  }
}

static void check_turned_away(const actor *client, const loopback *net) {
  actor_done(client);
  CHECK_ERROR(client->error.code, TLSTREAM_ERR_ALERT);
  CHECK_INT(client->error.alert, NO_APPLICATION_PROTOCOL);
  CHECK_ERROR(net->client_error.code, TLSTREAM_ERR_NO_SHARED_PROTOCOL);
  CHECK_INT(net->client_error.alert, NO_APPLICATION_PROTOCOL);
}

/* CVE-2021-22883 left a descriptor open for each of them; the loop's guard
 * counts what is open. */
TEST(those_without_a_protocol_in_common_leave_nothing) {
  tlstream_context *server = server_context(TLSTREAM_VERSION_DEFAULT);
  tlstream_context *context = client_context(&others, false);
  loopback net = {.expects = MANY, .options.context = server};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  int before = 0;
  for (int i = 0; i < MANY; i++) {
    actor client = {.name = "client"};
    loopback_connect(&net, &client, TLSTREAM_CONNECT(.context = context));
    loopback_until_over(&net, &client);
    check_turned_away(&client, &net);
    if (i == 0) before = open_descriptors();
    CHECK_LT(open_descriptors(), before + 5);
  }
  loopback_run(&net);
  CHECK_INT(net.client_errors, MANY);
  loopback_close(&net);
  tlstream_context_unref(server);
  tlstream_context_unref(context);
}
