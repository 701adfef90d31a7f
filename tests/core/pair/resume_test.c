/* SPDX-License-Identifier: MIT */
/* A client resumes its sessions where all that they were made under still
 * holds, and nowhere else. P4, A9, C7, D7, D8. */
#include "core/context/context.h"
#include "support/chain.h"
#include "support/set_clock.h"
#include "support/visit.h"

#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* 2030-01-01 00:00:00, when something ends. */
#define END "20300101000000Z"
enum { AT_END = 1893456000, DAY = 24 * 60 * 60 };

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

static void each_version(void (*test)(tlstream_version version)) {
  for (int v = 0; v < 2; v++) {
    IN_CASE("%s", tlstream_version_name(versions[v]));
    test(versions[v]);
  }
}

static void check_full(const visit *at) {
  CHECK(at->secure && at->authorized && !at->resumed);
  CHECK_INT(at->source, TLSTREAM_SOURCE_CHAIN);
}

static void check_resumed(const visit *at) {
  CHECK(at->secure && at->authorized && at->resumed);
  CHECK_INT(at->source, TLSTREAM_SOURCE_SESSION);
}

static void resume_twice(tlstream_version version) {
  visit at = {.client = visit_client(), .server = visit_server(version)};
  at = visit_run(at);
  check_full(&at);
  CHECK_GE(at.given, 1);
  at = visit_again(at);
  check_resumed(&at);
  if (version == TLSTREAM_TLS_1_3) {
    at = visit_again(at); /* with the ticket of the resumption */
    check_resumed(&at);
  }
  tlstream_session_unref(at.kept);
  tlstream_context_unref(at.client);
  tlstream_context_unref(at.server);
}

TEST(a_session_resumes) {
  each_version(resume_twice);
}

static void use_twice(tlstream_version version) {
  visit at = {.client = visit_client(), .server = visit_server(version)};
  at.offered = visit_session(at.client, at.server);
  for (int i = 0; i < 2; i++) {
    visit done = visit_run(at);
    CHECK(done.secure && done.authorized);
    CHECK_INT(done.resumed, i == 0 || version == TLSTREAM_TLS_1_2);
    tlstream_session_unref(done.kept);
  }
  CHECK_INT(tlstream_session_is_used(at.offered), version == TLSTREAM_TLS_1_3);
  tlstream_session_unref(at.offered);
  tlstream_context_unref(at.client);
  tlstream_context_unref(at.server);
}

TEST(one_of_1_3_is_offered_once_and_one_of_1_2_again_and_again) {
  each_version(use_twice);
}

static void keep_chain(tlstream_version version) {
  chain made = make_chain(&(chain_plan){0});
  tlstream_bytes texts[] = {made.leaf.cert_pem, made.middle.cert_pem};
  tlstream_bytes joined = join_pem(texts, 2);
  visit at = {.client = context_of(TLSTREAM_CONTEXT(.ca = made.root.cert_pem)),
              .server = context_of(TLSTREAM_CONTEXT(.cert = joined,
                                                    .key = made.leaf.key_pem,
                                                    .max_version = version)),
              .name = "A.test"};
  at = visit_run(at);
  check_full(&at);
  CHECK_INT(at.chain_len, 3);
  CHECK_STR(tlstream_session_name(at.kept), "a.test");
  at = visit_again(at);
  check_resumed(&at);
  CHECK_INT(at.chain_len, 3);
  tlstream_session_unref(at.kept);
  tlstream_context_unref(at.client);
  tlstream_context_unref(at.server);
  free((void *)joined.data);
  drop_chain(&made);
}

TEST(a_resumed_connection_has_the_name_and_the_whole_chain) {
  each_version(keep_chain);
}

/* Where a session was made, and where it is offered: whether it resumes. */
typedef struct move {
  const char *title;
  tlstream_context_options from;
  tlstream_context_options to;
  bool resumes;
} move;

