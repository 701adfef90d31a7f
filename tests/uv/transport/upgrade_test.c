/* SPDX-License-Identifier: MIT */
/*
 * TLS on a connection that is in use: STARTTLS, on both sides (E1 to E5 of the
 * ways in which it goes wrong elsewhere: bytes of the plain text that come out
 * of the TLS, or the other way round).
 */
#include <stdlib.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/uv/starttls.h"

/* A dialogue in plain text, then TLS on the same connection, on either side. */

static void hear_the_word(plain_end *end, const char *bytes, size_t len) {
  scene *at = scene_of(end);
  (void)bytes, (void)len;
  if (strcmp(end->heard, "STARTTLS\r\n") != 0) return;
  plain_say(end, "220 go ahead\r\n");
  scene_upgrade(at, TLSTREAM_ROLE_SERVER, (tlstream_upgrade_options){0});
}

static void hear_the_answer(plain_end *end, const char *bytes, size_t len) {
  scene *at = scene_of(end);
  (void)bytes, (void)len;
  if (strcmp(end->heard, "220 go ahead\r\n") != 0) return;
  scene_open_peer(at, TLSTREAM_ROLE_CLIENT);
}

static void send_and_end(actor *self, callback_kind kind) {
  if (kind != CAME_SECURE) return;
  CHECK_GE(actor_write(self, 100000), 0);
  tlstream_end(self->stream);
}

static void check_close_notify(scene *at) {
  CHECK_INT(at->self.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(at->ours.released, 1);
}

TEST(a_used_connection_goes_on_with_tls) {
  for (plain_kind kind = 0; kind < PLAIN_KINDS; kind++) {
    scene at = {.kind = kind,
                .ours.on_bytes = hear_the_word,
                .theirs.end.on_bytes = hear_the_answer};
    scene_begin(&at);
    at.self.act = send_and_end;
    plain_say(&at.theirs.end, "STARTTLS\r\n");
    scene_run_until(&at, scene_is_secure);
    CHECK_STR(at.ours.heard, "STARTTLS\r\n");
    scene_run_until(&at, scene_is_over);
    CHECK_INT(at.theirs.got_len, 100000);
    check_close_notify(&at);
    scene_finish(&at);
  }
}

/* What is sent to a peer that has closed comes back as a reset. */
TEST(a_peer_that_closed_before_it_has_ended) {
  scene at = {.kind = PLAIN_TCP};
  scene_begin(&at);
  plain_close(&at.theirs.end);
  uv_run(at.net.loop, UV_RUN_NOWAIT);
  scene_upgrade(&at, TLSTREAM_ROLE_CLIENT, (tlstream_upgrade_options){0});
  scene_run_until(&at, scene_is_over);
  CHECK_ERROR(at.self.error.code, TLSTREAM_ERR_CLOSED_IN_HANDSHAKE);
  scene_finish(&at);
}

static void say_hello(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) CHECK_GE(actor_write(self, 300), 0);
}

static void each_version_goes_in_each_role(tlstream_version version,
                                           tlstream_role role) {
  scene at = {.self.config.version = version, .self.act = say_hello};
  scene_begin(&at);
  scene_upgrade(&at, role, (tlstream_upgrade_options){0});
  scene_open_peer(&at, other_role(role));
  scene_run_until(&at, scene_is_secure);
  CHECK_INT(tlstream_tls_version(at.self.stream), version);
  CHECK_INT(tlstream_authorized(at.self.stream), role == TLSTREAM_ROLE_CLIENT);
  tlstream_end(at.self.stream);
  scene_run_until(&at, scene_is_over);
  CHECK_INT(at.theirs.got_len, 300);
  check_close_notify(&at);
  scene_finish(&at);
}

TEST(both_versions_go_in_both_roles) {
  each_side(each_version_goes_in_each_role);
}

TEST(the_stream_knows_where_its_peer_is) {
  scene at = {0};
  tlstream_address remote;
  tlstream_address local;
  scene_begin(&at);
  scene_upgrade(&at, TLSTREAM_ROLE_CLIENT, (tlstream_upgrade_options){0});
  CHECK_ERROR(tlstream_remote_address(at.self.stream, &remote), 0);
  CHECK_ERROR(tlstream_local_address(at.self.stream, &local), 0);
  CHECK_STR(remote.host, "127.0.0.1");
  CHECK_STR(local.host, "127.0.0.1");
  CHECK(remote.port > 0 && local.port > 0 && remote.port != local.port);
  tlstream_destroy(at.self.stream);
  scene_finish(&at);
}

/* E1: what stands behind STARTTLS in the clear is never a command. */

static const char injected[] = "NOOP\r\nSTARTTLS\r\nMAIL FROM:<mallory>\r\n";

