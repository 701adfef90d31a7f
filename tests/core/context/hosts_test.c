/* SPDX-License-Identifier: MIT */
/* The public table of hosts; what a pattern is and which one wins is
 * hosts_patterns_test.c's. */
#include <tlstream/hosts.h>
#include <tlstream/pair_hello.h>
#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "support/handshake.h"
#include "support/shuttle.h"
#include "support/test.h"
#include "support/torture.h"

static tlstream_context *hosts[2];
static tlstream_context *bare;

BEFORE_TESTS(set_up) {
  torture_install();
  hosts[0] = context_with(test_leaf(KEY_ECDSA), NULL);
  hosts[1] = context_with(test_leaf(KEY_RSA), NULL);
  bare = context_with(NULL, test_ca());
}

AFTER_TESTS(tear_down) {
  tlstream_context_unref(hosts[0]);
  tlstream_context_unref(hosts[1]);
  tlstream_context_unref(bare);
}

static void add(tlstream_hosts *table, const char *pattern, int host) {
  tlstream_error error = {.code = 1, .message = "stale"};
  CHECK_INT(tlstream_hosts_add(table, pattern, hosts[host], &error), 0);
  CHECK_STR(error.message, "");
}

TEST(hosts_are_found_by_name) {
  tlstream_hosts *table = tlstream_hosts_new();
  CHECK(tlstream_hosts_find(table, "a.test") == NULL);
  add(table, "*.a.test", 0);
  add(table, "b.a.test", 1);
  CHECK(tlstream_hosts_find(table, "x.a.test") == hosts[0]);
  CHECK(tlstream_hosts_find(table, "B.A.Test.") == hosts[1]);
  CHECK(tlstream_hosts_find(table, "a.test") == NULL);
  CHECK(tlstream_hosts_find(table, "") == NULL);
  CHECK(tlstream_hosts_find(table, NULL) == NULL);
  add(table, "B.a.test", 0);
  CHECK(tlstream_hosts_find(table, "b.a.test") == hosts[0]);
  tlstream_hosts_free(table);
}

TEST(the_table_holds_its_contexts) {
  size_t before = hosts[0]->refs;
  tlstream_hosts *table = tlstream_hosts_new();
  add(table, "a.test", 0);
  CHECK_INT(hosts[0]->refs, before + 1);
  CHECK(tlstream_hosts_find(table, "a.test") != NULL);
  CHECK_INT(hosts[0]->refs, before + 1); /* a look is borrowed */
  tlstream_hosts_free(table);
  CHECK_INT(hosts[0]->refs, before);
  tlstream_hosts_free(NULL);
}

TEST(what_no_server_could_use_is_refused) {
  tlstream_error error;
  tlstream_hosts *table = tlstream_hosts_new();
  CHECK_ERROR(tlstream_hosts_add(table, "a.test", bare, &error),
              TLSTREAM_ERR_NO_CERTIFICATE);
  CHECK_ERROR(tlstream_hosts_add(table, "a.test", NULL, NULL),
              TLSTREAM_ERR_NO_CERTIFICATE);
  CHECK_ERROR(tlstream_hosts_add(table, "*a.test", hosts[0], &error),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_HAS(error.message, "\"*a.test\" is no host pattern");
  CHECK_ERROR(tlstream_hosts_add(table, NULL, hosts[0], &error),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK(tlstream_hosts_find(table, "a.test") == NULL);
  tlstream_hosts_free(table);
}

/* What it is for. */
TEST(a_pair_is_answered_from_it) {
  tlstream_hosts *table = tlstream_hosts_new();
  add(table, "*.test", 1);
  tlstream_pair *server = server_with(hosts[0], true);
  peers both = shake(client_with(bare, "a.test"), server);
  CHECK_INT(
      tlstream_pair_hello_accept(
          server, tlstream_hosts_find(table, tlstream_pair_servername(server))),
      0);
  tlstream_hosts_free(table);
  shuttle(both.side[TLSTREAM_ROLE_CLIENT], server, SIZE_MAX);
  CHECK(was_shown(both.side[TLSTREAM_ROLE_CLIENT], test_leaf(KEY_RSA)));
  peers_free(&both);
}

static void fill(void *unused) {
  tlstream_error error = {.code = 0};
  (void)unused;
  tlstream_hosts *table = tlstream_hosts_new();
  if (table == NULL) return;
  if (tlstream_hosts_add(table, "a.test", hosts[0], &error) != 0) {
    CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
    CHECK(tlstream_hosts_find(table, "a.test") == NULL);
  }
  tlstream_hosts_free(table);
}

TEST(without_memory_nothing_is_added) {
  size_t before = hosts[0]->refs;
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, fill, NULL), 2);
  CHECK_INT(hosts[0]->refs, before);
}
