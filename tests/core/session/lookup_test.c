/* SPDX-License-Identifier: MIT */
/* Sessions of TLS 1.2 that are kept outside of the process: asked for, answered
 * now or later, and by what is no session. OpenSSL plays a client that takes no
 * tickets. D5. */
#include <stdlib.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_hello.h>
#include <tlstream/pair_info.h>
#include <tlstream/pair_lookup.h>
#include <tlstream/pair_verify.h>

#include "support/returning.h"
#include "support/test.h"
#include "support/torture.h"

/* One session in a store, and the client's side of it. */
typedef struct kept {
  SSL_SESSION *client;
  unsigned char id[32];
  size_t id_len;
  unsigned char bytes[8192];
  size_t len;
} kept;

static tlstream_context *server_without_cache(tlstream_context_options more) {
  more.session_id_cache_size = TLSTREAM_NO_SESSION_IDS;
  return server_context(more);
}

static tlstream_pair *asking_pair(tlstream_context *context, bool chooses) {
  tlstream_error error;
  tlstream_pair *pair = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = context,
                    .choose_context = chooses, .external_sessions = true),
      0, &error);
  if (pair == NULL) TEST_STOP("%s", error.message);
  return pair;
}

static void open_client(hostile_peer *client, tlstream_version version,
                        tlstream_pair *pair, SSL_SESSION *offered) {
  hostile_peer_open(client, TLSTREAM_ROLE_CLIENT, version, pair);
  SSL_set_options(client->ssl, SSL_OP_NO_TICKET);
  SSL_certs_clear(client->ssl);
  if (offered == NULL) return;
  /* A copy: OpenSSL spoils the session of a connection that is just dropped. */
  SSL_SESSION *copy = SSL_SESSION_dup(offered);
  CHECK_INT(SSL_set_session(client->ssl, copy), 1);
  SSL_SESSION_free(copy);
}

static kept make_one(tlstream_context *context) {
  kept made = {.client = NULL};
  hostile_peer client;
  tlstream_pair *pair = asking_pair(context, false);
  open_client(&client, TLSTREAM_TLS_1_2, pair, NULL);
  CHECK_INT(hostile_peer_handshake(&client), 0);
  CHECK_INT(tlstream_pair_next_event(pair), TLSTREAM_EVENT_SECURE);
  CHECK_INT(tlstream_pair_next_event(pair), TLSTREAM_EVENT_SESSION_MADE);
  const void *id = tlstream_pair_session_id(pair, &made.id_len);
  const void *bytes = tlstream_pair_made_session(pair, &made.len);
  CHECK_INT(made.id_len, 32);
  CHECK_GT(made.len, 0);
  memcpy(made.id, id, made.id_len);
  memcpy(made.bytes, bytes, made.len);
  tlstream_pair_next_event(pair);
  size_t len = 1;
  CHECK(tlstream_pair_made_session(pair, &len) == NULL && len == 0);
  made.client = hostile_peer_session(&client);
  hostile_peer_close(&client);
  tlstream_pair_free(pair);
  return made;
}

/* The client comes again, to `context`, and is answered with these bytes.
 * Returns whether it resumed; it is let in in any case. */
