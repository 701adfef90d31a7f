/* SPDX-License-Identifier: MIT */
/* A stream without a server that stops at the ClientHello: over a handle or a
 * user's transport, with an answer at once or later. B3, B8, B9, C4. */
#include <tlstream/pair_ending.h>
#include <tlstream/pair_hello.h>
#include <tlstream/pair_info.h>
#include <tlstream/stream_hello.h>
#include <tlstream/stream_info.h>

#include "support/handshake.h"
#include "support/test.h"
#include "support/uv/stage.h"
#include "support/uv/starttls.h"
#include "uv/stream/state.h"

enum { UNRECOGNIZED_NAME = 112, NO_APPLICATION_PROTOCOL = 120 };

/* Two hosts with the same name in their certificates. */
static made_cert other_leaf;
static tlstream_context *other;
static tlstream_context *bare;
static tlstream_context
    *client_context; /* a client's, which offers h2 and foo */

BEFORE_TESTS(set_up) {
  other_leaf = make_cert(&(cert_plan){.name = SERVER_NAME, .by = test_ca()});
  other = context_with(&other_leaf, NULL);
  bare = context_with(NULL, NULL);
  client_context =
      context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                  .alpn = TLSTREAM_PROTOCOLS("h2", "foo")));
}

AFTER_TESTS(tear_down) {
  tlstream_context_unref(other);
  tlstream_context_unref(bare);
  tlstream_context_unref(client_context);
  made_cert_clear(&other_leaf);
}

/* What on_hello does, and what came of it. */
typedef struct question {
  void (*answer)(tlstream *stream);
  unsigned asked;
  char name[32];
  unsigned secure;
  int error;
  int alert;
  unsigned closed;
} question;

static void on_hello(tlstream *stream, const char *servername, void *data) {
  question *self = data;
  size_t len = 0;
  const void *offer = tlstream_offered_protocols(stream, &len);
  CHECK(len == 7 && memcmp(offer, "\2h2\3foo", 7) == 0);
  CHECK_INT(self->secure + self->closed, 0);
  snprintf(self->name, sizeof(self->name), "%s",
           servername != NULL ? servername : "(none)");
  CHECK_STR(tlstream_servername(stream), servername);
  self->asked++;
  if (self->answer != NULL) self->answer(stream);
}

static void on_secure(tlstream *stream, void *data) {
  question *self = data;
  (void)stream;
  self->secure++;
}

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  question *self = data;
  (void)stream;
  self->error = error->code;
  self->alert = error->alert;
}

static void on_close(tlstream *stream, tlstream_ending ending, void *data) {
  question *self = data;
  (void)stream, (void)ending;
  self->closed++;
}

static const tlstream_events asking = {.on_secure = on_secure,
                                       .on_error = on_error,
                                       .on_close = on_close,
                                       .on_hello = on_hello};
static const tlstream_events not_asking = {
    .on_secure = on_secure, .on_error = on_error, .on_close = on_close};

static void answer_own(tlstream *stream) {
  CHECK_INT(tlstream_hello_accept(stream, NULL), 0);
  CHECK_ERROR(tlstream_hello_accept(stream, other), TLSTREAM_ERR_WRONG_STATE);
}

static void answer_other(tlstream *stream) {
  CHECK_ERROR(tlstream_hello_accept(stream, bare), TLSTREAM_ERR_NO_CERTIFICATE);
  CHECK_INT(tlstream_hello_accept(stream, other), 0);
  CHECK_ERROR(tlstream_hello_refuse(stream, TLSTREAM_HELLO_UNKNOWN_NAME),
              TLSTREAM_ERR_WRONG_STATE);
}

static void refuse_name(tlstream *stream) {
  CHECK_ERROR(tlstream_hello_refuse(stream, TLSTREAM_HELLO_UNKNOWN_NAME), 0);
}

static void refuse_protocols(tlstream *stream) {
  CHECK_ERROR(tlstream_hello_refuse(stream, TLSTREAM_HELLO_NO_PROTOCOL), 0);
}

static bool has_settled(loopback *net) {
  scene *at = net->data;
  question *self = at->self.data;
  bool waits = self->asked > 0 && self->secure + self->closed == 0;
  return self->closed > 0 || self->secure > 0 || (waits && !self->answer);
}