static void check_move(const move *row, tlstream_version version) {
  tlstream_context_options from = row->from;
  tlstream_context_options to = row->to;
  from.size = to.size = sizeof(from);
  if (from.cas == NULL) from.ca = test_ca()->cert_pem;
  if (to.cas == NULL) to.ca = test_ca()->cert_pem;
  tlstream_context *server = visit_server(version);
  tlstream_context *made_in = context_of(&from);
  visit at = {.client = context_of(&to), .server = server};
  at.offered = visit_session(made_in, server);
  visit done = visit_run(at);
  CHECK(done.secure && done.authorized);
  CHECK_INT(done.resumed, row->resumes);
  CHECK(row->resumes || !tlstream_session_is_used(at.offered));
  tlstream_session_unref(at.offered);
  tlstream_session_unref(done.kept);
  tlstream_context_unref(at.client);
  tlstream_context_unref(made_in);
  tlstream_context_unref(server);
}

/* CVE-2020-8172, CVE-2026-48934: a session that was made without verification
 * is none where peers are verified. */
TEST(a_session_moves_to_equal_rules_only) {
  const tlstream_bytes more[] = {test_ca()->cert_pem,
                                 test_stranger()->cert_pem};
  const move rows[] = {
      {"equal", {0}, {0}, true},
      {"unverified", {.insecure_allow_unauthorized = true}, {0}, false},
      {"its name was skipped", {.insecure_skip_name = true}, {0}, false},
      {"more was trusted", {.cas = more, .ca_count = 2}, {0}, false},
      {"less was trusted", {0}, {.cas = more, .ca_count = 2}, false},
      {"it is verified now", {0}, {.insecure_allow_unauthorized = true}, false},
      {"fewer groups", {0}, {.groups = "P-256"}, false},
      {"own certificate",
       {0},
       {.cert = test_leaf(KEY_RSA)->cert_pem,
        .key = test_leaf(KEY_RSA)->key_pem},
       false},
      {"other protocols", {0}, {.alpn = TLSTREAM_PROTOCOLS("h2")}, true}};
  EACH_ROW_NAMED(i, rows, title)
    for (int v = 0; v < 2; v++)
      check_move(&rows[i], versions[v]);
}

static void refuse_impostor(tlstream_version version) {
  made_cert impostor = make_cert(&(cert_plan){.name = SERVER_NAME});
  tlstream_context *server = context_of(
      TLSTREAM_CONTEXT(.cert = impostor.cert_pem, .key = impostor.key_pem,
                       .max_version = version));
  tlstream_context *lenient =
      context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                  .insecure_allow_unauthorized = true));
  visit at = {.client = lenient, .server = server};
  at = visit_run(at);
  CHECK(at.secure && !at.authorized);
  visit strict = at;
  strict.client = visit_client();
  strict.offered = at.kept;
  strict = visit_run(strict);
  CHECK(!strict.secure && !strict.authorized);
  CHECK_ERROR(strict.error, TLSTREAM_ERR_UNTRUSTED);
  at = visit_again(at);
  CHECK(at.secure && at.resumed && !at.authorized); /* as it was */
  CHECK_ERROR(at.reason, TLSTREAM_ERR_UNTRUSTED);
  tlstream_session_unref(at.kept);
  tlstream_context_unref(strict.client);
  tlstream_context_unref(lenient);
  tlstream_context_unref(server);
  made_cert_clear(&impostor);
}

TEST(an_impostor_that_was_let_in_once_is_refused_where_peers_are_verified) {
  each_version(refuse_impostor);
}

/* What was wrong is still wrong, and once. */
static void stay_wrong(tlstream_version version) {
  static const struct {
    const char *name;
    int code;
  } rows[] = {{"other.test", TLSTREAM_ERR_WRONG_NAME},
              {"", TLSTREAM_ERR_NO_NAME}};
  visit at = {.client = context_of(
                  TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                   .insecure_allow_unauthorized = true)),
              .server = visit_server(version)};
  EACH_ROW_NAMED(i, rows, name) {
    at.name = rows[i].name;
    visit done = visit_run(at);
    CHECK(done.secure && !done.authorized && !done.resumed);
    CHECK_ERROR(done.reason, rows[i].code);
    done = visit_again(done);
    CHECK(done.secure && !done.authorized && done.resumed);
    CHECK_ERROR(done.reason, rows[i].code);
    CHECK_INT(done.reasons, 1);
    tlstream_session_unref(done.kept);
  }
  tlstream_context_unref(at.client);
  tlstream_context_unref(at.server);
}

