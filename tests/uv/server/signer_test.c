/* SPDX-License-Identifier: MIT */
/* F4, K1: the key of a server, or of a client, is elsewhere, and takes its time
 * on another thread: the loop goes on, and connections may end meanwhile. For
 * ThreadSanitizer as well. */
#include <stdlib.h>
#include <unistd.h>

#include <tlstream/stream_info.h>

#include "support/signer.h"
#include "support/test.h"
#include "support/uv/loopback.h"

/* A signer that waits, while `waits` is set, until it is let go. */
typedef struct slow_signer {
  test_signer base;
  atomic_bool waits;
  uv_sem_t asked;
  uv_sem_t go;
} slow_signer;

static void on_sign(test_signer *base) {
  slow_signer *self = base->data;
  if (!atomic_load(&self->waits)) return;
  uv_sem_post(&self->asked);
  uv_sem_wait(&self->go);
}

static void slow_signer_open(slow_signer *self, const made_cert *own) {
  test_signer_init(&self->base, own);
  self->base.before = on_sign;
  self->base.data = self;
  atomic_init(&self->waits, true);
  CHECK_INT(uv_sem_init(&self->asked, 0), 0);
  CHECK_INT(uv_sem_init(&self->go, 0), 0);
}

static void slow_signer_close(slow_signer *self) {
  uv_sem_destroy(&self->asked);
  uv_sem_destroy(&self->go);
}

static tlstream_context *signing_context(const slow_signer *signer) {
  tlstream_identity identity = {.cert = signer->base.own->cert_pem,
                                .signer = &signer->base.as};
  return tlstream_context_new(TLSTREAM_CONTEXT(.identities = &identity,
                                               .identity_count = 1,
                                               .ca = test_ca()->cert_pem),
                              NULL);
}

/* The server signs. */
static void open_net(loopback *net, slow_signer *signer) {
  slow_signer_open(signer, test_leaf(KEY_ECDSA));
  loopback_open(net);
  net->data = signer;
  net->options.context = signing_context(signer);
  CHECK(net->options.context != NULL);
  loopback_serve(net, NULL);
  tlstream_context_unref(net->options.context);
}

static void close_net(loopback *net, slow_signer *signer) {
  loopback_run(net);
  loopback_close(net);
  CHECK_INT(signer->base.odd, 0);
  CHECK_INT(signer->base.released, 1);
  slow_signer_close(signer);
}

static bool is_asked(loopback *net) {
  slow_signer *signer = net->data;
  return atomic_load(&signer->base.asked) > 0;
}

/* Nothing else wakes the loop when the signer has been asked. */
static void on_look(uv_timer_t *timer) {
  (void)timer;
}

static void until_asked(loopback *net) {
  uv_timer_t look;
  uv_timer_init(net->loop, &look);
  uv_timer_start(&look, on_look, 1, 1);
  loopback_until(net, is_asked);
  uv_close((uv_handle_t *)&look, NULL);
  uv_run(net->loop, UV_RUN_NOWAIT);
}

enum { ROUNDS = 20, CHUNK = 100 };

/* An echo after another, and the last lets the signer go. */
static void on_echo(actor *self, callback_kind kind) {
  slow_signer *signer = self->data;
  if (kind == CAME_SECURE) {
    CHECK_ERROR(actor_write(self, CHUNK), 0);
  } else if (kind == CAME_DATA && self->got % CHUNK == 0) {
    if (self->got < ROUNDS * CHUNK) {
      CHECK_ERROR(actor_write(self, CHUNK), 0);
    } else {
      uv_sem_post(&signer->go);
    }
  }
}

static void end_when_secure(actor *self, callback_kind kind) {
  if (kind == CAME_SECURE) tlstream_end(self->stream);
}

/* If the loop waited for the signer, the signer would wait for ever. */
TEST(others_are_served_while_a_signer_waits) {
  slow_signer signer;
  loopback net = {.expects = 2};
  open_net(&net, &signer);
  atomic_store(&signer.waits, false);
  actor busy = {.name = "busy", .data = &signer};
  actor late = {.name = "late", .act = end_when_secure};
  loopback_connect(&net, &busy, NULL);
  loopback_until_secure(&net, &busy);
  atomic_store(&signer.waits, true);
  atomic_store(&signer.base.asked, 0);
  loopback_connect(&net, &late, NULL);
  until_asked(&net);
  CHECK_INT(late.order.count[CAME_SECURE], 0);
  busy.act = on_echo;
  on_echo(&busy, CAME_SECURE);
  loopback_until_over(&net, &late);
  CHECK_INT(busy.got, ROUNDS * CHUNK);
  CHECK_INT(late.ending, TLSTREAM_ENDING_CLEAN);
  tlstream_end(busy.stream);
  close_net(&net, &signer);
  actor_done(&busy);
  actor_done(&late);
}

static bool has_closed(loopback *net) {
  return net->server == NULL;
}

