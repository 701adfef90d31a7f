/* SPDX-License-Identifier: MIT */
/* What a server counts, and the same as text for Prometheus. */
#include <string.h>
#include <unistd.h>

#include <tlstream/memory.h>
#include <tlstream/metrics.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/torture.h"
#include "support/uv/loopback.h"

BEFORE_TESTS(set_up) {
  torture_install();
}

static tlstream_server_counters counted(const loopback *net) {
  tlstream_server_counters counters;
  tlstream_server_count(net->server, &counters);
  CHECK_INT(counters.accepted,
            counters.handshakes_done + counters.handshakes_failed +
                counters.handshakes_abandoned + counters.handshaking);
  return counters;
}

static void open_net(loopback *net) {
  net->expects = ANY_NUMBER;
  loopback_open(net);
  loopback_serve(net, NULL);
}

static bool has_none_open(loopback *net) {
  return tlstream_server_connections(net->server) == 0;
}

static bool has_its_echo(loopback *net) {
  return net->awaited->got == net->awaited->written;
}

static void close_net(loopback *net) {
  tlstream_server_close(net->server, 0);
  loopback_run(net);
  loopback_close(net);
}

TEST(a_connection_is_counted_while_it_is_open_and_after_it) {
  enum { LEN = 1000 };
  loopback net = {0};
  actor client = {.name = "client"};
  open_net(&net);
  CHECK_INT(counted(&net).accepted, 0);
  loopback_connect(&net, &client, NULL);
  loopback_until_secure(&net, &client);
  CHECK_GE(actor_write(&client, LEN), 0);
  net.awaited = &client;
  loopback_until(&net, has_its_echo);
  tlstream_server_counters now = counted(&net);
  CHECK_INT(now.open, 1);
  CHECK_INT(now.handshaking, 0);
  CHECK_INT(now.handshakes_done, 1);
  CHECK_INT(now.resumed, 0);
  CHECK_INT(now.bytes_read, LEN);
  CHECK_INT(now.bytes_written, LEN);
  CHECK_GT(now.encrypted_bytes_read, LEN);
  tlstream *stream = tlstream_ref(client.stream);
  tlstream_end(stream);
  loopback_until_over(&net, &client);
  loopback_until(&net, has_none_open);
  tlstream_server_counters last = counted(&net);
  CHECK_INT(last.open, 0);
  CHECK_INT(last.accepted, 1);
  CHECK_INT(last.bytes_read, LEN);
  CHECK_INT(last.encrypted_bytes_read,
            tlstream_encrypted_bytes_written(stream));
  CHECK_INT(last.encrypted_bytes_written,
            tlstream_encrypted_bytes_read(stream));
  tlstream_unref(stream);
  close_net(&net);
}

static bool has_failed(loopback *net) {
  return net->client_errors > 0 && has_none_open(net);
}

TEST(failures_are_counted_by_class) {
  loopback net = {0};
  open_net(&net);
  int fd = raw_connect(&net);
  CHECK_INT(write(fd, "GET / HTTP/1.0\r\n\r\n", 18), 18);
  loopback_until(&net, has_failed);
  close(fd);
  tlstream_server_counters now = counted(&net);
  CHECK_INT(now.handshakes_failed, 1);
  CHECK_INT(now.failed_by_class[TLSTREAM_CLASS_PROTOCOL], 1);
  net.client_errors = 0;
  fd = raw_hello(&net);
  raw_reset(fd);
  loopback_until(&net, has_failed);
  now = counted(&net);
  CHECK_INT(now.handshakes_failed, 2);
  CHECK_INT(now.failed_by_class[TLSTREAM_CLASS_PROTOCOL], 1);
  CHECK_INT(now.failed_by_class[TLSTREAM_CLASS_SYSTEM] +
                now.failed_by_class[TLSTREAM_CLASS_PEER],
            1);
  CHECK_INT(now.handshakes_done, 0);
  close_net(&net);
}

static bool has_refused(loopback *net) {
  return counted(net).refused == 1;
}

TEST(what_is_closed_for_a_limit_was_refused) {
  loopback net = {.options.max_connections = 1};
  actor client = {.name = "client"};
  open_net(&net);
  loopback_connect(&net, &client, NULL);
  loopback_until_secure(&net, &client);
  int fd = raw_connect(&net);
  loopback_until(&net, has_refused);
  CHECK_INT(counted(&net).accepted, 1);
  close(fd);
  tlstream_end(client.stream);
  loopback_until_over(&net, &client);
  close_net(&net);
}

static bool has_one(loopback *net) {
  return tlstream_server_connections(net->server) == 1;
}

static void destroy_it(loopback *net, tlstream *stream,
                       const char *servername) {
  (void)net, (void)servername;
  tlstream_destroy(stream);
}

static bool has_abandoned(loopback *net) {
  return counted(net).handshakes_abandoned == 1;
}

