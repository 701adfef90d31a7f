/* SPDX-License-Identifier: MIT */
/* The application is asked about the peer while memory runs out. H7. */
#include <stdint.h>

#include <tlstream/pair_info.h>
#include <tlstream/pair_verify.h>

#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"
#include "support/torture.h"

BEFORE_TESTS(set_up) {
  torture_install();
  torture_install_openssl();
}

/* The peer is let in by an answer or not at all. */
typedef struct ordeal {
  tlstream_version version;
  tlstream_role role;
  bool refuse;
  size_t whole;
} ordeal;

static void run(ordeal *self, peers *both) {
  tlstream_pair *pair = both->side[self->role];
  (void)!tlstream_pair_start(both->side[TLSTREAM_ROLE_CLIENT]);
  shuttle(both->side[0], both->side[1], SIZE_MAX);
  bool was_asked = strcmp(take_events(pair), "VERIFY") == 0;
  CHECK(!tlstream_pair_is_secure(pair));
  if (was_asked && self->refuse) {
    (void)tlstream_pair_verify_refuse(pair, TLSTREAM_VERIFY_BAD, "no");
    CHECK(tlstream_pair_error(pair) != NULL);
  } else if (was_asked) {
    (void)!tlstream_pair_verify_accept(pair);
  }
  shuttle(both->side[0], both->side[1], SIZE_MAX);
  CHECK(!tlstream_pair_is_secure(pair) || (was_asked && !self->refuse));
  self->whole += tlstream_pair_is_secure(pair) ||
                 error_code(pair) == TLSTREAM_ERR_REFUSED_BY_VERIFY;
}

static void endure(void *data) {
  ordeal *self = data;
  config terms = {.version = self->version, .mutual = true};
  peers both = {{NULL, NULL}};
  for (int i = 0; i < 2; i++) {
    tlstream_context *context = config_context(&terms, (tlstream_role)i);
    both.side[i] = tlstream_pair_new(
        TLSTREAM_PAIR(.role = (tlstream_role)i, .context = context,
                      .verify_name = i == 0 ? SERVER_NAME : NULL,
                      .ask_verify = i == (int)self->role),
        0, NULL);
    tlstream_context_unref(context);
  }
  if (both.side[0] != NULL && both.side[1] != NULL) run(self, &both);
  peers_free(&both);
}

static void torture_one(tlstream_version version, tlstream_role role) {
  for (int refuse = 0; refuse < 2; refuse++) {
    ordeal self = {.version = version, .role = role, .refuse = refuse != 0};
    endure(&self); /* what is made once */
    CHECK_INT(self.whole, 1);
    CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, endure, &self), 5);
    torture_some(TORTURE_OPENSSL, TORTURE_ONCE, 97, endure, &self);
    CHECK_GT(self.whole, 2);
  }
}

TEST(memory_may_run_out_at_any_time) {
  each_side(torture_one);
}
