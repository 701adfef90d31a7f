/* SPDX-License-Identifier: MIT */
/* A handle that TLS cannot begin on is the caller's still, and untouched. */
#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/torture.h"
#include "support/uv/starttls.h"

static void check_untouched(scene *at) {
  CHECK(at->ours.handle->data == &at->ours);
  plain_say(&at->ours, "still here");
  plain_say(&at->theirs.end, "me too");
  while (at->ours.heard_len < 6 || at->theirs.end.heard_len < 10)
    uv_run(at->net.loop, UV_RUN_ONCE);
  CHECK_STR(at->ours.heard, "me too");
  CHECK_STR(at->theirs.end.heard, "still here");
  CHECK_INT(at->ours.released, 0);
}

TEST(a_fault_in_the_options_leaves_the_handle_alone) {
  static const struct {
    tlstream_upgrade_options options;
    int code;
  } rows[] = {
      {{.role = TLSTREAM_ROLE_CLIENT}, TLSTREAM_ERR_NO_NAME},
      {{.role = TLSTREAM_ROLE_CLIENT, .verify_name = "a..b"},
       TLSTREAM_ERR_INVALID_ARGUMENT},
      {{.role = TLSTREAM_ROLE_SERVER}, TLSTREAM_ERR_NO_CERTIFICATE},
      {{.role = TLSTREAM_ROLE_CLIENT,
        .servername = "a.test",
        .return_handle = true},
       TLSTREAM_ERR_INVALID_ARGUMENT},
      {{.role = TLSTREAM_ROLE_CLIENT, .servername = "a.test", .head = {"x", 1}},
       TLSTREAM_ERR_PLAINTEXT_INJECTED},
      {{.size = 1, .role = TLSTREAM_ROLE_CLIENT},
       TLSTREAM_ERR_INVALID_ARGUMENT},
  };
  EACH_ROW(i, rows) {
    scene at = {0};
    scene_begin(&at);
    CHECK(tlstream_upgrade(at.ours.handle, &rows[i].options, NULL, NULL,
                           &at.error) == NULL);
    CHECK_ERROR(at.error.code, rows[i].code);
    CHECK(at.error.message[0] != '\0');
    check_untouched(&at);
    scene_finish(&at);
  }
}