static bool resumes(tlstream_context *context, const kept *session,
                    tlstream_bytes answer) {
  size_t len = 0;
  hostile_peer client;
  tlstream_pair *pair = asking_pair(context, false);
  open_client(&client, TLSTREAM_TLS_1_2, pair, session->client);
  CHECK_INT(hostile_peer_handshake(&client), -1);
  CHECK_STR(take_events(pair), "SESSION_LOOKUP");
  const void *id = tlstream_pair_session_id(pair, &len);
  CHECK_INT(len, session->id_len);
  CHECK(memcmp(id, session->id, len) == 0);
  CHECK_ERROR(tlstream_pair_lookup_answer(pair, answer), 0);
  CHECK_ERROR(tlstream_pair_lookup_answer(pair, answer),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_INT(hostile_peer_handshake(&client), 0);
  CHECK(tlstream_pair_is_secure(pair));
  bool resumed = SSL_session_reused(client.ssl) == 1;
  CHECK_INT(tlstream_pair_resumed(pair), resumed);
  /* A session that was resumed is stored already. */
  CHECK_STR(take_events(pair), resumed ? "SECURE" : "SECURE SESSION_MADE");
  hostile_peer_close(&client);
  tlstream_pair_free(pair);
  return resumed;
}

static tlstream_bytes bytes_of(const kept *session) {
  return (tlstream_bytes){session->bytes, session->len};
}

TEST(a_session_from_the_store_resumes_also_in_another_context) {
  tlstream_context *context =
      server_without_cache((tlstream_context_options){0});
  tlstream_context *twin = server_without_cache((tlstream_context_options){0});
  kept session = make_one(context);
  CHECK(resumes(context, &session, bytes_of(&session)));
  CHECK(resumes(twin, &session, bytes_of(&session)));
  CHECK(!resumes(context, &session, (tlstream_bytes){NULL, 0}));
  CHECK(!resumes(context, &session, (tlstream_bytes){"", 0}));
  SSL_SESSION_free(session.client);
  tlstream_context_unref(twin);
  tlstream_context_unref(context);
}

TEST(a_session_of_other_rules_or_another_id_is_not_used) {
  tlstream_context *context =
      server_without_cache((tlstream_context_options){0});
  tlstream_context *lenient = server_without_cache((tlstream_context_options){
      .request_certificate = true, .insecure_allow_unauthorized = true});
  kept one = make_one(context);
  kept other = make_one(context);
  CHECK(!resumes(lenient, &one, bytes_of(&one)));
  CHECK(!resumes(context, &one, bytes_of(&other)));
  SSL_SESSION_free(one.client);
  SSL_SESSION_free(other.client);
  tlstream_context_unref(lenient);
  tlstream_context_unref(context);
}

/* Each length of it, bytes behind it, and other bytes. */
TEST(what_is_no_session_means_a_full_handshake) {
  static unsigned char junk[9000];
  tlstream_context *context =
      server_without_cache((tlstream_context_options){0});
  kept session = make_one(context);
  for (size_t len = 1; len < session.len; len += 9) {
    IN_CASE("%zu of %zu bytes", len, session.len);
    CHECK(!resumes(context, &session, (tlstream_bytes){session.bytes, len}));
  }
  CHECK(!resumes(context, &session,
                 (tlstream_bytes){session.bytes, session.len + 1}));
  for (unsigned seed = 0; seed < 20; seed++) {
    srand(seed);
    for (size_t i = 0; i < sizeof(junk); i++)
      junk[i] = (unsigned char)rand();
    CHECK(!resumes(context, &session, (tlstream_bytes){junk, 200}));
    memcpy(junk, session.bytes, session.len / 2);
    CHECK(!resumes(context, &session, (tlstream_bytes){junk, session.len}));
  }
  CHECK(!resumes(context, &session, (tlstream_bytes){junk, sizeof(junk)}));
  SSL_SESSION_free(session.client);
  tlstream_context_unref(context);
}

/* Nothing is asked for clients that have no use for it. */
TEST(no_question_without_need) {
  tlstream_context *with_cache = server_context((tlstream_context_options){0});
  tlstream_context *context =
      server_without_cache((tlstream_context_options){0});
  kept cached = make_one(with_cache);
  hostile_peer client;
  tlstream_pair *pair = asking_pair(with_cache, false);
  open_client(&client, TLSTREAM_TLS_1_2, pair, cached.client);
  CHECK_INT(hostile_peer_handshake(&client), 0);
  CHECK_INT(SSL_session_reused(client.ssl), 1);
  CHECK_STR(take_events(pair), "SECURE");
  hostile_peer_close(&client);
  tlstream_pair_free(pair);

  /* One of TLS 1.3, which makes an id up. */
  pair = asking_pair(context, false);
  open_client(&client, TLSTREAM_TLS_1_3, pair, NULL);
  CHECK_INT(hostile_peer_handshake(&client), 0);
  CHECK_STR(take_events(pair), "SECURE");
  hostile_peer_close(&client);
  tlstream_pair_free(pair);

  /* One with a ticket. */
  visit at = come((visit){.server = context, .version = TLSTREAM_TLS_1_2});
  pair = asking_pair(context, false);
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, TLSTREAM_TLS_1_2, pair);
  SSL_set_session(client.ssl, at.kept);
  CHECK_INT(hostile_peer_handshake(&client), 0);
  CHECK_INT(SSL_session_reused(client.ssl), 1);
  CHECK_STR(take_events(pair), "SECURE");
  hostile_peer_close(&client);
  tlstream_pair_free(pair);
  SSL_SESSION_free(at.kept);
  SSL_SESSION_free(cached.client);
  tlstream_context_unref(context);
  tlstream_context_unref(with_cache);
}