static tlstream *upgrade(scene *at, question *self,
                         const tlstream_events *events, bool chooses) {
  scene_begin(at);
  at->self.data = self;
  tlstream *stream =
      scene_try_upgrade(at, TLSTREAM_ROLE_SERVER,
                        (tlstream_upgrade_options){.choose_context = chooses});
  CHECK_STR(at->error.message, "");
  tlstream_set_events(stream, events, self);
  plain_peer_open(&at->theirs, client_with(client_context, "a.test"));
  return tlstream_ref(stream);
}

/* Both sides go, and the stream with them. */
static void finish(scene *at, question *self, tlstream *stream) {
  tlstream_destroy(stream);
  scene_run_until(at, has_settled);
  at->self.order.name = "closed by itself";
  at->self.order.count[CAME_CLOSE] = 1;
  scene_finish(at);
  CHECK_INT(self->closed, 1);
  CHECK_ERROR(tlstream_hello_accept(stream, other), TLSTREAM_ERR_CLOSED);
  CHECK_ERROR(tlstream_hello_refuse(stream, TLSTREAM_HELLO_UNKNOWN_NAME),
              TLSTREAM_ERR_CLOSED);
  CHECK_ERROR(tlstream_hello_refuse(stream, TLSTREAM_HELLO_NO_PROTOCOL),
              TLSTREAM_ERR_CLOSED);
  tlstream_unref(stream);
}

static void check_met(const scene *at, const question *self,
                      const made_cert *leaf) {
  CHECK_INT(self->secure, 1);
  CHECK_INT(self->error, 0);
  CHECK(tlstream_pair_is_secure(at->theirs.pair));
  CHECK(was_shown(at->theirs.pair, leaf));
}

static void check_refused(const scene *at, const question *self, int code,
                          int alert) {
  const tlstream_error *theirs = tlstream_pair_error(at->theirs.pair);
  CHECK_INT(self->secure, 0);
  CHECK_INT(self->error, code);
  CHECK_INT(self->alert, alert);
  CHECK(theirs != NULL && theirs->alert == alert);
}

static const struct {
  void (*answer)(tlstream *stream);
  int host; /* 0: its own; or refused: */
  int code;
  int alert;
} answers[] = {
    {answer_own, 0, 0, -1},
    {answer_other, 1, 0, -1},
    {refuse_name, 0, TLSTREAM_ERR_UNKNOWN_NAME, UNRECOGNIZED_NAME},
    {refuse_protocols, 0, TLSTREAM_ERR_NO_SHARED_PROTOCOL,
     NO_APPLICATION_PROTOCOL},
};

enum { ANSWERS = sizeof(answers) / sizeof(answers[0]) };

static void check_answer(const scene *at, const question *self, int i) {
  CHECK_INT(self->asked, 1);
  CHECK_STR(self->name, "a.test");
  if (answers[i].code != 0) {
    check_refused(at, self, answers[i].code, answers[i].alert);
  } else {
    check_met(at, self,
              answers[i].host == 0 ? test_leaf(KEY_ECDSA) : &other_leaf);
  }
}

TEST(the_answer_may_come_at_once) {
  for (int i = 0; i < ANSWERS; i++) {
    scene at = {0};
    question self = {.answer = answers[i].answer};
    tlstream *stream = upgrade(&at, &self, &asking, true);
    scene_run_until(&at, has_settled);
    while (!tlstream_pair_is_secure(at.theirs.pair) && self.error == 0)
      uv_run(at.net.loop, UV_RUN_ONCE);
    while (self.error != 0 && tlstream_pair_error(at.theirs.pair) == NULL)
      uv_run(at.net.loop, UV_RUN_ONCE);
    check_answer(&at, &self, i);
    finish(&at, &self, stream);
  }
}

TEST(or_later) {
  for (int i = 0; i < ANSWERS; i++) {
    scene at = {0};
    question self = {.answer = NULL};
    tlstream *stream = upgrade(&at, &self, &asking, true);
    scene_run_until(&at, has_settled);
    CHECK_INT(self.secure, 0);
    answers[i].answer(stream);
    while (self.secure == 0 && self.error == 0)
      uv_run(at.net.loop, UV_RUN_ONCE);
    while (self.error != 0 && tlstream_pair_error(at.theirs.pair) == NULL)
      uv_run(at.net.loop, UV_RUN_ONCE);
    check_answer(&at, &self, i);
    finish(&at, &self, stream);
  }
}