/* The thread is still busy when all is over for the user. */
TEST(the_deadline_ends_a_connection_whose_signer_hangs) {
  slow_signer signer;
  loopback net = {.options.timeouts.handshake_ms = 300};
  open_net(&net, &signer);
  actor client = {.name = "client"};
  loopback_connect(&net, &client, NULL);
  loopback_until(&net, has_closed);
  CHECK_INT(net.client_errors, 1);
  CHECK_ERROR(net.client_error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_HAS(net.client_error.message, "signer of our certificate has not");
  CHECK_INT(signer.base.released, 0);
  uv_sem_wait(&signer.asked);
  uv_sem_post(&signer.go);
  close_net(&net, &signer);
  actor_done(&client);
  CHECK_ERROR(client.error.code, TLSTREAM_ERR_CLOSED_IN_HANDSHAKE);
}

/* More handshakes than the pool has threads: what has not begun never does. The
 * clients are plain sockets, for a dial needs a thread of the pool too. */
TEST(what_waits_for_a_thread_is_canceled) {
  enum { CLIENTS = 8, POOL = 4 };
  slow_signer signer;
  int clients[CLIENTS];
  CHECK_INT(setenv("UV_THREADPOOL_SIZE", "4", 1), 0);
  loopback net = {.expects = CLIENTS, .options.timeouts.handshake_ms = 100};
  open_net(&net, &signer);
  for (int i = 0; i < CLIENTS; i++)
    clients[i] = raw_hello(&net);
  loopback_until(&net, has_closed);
  CHECK_INT(net.client_errors, CLIENTS);
  CHECK_ERROR(net.client_error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  for (int i = 0; i < CLIENTS; i++)
    uv_sem_post(&signer.go);
  for (int i = 0; i < CLIENTS; i++)
    close(clients[i]);
  close_net(&net, &signer);
  CHECK_LE(signer.base.asked, POOL);
}

TEST(a_client_may_leave_meanwhile) {
  slow_signer signer;
  loopback net = {0};
  open_net(&net, &signer);
  int fd = raw_hello(&net);
  until_asked(&net);
  raw_reset(fd);
  loopback_until(&net, has_closed);
  CHECK_ERROR(net.client_error.code, TLSTREAM_ERR_SYSTEM);
  CHECK_STR(net.client_error.name, "ECONNRESET");
  uv_sem_post(&signer.go);
  close_net(&net, &signer);
}

TEST(a_server_may_be_destroyed_meanwhile) {
  slow_signer signer;
  loopback net = {0};
  open_net(&net, &signer);
  actor client = {.name = "client"};
  loopback_connect(&net, &client, NULL);
  until_asked(&net);
  tlstream_server_destroy(net.server);
  loopback_until(&net, has_closed);
  CHECK_INT(net.client_errors, 0);
  CHECK_INT(net.connections, 0);
  uv_sem_post(&signer.go);
  close_net(&net, &signer);
  actor_done(&client);
}

TEST(a_signer_s_failure_is_a_client_error) {
  slow_signer signer;
  loopback net = {0};
  open_net(&net, &signer);
  signer.base.fault = REFUSES;
  uv_sem_post(&signer.go);
  actor client = {.name = "client"};
  loopback_connect(&net, &client, NULL);
  close_net(&net, &signer);
  CHECK_INT(net.client_errors, 1);
  CHECK_ERROR(net.client_error.code, TLSTREAM_ERR_SIGNER_FAILED);
  CHECK_HAS(net.client_error.message, "it returned -5");
  CHECK_INT(net.client_error.system, -5);
  CHECK_ERROR(client.error.code, TLSTREAM_ERR_ALERT);
  actor_done(&client);
}

/* The client signs. */
typedef struct signing_client {
  loopback net;
  slow_signer signer;
  actor client;
} signing_client;

static void signing_client_open(signing_client *self) {
  *self = (signing_client){.net = {.config.mutual = true},
                           .client = {.name = "client"}};
  slow_signer_open(&self->signer, test_leaf(KEY_ECDSA));
  loopback_open(&self->net);
  self->net.data = &self->signer;
  loopback_serve(&self->net, NULL);
  tlstream_context *context = signing_context(&self->signer);
  loopback_connect(&self->net, &self->client,
                   TLSTREAM_CONNECT(.context = context));
  tlstream_context_unref(context);
  until_asked(&self->net);
}

static void signing_client_close(signing_client *self) {
  close_net(&self->net, &self->signer);
  actor_done(&self->client);
}

TEST(a_client_signs_on_another_thread) {
  signing_client self;
  signing_client_open(&self);
  self.client.act = end_when_secure;
  CHECK_ERROR(actor_write(&self.client, CHUNK), 0);
  uv_sem_post(&self.signer.go);
  loopback_until_over(&self.net, &self.client);
  CHECK_INT(self.client.got, CHUNK);
  CHECK_INT(self.client.ending, TLSTREAM_ENDING_CLEAN);
  CHECK(self.net.connections == 1);
  signing_client_close(&self);
}

/* A reference keeps the stream until after the step is back, which it then is
 * given; without one it is gone before. */
static void destroy_meanwhile(bool keeps) {
  signing_client self;
  signing_client_open(&self);
  tlstream *kept = keeps ? tlstream_ref(self.client.stream) : NULL;
  actor_destroy(&self.client);
  loopback_until_over(&self.net, &self.client);
  CHECK_INT(self.client.ending, TLSTREAM_ENDING_DESTROYED);
  uv_sem_post(&self.signer.go);
  loopback_run(&self.net);
  if (keeps) CHECK(!tlstream_authorized(kept));
  tlstream_unref(kept);
  signing_client_close(&self);
}

TEST(a_client_may_be_destroyed_meanwhile) {
  destroy_meanwhile(false);
  destroy_meanwhile(true);
}

TEST(a_close_abandons_the_handshake) {
  signing_client self;
  signing_client_open(&self);
  tlstream_close(self.client.stream);
  loopback_until_over(&self.net, &self.client);
  CHECK_INT(self.client.ending, TLSTREAM_ENDING_TRUNCATED);
  uv_sem_post(&self.signer.go);
  signing_client_close(&self);
}