TEST(what_was_wrong_with_the_name_is_said_again) {
  each_version(stay_wrong);
}

static void change_names(tlstream_version version) {
  static const struct {
    const char *name;
    const char *servername;
    bool resumes;
  } rows[] = {{"SERVER.test", NULL, true},
              {SERVER_NAME, SERVER_NAME, true},
              {SERVER_NAME, "other.test", false},
              {SERVER_NAME, "", false}};
  tlstream_context *client = visit_client();
  tlstream_context *server = visit_server(version);
  EACH_ROW_NAMED(i, rows, name) {
    visit at = {.client = client,
                .server = server,
                .name = rows[i].name,
                .servername = rows[i].servername};
    at.offered = visit_session(client, server);
    visit done = visit_run(at);
    CHECK(done.secure && done.authorized);
    CHECK_INT(done.resumed, rows[i].resumes);
    tlstream_session_unref(done.kept);
    tlstream_session_unref(at.offered);
  }
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

TEST(it_is_for_one_name_and_one_server_name) {
  each_version(change_names);
}

static void ask_for_another(tlstream_version version) {
  visit at = {.client = visit_client(), .server = visit_server(version)};
  at.offered = visit_session(at.client, at.server);
  at.name = "other.test";
  at.servername = SERVER_NAME;
  visit done = visit_run(at);
  CHECK(!done.secure && !done.resumed);
  CHECK_ERROR(done.error, TLSTREAM_ERR_WRONG_NAME);
  tlstream_session_unref(at.offered);
  tlstream_context_unref(at.client);
  tlstream_context_unref(at.server);
}

TEST(the_session_of_one_host_is_no_proof_for_another) {
  each_version(ask_for_another);
}

/* The verdict of a session ends with the chain that it is of. */
static void outlive_chain(const chain_plan *plan, tlstream_version version) {
  chain made = make_chain(plan);
  tlstream_bytes texts[] = {made.leaf.cert_pem, made.middle.cert_pem};
  tlstream_bytes joined = join_pem(texts, 2);
  visit at = {.client = context_of(TLSTREAM_CONTEXT(.ca = made.root.cert_pem)),
              .server = context_of(TLSTREAM_CONTEXT(.cert = joined,
                                                    .key = made.leaf.key_pem,
                                                    .max_version = version)),
              .name = "a.test"};
  clock_says = AT_END - 9;
  at = visit_run(at);
  check_full(&at);
  CHECK_INT(tlstream_session_expires(at.kept), AT_END);
  clock_says = AT_END - 1;
  visit last = at;
  last.offered = at.kept;
  last = visit_run(last);
  check_resumed(&last);
  tlstream_session *kept = last.kept != NULL ? last.kept : at.kept;
  if (kept != at.kept) tlstream_session_unref(at.kept);
  CHECK_INT(tlstream_session_expires(kept), AT_END); /* a renewed one, too */
  clock_says = AT_END;
  at.offered = kept;
  at = visit_run(at);
  CHECK(!at.secure && !at.resumed);
  CHECK_ERROR(at.error, TLSTREAM_ERR_UNTRUSTED);
  tlstream_session_unref(kept);
  clock_says = 0;
  tlstream_context_unref(at.client);
  tlstream_context_unref(at.server);
  free((void *)joined.data);
  drop_chain(&made);
}

TEST(it_ends_with_the_first_certificate_of_the_chain) {
  static const struct {
    const char *title;
    chain_plan plan;
  } rows[] = {{"leaf", {.leaf = {.to = END}}},
              {"middle", {.middle = {.to = END}}},
              {"root", {.root = {.to = END}}}};
  EACH_ROW_NAMED(i, rows, title)
    for (int v = 0; v < 2; v++)
      outlive_chain(&rows[i].plan, versions[v]);
}

static void outlive_session(tlstream_version version) {
  visit at = {.client = visit_client(), .server = visit_server(version)};
  clock_says = AT_END;
  at.offered = visit_session(at.client, at.server);
  long long end = tlstream_session_expires(at.offered);
  CHECK_GT(end, AT_END);
  CHECK_LE(end, AT_END + 7 * DAY);
  clock_says = end;
  visit done = visit_run(at);
  check_full(&done);
  tlstream_session_unref(done.kept);
  clock_says = end - 1;
  done = visit_run(at);
  check_resumed(&done);
  clock_says = 0;
  tlstream_session_unref(done.kept);
  tlstream_session_unref(at.offered);
  tlstream_context_unref(at.client);
  tlstream_context_unref(at.server);
}

TEST(it_expires) {
  each_version(outlive_session);
}

/* The server has other keys: it cannot read the ticket. */
static void meet_another_server(tlstream_version version) {
  tlstream_context *before = visit_server(version);
  visit at = {.client = visit_client(), .server = visit_server(version)};
  at.offered = visit_session(at.client, before);
  visit done = visit_run(at);
  check_full(&done);
  CHECK(done.kept != NULL);
  tlstream_session_unref(done.kept);
  tlstream_session_unref(at.offered);
  tlstream_context_unref(before);
  tlstream_context_unref(at.client);
  tlstream_context_unref(at.server);
}

TEST(a_server_that_does_not_know_it_gets_a_full_handshake) {
  each_version(meet_another_server);
}

/* C7: the protocol of a resumed connection is that of its own negotiation. */
TEST(protocols_are_negotiated_anew) {
  tlstream_context *server = visit_server(TLSTREAM_TLS_1_3);
  tlstream_context *h2 = context_of(
      TLSTREAM_CONTEXT(.parent = server,
                       .alpn = TLSTREAM_PROTOCOLS("h2", "http/1.1")));
  tlstream_context *client =
      context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                  .alpn = TLSTREAM_PROTOCOLS("http/1.1")));
  visit at = {.server = h2, .client = visit_client()};
  at.offered = visit_session(at.client, h2);
  tlstream_pair *talker = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT, .context = client,
                    .verify_name = SERVER_NAME, .session = at.offered),
      0, NULL);
  peers both = shake(talker, server_with(h2, false));
  CHECK(tlstream_pair_resumed(talker));
  CHECK_STR(tlstream_pair_alpn_protocol(talker), "http/1.1");
  CHECK_STR(tlstream_pair_alpn_protocol(both.side[TLSTREAM_ROLE_SERVER]),
            "http/1.1");
  peers_free(&both);
  tlstream_session_unref(at.offered);
  tlstream_context_unref(at.client);
  tlstream_context_unref(client);
  tlstream_context_unref(h2);
  tlstream_context_unref(server);
}