TEST(what_we_end_was_abandoned) {
  loopback net = {.on_hello = destroy_it};
  open_net(&net);
  int fd = raw_connect(&net);
  loopback_until(&net, has_one);
  CHECK_INT(counted(&net).handshaking, 1);
  close(fd);
  loopback_until(&net, has_failed);
  CHECK_INT(counted(&net).handshaking, 0);
  fd = raw_hello(&net);
  loopback_until(&net, has_abandoned);
  CHECK_INT(counted(&net).handshakes_failed, 1);
  close(fd);
  close_net(&net);
}

static tlstream_labeled_counters some(const tlstream_label *labels,
                                      size_t count) {
  return (tlstream_labeled_counters){
      .counters = {.accepted = 7,
                   .open = 2,
                   .resumed = UINT64_MAX,
                   .failed_by_class = {0, 1, 2, 3, 4, 5}},
      .labels = labels,
      .label_count = count};
}

static void check_has_line(const char *text, const char *line) {
  const char *found = strstr(text, line);
  CHECK_HAS(text, line);
  CHECK(found != NULL && (found == text || found[-1] == '\n'));
}

TEST(the_text_is_what_prometheus_reads) {
  tlstream_labeled_counters only = some(NULL, 0);
  char *text = tlstream_prometheus(&only, 1, NULL);
  static const char first[] =
      "# HELP tlstream_connections_accepted_total Connections that were "
      "accepted.\n"
      "# TYPE tlstream_connections_accepted_total counter\n"
      "tlstream_connections_accepted_total 7\n";
  CHECK_INT(strncmp(text, first, strlen(first)), 0);
  check_has_line(text, "# TYPE tlstream_connections_open gauge\n");
  check_has_line(text, "tlstream_connections_open 2\n");
  check_has_line(text,
                 "tlstream_handshakes_resumed_total 18446744073709551615\n");
  check_has_line(text, "# TYPE tlstream_handshakes_failed_total counter\n");
  check_has_line(text,
                 "tlstream_handshakes_failed_total{class=\"system\"} 1\n"
                 "tlstream_handshakes_failed_total{class=\"peer\"} 2\n"
                 "tlstream_handshakes_failed_total{class=\"protocol\"} 3\n"
                 "tlstream_handshakes_failed_total{class=\"identity\"} 4\n"
                 "tlstream_handshakes_failed_total{class=\"usage\"} 5\n");
  CHECK_STR(text + strlen(text) - 2, "5\n");
  tlstream_free(text);
}

/* A metric stands in the text once, with a line for each server. */
TEST(servers_are_told_apart_by_labels) {
  const tlstream_label first[] = {{"port", "443"}, {"name", "a\\b\"c\nd"}};
  const tlstream_label second[] = {{"port", "caf\xC3\xA9 \xff"}};
  const tlstream_labeled_counters both[] = {some(first, 2), some(second, 1)};
  char *text = tlstream_prometheus(both, 2, NULL);
  check_has_line(text, "# TYPE tlstream_connections_open gauge\n"
                       "tlstream_connections_open{port=\"443\","
                       "name=\"a\\\\b\\\"c\\nd\"} 2\n"
                       "tlstream_connections_open{port=\"caf\xC3\xA9 "
                       "\xEF\xBF\xBD\"} 2\n#");
  check_has_line(text, "tlstream_handshakes_failed_total{port=\"443\","
                       "name=\"a\\\\b\\\"c\\nd\",class=\"peer\"} 2\n");
  tlstream_free(text);
  text = tlstream_prometheus(NULL, 0, NULL);
  check_has_line(text, "# TYPE tlstream_connections_open gauge\n#");
  tlstream_free(text);
}

TEST(labels_that_cannot_be_are_refused) {
  static const tlstream_label bad[] = {
      {NULL, "x"}, {"", "x"},    {"a-b", "x"},   {"1a", "x"},
      {"a", NULL}, {"__a", "x"}, {"class", "x"}, {"a b", "x"}};
  const tlstream_label twice[] = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
  tlstream_error error;
  EACH_ROW(i, bad) {
    tlstream_labeled_counters it = some(&bad[i], 1);
    CHECK(tlstream_prometheus(&it, 1, &error) == NULL);
    CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
  }
  tlstream_labeled_counters it = some(twice, 3);
  CHECK(tlstream_prometheus(&it, 1, &error) == NULL);
  CHECK_HAS(error.message, "\"a\" already");
}

static void write_text(void *given) {
  tlstream_error error = {0};
  char *text = tlstream_prometheus(given, 1, &error);
  if (text == NULL) CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
  CHECK(text != NULL || torture_struck());
  tlstream_free(text);
}

TEST(without_memory_there_is_no_text) {
  tlstream_labeled_counters it = some(NULL, 0);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, write_text, &it), 2);
}
