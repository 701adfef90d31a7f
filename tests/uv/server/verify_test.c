/* SPDX-License-Identifier: MIT */
/* A server that asks whether the certificates of its clients are accepted.
 * C4. */
#include <tlstream/pair_ending.h>
#include <tlstream/stream_hello.h>
#include <tlstream/stream_info.h>
#include <tlstream/stream_verify.h>

#include "support/test.h"
#include "support/uv/loopback.h"

enum { ACCESS_DENIED = 49 };

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

static void end_after_the_echo(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) CHECK_GE(actor_write(self, 100), 0);
  if (kind == CAME_DATA && self->got == 100) tlstream_end(self->stream);
}

static void visit(loopback *net, actor *client, tlstream_version version) {
  net->config = (config){.version = version, .mutual = true};
  client->act = end_after_the_echo;
  loopback_open(net);
  loopback_serve(net, NULL);
  loopback_connect(net, client, NULL);
  loopback_run(net);
  actor_done(client);
  loopback_close(net);
}

static void accept_now(loopback *net, tlstream *stream) {
  tlstream_certificate *peer = tlstream_peer_certificate(stream);
  CHECK_INT(net->connections, 0);
  CHECK(peer != NULL);
  CHECK(tlstream_authorization_error(stream) == NULL);
  tlstream_certificate_unref(peer);
  CHECK_INT(tlstream_verify_accept(stream), 0);
}

static void refuse_now(loopback *net, tlstream *stream) {
  (void)net;
  CHECK_ERROR(tlstream_verify_refuse(stream, TLSTREAM_VERIFY_DENIED, "unknown"),
              0);
}

/* From a timer, as an answer from elsewhere comes. */
static void on_timer(uv_timer_t *timer) {
  tlstream *stream = timer->data;
  CHECK_INT(tlstream_verify_accept(stream), 0);
  tlstream_unref(stream);
  uv_close((uv_handle_t *)timer, NULL);
}

static void accept_later(loopback *net, tlstream *stream) {
  static uv_timer_t timer;
  uv_timer_init(net->loop, &timer);
  timer.data = tlstream_ref(stream);
  uv_timer_start(&timer, on_timer, 1, 0);
}

TEST(a_client_that_is_accepted_is_served) {
  EACH_ROW(i, versions)
    for (int later = 0; later < 2; later++) {
      loopback net = {.on_verify = later ? accept_later : accept_now};
      actor client = {0};
      visit(&net, &client, versions[i]);
      CHECK_INT(net.connections, 1);
      CHECK_INT(client.got, 100);
      CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
    }
}

TEST(a_client_that_is_refused_is_an_error_of_the_server) {
  EACH_ROW(i, versions) {
    loopback net = {.on_verify = refuse_now};
    actor client = {0};
    visit(&net, &client, versions[i]);
    CHECK_INT(net.connections, 0);
    CHECK_INT(net.client_errors, 1);
    CHECK_ERROR(net.client_error.code, TLSTREAM_ERR_REFUSED_BY_VERIFY);
    CHECK_HAS(net.client_error.message, "unknown");
    CHECK_INT(net.client_error.alert, ACCESS_DENIED);
    CHECK_ERROR(client.error.code, TLSTREAM_ERR_ALERT);
    CHECK_INT(client.error.alert, ACCESS_DENIED);
    CHECK_INT(client.got, 0);
  }
}

/* Without an on_verify of the server's: the one that the stream was given. */
static void watch_in_hello(loopback *net, tlstream *stream,
                           const char *servername) {
  actor *judge = net->data;
  (void)servername;
  judge->judges = true;
  actor_watch(judge, TLSTREAM_ROLE_SERVER, stream);
  CHECK_INT(tlstream_hello_accept(stream, NULL), 0);
}

TEST(the_callback_may_be_the_stream_s) {
  EACH_ROW(i, versions) {
    actor judge = {.name = "judge"};
    loopback net = {.on_hello = watch_in_hello, .data = &judge};
    actor client = {0};
    visit(&net, &client, versions[i]);
    CHECK_INT(judge.order.count[CAME_VERIFY], 1);
    CHECK_INT(net.connections, 1);
    CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
  }
}
