/* SPDX-License-Identifier: MIT */
/* Sessions of a server that asks the application about its clients: none is
 * given before the answer, and one that is resumed is asked about again.
 * OpenSSL plays a client that keeps its sessions. D4. */
#include <tlstream/pair_info.h>
#include <tlstream/pair_verify.h>

#include "core/pair/pair.h"
#include "support/handshake.h"
#include "support/test.h"

enum { ACCESS_DENIED = 49 };

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

/* A client of `context` that may offer a session. */
typedef struct visit {
  hostile_peer client;
  tlstream_pair *server;
  int outcome; /* as of hostile_peer_handshake() */
} visit;

static visit come(tlstream_context *context, tlstream_version version,
                  bool asks, SSL_SESSION *offered) {
  visit self;
  self.server = server_with(context, false);
  tlstream__pair_ask_verify(self.server, asks);
  hostile_peer_open(&self.client, TLSTREAM_ROLE_CLIENT, version, self.server);
  /* A copy: OpenSSL spoils the session of a connection that fails. */
  SSL_SESSION *copy = offered != NULL ? SSL_SESSION_dup(offered) : NULL;
  SSL_set_session(self.client.ssl, copy);
  SSL_SESSION_free(copy);
  self.outcome = hostile_peer_handshake(&self.client);
  return self;
}

static void leave(visit *self) {
  hostile_peer_close(&self->client);
  tlstream_pair_free(self->server);
}

static bool has_ticket(const visit *self) {
  return SSL_SESSION_has_ticket(SSL_get_session(self->client.ssl)) == 1;
}

static void accept(visit *self) {
  CHECK_STR(take_events(self->server), "VERIFY");
  CHECK_INT(tlstream_pair_verify_accept(self->server), 0);
  CHECK_INT(hostile_peer_handshake(&self->client), 0);
  CHECK_STR(take_events(self->server), "SECURE");
}

/* In TLS 1.3 the ticket leaves with the first data. */
static SSL_SESSION *keep_session(visit *self) {
  char byte = 0;
  CHECK_INT(tlstream_pair_write(self->server, "x", 1), 1);
  hostile_peer_pull(&self->client);
  CHECK_INT(SSL_read(self->client.ssl, &byte, 1), 1);
  CHECK(has_ticket(self));
  return SSL_SESSION_dup(SSL_get_session(self->client.ssl));
}

static tlstream_context *server_context(void) {
  return context_of(TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                     .key = test_leaf(KEY_ECDSA)->key_pem,
                                     .ca = test_ca()->cert_pem,
                                     .request_certificate = true));
}

TEST(there_is_no_ticket_before_the_answer) {
  tlstream_context *context = server_context();
  EACH_ROW(i, versions) {
    visit self = come(context, versions[i], true, NULL);
    hostile_peer_pull(&self.client);
    CHECK(!has_ticket(&self));
    accept(&self);
    SSL_SESSION_free(keep_session(&self));
    leave(&self);
  }
  tlstream_context_unref(context);
}

static void refuse(visit *self) {
  CHECK_STR(take_events(self->server), "VERIFY");
  CHECK_ERROR(tlstream_pair_verify_refuse(self->server, TLSTREAM_VERIFY_DENIED,
                                          "not today"),
              0);
  CHECK_INT(hostile_peer_handshake(&self->client), ACCESS_DENIED);
  CHECK_ERROR(error_code(self->server), TLSTREAM_ERR_REFUSED_BY_VERIFY);
  CHECK(!tlstream_pair_is_secure(self->server));
}

TEST(a_client_that_is_refused_never_gets_one) {
  tlstream_context *context = server_context();
  EACH_ROW(i, versions) {
    visit self = come(context, versions[i], true, NULL);
    refuse(&self);
    CHECK(!has_ticket(&self));
    leave(&self);
  }
  tlstream_context_unref(context);
}

/* Whether the session was made with a question or without one. */
static void check_again(tlstream_context *context, tlstream_version version,
                        bool asked_before) {
  visit first = come(context, version, asked_before, NULL);
  if (asked_before) accept(&first);
  SSL_SESSION *kept = keep_session(&first);
  leave(&first);

  visit second = come(context, version, true, kept);
  CHECK_INT(SSL_session_reused(second.client.ssl), version == TLSTREAM_TLS_1_3);
  accept(&second);
  CHECK(tlstream_pair_authorized(second.server));
  CHECK_INT(tlstream_pair_resumed(second.server), version == TLSTREAM_TLS_1_3);
  leave(&second);

  visit third = come(context, version, true, kept);
  refuse(&third);
  leave(&third);

  visit unasked = come(context, version, false, kept);
  CHECK_INT(unasked.outcome, 0);
  CHECK(tlstream_pair_resumed(unasked.server));
  leave(&unasked);
  SSL_SESSION_free(kept);
}

TEST(a_session_that_is_resumed_is_asked_about_again) {
  tlstream_context *context = server_context();
  EACH_ROW(i, versions) {
    check_again(context, versions[i], true);
    check_again(context, versions[i], false);
  }
  tlstream_context_unref(context);
}

/* Of clients that show no certificate nothing is asked. */
TEST(sessions_without_a_certificate_are_as_ever) {
  tlstream_context *context = context_with(test_leaf(KEY_ECDSA), NULL);
  EACH_ROW(i, versions) {
    visit first = come(context, versions[i], true, NULL);
    CHECK_STR(take_events(first.server), "SECURE");
    SSL_SESSION *kept = keep_session(&first);
    leave(&first);
    visit second = come(context, versions[i], true, kept);
    CHECK_STR(take_events(second.server), "SECURE");
    CHECK(tlstream_pair_resumed(second.server));
    leave(&second);
    SSL_SESSION_free(kept);
  }
  tlstream_context_unref(context);
}