TEST(a_head_has_its_bound) {
  static char large[64 * 1024 + 1];
  scene at = {0};
  scene_begin(&at);
  CHECK(scene_try_upgrade(&at, TLSTREAM_ROLE_SERVER,
                          (tlstream_upgrade_options){
                              .head = {large, sizeof(large)}}) == NULL);
  CHECK_ERROR(at.error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
  check_untouched(&at);
  scene_finish(&at);
}

static int refusal(uv_stream_t *handle) {
  tlstream_error error;
  tlstream *stream =
      tlstream_upgrade(handle,
                       TLSTREAM_UPGRADE(.role = TLSTREAM_ROLE_CLIENT,
                                        .verify_name = SERVER_NAME),
                       NULL, NULL, &error);
  CHECK(stream == NULL);
  return error.code;
}

static void ignore_shutdown(uv_shutdown_t *request, int status) {
  (void)request, (void)status;
}

TEST(a_handle_that_is_not_open_both_ways_is_refused) {
  scene at = {0};
  uv_shutdown_t half;
  scene_begin(&at);
  uv_shutdown(&half, at.theirs.end.handle, ignore_shutdown);
  CHECK_ERROR(refusal(at.theirs.end.handle), TLSTREAM_ERR_WRONG_STATE);
  plain_close(&at.ours);
  CHECK_ERROR(refusal(at.ours.handle), TLSTREAM_ERR_WRONG_STATE);
  scene_finish(&at);
}

static void ignore_connect(uv_connect_t *request, int status) {
  (void)request, (void)status;
}

static void ignore_connection(uv_stream_t *server, int status) {
  (void)server, (void)status;
}

TEST(a_handle_that_is_not_connected_is_refused) {
  loopback net = {0};
  plain_end fresh = {0};
  plain_end listening = {0};
  plain_end connecting = {0};
  uv_connect_t request;
  struct sockaddr_in at;
  loopback_open(&net);
  plain_make(net.loop, PLAIN_TCP, &fresh);
  plain_make(net.loop, PLAIN_TCP, &listening);
  plain_make(net.loop, PLAIN_TCP, &connecting);
  uv_ip4_addr("127.0.0.1", 0, &at);
  CHECK_ERROR(
      uv_tcp_bind((uv_tcp_t *)listening.handle, (struct sockaddr *)&at, 0), 0);
  CHECK_ERROR(uv_listen(listening.handle, 1, ignore_connection), 0);
  uv_ip4_addr("127.0.0.1", 1, &at); /* there is no peer */
  CHECK_ERROR(uv_tcp_connect(&request, (uv_tcp_t *)connecting.handle,
                             (struct sockaddr *)&at, ignore_connect),
              0);
  CHECK_ERROR(refusal(fresh.handle), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(refusal(listening.handle), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(refusal(connecting.handle), TLSTREAM_ERR_WRONG_STATE);
  plain_close(&fresh);
  plain_close(&listening);
  plain_close(&connecting);
  loopback_run(&net);
  plain_done(&fresh);
  plain_done(&listening);
  plain_done(&connecting);
  loopback_close(&net);
}

TEST(a_handle_of_another_kind_is_refused) {
  loopback net = {0};
  uv_pipe_t passing;
  uv_udp_t datagrams;
  loopback_open(&net);
  uv_pipe_init(net.loop, &passing, 1);
  uv_udp_init(net.loop, &datagrams);
  CHECK_ERROR(refusal((uv_stream_t *)&passing), TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_ERROR(refusal((uv_stream_t *)&datagrams),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  uv_close((uv_handle_t *)&passing, NULL);
  uv_close((uv_handle_t *)&datagrams, NULL);
  loopback_run(&net);
  loopback_close(&net);
}

/* STARTTLS again, inside of TLS: a program that obeys it must not get two
 * streams that fight for one socket. */
TEST(a_handle_with_tls_on_it_is_refused) {
  scene at = {0};
  scene_begin(&at);
  scene_upgrade(&at, TLSTREAM_ROLE_CLIENT, (tlstream_upgrade_options){0});
  CHECK_ERROR(refusal(at.ours.handle), TLSTREAM_ERR_WRONG_STATE); /* at once */
  scene_open_peer(&at, TLSTREAM_ROLE_SERVER);
  scene_run_until(&at, scene_is_secure);
  CHECK_ERROR(refusal(at.ours.handle), TLSTREAM_ERR_WRONG_STATE);
  actor_pause(&at.self);
  uv_run(at.net.loop, UV_RUN_NOWAIT);
  CHECK(!uv_is_active((uv_handle_t *)at.ours.handle)); /* it does not read */
  CHECK_ERROR(refusal(at.ours.handle), TLSTREAM_ERR_WRONG_STATE);
  actor_resume(&at.self);
  tlstream_end(at.self.stream);
  scene_run_until(&at, scene_is_over);
  CHECK_INT(at.self.ending, TLSTREAM_ENDING_CLEAN);
  scene_finish(&at);
}

/* Whatever there is no memory for. */
static void without_memory(void *data) {
  scene at = {0};
  (void)data;
  scene_begin(&at);
  tlstream *stream = scene_try_upgrade(
      &at, TLSTREAM_ROLE_SERVER,
      (tlstream_upgrade_options){.head = {"\x16\x03\x01", 3}});
  if (stream != NULL) {
    actor_watch(&at.self, TLSTREAM_ROLE_SERVER, stream);
    at.self.order.name = "server";
    tlstream_destroy(stream);
  } else {
    CHECK(torture_struck());
    CHECK_ERROR(at.error.code, TLSTREAM_ERR_NO_MEMORY);
    check_untouched(&at);
  }
  scene_finish(&at);
}

TEST(a_lack_of_memory_leaves_the_handle_alone) {
  config terms = {0};
  torture_install();
  tlstream_context_unref(
      config_context(&terms, TLSTREAM_ROLE_SERVER)); /* is kept */
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, without_memory, NULL),
           4);
}
