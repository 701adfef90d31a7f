/* SPDX-License-Identifier: MIT */
/* A stream that asks whether its peer's certificate is accepted: over a
 * transport of the user's, in time that the test moves. G9. */
#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>
#include <tlstream/stream_verify.h>

#include "support/test.h"
#include "support/uv/stage.h"

enum { HANDSHAKE_MS = 10000, CERTIFICATE_REVOKED = 44, MUCH = 200 * 1000 };

/* Two streams, one of which has been asked. */
typedef struct question {
  stage here;
  actor side[2];
} question;

static void open_question(question *all, tlstream_version version,
                          tlstream_role role) {
  *all = (question){0};
  for (int i = 0; i < 2; i++)
    all->side[i].config = (config){.version = version, .mutual = true};
  all->side[role].judges = all->side[role].waits = true;
  stage_open(&all->here, NULL);
  stage_join(&all->here, &all->side[0], &all->side[1]);
  CHECK_GE(actor_write(&all->side[0], MUCH), 0);
  CHECK_GE(actor_write(&all->side[1], MUCH), 0);
  stage_settle(&all->here);
  CHECK_INT(all->side[role].order.count[CAME_VERIFY], 1);
  CHECK_INT(all->side[role].order.count[CAME_SECURE], 0);
  CHECK_INT(all->side[other_role(role)].got, 0);
}

static void close_question(question *all) {
  stage_run(&all->here);
  actor_done(&all->side[0]);
  actor_done(&all->side[1]);
  stage_close(&all->here);
}

static void accept_late(tlstream_version version, tlstream_role role) {
  question all;
  open_question(&all, version, role);
  actor *self = &all.side[role];
  stage_wait(&all.here, HANDSHAKE_MS - 1000);
  CHECK_INT(self->order.count[CAME_SECURE], 0);
  CHECK_INT(tlstream_verify_accept(self->stream), 0);
  CHECK_ERROR(tlstream_verify_accept(self->stream), TLSTREAM_ERR_WRONG_STATE);
  CHECK_INT(self->order.count[CAME_SECURE], 0); /* not inside the call */
  stage_settle(&all.here);
  for (int i = 0; i < 2; i++) {
    CHECK_INT(all.side[i].got, MUCH);
    CHECK(tlstream_authorized(all.side[i].stream));
    tlstream_end(all.side[i].stream);
  }
  close_question(&all);
  CHECK_INT(self->ending, TLSTREAM_ENDING_CLEAN);
}

TEST(the_answer_may_come_late) {
  each_side(accept_late);
}

static void refuse_late(tlstream_version version, tlstream_role role) {
  question all;
  open_question(&all, version, role);
  actor *self = &all.side[role];
  actor *other = &all.side[other_role(role)];
  CHECK_ERROR(
      tlstream_verify_refuse(self->stream, (tlstream_verify_refusal)9, "no"),
      TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_ERROR(tlstream_verify_refuse(self->stream, TLSTREAM_VERIFY_REVOKED,
                                     "no longer"),
              0);
  CHECK_INT(self->order.count[CAME_ERROR], 0);
  CHECK_ERROR(tlstream_verify_refuse(self->stream, TLSTREAM_VERIFY_BAD, "no"),
              TLSTREAM_ERR_CLOSED);
  close_question(&all);
  CHECK_ERROR(self->error.code, TLSTREAM_ERR_REFUSED_BY_VERIFY);
  CHECK_HAS(self->error.message, "no longer");
  CHECK_INT(self->error.alert, CERTIFICATE_REVOKED);
  CHECK_ERROR(other->error.code, TLSTREAM_ERR_ALERT);
  CHECK_INT(other->error.alert, CERTIFICATE_REVOKED);
  CHECK_INT(self->got + other->got, 0);
}

TEST(a_peer_that_is_refused_gets_no_data) {
  each_side(refuse_late);
}

static void never(tlstream_version version, tlstream_role role) {
  question all;
  open_question(&all, version, role);
  tlstream *stream = tlstream_ref(all.side[role].stream);
  stage_wait(&all.here, HANDSHAKE_MS - 1);
  CHECK_INT(all.side[role].order.count[CAME_ERROR], 0);
  stage_wait(&all.here, 1);
  CHECK_INT(all.side[role].order.count[CAME_ERROR], 1);
  close_question(&all);
  CHECK_ERROR(all.side[role].error.code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_ERROR(tlstream_verify_accept(stream), TLSTREAM_ERR_CLOSED);
  CHECK_ERROR(tlstream_verify_refuse(stream, TLSTREAM_VERIFY_BAD, NULL),
              TLSTREAM_ERR_CLOSED);
  tlstream_unref(stream);
}

TEST(without_an_answer_the_deadline_ends_it) {
  each_side(never);
}

static void leave(tlstream_version version, tlstream_role role) {
  question all;
  open_question(&all, version, role);
  tlstream *stream = tlstream_ref(all.side[role].stream);
  actor_destroy(&all.side[other_role(role)]);
  stage_settle(&all.here);
  (void)!tlstream_verify_accept(stream);
  close_question(&all);
  CHECK_INT(all.side[role].order.count[CAME_ERROR], 1);
  tlstream_unref(stream);
}

TEST(the_peer_may_leave_before_the_answer) {
  each_side(leave);
}

/* The callbacks of the moment decide. */
static void change(tlstream_version version, tlstream_role role) {
  question all = {0};
  for (int i = 0; i < 2; i++)
    all.side[i].config = (config){.version = version, .mutual = true};
  stage_open(&all.here, NULL);
  stage_join(&all.here, &all.side[0], &all.side[1]);
  all.side[role].judges = true;
  actor_watch(&all.side[role], role, all.side[role].stream);
  all.side[other_role(role)].judges = true;
  actor_watch(&all.side[other_role(role)], other_role(role),
              all.side[other_role(role)].stream);
  all.side[other_role(role)].judges = false;
  actor_watch(&all.side[other_role(role)], other_role(role),
              all.side[other_role(role)].stream);
  stage_settle(&all.here);
  CHECK_INT(all.side[role].order.count[CAME_VERIFY], 1);
  CHECK_INT(all.side[other_role(role)].order.count[CAME_VERIFY], 0);
  for (int i = 0; i < 2; i++) {
    CHECK_INT(all.side[i].order.count[CAME_SECURE], 1);
    tlstream_end(all.side[i].stream);
  }
  close_question(&all);
}

TEST(the_presence_of_the_callback_decides) {
  each_side(change);
}
