/* SPDX-License-Identifier: MIT */
/* A server and the connections that others have accepted, and used in plain
 * text before: they count as its own. */
#include <stdlib.h>
#include <unistd.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/torture.h"
#include "support/uv/loopback.h"
#include "support/uv/plain.h"

typedef struct scene {
  loopback net;
  plain_end ours;
  plain_peer theirs;
  tlstream_error error;
  size_t split; /* of what the client sends in plain text */
} scene;

static void begin(scene *at) {
  loopback_open(&at->net);
  loopback_serve(&at->net, NULL);
  plain_link(at->net.loop, PLAIN_TCP, &at->ours, &at->theirs.end);
  plain_read(&at->ours);
  plain_read(&at->theirs.end);
  at->net.data = at;
}

static void finish(scene *at) {
  plain_close(&at->theirs.end);
  loopback_run(&at->net);
  plain_peer_done(&at->theirs);
  plain_done(&at->ours);
  loopback_close(&at->net);
}

static int adopt(scene *at, const void *head, size_t len) {
  return tlstream_server_adopt(at->net.server, at->ours.handle,
                               (tlstream_bytes){head, len}, plain_released,
                               &at->error);
}

static void open_client(scene *at) {
  plain_peer_open(&at->theirs,
                  config_pair(&at->net.config, TLSTREAM_ROLE_CLIENT));
}

static void greet(loopback *net, actor *guest) {
  scene *at = net->data;
  tlstream_address address;
  CHECK_ERROR(tlstream_remote_address(guest->stream, &address), 0);
  CHECK_STR(address.host, "127.0.0.1");
  CHECK_INT(tlstream_server_connections(net->server), 1);
  CHECK_INT(at->ours.released, 0);
  CHECK_GE(actor_write(guest, 10), 0);
  tlstream_end(guest->stream);
}

