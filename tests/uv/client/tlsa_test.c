/* SPDX-License-Identifier: MIT */
/* TLSA records reach the pair of a stream, however the stream was made. */
#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>
#include <tlstream/transport.h>

#include "support/test.h"
#include "support/uv/stage.h"
#include "support/uv/starttls.h"

/* The server's own certificate as a record, and another's. */
static tlstream_certificate *shown[2];
static tlstream_tlsa records[2];

BEFORE_TESTS(set_up) {
  const made_cert *made[] = {test_leaf(KEY_ECDSA), test_stranger()};
  for (int i = 0; i < 2; i++) {
    tlstream_error error;
    shown[i] = tlstream_certificate_parse(made[i]->cert_pem.data,
                                          made[i]->cert_pem.len, &error);
    if (shown[i] == NULL) TEST_STOP("%s", error.message);
    records[i] = (tlstream_tlsa){.usage = TLSTREAM_TLSA_DANE_EE};
    records[i].data.data =
        tlstream_certificate_der(shown[i], &records[i].data.len);
  }
}

AFTER_TESTS(tear_down) {
  tlstream_certificate_unref(shown[0]);
  tlstream_certificate_unref(shown[1]);
}

static void end_when_secure(actor *self, callback_kind kind) {
  if (kind != CAME_SECURE) return;
  CHECK(tlstream_authorized(self->stream));
  CHECK_INT(tlstream_authorization_from(self->stream), TLSTREAM_SOURCE_DANE);
  tlstream_end(self->stream);
}

/* Under a name that its certificate does not have. */
static void check_outcome(const actor *self, int number) {
  CHECK_INT(self->order.count[CAME_SECURE], number == 0);
  CHECK_ERROR(self->error.code, number == 0 ? 0 : TLSTREAM_ERR_DANE_MISMATCH);
}

TEST(tlstream_connect_takes_records) {
  for (int i = 0; i < 2; i++) {
    loopback net = {0};
    actor client = {.act = end_when_secure};
    loopback_open(&net);
    loopback_serve(&net, NULL);
    loopback_connect(&net, &client,
                     TLSTREAM_CONNECT(.verify_name = "other.test",
                                      .tlsa = &records[i], .tlsa_count = 1));
    loopback_run(&net);
    actor_done(&client);
    check_outcome(&client, i);
    loopback_close(&net);
  }
}

TEST(tlstream_connect_names_a_record_that_is_none) {
  tlstream_error error;
  loopback net = {0};
  const tlstream_tlsa bad = {3, 1, 1, {"", 1}};
  loopback_open(&net);
  CHECK(tlstream_connect(net.loop,
                         TLSTREAM_CONNECT(.tlsa = &bad, .tlsa_count = 1), NULL,
                         NULL, &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_HAS(error.message, "tlsa: record 1 is malformed");
  loopback_close(&net);
}

TEST(tlstream_over_takes_records) {
  for (int i = 0; i < 2; i++) {
    stage here = {0};
    actor self = {.name = "ours", .act = end_when_secure};
    wire_peer peer = {.polite = true};
    sim_end *far = NULL;
    tlstream_error error;
    stage_open(&here, NULL);
    tlstream_context *context =
        config_context(&self.config, TLSTREAM_ROLE_CLIENT);
    sim_link(here.net, &self.end, &far);
    wire_peer_open(&peer, &self.config, TLSTREAM_ROLE_SERVER, far);
    tlstream *stream = tlstream_over(
        here.loop, sim_transport(self.end),
        TLSTREAM_OVER(.role = TLSTREAM_ROLE_CLIENT, .context = context,
                      .verify_name = "other.test", .tlsa = &records[i],
                      .tlsa_count = 1),
        NULL, NULL, &error);
    CHECK_STR(error.message, "");
    tlstream_context_unref(context);
    actor_watch(&self, TLSTREAM_ROLE_CLIENT, stream);
    stage_run(&here);
    actor_done(&self);
    check_outcome(&self, i);
    wire_peer_free(&peer);
    stage_close(&here);
  }
}

TEST(tlstream_upgrade_takes_records) {
  for (int i = 0; i < 2; i++) {
    scene at = {.self.act = end_when_secure};
    scene_begin(&at);
    scene_upgrade(
        &at, TLSTREAM_ROLE_CLIENT,
        (tlstream_upgrade_options){.tlsa = &records[i], .tlsa_count = 1});
    scene_open_peer(&at, TLSTREAM_ROLE_SERVER);
    scene_run_until(&at, scene_is_over);
    check_outcome(&at.self, i);
    scene_finish(&at);
  }
}