/* The plain text's parser: it counts commands until STARTTLS, and hands over
 * what it has read beyond it. */
static void obey(plain_end *end, const char *bytes, size_t len) {
  scene *at = scene_of(end);
  (void)bytes, (void)len;
  const char *line = end->heard;
  const char *stop = NULL;
  at->commands = 0;
  while ((stop = strstr(line, "\r\n")) != NULL) {
    at->commands++;
    bool is_starttls = strncmp(line, "STARTTLS\r\n", 10) == 0;
    line = stop + 2;
    if (!is_starttls) continue;
    size_t rest = end->heard_len - (size_t)(line - end->heard);
    scene_upgrade(at, TLSTREAM_ROLE_SERVER,
                  (tlstream_upgrade_options){.head = {line, rest}});
    return;
  }
}

static bool has_heard_first_part(loopback *net) {
  scene *at = net->data;
  return at->ours.heard_len == at->self.written || at->self.stream != NULL;
}

static void inject(size_t split) {
  scene at = {.ours.on_bytes = obey};
  scene_begin(&at);
  at.self.written = split;
  if (split > 0) plain_write(&at.theirs.end, injected, split);
  scene_run_until(&at, has_heard_first_part);
  plain_write(&at.theirs.end, injected + split, strlen(injected) - split);
  scene_run_until(&at, scene_is_over);
  CHECK_ERROR(at.self.error.code, TLSTREAM_ERR_NOT_TLS);
  CHECK_INT(at.self.got, 0);
  CHECK_INT(at.self.order.count[CAME_SECURE], 0);
  CHECK_INT(at.commands, 2); /* NOOP and STARTTLS */
  scene_finish(&at);
}

TEST(a_command_behind_starttls_fails_the_handshake) {
  for (size_t split = 0; split < strlen(injected); split++)
    inject(split);
}

/* A client that is in a hurry may send its first message at once. */

static void first_message(scene *at, const void **hello, size_t *len) {
  at->theirs.hold = true;
  scene_open_peer(at, TLSTREAM_ROLE_CLIENT);
  *hello = tlstream_pair_peek(at->theirs.pair, len);
}

static size_t hurry_with(size_t head) {
  scene at = {0};
  const void *hello = NULL;
  size_t len = 0;
  scene_begin(&at);
  first_message(&at, &hello, &len);
  if (head > len) head = len;
  scene_upgrade(&at, TLSTREAM_ROLE_SERVER,
                (tlstream_upgrade_options){.head = {hello, head}});
  tlstream_pair_consume(at.theirs.pair, head);
  at.theirs.hold = false;
  plain_peer_flush(&at.theirs);
  scene_run_until(&at, scene_is_secure);
  tlstream_destroy(at.self.stream);
  scene_finish(&at);
  return len;
}

TEST(the_first_message_may_be_in_the_head_in_part_or_whole) {
  size_t len = hurry_with(0);
  for (size_t head = 1; head < len; head++)
    hurry_with(head);
  hurry_with(len);
}

/* E2: what stands behind the go-ahead in the clear is never an answer. */

static void refuse_head(scene *at, const void *head, size_t len) {
  CHECK(scene_try_upgrade(at, TLSTREAM_ROLE_CLIENT,
                          (tlstream_upgrade_options){.head = {head, len}}) ==
        NULL);
  CHECK_ERROR(at->error.code, TLSTREAM_ERR_PLAINTEXT_INJECTED);
}

/* Not even what looks like the beginning of TLS. */
TEST(a_client_takes_nothing_that_was_read_before) {
  static const unsigned char hello[] = {22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3};
  scene at = {0};
  scene_begin(&at);
  for (int i = 0; i < 256; i++)
    refuse_head(&at, (const unsigned char[]){(unsigned char)i}, 1);
  refuse_head(&at, hello, sizeof(hello));
  refuse_head(&at, "250 trust me", 12);
  CHECK_HAS(at.error.message, "12 bytes");
  scene_finish(&at);
}

TEST(a_client_takes_nothing_that_is_still_on_its_way) {
  scene at = {0};
  scene_begin(&at);
  plain_say(&at.theirs.end, "* OK [CAPABILITY] trust me\r\n");
  scene_upgrade(&at, TLSTREAM_ROLE_CLIENT, (tlstream_upgrade_options){0});
  scene_run_until(&at, scene_is_over);
  CHECK_ERROR(at.self.error.code, TLSTREAM_ERR_NOT_TLS);
  CHECK_INT(at.self.got, 0);
  CHECK_INT(at.ours.heard_len, 0);
  scene_finish(&at);
}

/* E3: the plain text's reader is armed, the peer talks and leaves: after the
 * upgrade, or before it, so that all of it is there to be read. */
