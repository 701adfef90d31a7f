/* SPDX-License-Identifier: MIT */
/* H7: a peer is not authorized because there was no memory for the reason why
 * not. */
#include <tlstream/pair_info.h>

#include "support/chain.h"
#include "support/shuttle.h"
#include "support/torture.h"

/* A connection, which of the two sides verifies, and the right result. Contexts
 * are made before; what is tortured is the connection. */
typedef struct stage {
  tlstream_context *side[2]; /* by role */
  const char *name;          /* the client's */
  tlstream_role judge;
  bool trusted;
  bool lenient;
} stage;

static made_cert root;
static made_cert leaf;
static made_cert stranger;

BEFORE_TESTS(make_some) {
  torture_install_openssl();
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  leaf = make_cert(&(cert_plan){.name = "a.test", .by = &root});
  stranger = make_cert(&(cert_plan){.name = "a.test"});
}

AFTER_TESTS(drop_them) {
  made_cert_clear(&stranger);
  made_cert_clear(&leaf);
  made_cert_clear(&root);
}

static tlstream_pair *join(const stage *on, tlstream_role role) {
  tlstream_error error;
  tlstream_pair *pair =
      tlstream_pair_new(TLSTREAM_PAIR(.role = role, .context = on->side[role],
                                      .verify_name = on->name),
                        0, &error);
  CHECK(pair != NULL || torture_struck());
  CHECK(pair != NULL || error.code < 0);
  return pair;
}

static void check_result(const stage *on, const tlstream_pair *judge) {
  bool authorized = tlstream_pair_authorized(judge);
  bool secure = tlstream_pair_is_secure(judge);
  CHECK(!authorized || on->trusted);
  CHECK(!secure || authorized || on->lenient);
  CHECK(!authorized || tlstream_pair_authorization_error(judge) == NULL);
  CHECK(torture_struck() || authorized == on->trusted);
  CHECK(torture_struck() || secure == (on->trusted || on->lenient));
}

static void hold_a_meeting(void *data) {
  const stage *on = data;
  tlstream_pair *side[2] = {join(on, TLSTREAM_ROLE_CLIENT),
                            join(on, TLSTREAM_ROLE_SERVER)};
  if (side[0] != NULL && side[1] != NULL) {
    tlstream_pair_start(side[TLSTREAM_ROLE_CLIENT]);
    shuttle(side[0], side[1], 16384);
    check_result(on, side[on->judge]);
  }
  tlstream_pair_free(side[0]);
  tlstream_pair_free(side[1]);
}

/* In every way in which the library's memory can run out. */
static void torture_library(stage *on) {
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, hold_a_meeting, on), 5);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_FOREVER, hold_a_meeting, on),
           5);
}

static void judge_servers(bool lenient) {
  const made_cert *const trusted[] = {&root, &stranger};
  const char *const names[] = {"a.test", "b.test", NULL};
  tlstream_context *server = context_with(&leaf, &root);
  for (size_t i = 0; i < (lenient ? 6u : 4u); i++) {
    stage on = {
        .side = {judge_of(trusted[i % 2], TLSTREAM_ROLE_CLIENT, lenient),
                 server},
        .name = names[i / 2],
        .judge = TLSTREAM_ROLE_CLIENT,
        .trusted = i == 0,
        .lenient = lenient,
    };
    torture_library(&on);
    tlstream_context_unref(on.side[TLSTREAM_ROLE_CLIENT]);
  }
  tlstream_context_unref(server);
}

/* What a server does about clients that it does not know. */
typedef enum strictness { REFUSES, LETS_NONE_IN, LETS_ALL_IN } strictness;

static void judge_clients(strictness how) {
  const made_cert *const shown[] = {&leaf, &stranger, NULL};
  tlstream_context *server =
      judge_of(&root, TLSTREAM_ROLE_SERVER, how == LETS_ALL_IN);
  server->allow_no_certificate = how == LETS_NONE_IN;
  for (size_t i = 0; i < 3; i++) {
    tlstream_context_options options = {
        .size = sizeof(options),
        .ca = root.cert_pem,
        .insecure_allow_unauthorized = true,
    };
    if (shown[i] != NULL) options.cert = shown[i]->cert_pem;
    if (shown[i] != NULL) options.key = shown[i]->key_pem;
    stage on = {
        .side = {context_of(&options), server},
        .judge = TLSTREAM_ROLE_SERVER,
        .trusted = i == 0,
        .lenient =
            how == LETS_ALL_IN || (how == LETS_NONE_IN && shown[i] == NULL),
    };
    torture_library(&on);
    tlstream_context_unref(on.side[TLSTREAM_ROLE_CLIENT]);
  }
  tlstream_context_unref(server);
}

TEST(a_client_that_refuses) {
  torture_install();
  judge_servers(false);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(a_client_that_lets_everybody_in) {
  torture_install();
  judge_servers(true);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(a_server_that_refuses) {
  torture_install();
  judge_clients(REFUSES);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(a_server_that_lets_clients_without_a_certificate_in) {
  torture_install();
  judge_clients(LETS_NONE_IN);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(a_server_that_lets_everybody_in) {
  torture_install();
  judge_clients(LETS_ALL_IN);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(openssl_without_memory) {
  torture_install();
  tlstream_context *server = context_with(&leaf, &root);
  for (int i = 0; i < 4; i++) {
    bool trusted = i % 2 == 0;
    bool lenient = i / 2 == 1;
    stage on = {
        .side = {judge_of(trusted ? &root : &stranger, TLSTREAM_ROLE_CLIENT,
                          lenient),
                 server},
        .name = "a.test",
        .judge = TLSTREAM_ROLE_CLIENT,
        .trusted = trusted,
        .lenient = lenient,
    };
    CHECK_GT(
        torture_some(TORTURE_OPENSSL, TORTURE_ONCE, 7, hold_a_meeting, &on),
        1000);
    CHECK_GT(
        torture_some(TORTURE_OPENSSL, TORTURE_FOREVER, 37, hold_a_meeting, &on),
        1000);
    tlstream_context_unref(on.side[TLSTREAM_ROLE_CLIENT]);
  }
  tlstream_context_unref(server);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}