TEST(it_is_served_as_if_it_had_been_accepted) {
  scene at = {.net.on_connection = greet};
  begin(&at);
  CHECK_INT(adopt(&at, NULL, 0), 0);
  CHECK_INT(tlstream_server_connections(at.net.server), 1);
  open_client(&at);
  loopback_run(&at.net);
  CHECK_INT(at.net.connections, 1);
  CHECK_INT(at.net.guests[0].ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(at.theirs.got_len, 10);
  CHECK_INT(at.ours.released, 1);
  finish(&at);
}

/* The first message has been read already; the handshake goes on from it. */
TEST(what_was_read_already_counts) {
  scene at = {.net.on_connection = greet};
  begin(&at);
  at.theirs.hold = true;
  open_client(&at);
  size_t len = 0;
  const void *hello = tlstream_pair_peek(at.theirs.pair, &len);
  CHECK_INT(adopt(&at, hello, len), 0);
  tlstream_pair_consume(at.theirs.pair, len);
  at.theirs.hold = false;
  loopback_run(&at.net);
  CHECK_INT(at.net.connections, 1);
  CHECK_INT(at.theirs.got_len, 10);
  finish(&at);
}

/* E1: a command, STARTTLS, and another command, wherever they are split. */

static const char injected[] = "NOOP\r\nSTARTTLS\r\nRCPT TO:<mallory>\r\n";

enum { WORD_ENDS = 16 };

/* What stands behind the word goes to TLS, and never to the parser. */
static void obey(plain_end *end, const char *bytes, size_t len) {
  static const char word[] = "STARTTLS\r\n";
  scene *at = end->data;
  const char *found = strstr(end->heard, word);
  (void)bytes, (void)len;
  if (found == NULL) return;
  const char *rest = found + strlen(word);
  CHECK_INT(adopt(at, rest, end->heard_len - (size_t)(rest - end->heard)), 0);
}

static bool has_heard_the_first_part(loopback *net) {
  scene *at = net->data;
  return at->ours.heard_len >= at->split;
}

static void inject(size_t split) {
  scene at = {.split = split, .ours.on_bytes = obey};
  begin(&at);
  at.ours.data = &at;
  if (split > 0) plain_write(&at.theirs.end, injected, split);
  loopback_until(&at.net, has_heard_the_first_part);
  plain_write(&at.theirs.end, injected + split, strlen(injected) - split);
  loopback_run(&at.net);
  /* the parser is not called again */
  CHECK_INT(at.ours.heard_len, split < WORD_ENDS ? strlen(injected) : split);
  CHECK_INT(at.net.connections, 0);
  CHECK_INT(at.net.client_errors, 1);
  CHECK_ERROR(at.net.client_error.code, TLSTREAM_ERR_NOT_TLS);
  CHECK_STR(at.net.client.host, "127.0.0.1");
  CHECK_INT(at.ours.released, 1);
  finish(&at);
}

TEST(a_command_behind_starttls_is_a_clients_error) {
  for (size_t split = 0; split < strlen(injected); split++)
    inject(split);
}

/* E5 */
TEST(its_handshake_has_a_deadline) {
  scene at = {.net.options.timeouts.handshake_ms = 30};
  begin(&at);
  CHECK_INT(adopt(&at, "\x16\x03\x01\x02\x00\x01\x00\x01", 8), 0);
  loopback_run(&at.net);
  CHECK_ERROR(at.net.client_error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  finish(&at);
}

TEST(a_context_is_chosen_by_name) {
  scene at = {.net.on_connection = greet};
  tlstream_error error;
  begin(&at);
  const made_cert *leaf = test_stranger();
  tlstream_context *other = tlstream_context_new(
      TLSTREAM_CONTEXT(.key = leaf->key_pem, .cert = leaf->cert_pem), &error);
  CHECK(other != NULL);
  CHECK_INT(
      tlstream_server_add_context(at.net.server, SERVER_NAME, other, &error),
      0);
  tlstream_context_unref(other);
  CHECK_INT(adopt(&at, NULL, 0), 0);
  open_client(&at);
  loopback_run(&at.net);
  CHECK_ERROR(error_code(at.theirs.pair), TLSTREAM_ERR_UNTRUSTED);
  CHECK_INT(at.net.client_errors, 1);
  finish(&at);
}

/* It is refused before anything happens to it. */

static void check_untouched(scene *at) {
  CHECK(at->ours.handle->data == &at->ours);
  plain_say(&at->ours, "454 not now\r\n");
  plain_say(&at->theirs.end, "QUIT\r\n");
  while (at->ours.heard_len < 6 || at->theirs.end.heard_len < 13)
    uv_run(at->net.loop, UV_RUN_ONCE);
  CHECK_STR(at->ours.heard, "QUIT\r\n");
  CHECK_STR(at->theirs.end.heard, "454 not now\r\n");
  plain_close(&at->ours);
}

static void end_server(scene *at) {
  tlstream_server_destroy(at->net.server);
  finish(at);
}

static void adopt_other(scene *at, plain_end *first, plain_end *other) {
  plain_link(at->net.loop, PLAIN_PIPE, first, other);
  CHECK_INT(tlstream_server_adopt(at->net.server, first->handle,
                                  (tlstream_bytes){0}, plain_released,
                                  &at->error),
            0);
}

/* The first one is shaking hands; the next is one too many. */
TEST(a_full_server_takes_no_more) {
  scene at = {.net.expects = ANY_NUMBER, .net.options.max_connections = 1};
  plain_end first = {0};
  plain_end other = {0};
  begin(&at);
  adopt_other(&at, &first, &other);
  CHECK_ERROR(adopt(&at, NULL, 0), TLSTREAM_ERR_SERVER_FULL);
  CHECK_ERROR(at.error.code, TLSTREAM_ERR_SERVER_FULL);
  check_untouched(&at);
  plain_close(&other);
  end_server(&at);
  plain_done(&first);
  plain_done(&other);
}

static void end_at_once(loopback *net, actor *guest) {
  (void)net;
  tlstream_end(guest->stream);
}

static bool has_adopted_two(loopback *net) {
  return tlstream_server_connections(net->server) == 2;
}

/* It waits for a slot, like a connection that was accepted. */
TEST(handshakes_under_way_do_not_refuse_it) {
  scene at = {.net.expects = 2,
              .net.options.max_handshakes = 1,
              .net.on_connection = end_at_once};
  begin(&at);
  int silent = raw_hello(&at.net);
  open_client(&at);
  CHECK_INT(adopt(&at, NULL, 0), 0);
  loopback_until(&at.net, has_adopted_two);
  close(silent);
  loopback_run(&at.net);
  CHECK_INT(at.net.connections, 1);
  CHECK_INT(at.net.client_errors, 1);
  finish(&at);
}

TEST(a_handle_that_is_adopted_already_is_refused) {
  scene at = {.net.expects = ANY_NUMBER};
  begin(&at);
  CHECK_INT(adopt(&at, NULL, 0), 0);
  CHECK_ERROR(adopt(&at, NULL, 0), TLSTREAM_ERR_WRONG_STATE);
  CHECK_HAS(at.error.message, "already");
  CHECK_INT(tlstream_server_connections(at.net.server), 1);
  end_server(&at);
}

TEST(a_server_that_is_closing_takes_no_more) {
  scene at = {0};
  begin(&at);
  tlstream_server_close(at.net.server, 0);
  CHECK_ERROR(adopt(&at, NULL, 0), TLSTREAM_ERR_CLOSED);
  check_untouched(&at);
  finish(&at);
}

TEST(a_handle_of_another_loop_is_refused) {
  scene at = {0};
  uv_loop_t elsewhere;
  plain_end stranger = {0};
  plain_end peer = {0};
  begin(&at);
  CHECK_ERROR(uv_loop_init(&elsewhere), 0);
  plain_link(&elsewhere, PLAIN_PIPE, &stranger, &peer);
  CHECK_ERROR(tlstream_server_adopt(at.net.server, stranger.handle,
                                    (tlstream_bytes){0}, NULL, &at.error),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_HAS(at.error.message, "loop");
  plain_close(&stranger);
  plain_close(&peer);
  uv_run(&elsewhere, UV_RUN_DEFAULT);
  plain_done(&stranger);
  plain_done(&peer);
  CHECK_ERROR(uv_loop_close(&elsewhere), 0);
  plain_close(&at.ours);
  end_server(&at);
}

TEST(a_handle_that_is_closing_is_refused) {
  scene at = {0};
  begin(&at);
  plain_close(&at.ours);
  CHECK_ERROR(adopt(&at, NULL, 0), TLSTREAM_ERR_WRONG_STATE);
  end_server(&at);
}

/* The server's end is theirs too. */

static bool has_guest(loopback *net) {
  return net->connections > 0;
}

static void stay(loopback *net, actor *guest) {
  (void)net, (void)guest;
}

TEST(a_closing_server_waits_for_it_and_ends_it) {
  scene at = {.net.expects = ANY_NUMBER, .net.on_connection = stay};
  begin(&at);
  CHECK_INT(adopt(&at, NULL, 0), 0);
  open_client(&at);
  loopback_until(&at.net, has_guest);
  tlstream_server_close(at.net.server, 1);
  loopback_run(&at.net);
  CHECK_INT(at.net.guests[0].ending, TLSTREAM_ENDING_CLEAN);
  CHECK(at.theirs.saw_end);
  finish(&at);
}

TEST(a_destroyed_server_takes_it_along) {
  scene at = {.net.expects = ANY_NUMBER, .net.on_connection = stay};
  begin(&at);
  CHECK_INT(adopt(&at, NULL, 0), 0);
  open_client(&at);
  loopback_until(&at.net, has_guest);
  tlstream_server_destroy(at.net.server);
  loopback_run(&at.net);
  CHECK_INT(at.net.guests[0].ending, TLSTREAM_ENDING_DESTROYED);
  CHECK_INT(at.ours.released, 1);
  CHECK(!at.theirs.saw_end);
  finish(&at);
}

/* A server that only adopts. */

static void note_connection(tlstream_server *server, tlstream *stream,
                            void *data) {
  unsigned *count = data;
  plain_end *ours = tlstream_data(stream); /* the handle's own data */
  ++*count;
  CHECK(ours->handle != NULL && ours->released == 0);
  tlstream_end(stream);
  tlstream_server_close(server, 1000);
}

TEST(a_server_need_not_listen) {
  static const tlstream_server_events events = {.on_connection =
                                                    note_connection};
  scene at = {0};
  unsigned count = 0;
  loopback_open(&at.net);
  plain_link(at.net.loop, PLAIN_PIPE, &at.ours, &at.theirs.end);
  plain_read(&at.theirs.end);
  tlstream_context *context =
      config_context(&at.net.config, TLSTREAM_ROLE_SERVER);
  tlstream_server *server = tlstream_server_new(
      at.net.loop, TLSTREAM_SERVER(.context = context), &events, &count, NULL);
  tlstream_context_unref(context);
  CHECK_INT(tlstream_server_adopt(server, at.ours.handle, (tlstream_bytes){0},
                                  plain_released, NULL),
            0);
  open_client(&at);
  loopback_run(&at.net);
  CHECK_INT(count, 1);
  CHECK(at.theirs.saw_end);
  finish(&at);
}

/* True while there was an allocation to fail. */
static bool adopt_without_memory(size_t nth) {
  scene at = {.net.expects = ANY_NUMBER};
  begin(&at);
  torture_arm(TORTURE_LIBRARY, TORTURE_ONCE, nth);
  int code = adopt(&at, "\x16\x03\x01", 3);
  bool struck = torture_disarm();
  CHECK_INT(code, struck ? TLSTREAM_ERR_NO_MEMORY : 0);
  CHECK_INT(tlstream_server_connections(at.net.server), struck ? 0 : 1);
  if (struck) check_untouched(&at);
  end_server(&at);
  return struck;
}

TEST(a_lack_of_memory_leaves_the_handle_alone) {
  torture_install();
  size_t nth = 1;
  while (adopt_without_memory(nth))
    nth++;
  CHECK_GT(nth, 4);
}
