/* SPDX-License-Identifier: MIT */
/* A server gets new certificates while it serves: only later connections see
 * them (I10), and a reload that fails changes nothing (I4). */
#include <openssl/x509.h>

#include <tlstream/metrics.h>
#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/handshake.h"
#include "support/test.h"
#include "support/uv/loopback.h"

enum { RELOADS = 100, HOSTS = 2, CROWD = 8, ROUNDS = 20 };

static made_cert leaves[HOSTS];

BEFORE_TESTS(set_up) {
  for (int i = 0; i < HOSTS; i++)
    leaves[i] = make_cert(&(cert_plan){.name = SERVER_NAME, .by = test_ca()});
}

AFTER_TESTS(tear_down) {
  for (int i = 0; i < HOSTS; i++)
    made_cert_clear(&leaves[i]);
}

typedef struct test_client {
  actor client;
  int met; /* whose certificate it saw, or -1 */
} test_client;

static void note_and_leave(actor *self, callback_kind kind) {
  int *met = self->data;
  if (kind != CAME_SECURE) return;
  tlstream_certificate *seen = tlstream_peer_certificate(self->stream);
  for (int i = 0; i < HOSTS; i++) {
    size_t len = 0;
    const void *der = tlstream_certificate_der(seen, &len);
    unsigned char *want = NULL;
    int want_len = i2d_X509(leaves[i].cert, &want);
    if (len == (size_t)want_len && memcmp(der, want, len) == 0) *met = i;
    OPENSSL_free(want);
  }
  tlstream_certificate_unref(seen);
  tlstream_end(self->stream);
}

/* `servername` is what it asks for; NULL: the host. */
static void come_for(loopback *net, test_client *made, const char *servername) {
  *made = (test_client){.met = -1};
  made->client.act = note_and_leave;
  made->client.data = &made->met;
  loopback_connect(net, &made->client,
                   TLSTREAM_CONNECT(.servername = servername));
}

static void come(loopback *net, test_client *made) {
  come_for(net, made, NULL);
}

static void check_left(loopback *net, const test_client *made) {
  loopback_until_over(net, (actor *)&made->client);
  CHECK_STR(made->client.error.message, "");
  CHECK_INT(made->client.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_GE(made->met, 0);
}

static void reload(tlstream_server *server, int host) {
  tlstream_context *fresh = context_with(&leaves[host], test_ca());
  CHECK_INT(tlstream_server_set_context(server, fresh, NULL), 0);
  tlstream_context_unref(fresh);
}

/* The key of another certificate, and files that are missing. */
static void reload_what_is_of_no_use(tlstream_server *server) {
  tlstream_error error;
  tlstream_context *bare = context_with(NULL, test_ca());
  tlstream_context *bad = tlstream_context_new(
      TLSTREAM_CONTEXT(.key = leaves[0].key_pem, .cert = leaves[1].cert_pem),
      &error);
  CHECK(bad == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_KEY_MISMATCH);
  CHECK_ERROR(tlstream_server_set_context(server, bad, &error),
              TLSTREAM_ERR_NO_CERTIFICATE);
  CHECK_ERROR(tlstream_server_set_context(server, bare, &error),
              TLSTREAM_ERR_NO_CERTIFICATE);
  tlstream_context_unref(bad);
  tlstream_context_unref(bare);
}

static actor *old_client;

static bool has_its_echo(loopback *net) {
  (void)net;
  return old_client->got == old_client->written;
}

static void check_echo(loopback *net, actor *client) {
  old_client = client;
  CHECK_GE(actor_write(client, 100), 0);
  loopback_until(net, has_its_echo);
}

TEST(no_client_is_lost_in_a_hundred_reloads) {
  loopback net = {.expects = 1 + 2 * RELOADS};
  actor old = {.name = "old"};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(&net, &old, NULL);
  loopback_until_secure(&net, &old);
  for (int i = 0; i < RELOADS; i++) {
    test_client first;
    test_client second;
    reload(net.server, (i + 1) % HOSTS);
    come(&net, &first);
    for (int turn = 0; turn < i % 8; turn++)
      uv_run(net.loop, UV_RUN_NOWAIT); /* somewhere in its handshake */
    reload(net.server, i % HOSTS);
    reload_what_is_of_no_use(net.server);
    come(&net, &second);
    check_left(&net, &first);
    check_left(&net, &second);
    CHECK_INT(second.met, i % HOSTS);
    check_echo(&net, &old);
  }
  CHECK_INT(net.client_errors, 0);
  tlstream_end(old.stream);
  loopback_run(&net);
  CHECK_INT(old.ending, TLSTREAM_ENDING_CLEAN);
  loopback_close(&net);
}

/* The contexts of both kinds, swapped in every turn of the loop. */
typedef struct swapper {
  uv_check_t turn;
  tlstream_server *server;
  tlstream_context *contexts[HOSTS];
  unsigned turns;
} swapper;

static void swap(uv_check_t *turn) {
  swapper *self = turn->data;
  tlstream_context *next = self->contexts[++self->turns % HOSTS];
  CHECK_INT(tlstream_server_set_context(self->server, next, NULL), 0);
  CHECK_INT(tlstream_server_add_context(self->server, SERVER_NAME, next, NULL),
            0);
  CHECK_ERROR(tlstream_server_set_context(self->server, NULL, NULL),
              TLSTREAM_ERR_NO_CERTIFICATE);
}

static void swapper_start(swapper *self, loopback *net) {
  self->server = net->server;
  for (int i = 0; i < HOSTS; i++)
    self->contexts[i] = context_with(&leaves[i], test_ca());
  uv_check_init(net->loop, &self->turn);
  self->turn.data = self;
  uv_check_start(&self->turn, swap);
}

static void swapper_stop(swapper *self) {
  uv_close((uv_handle_t *)&self->turn, NULL);
  for (int i = 0; i < HOSTS; i++)
    tlstream_context_unref(self->contexts[i]);
}

static void check_all_came(const loopback *net) {
  tlstream_server_counters counters;
  tlstream_server_count(net->server, &counters);
  CHECK_INT(counters.handshakes_done, (uint64_t)ROUNDS * CROWD);
  CHECK_INT(counters.handshakes_failed + counters.handshakes_abandoned, 0);
}

/* Half of the clients ask for the name that has a context of its own. */
TEST(no_client_of_a_crowd_is_lost_while_contexts_are_swapped) {
  loopback net = {.expects = ANY_NUMBER};
  swapper swaps = {0};
  bool met[HOSTS] = {false};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  swapper_start(&swaps, &net);
  for (int round = 0; round < ROUNDS; round++) {
    test_client clients[CROWD];
    for (int i = 0; i < CROWD; i++)
      come_for(&net, &clients[i], i % 2 == 0 ? NULL : "");
    for (int i = 0; i < CROWD; i++) {
      check_left(&net, &clients[i]);
      if (clients[i].met >= 0) met[clients[i].met] = true;
    }
  }
  CHECK(met[0] && met[1]);
  CHECK_GT(swaps.turns, ROUNDS);
  check_all_came(&net);
  swapper_stop(&swaps);
  tlstream_server_close(net.server, 0);
  loopback_run(&net);
  loopback_close(&net);
}
