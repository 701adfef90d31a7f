/* SPDX-License-Identifier: MIT */
/* A server that asks for client certificates, and what both sides see of it. In
 * TLS 1.3 the client has finished its handshake before it is verified. */
#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/uv/loopback.h"

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

enum {
  ALERT_HANDSHAKE_FAILURE = 40,
  ALERT_UNKNOWN_CA = 48,
  ALERT_CERTIFICATE_REQUIRED = 116,
  MUCH = 300 * 1000
};

static tlstream_context *stranger_context(tlstream_version version) {
  tlstream_error error;
  tlstream_context *made = tlstream_context_new(
      TLSTREAM_CONTEXT(.cert = test_stranger()->cert_pem,
                       .key = test_stranger()->key_pem,
                       .ca = test_ca()->cert_pem, .min_version = version,
                       .max_version = version),
      &error);
  if (made == NULL) test_fail(__FILE__, __LINE__, "%s", error.message);
  return made;
}

static void write_when_secure(actor *self, callback_kind kind) {
  size_t *len = self->data;
  if (kind == CAME_SECURE && *len > 0) CHECK_GE(actor_write(self, *len), 0);
  if (kind == CAME_DATA && self->got == self->written)
    tlstream_end(self->stream);
}

static void come(loopback *net, actor *client, tlstream_context *context,
                 size_t len) {
  client->act = write_when_secure;
  client->data = &len;
  net->config.mutual = true;
  loopback_open(net);
  loopback_serve(net, NULL);
  loopback_connect(net, client, TLSTREAM_CONNECT(.context = context));
  loopback_run(net);
  actor_done(client);
  loopback_close(net);
}

static void check_guest(loopback *net, actor *guest) {
  tlstream_certificate *peer = tlstream_peer_certificate(guest->stream);
  (void)net;
  CHECK(tlstream_authorized(guest->stream));
  CHECK(tlstream_authorization_error(guest->stream) == NULL);
  CHECK(peer != NULL);
  tlstream_certificate_unref(peer);
  CHECK_ERROR(tlstream_pipe(guest->stream, guest->stream), 0);
}

TEST(a_good_certificate_is_let_in) {
  for (int i = 0; i < 2; i++) {
    loopback net = {.config.version = versions[i],
                    .on_connection = check_guest};
    actor client = {0};
    come(&net, &client, NULL, 100);
    CHECK_INT(net.connections, 1);
    CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
    CHECK_INT(client.got, 100);
  }
}

static void check_refusal(const loopback *net, const actor *client,
                          const char *name, int alert) {
  bool modern = net->config.version == TLSTREAM_TLS_1_3;
  CHECK_INT(net->connections, 0);
  CHECK_INT(net->client_errors, 1);
  CHECK_STR(net->client_error.name, name);
  CHECK_INT(net->client_error.alert, alert);
  CHECK_INT(net->client_error.alert_side, TLSTREAM_ALERT_OURS);
  CHECK(!net->client_error.quiet);
  CHECK_INT(client->order.count[CAME_SECURE], modern ? 1 : 0);
  CHECK_INT(client->order.count[CAME_DATA], 0);
  CHECK_ERROR(client->error.code, TLSTREAM_ERR_ALERT);
  CHECK_INT(client->error.alert, alert);
  CHECK_INT(client->error.alert_side, TLSTREAM_ALERT_THEIRS);
  CHECK_INT(client->ending, TLSTREAM_ENDING_FAILED);
}

/* Nothing, a little, and more than the sockets take: then the client's writing
 * breaks before it has read why. */
static const size_t lengths[] = {0, 100, MUCH};

TEST(no_certificate_is_refused) {
  for (int i = 0; i < 6; i++) {
    loopback net = {.config.version = versions[i / 3]};
    config without = {.version = versions[i / 3]};
    actor client = {0};
    tlstream_context *context = config_context(&without, TLSTREAM_ROLE_CLIENT);
    come(&net, &client, context, lengths[i % 3]);
    bool modern = versions[i / 3] == TLSTREAM_TLS_1_3;
    check_refusal(&net, &client, "ERR_TLSTREAM_NO_PEER_CERTIFICATE",
                  modern ? ALERT_CERTIFICATE_REQUIRED
                         : ALERT_HANDSHAKE_FAILURE);
    if (modern) CHECK_HAS(client.error.message, "certificate");
    tlstream_context_unref(context);
  }
}

TEST(an_untrusted_client_is_refused) {
  for (int i = 0; i < 6; i++) {
    loopback net = {.config.version = versions[i / 3]};
    actor client = {0};
    tlstream_context *context = stranger_context(versions[i / 3]);
    come(&net, &client, context, lengths[i % 3]);
    check_refusal(&net, &client, "DEPTH_ZERO_SELF_SIGNED_CERT",
                  ALERT_UNKNOWN_CA);
    CHECK_HAS(client.error.message, "certificate");
    tlstream_context_unref(context);
  }
}