static void talk_and_leave(tlstream_role role, const char *talk, bool before) {
  scene at = {0};
  scene_begin(&at);
  if (!before) scene_upgrade(&at, role, (tlstream_upgrade_options){0});
  plain_say(&at.theirs.end, talk);
  plain_close(&at.theirs.end);
  if (before) scene_upgrade(&at, role, (tlstream_upgrade_options){0});
  scene_run_until(&at, scene_is_over);
  CHECK_INT(at.self.ending, TLSTREAM_ENDING_FAILED);
  CHECK_INT(at.self.order.count[CAME_SECURE], 0);
  CHECK_INT(at.self.got, 0);
  CHECK_INT(at.ours.heard_len, 0);
  CHECK_INT(at.ours.stop, 0);
  scene_finish(&at);
}

TEST(nothing_reaches_the_plain_reader_after_the_upgrade) {
  for (tlstream_role role = TLSTREAM_ROLE_CLIENT; role <= TLSTREAM_ROLE_SERVER;
       role++) {
    for (int before = 0; before < 2; before++) {
      talk_and_leave(role, "x", before != 0);
      talk_and_leave(role, "250 trust me\r\n", before != 0);
    }
  }
}

static bool has_heard(const plain_end *end, const char *text) {
  size_t len = strlen(text);
  for (size_t i = 0; i + len <= end->heard_len; i++) {
    if (memcmp(end->heard + i, text, len) == 0) return true;
  }
  return false;
}

/* E4: there is no way back to plain text by accident. */
TEST(what_is_written_at_once_leaves_encrypted) {
  static const char secret[] = "AUTH PLAIN hunter2";
  scene at = {0};
  scene_begin(&at);
  scene_upgrade(&at, TLSTREAM_ROLE_CLIENT, (tlstream_upgrade_options){0});
  CHECK_ERROR(tlstream_write(at.self.stream, secret, strlen(secret)), 0);
  scene_open_peer(&at, TLSTREAM_ROLE_SERVER);
  scene_run_until(&at, scene_is_secure);
  tlstream_end(at.self.stream);
  scene_run_until(&at, scene_is_over);
  CHECK_STR(at.theirs.got, secret);
  CHECK(!has_heard(&at.theirs.end, secret));
  CHECK_INT(at.theirs.end.heard[0], 22); /* a record of the handshake */
  scene_finish(&at);
}

TEST(a_failed_handshake_does_not_fall_back) {
  scene at = {0};
  scene_begin(&at);
  scene_upgrade(&at, TLSTREAM_ROLE_CLIENT, (tlstream_upgrade_options){0});
  CHECK_ERROR(tlstream_write(at.self.stream, "secret", 6), 0);
  plain_say(&at.theirs.end, "454 no TLS today\r\n");
  scene_run_until(&at, scene_is_over);
  CHECK_ERROR(at.self.error.code, TLSTREAM_ERR_NOT_TLS);
  CHECK(!has_heard(&at.theirs.end, "secret"));
  CHECK(at.ours.handle == NULL);
  scene_finish(&at);
}

