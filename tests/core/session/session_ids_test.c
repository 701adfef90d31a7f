/* SPDX-License-Identifier: MIT */
/* Clients of TLS 1.2 that take no tickets resume by the id of their session.
 * OpenSSL plays one. B2, D3, D4. */

#include <tlstream/pair_info.h>

#include "support/returning.h"
#include "support/set_clock.h"
#include "support/test.h"

enum { START = 1893456000 };

static visit first_visit(tlstream_context *server) {
  visit at = come((visit){
      .server = server, .version = TLSTREAM_TLS_1_2, .refuses_tickets = true});
  CHECK(at.secure && !at.resumed);
  return at;
}

TEST(a_client_without_tickets_resumes_each_time) {
  tlstream_context *server = server_context((tlstream_context_options){0});
  visit at = first_visit(server);
  for (int i = 0; i < 5; i++) {
    at = come_again(at);
    CHECK(at.secure && at.resumed);
    CHECK_INT(at.tickets, 0);
  }
  SSL_SESSION_free(at.kept);
  tlstream_context_unref(server);
}

/* It takes them from now on, as RFC 5077, section 3.4, has it. */
TEST(a_client_that_has_no_ticket_yet_gets_one) {
  tlstream_context *server = server_context((tlstream_context_options){0});
  visit at = first_visit(server);
  at.refuses_tickets = false;
  at = come_again(at);
  CHECK(at.secure && at.resumed);
  CHECK_INT(at.tickets, 1);
  SSL_SESSION_free(at.kept);
  tlstream_context_unref(server);
}

/* A session that is in a ticket is not in the cache. */
TEST(a_client_with_tickets_takes_no_room) {
  tlstream_context *server =
      server_context((tlstream_context_options){.session_id_cache_size = 1});
  visit without = first_visit(server);
  visit with = come((visit){.server = server, .version = TLSTREAM_TLS_1_2});
  CHECK_INT(with.tickets, 1);
  without = come_again(without);
  CHECK(without.resumed);
  SSL_SESSION_free(with.kept);
  SSL_SESSION_free(without.kept);
  tlstream_context_unref(server);
}

TEST(the_oldest_sessions_make_room) {
  tlstream_context *server =
      server_context((tlstream_context_options){.session_id_cache_size = 2});
  visit visits[3];
  for (int i = 0; i < 3; i++)
    visits[i] = first_visit(server);
  for (int i = 2; i >= 0; i--) {
    visits[i] = come_again(visits[i]);
    CHECK(visits[i].secure);
    CHECK_INT(visits[i].resumed, i > 0);
    SSL_SESSION_free(visits[i].kept);
  }
  tlstream_context_unref(server);
}

TEST(without_a_cache_none_resumes) {
  tlstream_context *server = server_context((tlstream_context_options){
      .session_id_cache_size = TLSTREAM_NO_SESSION_IDS});
  visit at = come_again(first_visit(server));
  CHECK(at.secure && !at.resumed);
  SSL_SESSION_free(at.kept);
  tlstream_context_unref(server);
}

TEST(a_session_by_id_ends_as_one_in_a_ticket_does) {
  clock_says = START;
  tlstream_context *server =
      server_context((tlstream_context_options){.ticket_lifetime_s = 100});
  visit at = first_visit(server);
  SSL_SESSION_set_timeout(at.kept, 1000000);
  clock_says += 99;
  visit last = at;
  last.offered = at.kept;
  last = come(last);
  CHECK(last.secure && last.resumed);
  clock_says += 1;
  visit late = at;
  late.offered = at.kept;
  late = come(late);
  CHECK(late.secure && !late.resumed);
  SSL_SESSION_free(late.kept);
  SSL_SESSION_free(last.kept);
  SSL_SESSION_free(at.kept);
  tlstream_context_unref(server);
  clock_says = 0;
}