/* A server sends as many tickets as it likes. */
TEST(of_many_sessions_the_latest_wait) {
  hostile_peer server;
  tlstream_context *context = visit_client();
  tlstream_pair *client = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT, .context = context,
                    .verify_name = SERVER_NAME, .keep_sessions = true),
      0, NULL);
  hostile_peer_open(&server, TLSTREAM_ROLE_SERVER, TLSTREAM_TLS_1_3, client);
  SSL_set_num_tickets(server.ssl, 9);
  CHECK_INT(tlstream_pair_start(client), 0);
  CHECK_INT(hostile_peer_handshake(&server), 0);
  CHECK_STR(take_events(client), "SECURE SESSION");
  for (int i = 0; i < 4; i++) {
    tlstream_session *each = tlstream_pair_take_session(client);
    CHECK(each != NULL);
    tlstream_session_unref(each);
  }
  CHECK(tlstream_pair_take_session(client) == NULL);
  hostile_peer_close(&server);
  tlstream_pair_free(client);
  tlstream_context_unref(context);
}

TEST(without_the_option_no_session_is_kept) {
  tlstream_context *context = visit_client();
  tlstream_context *server = visit_server(TLSTREAM_TLS_1_2);
  peers both = shake(client_with(context, NULL), server_with(server, false));
  CHECK_STR(take_events(both.side[TLSTREAM_ROLE_CLIENT]), "SECURE");
  CHECK(tlstream_pair_take_session(both.side[TLSTREAM_ROLE_CLIENT]) == NULL);
  peers_free(&both);
  tlstream_context_unref(server);
  tlstream_context_unref(context);
}