/* E5: eight bytes, and then nothing. */
TEST(a_stalled_handshake_ends_in_time) {
  for (size_t head = 0; head <= 8; head += 8) {
    static const char prelude[] = {22, 3, 1, 2, 0, 1, 0, 1};
    scene at = {0};
    scene_begin(&at);
    scene_upgrade(&at, TLSTREAM_ROLE_SERVER,
                  (tlstream_upgrade_options){.head = {prelude, head},
                                             .timeouts.handshake_ms = 30});
    plain_write(&at.theirs.end, prelude + head, 8 - head);
    scene_run_until(&at, scene_is_over);
    CHECK_ERROR(at.self.error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
    scene_finish(&at);
  }
}

/* What was written in plain text comes first, and its callbacks come. */

enum { MUCH = 4 * 1024 * 1024 };

static bool has_heard_much(loopback *net) {
  scene *at = net->data;
  return at->theirs.end.heard_len >= MUCH;
}

static void write_much(plain_end *end) {
  char *bytes = malloc(MUCH);
  if (bytes == NULL) abort();
  pattern_fill(bytes, 0, MUCH);
  plain_write(end, bytes, MUCH);
  free(bytes);
}

static bool came_whole(const plain_end *end) {
  char *want = malloc(MUCH);
  if (want == NULL) abort();
  pattern_fill(want, 0, MUCH);
  bool same = end->heard_len > MUCH && memcmp(end->heard, want, MUCH) == 0 &&
              end->heard[MUCH] == 22;
  free(want);
  return same;
}

TEST(writes_under_way_go_out_first) {
  for (plain_kind kind = 0; kind < PLAIN_KINDS; kind++) {
    scene at = {.kind = kind};
    scene_begin(&at);
    uv_read_stop(at.theirs.end.handle);
    write_much(&at.ours);
    CHECK_GT(uv_stream_get_write_queue_size(at.ours.handle), 0);
    scene_upgrade(&at, TLSTREAM_ROLE_CLIENT, (tlstream_upgrade_options){0});
    plain_read(&at.theirs.end);
    scene_run_until(&at, has_heard_much);
    at.theirs.end.on_bytes = NULL;
    tlstream_destroy(at.self.stream);
    scene_run_until(&at, scene_is_over);
    CHECK(came_whole(&at.theirs.end));
    CHECK_INT(at.ours.written, 1);
    CHECK_INT(at.ours.failed, 0);
    scene_finish(&at);
  }
}

TEST(writes_that_cannot_leave_come_back_when_it_is_destroyed) {
  scene at = {0};
  scene_begin(&at);
  uv_read_stop(at.theirs.end.handle);
  write_much(&at.ours);
  scene_upgrade(&at, TLSTREAM_ROLE_CLIENT, (tlstream_upgrade_options){0});
  tlstream_destroy(at.self.stream);
  scene_run_until(&at, scene_is_over);
  CHECK_INT(at.ours.written, 1);
  CHECK_INT(at.ours.failed, 1);
  CHECK_INT(at.ours.released, 1);
  scene_finish(&at);
}

TEST(writes_that_cannot_leave_do_not_outlast_the_handshake) {
  scene at = {0};
  scene_begin(&at);
  uv_read_stop(at.theirs.end.handle);
  write_much(&at.ours);
  scene_upgrade(&at, TLSTREAM_ROLE_CLIENT,
                (tlstream_upgrade_options){.timeouts.handshake_ms = 30,
                                           .timeouts.shutdown_ms = 30});
  scene_run_until(&at, scene_is_over);
  CHECK_ERROR(at.self.error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  scene_finish(&at);
}

/* libuv stops writing when one write has failed, so that the fence may wait
 * behind it for ever; the handshake does not. */
TEST(a_peer_that_leaves_in_the_plain_text_ends_it_in_time) {
  for (tlstream_role role = TLSTREAM_ROLE_CLIENT; role <= TLSTREAM_ROLE_SERVER;
       role++) {
    scene at = {0};
    scene_begin(&at);
    uv_read_stop(at.theirs.end.handle);
    write_much(&at.ours);
    scene_upgrade(&at, role,
                  (tlstream_upgrade_options){.timeouts.handshake_ms = 50,
                                             .timeouts.shutdown_ms = 50});
    plain_close(&at.theirs.end); /* with bytes unread: a reset */
    scene_run_until(&at, scene_is_over);
    CHECK_INT(at.self.ending, TLSTREAM_ENDING_FAILED);
    CHECK_INT(at.ours.written, 1);
    CHECK_INT(at.ours.failed, 1);
    scene_finish(&at);
  }
}

/* The handle's memory. */

static void free_handle(actor *self, callback_kind kind) {
  scene *at = self->data;
  if (kind != CAME_CLOSE) return;
  free(at->ours.handle);
  at->ours.handle = NULL;
}

TEST(without_release_it_can_go_in_on_close) {
  scene at = {.self.act = free_handle};
  tlstream_error error;
  scene_begin(&at);
  at.self.data = &at;
  tlstream_context *context =
      config_context(&at.self.config, TLSTREAM_ROLE_SERVER);
  tlstream *stream = tlstream_upgrade(
      at.ours.handle,
      TLSTREAM_UPGRADE(.role = TLSTREAM_ROLE_SERVER, .context = context), NULL,
      NULL, &error);
  tlstream_context_unref(context);
  actor_watch(&at.self, TLSTREAM_ROLE_SERVER, stream);
  plain_close(&at.theirs.end);
  scene_run_until(&at, scene_is_over);
  CHECK(at.ours.handle == NULL);
  CHECK_INT(at.ours.released, 0);
  scene_finish(&at);
}

static void look_for_release(actor *self, callback_kind kind) {
  scene *at = self->data;
  CHECK_INT(at->ours.released, kind == CAME_CLOSE);
}

TEST(release_comes_before_on_close) {
  scene at = {.self.act = look_for_release};
  scene_begin(&at);
  at.self.data = &at;
  scene_upgrade(&at, TLSTREAM_ROLE_SERVER, (tlstream_upgrade_options){0});
  plain_close(&at.theirs.end);
  scene_run_until(&at, scene_is_over);
  CHECK_INT(at.ours.released, 1);
  scene_finish(&at);
}
