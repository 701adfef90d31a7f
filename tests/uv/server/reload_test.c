/* SPDX-License-Identifier: MIT */
/* A server gets new certificates while it serves: only later connections see
 * them (I10), and a reload that fails changes nothing (I4). */
#include <openssl/x509.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/handshake.h"
#include "support/test.h"
#include "support/uv/loopback.h"

enum { RELOADS = 100, HOSTS = 2 };

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

static void come(loopback *net, test_client *made) {
  *made = (test_client){.met = -1};
  made->client.act = note_and_leave;
  made->client.data = &made->met;
  loopback_connect(net, &made->client, NULL);
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