TEST(without_a_callback_its_own_context_is_the_answer) {
  for (int i = 0; i < 2; i++) {
    bool chooses = i == 0;
    scene at = {0};
    question self = {.answer = answer_other};
    tlstream *stream =
        upgrade(&at, &self, chooses ? &not_asking : &asking, chooses);
    scene_run_until(&at, has_settled);
    CHECK_INT(self.asked, 0);
    check_met(&at, &self, test_leaf(KEY_ECDSA));
    CHECK_ERROR(tlstream_hello_accept(stream, NULL), TLSTREAM_ERR_WRONG_STATE);
    CHECK_ERROR(tlstream_hello_refuse(stream, TLSTREAM_HELLO_NO_PROTOCOL),
                TLSTREAM_ERR_WRONG_STATE);
    finish(&at, &self, stream);
  }
}

/* Over a transport of the user's, in time that stands still. */

static tlstream *over(stage *here, actor *self, wire_peer *peer,
                      tlstream_role role) {
  sim_end *far = NULL;
  tlstream_error error;
  tlstream_context *context = config_context(&self->config, role);
  sim_link(here->net, &self->end, &far);
  wire_peer_open(peer, &self->config, other_role(role), far);
  tlstream *stream = tlstream_over(
      here->loop, sim_transport(self->end),
      TLSTREAM_OVER(.role = role, .context = context,
                    .verify_name = SERVER_NAME, .choose_context = true),
      NULL, NULL, &error);
  CHECK_STR(error.message, "");
  tlstream_context_unref(context);
  self->name = "ours";
  actor_watch(self, role, stream);
  return stream;
}

static void leave(stage *here, actor *self, wire_peer *peer) {
  stage_run(here);
  actor_done(self);
  wire_peer_free(peer);
  stage_close(here);
}

TEST(over_a_transport_too) {
  stage here = {0};
  actor self = {.answers = true};
  wire_peer peer = {.polite = true};
  stage_open(&here, NULL);
  tlstream *stream = over(&here, &self, &peer, TLSTREAM_ROLE_SERVER);
  stage_settle(&here);
  stage_wait(&here, 9000);
  CHECK_INT(self.order.count[CAME_HELLO], 1);
  CHECK_INT(self.order.count[CAME_SECURE], 0);
  CHECK_INT(tlstream_hello_accept(stream, other), 0);
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_SECURE], 1);
  CHECK(was_shown(peer.pair, &other_leaf));
  tlstream_end(stream);
  leave(&here, &self, &peer);
  CHECK_INT(self.ending, TLSTREAM_ENDING_CLEAN);
}

TEST(without_an_answer_the_deadline_ends_it) {
  stage here = {0};
  actor self = {.answers = true};
  wire_peer peer = {0};
  stage_open(&here, NULL);
  tlstream *stream =
      tlstream_ref(over(&here, &self, &peer, TLSTREAM_ROLE_SERVER));
  leave(&here, &self, &peer);
  CHECK_INT(self.order.count[CAME_HELLO], 1);
  CHECK_ERROR(self.error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_ERROR(tlstream_hello_accept(stream, other), TLSTREAM_ERR_CLOSED);
  tlstream_unref(stream);
}

TEST(a_client_is_never_asked) {
  stage here = {0};
  actor self = {.answers = true};
  wire_peer peer = {.polite = true};
  stage_open(&here, NULL);
  tlstream *stream = over(&here, &self, &peer, TLSTREAM_ROLE_CLIENT);
  CHECK_ERROR(tlstream_hello_accept(stream, other), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_hello_accept(stream, NULL), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_hello_refuse(stream, TLSTREAM_HELLO_NO_PROTOCOL),
              TLSTREAM_ERR_WRONG_STATE);
  stage_settle(&here);
  CHECK_INT(self.order.count[CAME_SECURE], 1);
  CHECK_INT(self.order.count[CAME_HELLO], 0);
  tlstream_end(stream);
  leave(&here, &self, &peer);
}