/* First which context, then which session, of that context. */
TEST(the_question_comes_after_the_choice_of_a_context) {
  tlstream_context *first = server_without_cache((tlstream_context_options){
      .request_certificate = true, .insecure_allow_unauthorized = true});
  tlstream_context *chosen =
      server_without_cache((tlstream_context_options){0});
  kept session = make_one(chosen);
  hostile_peer client;
  tlstream_pair *pair = asking_pair(first, true);
  open_client(&client, TLSTREAM_TLS_1_2, pair, session.client);
  CHECK_INT(hostile_peer_handshake(&client), -1);
  CHECK_STR(take_events(pair), "HELLO");
  CHECK_ERROR(tlstream_pair_lookup_answer(pair, bytes_of(&session)),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pair_hello_accept(pair, chosen), 0);
  CHECK_STR(take_events(pair), "SESSION_LOOKUP");
  CHECK_ERROR(tlstream_pair_lookup_answer(pair, bytes_of(&session)), 0);
  CHECK_INT(hostile_peer_handshake(&client), 0);
  CHECK_INT(SSL_session_reused(client.ssl), 1);
  hostile_peer_close(&client);
  tlstream_pair_free(pair);
  SSL_SESSION_free(session.client);
  tlstream_context_unref(chosen);
  tlstream_context_unref(first);
}

TEST(an_answer_that_never_comes_ends_with_the_deadline) {
  tlstream_context *context =
      server_without_cache((tlstream_context_options){0});
  kept session = make_one(context);
  hostile_peer client;
  tlstream_pair *pair = asking_pair(context, false);
  open_client(&client, TLSTREAM_TLS_1_2, pair, session.client);
  CHECK_INT(hostile_peer_handshake(&client), -1);
  CHECK_STR(take_events(pair), "SESSION_LOOKUP");
  uint64_t end = tlstream_pair_next_deadline(pair);
  CHECK(end != TLSTREAM_NO_DEADLINE);
  CHECK_ERROR(tlstream_pair_tick(pair, end), TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  CHECK_ERROR(tlstream_pair_lookup_answer(pair, bytes_of(&session)),
              TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
  hostile_peer_close(&client);
  tlstream_pair_free(pair);
  SSL_SESSION_free(session.client);
  tlstream_context_unref(context);
}

/* A client that is not accepted yet has nothing to be stored. */
TEST(a_session_is_made_when_the_client_is_accepted) {
  tlstream_error error;
  tlstream_context *context = server_without_cache(
      (tlstream_context_options){.request_certificate = true});
  tlstream_pair *pair = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = context,
                    .ask_verify = true, .external_sessions = true),
      0, &error);
  hostile_peer client;
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, TLSTREAM_TLS_1_2, pair);
  SSL_set_options(client.ssl, SSL_OP_NO_TICKET);
  CHECK_INT(hostile_peer_handshake(&client), -1);
  CHECK_STR(take_events(pair), "VERIFY");
  CHECK_ERROR(tlstream_pair_verify_accept(pair), 0);
  CHECK_INT(hostile_peer_handshake(&client), 0);
  CHECK_STR(take_events(pair), "SECURE SESSION_MADE");
  hostile_peer_close(&client);
  tlstream_pair_free(pair);
  tlstream_context_unref(context);
}

TEST(without_the_option_there_is_no_question) {
  tlstream_context *context = server_context((tlstream_context_options){0});
  tlstream_pair *pair = server_with(context, false);
  size_t len = 1;
  CHECK_ERROR(tlstream_pair_lookup_answer(pair, (tlstream_bytes){"x", 1}),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK(tlstream_pair_session_id(pair, &len) == NULL && len == 0);
  tlstream_pair_free(pair);
  tlstream_context_unref(context);
}

/* What was made and never looked at is wiped with the pair. */
TEST(a_session_leaves_no_secret_behind) {
  torture_install();
  tlstream_context *context =
      server_without_cache((tlstream_context_options){0});
  hostile_peer client;
  unsigned char secret[48];
  tlstream_pair *pair = asking_pair(context, false);
  open_client(&client, TLSTREAM_TLS_1_2, pair, NULL);
  CHECK_INT(hostile_peer_handshake(&client), 0);
  CHECK_INT(SSL_SESSION_get_master_key(SSL_get_session(client.ssl), secret,
                                       sizeof(secret)),
            sizeof(secret));
  torture_watch(secret, sizeof(secret));
  hostile_peer_close(&client);
  tlstream_pair_free(pair);
  tlstream_context_unref(context);
  CHECK_INT(torture_spilled(TORTURE_LIBRARY), 0);
  torture_watch(NULL, 0);
}
