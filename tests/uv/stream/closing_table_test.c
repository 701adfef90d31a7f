/* SPDX-License-Identifier: MIT */
/*
 * How connections end: what happens x when it happens x how it comes, for both
 * roles and both versions. docs/guide/closing.md is the promise (G1, G3, G4,
 * H4, H5).
 */
#include <stdlib.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>

#include "support/test.h"
#include "support/uv/stage.h"

typedef enum happening {
  WE_END,
  WE_CLOSE,
  WE_DESTROY,
  PEER_SENDS_CLOSE_NOTIFY,
  PEER_SENDS_CLOSE_NOTIFY_AND_MORE,
  PEER_LEAVES, /* its FIN, without close_notify */
  PEER_RESETS,
  PEER_ALERTS,
  PEER_FORGES,
  WRITE_FAILS,
  WRITE_FAILS_LATE,
  WRITE_FAILS_AND_PEER_LEAVES,
  WRITE_FAILS_AND_PEER_SENDS_CLOSE_NOTIFY,
  EVENTS
} happening;

typedef enum moment_kind {
  HANDSHAKING,
  OPEN,
  ENDED,  /* after tlstream_end() */
  CLOSED, /* after tlstream_close() */
  MOMENTS
} moment_kind;

/* How it comes: alone; behind bytes of the peer's (of the handshake, or data);
 * or while one of our callbacks runs. */
typedef enum manner_kind {
  ALONE,
  BEHIND_BYTES,
  IN_ON_SECURE,
  IN_ON_DATA,
  IN_ON_DRAIN,
  MANNERS
} manner_kind;

typedef struct outcome {
  tlstream_ending ending;
  const char *error; /* its name, or NULL: none */
  bool on_end;       /* was the end of the peer's data reported? */
  bool close_notify; /* did the peer get our close_notify? */
  bool fin;          /* did we half-close the transport? */
  bool alert;        /* did the peer get a fatal alert? */
} outcome;

#define CLEAN \
  { TLSTREAM_ENDING_CLEAN, NULL, true, true, true, false }
#define DESTROYED \
  { TLSTREAM_ENDING_DESTROYED, NULL, false, false, false, false }
#define FAILED(name) \
  { TLSTREAM_ENDING_FAILED, name, false, false, false, false }
/* FIN follows the alert. */
#define FAILED_WITH_ALERT(name) \
  { TLSTREAM_ENDING_FAILED, name, false, false, true, true }
/* Clean, and after tlstream_close() the peer's end is not reported. */
#define CLOSED_CLEANLY \
  { TLSTREAM_ENDING_CLEAN, NULL, false, true, true, false }
/* With nothing to send, a handshake is given up without an alert. */
#define ABANDONED \
  { TLSTREAM_ENDING_TRUNCATED, NULL, false, false, false, false }