/* Contexts of one family share the cache, and the policy decides. */
TEST(an_id_lets_no_client_past_another_policy) {
  tlstream_context *open = server_context((tlstream_context_options){0});
  tlstream_context *heir =
      server_context((tlstream_context_options){.parent = open});
  tlstream_context *strict = server_context(
      (tlstream_context_options){.parent = open, .request_certificate = true});
  visit at = first_visit(open);
  at.server = heir;
  at = come_again(at);
  CHECK(at.secure && at.resumed);
  at.server = strict;
  at = come_again(at);
  CHECK(!at.resumed && !at.authorized);
  CHECK_ERROR(at.error, TLSTREAM_ERR_NO_PEER_CERTIFICATE);
  tlstream_context_unref(strict);
  tlstream_context_unref(heir);
  tlstream_context_unref(open);
}

TEST(a_client_is_known_by_the_certificate_of_its_session) {
  tlstream_context *server =
      server_context((tlstream_context_options){.request_certificate = true});
  visit at = come((visit){.server = server,
                          .version = TLSTREAM_TLS_1_2,
                          .refuses_tickets = true,
                          .shows_certificate = true});
  CHECK(at.secure && at.authorized && !at.resumed);
  at.shows_certificate = false;
  at = come_again(at);
  CHECK(at.secure && at.authorized && at.resumed);
  SSL_SESSION_free(at.kept);
  tlstream_context_unref(server);
}

/* RFC 5246, section 7.2.2. */
TEST(a_fatal_alert_ends_the_session) {
  static const unsigned char alert[] = {SSL3_AL_FATAL, SSL_AD_INTERNAL_ERROR};
  tlstream_context *server = server_context((tlstream_context_options){0});
  hostile_peer client;
  tlstream_pair *pair = server_with(server, false);
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, TLSTREAM_TLS_1_2, pair);
  SSL_set_options(client.ssl, SSL_OP_NO_TICKET);
  hostile_peer_finish_handshake(&client);
  SSL_SESSION *kept = SSL_SESSION_dup(SSL_get_session(client.ssl));
  CHECK_ERROR(hostile_peer_send(&client, HOSTILE_ALERT, alert, sizeof(alert)),
              TLSTREAM_ERR_ALERT);
  visit at = come((visit){.server = server,
                          .version = TLSTREAM_TLS_1_2,
                          .offered = kept,
                          .refuses_tickets = true});
  CHECK(at.secure && !at.resumed);
  SSL_SESSION_free(at.kept);
  SSL_SESSION_free(kept);
  hostile_peer_close(&client);
  tlstream_pair_free(pair);
  tlstream_context_unref(server);
}

/* The id can be read on the network; the keys cannot. */
TEST(a_stranger_that_claims_an_id_takes_no_session_away) {
  static const unsigned char alert[] = {
      SSL3_RT_ALERT, 3, 3, 0, 2, SSL3_AL_FATAL, SSL_AD_INTERNAL_ERROR};
  tlstream_context *server = server_context((tlstream_context_options){0});
  visit at = first_visit(server);
  hostile_peer client;
  tlstream_pair *pair = server_with(server, false);
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, TLSTREAM_TLS_1_2, pair);
  SSL_set_options(client.ssl, SSL_OP_NO_TICKET);
  SSL_SESSION *copy = SSL_SESSION_dup(at.kept);
  SSL_set_session(client.ssl, copy);
  SSL_do_handshake(client.ssl);
  hostile_peer_push(&client);
  CHECK_GT(tlstream_pair_pending(pair), 0);
  CHECK_ERROR(tlstream_pair_feed(pair, alert, sizeof(alert)),
              TLSTREAM_ERR_ALERT);
  at = come_again(at);
  CHECK(at.secure && at.resumed);
  SSL_SESSION_free(at.kept);
  SSL_SESSION_free(copy);
  hostile_peer_close(&client);
  tlstream_pair_free(pair);
  tlstream_context_unref(server);
}

/* Clients of TLS 1.3 make an id up, for the sake of middleboxes. */
TEST(an_id_means_nothing_in_tls_1_3) {
  tlstream_context *server =
      server_context((tlstream_context_options){.no_tickets = true});
  visit at = come((visit){.server = server, .version = TLSTREAM_TLS_1_3});
  at = come_again(at);
  CHECK(at.secure && !at.resumed);
  SSL_SESSION_free(at.kept);
  tlstream_context_unref(server);
}
