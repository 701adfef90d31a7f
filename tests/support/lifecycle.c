/* SPDX-License-Identifier: MIT */
#include "support/lifecycle.h"

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/connect.h"
#include "support/test.h"
#include "support/torture.h"
#include "support/wire.h"

lifecycle lifecycle_of_trusted(tlstream_version version, bool mutual) {
  config terms = {.version = version, .mutual = mutual};
  return (lifecycle){.client = config_context(&terms, TLSTREAM_ROLE_CLIENT),
                     .server = config_context(&terms, TLSTREAM_ROLE_SERVER)};
}

lifecycle lifecycle_of_untrusted(tlstream_version version, bool insecure) {
  const made_cert *stranger = test_stranger();
  tlstream_context_options options = {.size = sizeof(options),
                                      .cert = stranger->cert_pem,
                                      .key = stranger->key_pem,
                                      .ca = test_ca()->cert_pem,
                                      .min_version = version,
                                      .max_version = version,
                                      .request_certificate = true,
                                      .insecure_allow_unauthorized = insecure};
  return (lifecycle){.client = context_of(&options),
                     .server = context_of(&options),
                     .untrusted = true};
}

void lifecycle_clear(lifecycle *self) {
  tlstream_context_unref(self->client);
  tlstream_context_unref(self->server);
}

static bool is_for_want_of_memory(int code) {
  /* Where OpenSSL reports no reason for a failure, we cannot either. */
  return code == TLSTREAM_ERR_NO_MEMORY || code == TLSTREAM_ERR_INTERNAL;
}

static tlstream_pair *try_pair(lifecycle *self, tlstream_role role) {
  tlstream_error error;
  bool is_client = role == TLSTREAM_ROLE_CLIENT;
  tlstream_pair *pair = tlstream_pair_new(
      TLSTREAM_PAIR(.role = role,
                    .context = is_client ? self->client : self->server,
                    .verify_name = is_client ? SERVER_NAME : NULL,
                    .timeouts.idle_ms = 60000),
      0, &error);
  if (pair == NULL) CHECK(is_for_want_of_memory(error.code));
  self->reported += error.code == TLSTREAM_ERR_NO_MEMORY;
  return pair;
}

static void check_result(const lifecycle *self, const tlstream_pair *pair) {
  bool authorized = tlstream_pair_authorized(pair);
  bool secure = tlstream_pair_is_secure(pair);
  CHECK(!authorized || (secure && !self->untrusted));
}

static void check_side(const lifecycle *self, const talker *side) {
  check_result(self, side->pair);
  CHECK(!side->wrong);
  if (!tlstream_pair_is_secure(side->pair)) CHECK_INT(side->got, 0);
  CHECK_LE(side->emitted[TLSTREAM_EVENT_SECURE], 1);
  CHECK_LE(side->emitted[TLSTREAM_EVENT_END], 1);
  CHECK_INT(side->emitted[TLSTREAM_EVENT_ERROR],
            tlstream_pair_error(side->pair) != NULL);
}

static bool is_whole(const talker *side) {
  return tlstream_pair_ending(side->pair) == TLSTREAM_ENDING_CLEAN &&
         side->got == MESSAGE_LEN;
}

static bool says_no_memory(const talker *side) {
  return error_code(side->pair) == TLSTREAM_ERR_NO_MEMORY;
}

static void live(lifecycle *self, talk *both) {
  talk_on(both);
  for (int role = 0; role < 2; role++) {
    talker *side = &both->side[role];
    tlstream_pair_feed_eof(side->pair);
    CHECK(talk_wait(side, true));
    check_side(self, side);
  }
  self->whole += is_whole(&both->side[0]) && is_whole(&both->side[1]);
  self->reported +=
      says_no_memory(&both->side[0]) || says_no_memory(&both->side[1]);
}

void lifecycle_run(void *data) {
  lifecycle *self = data;
  size_t reported = self->reported;
  peers both = {{try_pair(self, TLSTREAM_ROLE_CLIENT),
                 try_pair(self, TLSTREAM_ROLE_SERVER)}};
  if (both.side[0] != NULL && both.side[1] != NULL) {
    talk lives = talk_between(both);
    live(self, &lives);
  }
  if (self->reported > reported)
    self->reported = reported + 1; /* not once for each side */
  peers_free(&both);
}