/* Our own side had ended before. */
#define ENDED_THEN(ending, name) \
  { TLSTREAM_ENDING_##ending, name, false, true, true, false }

static const struct row {
  const char *name;
  outcome at[MOMENTS];
} table[EVENTS] = {
    [WE_END] = {"tlstream_end()", {ABANDONED, CLEAN, CLEAN, CLOSED_CLEANLY}},
    [WE_CLOSE] = {"tlstream_close()",
                  {ABANDONED, CLOSED_CLEANLY, CLOSED_CLEANLY, CLOSED_CLEANLY}},
    [WE_DESTROY] = {"tlstream_destroy()",
                    {DESTROYED, DESTROYED, ENDED_THEN(DESTROYED, NULL),
                     ENDED_THEN(DESTROYED, NULL)}},
    [PEER_SENDS_CLOSE_NOTIFY] = {"the peer's close_notify",
                                 {FAILED("ERR_TLSTREAM_CLOSED_IN_HANDSHAKE"),
                                  CLEAN, CLEAN, CLOSED_CLEANLY}},
    [PEER_SENDS_CLOSE_NOTIFY_AND_MORE] =
        {"bytes behind the peer's close_notify",
         {FAILED("ERR_TLSTREAM_CLOSED_IN_HANDSHAKE"), CLEAN, CLEAN,
          CLOSED_CLEANLY}},
    [PEER_LEAVES] = {"the peer's FIN without close_notify",
                     {FAILED("ERR_TLSTREAM_CLOSED_IN_HANDSHAKE"),
                      FAILED("ERR_TLSTREAM_TRUNCATED"),
                      ENDED_THEN(FAILED, "ERR_TLSTREAM_TRUNCATED"),
                      ENDED_THEN(TRUNCATED, NULL)}},
    [PEER_RESETS] = {"a reset by the peer",
                     {FAILED("ECONNRESET"), FAILED("ECONNRESET"),
                      ENDED_THEN(FAILED, "ECONNRESET"),
                      ENDED_THEN(TRUNCATED, NULL)}},
    [PEER_ALERTS] = {"a fatal alert from the peer",
                     {FAILED("ERR_TLSTREAM_ALERT"),
                      FAILED("ERR_TLSTREAM_ALERT"),
                      ENDED_THEN(FAILED, "ERR_TLSTREAM_ALERT"),
                      ENDED_THEN(FAILED, "ERR_TLSTREAM_ALERT")}},
    /* After our close_notify no alert may follow. */
    [PEER_FORGES] = {"a forged record",
                     {FAILED_WITH_ALERT("ERR_TLSTREAM_PROTOCOL"),
                      FAILED_WITH_ALERT("ERR_TLSTREAM_BAD_RECORD"),
                      ENDED_THEN(FAILED, "ERR_TLSTREAM_BAD_RECORD"),
                      ENDED_THEN(FAILED, "ERR_TLSTREAM_BAD_RECORD")}},
    [WRITE_FAILS] = {"a write that fails",
                     {FAILED("EPIPE"), FAILED("EPIPE"), FAILED("EPIPE"),
                      FAILED("EPIPE")}},
    [WRITE_FAILS_LATE] = {"a write that is kept and fails",
                          {FAILED("EPIPE"), FAILED("EPIPE"), FAILED("EPIPE"),
                           FAILED("EPIPE")}},
    [WRITE_FAILS_AND_PEER_LEAVES] = {"a write that fails, and the peer's FIN",
                                     {FAILED("EPIPE"), FAILED("EPIPE"),
                                      FAILED("EPIPE"), FAILED("EPIPE")}},
    /* All of its data arrived; ours did not. */
    [WRITE_FAILS_AND_PEER_SENDS_CLOSE_NOTIFY] =
        {"a write that fails, and the peer's close_notify",
         {{0},
          {TLSTREAM_ENDING_FAILED, "EPIPE", true, false, false, false},
          {TLSTREAM_ENDING_FAILED, "EPIPE", true, false, false, false},
          FAILED("EPIPE")}},
};

static const char *const moments[] = {"handshaking", "open", "ended", "closed"};
static const char *const manners[] = {"alone", "behind bytes", "in on_secure",
                                      "in on_data", "in on_drain"};

enum { BYTES = 40000, HIGH_WATER = 1000 };

typedef struct play {
  happening event;
  moment_kind moment;
  manner_kind manner;
  stage stage;
  actor self;
  wire_peer peer;
  bool fired;
} play;

/* One of type 20 (Finished) where none is expected. */
static const unsigned char out_of_order[] = {22, 3, 3, 0, 4, 20, 0, 0, 0};
static const unsigned char plain_close_notify[] = {21, 3, 3, 0, 2, 1, 0};
static const unsigned char plain_alert[] = {21, 3, 3, 0, 2, 2, 40};

static void let_write_fail(play *scene, bool late) {
  sim_end *end = scene->self.end;
  end->faults.fail_write = end->writes + 1;
  end->faults.write_status = UV_EPIPE;
  end->faults.write_is_kept = late;
  CHECK_GE(actor_write(&scene->self, 500), 0);
  if (scene->moment == ENDED) tlstream_end(scene->self.stream);
  if (scene->moment == CLOSED) tlstream_close(scene->self.stream);
  scene->peer.polite = false;
  wire_peer_speak(&scene->peer);
}

static void send_close_notify(play *scene) {
  if (scene->moment == HANDSHAKING) {
    sim_send(scene->peer.end, plain_close_notify, sizeof(plain_close_notify));
  } else {
    wire_peer_close_notify(&scene->peer);
  }
}

static void forge(play *scene) {
  if (scene->moment == HANDSHAKING) {
    sim_send(scene->peer.end, out_of_order, sizeof(out_of_order));
  } else {
    sim_send(scene->peer.end, forged_record, sizeof(forged_record));
  }
}

static void alert(play *scene) {
  if (scene->moment == HANDSHAKING) {
    sim_send(scene->peer.end, plain_alert, sizeof(plain_alert));
  } else if (scene->moment == OPEN) {
    wire_peer_alert(&scene->peer);
  } else {
    wire_peer_speak(&scene->peer);
  }
}

/* The second time changes nothing. */
static void end(play *scene, void (*verb)(tlstream *stream)) {
  verb(scene->self.stream);
  verb(scene->self.stream);
  scene->peer.polite = true;
  wire_peer_speak(&scene->peer);
  if (scene->moment >= ENDED) wire_peer_close_notify(&scene->peer);
}

static void fire(play *scene) {
  if (scene->fired) return;
  scene->fired = true;
  switch (scene->event) {
    case WE_END: end(scene, tlstream_end); break;
    case WE_CLOSE: end(scene, tlstream_close); break;
    case WE_DESTROY: actor_destroy(&scene->self); break;
    case PEER_SENDS_CLOSE_NOTIFY: send_close_notify(scene); break;
    case PEER_SENDS_CLOSE_NOTIFY_AND_MORE:
      send_close_notify(scene);
      sim_send(scene->peer.end, "bytes", 5);
      break;
    case PEER_LEAVES: sim_fin(scene->peer.end); break;
    case PEER_RESETS: sim_reset(scene->peer.end); break;
    case PEER_ALERTS: alert(scene); break;
    case PEER_FORGES: forge(scene); break;
    case WRITE_FAILS: let_write_fail(scene, false); break;
    case WRITE_FAILS_LATE: let_write_fail(scene, true); break;
    case WRITE_FAILS_AND_PEER_LEAVES:
      let_write_fail(scene, true);
      sim_fin(scene->peer.end);
      break;
    case WRITE_FAILS_AND_PEER_SENDS_CLOSE_NOTIFY:
      let_write_fail(scene, true);
      send_close_notify(scene);
      break;
    default: break;
  }
}

static void act(actor *self, callback_kind kind) {
  play *scene = self->data;
  if (kind == CAME_SECURE && scene->manner == IN_ON_SECURE) fire(scene);
  if (kind == CAME_DATA && scene->manner == IN_ON_DATA) fire(scene);
  if (kind == CAME_DRAIN && scene->manner == IN_ON_DRAIN) fire(scene);
}

static void open_scene(play *scene, tlstream_version version,
                       tlstream_role role) {
  stage_open(&scene->stage, NULL);
  scene->self = (actor){.name = "ours",
                        .config = {.version = version},
                        .high_water = HIGH_WATER,
                        .act = act,
                        .data = scene};
  scene->peer.silent = scene->moment == HANDSHAKING;
  stage_face(&scene->stage, &scene->self, role, &scene->peer);
}

static void close_scene(play *scene) {
  CHECK(scene->self.stream == NULL); /* it should have ended by itself */
  actor_destroy(&scene->self);
  stage_run(&scene->stage);
  actor_done(&scene->self);
  wire_peer_free(&scene->peer);
  stage_close(&scene->stage);
}

static void prepare_handshake(play *scene) {
  stage_settle(&scene->stage);
  if (scene->manner == BEHIND_BYTES) wire_peer_send_record(&scene->peer);
  stage_settle(&scene->stage);
  CHECK(!tlstream_is_secure(scene->self.stream));
}

static void end_before(play *scene) {
  if (scene->moment == CLOSED) {
    tlstream_close(scene->self.stream);
  } else {
    tlstream_end(scene->self.stream);
  }
}

/* After close_notify a peer sends no alert any more: so it has it ready before,
 * and sends it later. */
static void prepare_alert(play *scene) {
  scene->peer.silent = true;
  if (scene->manner != ALONE) wire_peer_write(&scene->peer, BYTES);
  wire_peer_alert(&scene->peer);
  end_before(scene);
  stage_settle(&scene->stage);
  CHECK(scene->self.end->fin_sent);
  while (scene->manner == IN_ON_DATA && !scene->fired) {
    wire_peer_send_record(&scene->peer);
    stage_settle(&scene->stage);
  }
}

static bool is_write(happening event) {
  return event >= WRITE_FAILS;
}

static void prepare_secure(play *scene) {
  stage_settle(&scene->stage);
  if (scene->manner == IN_ON_SECURE) return;
  CHECK(tlstream_is_secure(scene->self.stream));
  if (scene->moment >= ENDED && scene->event == PEER_ALERTS) {
    prepare_alert(scene);
    return;
  }
  if (scene->moment >= ENDED && !is_write(scene->event)) {
    end_before(scene);
    stage_settle(&scene->stage);
    CHECK(scene->peer.saw_close_notify && scene->self.end->fin_sent);
  }
  if (scene->manner == BEHIND_BYTES || scene->manner == IN_ON_DATA) {
    wire_peer_write(&scene->peer, BYTES);
  }
  if (scene->manner == IN_ON_DRAIN) {
    CHECK_INT(actor_write(&scene->self, 2 * HIGH_WATER), 1);
  }
}

static bool leaves(happening event) {
  return event == PEER_LEAVES || event == PEER_RESETS;
}

static void check_error(const play *scene, const outcome *want) {
  const tlstream_error *error = &scene->self.error;
  if (want->error == NULL) {
    CHECK_STR(error->name, "");
    return;
  }
  CHECK_STR(error->name, want->error);
  if (scene->event == PEER_ALERTS) {
    CHECK_INT(error->alert_side, TLSTREAM_ALERT_THEIRS);
    CHECK_INT(error->alert, scene->moment == HANDSHAKING ? 40 : 20);
  }
  if (scene->event == PEER_RESETS && scene->moment == HANDSHAKING) {
    CHECK_HAS(error->message, "handshake");
  }
  /* Not worth a line in a log: a health check. */
  CHECK_INT(error->quiet, leaves(scene->event) && scene->manner == ALONE &&
                              scene->moment == HANDSHAKING &&
                              scene->self.role == TLSTREAM_ROLE_SERVER);
}

static void check_outcome(const play *scene) {
  const outcome *want = &table[scene->event].at[scene->moment];
  const actor *self = &scene->self;
  bool dropped = scene->event == WE_DESTROY;
  CHECK(scene->fired);
  CHECK_INT(self->ending, want->ending);
  check_error(scene, want);
  CHECK_INT(self->order.count[CAME_END], want->on_end);
  if (scene->event != PEER_ALERTS) {
    CHECK_INT(scene->peer.saw_close_notify, want->close_notify);
  }
  CHECK_INT(scene->peer.saw_alert >= 0, want->alert);
  CHECK_INT(self->end->fin_sent, want->fin);
  if (scene->moment == CLOSED || scene->event == WE_CLOSE) {
    CHECK_LE(self->got, scene->peer.written);
  } else if (!dropped) {
    CHECK_INT(self->got, scene->peer.written);
  }
  if (want->ending == TLSTREAM_ENDING_CLEAN) {
    CHECK_INT(scene->peer.got, self->written);
  }
}

/* What the peer sends as TLS records, not what its transport does. */
static bool is_written(happening event) {
  if (event == WRITE_FAILS_AND_PEER_SENDS_CLOSE_NOTIFY) return true;
  return event >= PEER_SENDS_CLOSE_NOTIFY && event <= PEER_FORGES &&
         !leaves(event);
}

static bool is_possible(happening event, moment_kind moment, manner_kind manner,
                        tlstream_version version, tlstream_role role) {
  bool is_13 = version == TLSTREAM_TLS_1_3;
  bool is_client = role == TLSTREAM_ROLE_CLIENT;
  switch (moment) {
    case HANDSHAKING:
      if (manner > BEHIND_BYTES) return false;
      if (event == WRITE_FAILS_AND_PEER_SENDS_CLOSE_NOTIFY) return false;
      /* OpenSSL's server takes no alert for the first record, nor one of the
       * version that a client uses before it has heard which it is to be;
       * behind the server's hello TLS 1.3 encrypts. */
      if (!is_written(event)) return true;
      if (manner == ALONE) return is_client == (event != PEER_FORGES);
      return !is_13 || (!is_client && event != PEER_FORGES);
    case OPEN:
      /* The peer is secure before us in one version, after us in the other. */
      return manner != IN_ON_SECURE || !is_written(event) || is_13 != is_client;
    case ENDED: return manner <= BEHIND_BYTES || manner == IN_ON_DATA;
    default: return manner <= BEHIND_BYTES;
  }
}

static void perform(happening event, moment_kind moment, manner_kind manner,
                    tlstream_version version, tlstream_role role) {
  IN_CASE("%s, %s, %s, %s, %s", table[event].name, moments[moment],
          manners[manner], role == TLSTREAM_ROLE_CLIENT ? "client" : "server",
          tlstream_version_name(version));
  play *scene = calloc(1, sizeof(*scene));
  *scene = (play){.event = event, .moment = moment, .manner = manner};
  open_scene(scene, version, role);
  if (moment == HANDSHAKING) {
    prepare_handshake(scene);
  } else {
    prepare_secure(scene);
  }
  if (manner <= BEHIND_BYTES) fire(scene);
  stage_run(&scene->stage);
  check_outcome(scene);
  close_scene(scene);
  free(scene);
}

static void play_moment(moment_kind moment) {
  static const tlstream_version versions[] = {TLSTREAM_TLS_1_2,
                                              TLSTREAM_TLS_1_3};
  for (int which = 0; which < EVENTS * MANNERS * 4; which++) {
    happening event = which / 4 / MANNERS;
    manner_kind manner = which / 4 % MANNERS;
    tlstream_role role =
        which % 2 == 0 ? TLSTREAM_ROLE_CLIENT : TLSTREAM_ROLE_SERVER;
    tlstream_version version = versions[which / 2 % 2];
    if (!is_possible(event, moment, manner, version, role)) continue;
    perform(event, moment, manner, version, role);
  }
}

TEST(ends_as_promised_while_shaking_hands) {
  play_moment(HANDSHAKING);
}

TEST(ends_as_promised_while_open) {
  play_moment(OPEN);
}

TEST(ends_as_promised_after_our_own_end) {
  play_moment(ENDED);
}

TEST(ends_as_promised_after_our_own_close) {
  play_moment(CLOSED);
}

static void test_untrusted(tlstream_version version) {
  play scene = {.event = EVENTS, .moment = OPEN};
  tlstream_context *doubtful = tlstream_context_new(
      TLSTREAM_CONTEXT(.ca = test_stranger()->cert_pem, .min_version = version,
                       .max_version = version),
      NULL);
  sim_end *ours = NULL;
  sim_end *theirs = NULL;
  stage_open(&scene.stage, NULL);
  sim_link(scene.stage.net, &ours, &theirs);
  scene.self = (actor){.config = {.version = version}, .context = doubtful};
  wire_peer_open(&scene.peer, &scene.self.config, TLSTREAM_ROLE_SERVER, theirs);
  actor_open(&scene.self, scene.stage.loop, TLSTREAM_ROLE_CLIENT, ours);
  CHECK_GE(actor_write(&scene.self, 100), 0);
  stage_run(&scene.stage);
  CHECK_ERROR(scene.self.error.code, TLSTREAM_ERR_UNTRUSTED);
  CHECK_INT(scene.self.order.count[CAME_SECURE], 0);
  CHECK_INT(scene.peer.saw_alert, 48); /* unknown_ca */
  CHECK_INT(scene.peer.got, 0);
  close_scene(&scene);
  tlstream_context_unref(doubtful);
}

TEST(a_server_that_is_not_trusted_gets_an_alert_and_no_data) {
  test_untrusted(TLSTREAM_TLS_1_2);
  test_untrusted(TLSTREAM_TLS_1_3);
}

static void test_truncation(tlstream_version version, tlstream_role role) {
  play scene = {.event = EVENTS};
  stage_open(&scene.stage, NULL);
  scene.self = (actor){.config = {.version = version, .may_truncate = true}};
  stage_face(&scene.stage, &scene.self, role, &scene.peer);
  stage_settle(&scene.stage);
  wire_peer_write(&scene.peer, BYTES);
  sim_fin(scene.peer.end);
  stage_settle(&scene.stage);
  CHECK_INT(scene.self.got, BYTES);
  CHECK_INT(scene.self.order.count[CAME_END], 1);
  CHECK_INT(scene.self.ending, TLSTREAM_ENDING_TRUNCATED);
  CHECK(scene.peer.saw_close_notify);
  close_scene(&scene);
}

TEST(the_end_of_the_transport_is_an_end_where_that_is_allowed) {
  each_side(test_truncation);
}
