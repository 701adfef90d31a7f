/* SPDX-License-Identifier: MIT */
/* F4: the application is asked about the peer's certificate, by a side whose
 * key is elsewhere: both questions are asked, each at its time. */
#include <stdint.h>

#include <tlstream/pair_info.h>
#include <tlstream/pair_verify.h>
#include <tlstream/pair_work.h>

#include "support/handshake.h"
#include "support/shuttle.h"
#include "support/signer.h"
#include "support/test.h"

static test_signer signer;

static tlstream_pair *asking_pair(tlstream_version version,
                                  tlstream_role role) {
  tlstream_error error;
  tlstream_identity identity = {.cert = signer.own->cert_pem,
                                .signer = &signer.as};
  tlstream_context *context = context_of(
      TLSTREAM_CONTEXT(.identities = &identity, .identity_count = 1,
                       .ca = test_ca()->cert_pem, .request_certificate = true,
                       .max_version = version));
  tlstream_pair *made = tlstream_pair_new(
      TLSTREAM_PAIR(.role = role, .context = context,
                    .verify_name = SERVER_NAME, .ask_verify = true),
      0, &error);
  tlstream_context_unref(context);
  if (made == NULL) TEST_STOP("%s", error.message);
  return made;
}

static peers begin(tlstream_version version, tlstream_role role) {
  config terms = {.version = version, .mutual = true};
  test_signer_init(&signer, test_leaf(KEY_ECDSA));
  tlstream_pair *us = asking_pair(version, role);
  tlstream_pair *them = config_pair(&terms, other_role(role));
  bool serves = role == TLSTREAM_ROLE_SERVER;
  return shake(serves ? them : us, serves ? us : them);
}

static void carry(peers *both) {
  shuttle(both->side[TLSTREAM_ROLE_CLIENT], both->side[TLSTREAM_ROLE_SERVER],
          SIZE_MAX);
}

/* Run the steps that are there. Returns how many. */
static unsigned run_steps(peers *both, tlstream_role role) {
  unsigned steps = 0;
  tlstream_work *work = NULL;
  while ((work = tlstream_pair_take_work(both->side[role])) != NULL) {
    tlstream_work_run(work);
    (void)tlstream_pair_finish_work(both->side[role], work);
    carry(both);
    steps++;
  }
  return steps;
}

/* A client is asked before it signs, a server after. */
static void accept(tlstream_version version, tlstream_role role) {
  peers both = begin(version, role);
  tlstream_pair *us = both.side[role];
  bool serves = role == TLSTREAM_ROLE_SERVER;
  CHECK_STR(take_events(us), "WORK");
  CHECK_INT(run_steps(&both, role), 1);
  CHECK_STR(take_events(us), "VERIFY");
  CHECK_INT(signer.asked, serves);
  CHECK(tlstream_pair_take_work(us) == NULL);
  CHECK_ERROR(tlstream_pair_verify_accept(us), 0);
  carry(&both);
  CHECK_INT(run_steps(&both, role), !serves);
  CHECK_INT(signer.asked, 1);
  CHECK_HAS(take_events(us), "SECURE");
  CHECK(tlstream_pair_authorized(us));
  CHECK(tlstream_pair_authorized(both.side[other_role(role)]));
  peers_free(&both);
}

TEST(an_accepted_peer_gets_a_signature) {
  each_side(accept);
}

/* While the step is elsewhere there is no question. */
static void answer_early(tlstream_version version, tlstream_role role) {
  peers both = begin(version, role);
  tlstream_pair *us = both.side[role];
  tlstream_work *work = tlstream_pair_take_work(us);
  if (work == NULL) TEST_STOP("there is no work");
  CHECK_ERROR(tlstream_pair_verify_accept(us), TLSTREAM_ERR_WRONG_STATE);
  tlstream_work_run(work);
  CHECK_ERROR(tlstream_pair_verify_accept(us), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pair_finish_work(us, work), 0);
  carry(&both);
  CHECK_HAS(take_events(us), "VERIFY");
  CHECK(!tlstream_pair_is_secure(us));
  peers_free(&both);
}

TEST(the_question_comes_with_the_step) {
  each_side(answer_early);
}
