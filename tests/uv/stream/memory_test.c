/* SPDX-License-Identifier: MIT */
/*
 * Streams when memory runs out: the first allocation fails, then the second,
 * and so on. Whatever it is for: nothing leaks, every stream closes once, what
 * arrives is what was sent, and no unverified peer is ever taken for authorized
 * (H1, H7).
 */
#include "support/torture.h"

#include <tlstream/memory.h>
#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/uv/stage.h"

/* More than is encrypted at once: a part leaves, the rest has to be kept. */
enum { LARGE = 150000, RUNS_MIN = 50 };

typedef struct lifecycle {
  tlstream_version version;
  bool stranger; /* the client trusts no CA, and accepts every server */
  bool echo;     /* the server is piped to itself */
  tlstream_context *trusting;
  stage stage;
  actor client;
  actor server;
  bool refused; /* a call reported that memory is out */
} lifecycle;

static void note(lifecycle *all, int status) {
  if (status == TLSTREAM_ERR_NO_MEMORY) all->refused = true;
  CHECK(status >= 0 || status == TLSTREAM_ERR_NO_MEMORY ||
        status == TLSTREAM_ERR_CLOSED);
}

static void ask(const tlstream *stream) {
  tlstream_free(tlstream_json(stream));
  tlstream_certificate_unref(tlstream_peer_certificate(stream));
  tlstream_certificate_unref(tlstream_own_certificate(stream));
}

static void speak(actor *self, callback_kind kind) {
  lifecycle *all = self->data;
  bool is_stranger = all->stranger && self->role == TLSTREAM_ROLE_CLIENT;
  if (kind == CAME_SECURE) {
    CHECK_INT(tlstream_authorized(self->stream), !is_stranger);
    CHECK(is_stranger || tlstream_authorization_error(self->stream) == NULL);
    ask(self->stream);
    if (all->echo && self->role == TLSTREAM_ROLE_SERVER) return;
    note(all, actor_write(self, LARGE));
    note(all, actor_write_owned(self, 5000));
    note(all, actor_write(self, 5000));
    note(all, actor_write(self, 100));
    tlstream_end(self->stream);
  } else if (kind != CAME_CLOSE) {
    CHECK_INT(tlstream_authorized(self->stream),
              self->order.count[CAME_SECURE] > 0 && !is_stranger);
  }
}

static void lifecycle_open(lifecycle *all) {
  config terms = {.version = all->version, .mutual = true};
  sim_weather narrow = {.capacity = 30000};
  all->client = (actor){.name = "client", .data = all, .act = speak};
  all->server = (actor){.name = "server", .data = all, .act = speak};
  all->client.config = all->server.config = terms;
  all->client.context = all->trusting;
  all->refused = false;
  stage_open(&all->stage, &narrow);
  stage_join(&all->stage, &all->client, &all->server);
  if (!all->echo || all->server.stream == NULL) return;
  CHECK_ERROR(tlstream_pipe(all->server.stream, all->server.stream), 0);
}

/* A stream for which there was no memory is none. */
static bool was_made(const actor *self) {
  return self->order.name != NULL;
}

static bool is_out_of_memory(const lifecycle *all) {
  return all->refused || !was_made(&all->client) || !was_made(&all->server) ||
         all->client.error.code == TLSTREAM_ERR_NO_MEMORY ||
         all->server.error.code == TLSTREAM_ERR_NO_MEMORY;
}

static void check_side(const lifecycle *all, const actor *self,
                       const actor *other) {
  if (!was_made(self)) return;
  actor_done(self);
  if (self->ending != TLSTREAM_ENDING_CLEAN || all->refused) return;
  if (self->role == TLSTREAM_ROLE_SERVER && all->echo) return;
  CHECK_INT(self->got, all->echo ? self->written : other->written);
}

static void go_through(void *data) {
  lifecycle *all = data;
  lifecycle_open(all);
  stage_run(&all->stage);
  check_side(all, &all->client, &all->server);
  check_side(all, &all->server, &all->client);
  bool fine = all->client.ending == TLSTREAM_ENDING_CLEAN &&
              all->server.ending == TLSTREAM_ENDING_CLEAN;
  /* Either it had no effect, or the error is the lack of memory. */
  CHECK(fine || is_out_of_memory(all));
  if (!torture_struck()) {
    CHECK(fine);
    CHECK(!is_out_of_memory(all));
  }
  stage_close(&all->stage);
}

/* Twice without a failure, so that what is made once a program is there. */
static void torment(lifecycle *all) {
  torture_install();
  go_through(all);
  go_through(all);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, go_through, all),
           RUNS_MIN);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_FOREVER, go_through, all),
           RUNS_MIN);
}

TEST(a_conversation_survives_in_tls_1_2) {
  lifecycle all = {.version = TLSTREAM_TLS_1_2};
  torment(&all);
}

TEST(a_conversation_survives_in_tls_1_3) {
  lifecycle all = {.version = TLSTREAM_TLS_1_3};
  torment(&all);
}

TEST(an_echo_loses_nothing_unnoticed) {
  lifecycle all = {.version = TLSTREAM_TLS_1_3, .echo = true};
  torment(&all);
}

TEST(a_stranger_is_never_authorized) {
  torture_install();
  lifecycle all = {.version = TLSTREAM_TLS_1_3, .stranger = true};
  all.trusting = tlstream_context_new(
      TLSTREAM_CONTEXT(.ca = test_stranger()->cert_pem,
                       .cert = test_leaf(KEY_ECDSA)->cert_pem,
                       .key = test_leaf(KEY_ECDSA)->key_pem,
                       .insecure_allow_unauthorized = true),
      NULL);
  CHECK(all.trusting != NULL);
  torment(&all);
  tlstream_context_unref(all.trusting);
}
