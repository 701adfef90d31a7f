/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memmem */
/* A server's tickets: which resume where, and for how long. OpenSSL plays a
 * client that keeps its sessions. B2, D1, D2. */
#include <stdlib.h>

#include <tlstream/pair_info.h>

#include "support/returning.h"
#include "support/set_clock.h"
#include "support/test.h"

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

enum { START = 1893456000 };

static tlstream_ticket_keys *
ring_of(const tlstream_ticket_keys_options *given) {
  tlstream_ticket_keys *keys = tlstream_ticket_keys_new(given, NULL);
  CHECK(keys != NULL);
  return keys;
}

/* The name of the key that a ticket was sealed with. */
static void key_name(const visit *at, unsigned char *out) {
  const unsigned char *ticket = NULL;
  size_t len = 0;
  SSL_SESSION_get0_ticket(at->kept, &ticket, &len);
  CHECK_GT(len, 16);
  memcpy(out, ticket, 16);
}

/* The cure of keys that lived as long as the process. */
TEST(without_options_the_key_rotates_each_hour) {
  for (int v = 0; v < 2; v++) {
    unsigned char names[3][16];
    clock_says = START;
    tlstream_context *server = server_context((tlstream_context_options){0});
    visit at = come((visit){.server = server, .version = versions[v]});
    key_name(&at, names[0]);
    clock_says += 3599;
    at = come_again(at);
    CHECK(at.secure && at.resumed);
    key_name(&at, names[1]);
    CHECK(memcmp(names[0], names[1], 16) == 0);
    clock_says += 1; /* resumes, and brings a ticket of the new key */
    at = come_again(at);
    CHECK(at.secure && at.resumed);
    key_name(&at, names[2]);
    CHECK(memcmp(names[0], names[2], 16) != 0);
    SSL_SESSION_free(at.kept);
    tlstream_context_unref(server);
    clock_says = 0;
  }
}

TEST(a_ticket_of_a_key_that_is_gone_means_a_full_handshake) {
  for (int v = 0; v < 2; v++) {
    tlstream_ticket_keys *keys = ring_of(NULL);
    tlstream_ticket_keys *others = ring_of(NULL);
    tlstream_context *server =
        server_context((tlstream_context_options){.ticket_keys = keys});
    tlstream_context *other =
        server_context((tlstream_context_options){.ticket_keys = others});
    visit at = come((visit){.server = server, .version = versions[v]});
    for (int i = 0; i < TLSTREAM_TICKET_KEYS_MAX; i++)
      CHECK_ERROR(tlstream_ticket_keys_rotate(keys, NULL), 0);
    at = come_again(at);
    CHECK(at.secure && !at.resumed);
    at = come_again(at); /* with the new one */
    CHECK(at.secure && at.resumed);
    at.server = other;
    at = come_again(at);
    CHECK(at.secure && !at.resumed);
    SSL_SESSION_free(at.kept);
    tlstream_context_unref(server);
    tlstream_context_unref(other);
    tlstream_ticket_keys_unref(keys);
    tlstream_ticket_keys_unref(others);
  }
}

/* Any byte of it. */
TEST(a_damaged_ticket_means_a_full_handshake) {
  for (int v = 0; v < 2; v++) {
    tlstream_context *server = server_context((tlstream_context_options){0});
    visit first = come((visit){.server = server, .version = versions[v]});
    unsigned char *der = NULL;
    size_t ticket_len = 0;
    const unsigned char *ticket = NULL;
    SSL_SESSION_get0_ticket(first.kept, &ticket, &ticket_len);
    size_t len = (size_t)i2d_SSL_SESSION(first.kept, &der);
    unsigned char *at = memmem(der, len, ticket, ticket_len);
    for (size_t i = 0; at != NULL && i < ticket_len; i += 5) {
      IN_CASE("TLS 1.%d, byte %zu", v + 2, i);
      at[i] ^= 0x10;
      const unsigned char *from = der;
      SSL_SESSION *odd = d2i_SSL_SESSION(NULL, &from, (long)len);
      visit next = come(
          (visit){.server = server, .version = versions[v], .offered = odd});
      CHECK(next.secure && !next.resumed);
      CHECK_ERROR(next.error, 0);
      at[i] ^= 0x10;
      SSL_SESSION_free(next.kept);
      SSL_SESSION_free(odd);
    }
    CHECK(at != NULL);
    OPENSSL_free(der);
    SSL_SESSION_free(first.kept);
    tlstream_context_unref(server);
  }
}

TEST(a_session_lives_as_long_as_the_option_says) {
  for (int v = 0; v < 2; v++) {
    for (unsigned lifetime = 0; lifetime < 2; lifetime++) {
      long seconds = lifetime == 0 ? 7200 : 100;
      clock_says = START;
      tlstream_context *server = server_context((tlstream_context_options){
          .ticket_lifetime_s = lifetime == 0 ? 0 : 100});
      visit first = come((visit){.server = server, .version = versions[v]});
      CHECK_INT(SSL_SESSION_get_ticket_lifetime_hint(first.kept), seconds);
      /* A client that does not care. */
      SSL_SESSION_set_timeout(first.kept, 1000000);
      clock_says += seconds - 1;
      visit last = come((visit){
          .server = server, .version = versions[v], .offered = first.kept});
      CHECK(last.secure && last.resumed);
      clock_says += 2;
      visit late = come((visit){
          .server = server, .version = versions[v], .offered = first.kept});
      CHECK(late.secure && !late.resumed);
      SSL_SESSION_free(first.kept);
      SSL_SESSION_free(last.kept);
      SSL_SESSION_free(late.kept);
      tlstream_context_unref(server);
      clock_says = 0;
    }
  }
}

TEST(a_client_gets_as_many_tickets_as_the_option_says) {
  static const struct {
    unsigned count;
    size_t got;
  } rows[] = {{0, 1}, {1, 1}, {3, 3}, {16, 16}};
  EACH_ROW(i, rows) {
    tlstream_context *server = server_context(
        (tlstream_context_options){.ticket_count = rows[i].count});
    visit at = come((visit){.server = server, .version = TLSTREAM_TLS_1_3});
    CHECK_INT(at.tickets, rows[i].got);
    at = come_again(at);
    CHECK(at.resumed);
    CHECK_INT(at.tickets, rows[i].got);
    SSL_SESSION_free(at.kept);
    tlstream_context_unref(server);
  }
}

TEST(without_tickets_none_is_issued_and_none_taken) {
  for (int v = 0; v < 2; v++) {
    tlstream_ticket_keys *keys = ring_of(NULL);
    tlstream_context *with =
        server_context((tlstream_context_options){.ticket_keys = keys});
    tlstream_context *without = server_context(
        (tlstream_context_options){.ticket_keys = keys, .no_tickets = true});
    visit at = come((visit){.server = without, .version = versions[v]});
    CHECK(at.secure);
    CHECK_INT(at.tickets, 0);
    SSL_SESSION_free(at.kept);
    at = come((visit){.server = with, .version = versions[v]});
    CHECK_INT(at.tickets, 1);
    at.server = without;
    at = come_again(at);
    CHECK(at.secure && !at.resumed);
    SSL_SESSION_free(at.kept);
    tlstream_context_unref(with);
    tlstream_context_unref(without);
    tlstream_ticket_keys_unref(keys);
  }
}

TEST(options_out_of_bounds_are_refused) {
  check_no_context(TLSTREAM_CONTEXT(.ticket_lifetime_s = 604801),
                   TLSTREAM_ERR_INVALID_ARGUMENT, "ticket_lifetime_s: at most");
  check_no_context(TLSTREAM_CONTEXT(.ticket_count = 17),
                   TLSTREAM_ERR_INVALID_ARGUMENT, "ticket_count: at most 16");
  check_no_context(TLSTREAM_CONTEXT(.ticket_count = 1, .no_tickets = true),
                   TLSTREAM_ERR_INVALID_ARGUMENT, "`no_tickets`");
}

/* The keys open the ticket, and the policy decides. */
TEST(a_shared_ring_lets_no_client_past_another_policy) {
  for (int v = 0; v < 2; v++) {
    tlstream_ticket_keys *keys = ring_of(NULL);
    tlstream_context *open =
        server_context((tlstream_context_options){.ticket_keys = keys});
    tlstream_context *strict = server_context((tlstream_context_options){
        .ticket_keys = keys, .request_certificate = true});
    tlstream_context *derived = server_context((tlstream_context_options){
        .parent = open, .request_certificate = true});
    visit at = come((visit){.server = open, .version = versions[v]});
    SSL_SESSION *kept = at.kept;
    visit second = come(
        (visit){.server = strict, .version = versions[v], .offered = kept});
    CHECK(!second.resumed && !second.authorized);
    CHECK_ERROR(second.error, TLSTREAM_ERR_NO_PEER_CERTIFICATE);
    second = come(
        (visit){.server = derived, .version = versions[v], .offered = kept});
    CHECK(!second.resumed && !second.authorized);
    CHECK_ERROR(second.error, TLSTREAM_ERR_NO_PEER_CERTIFICATE);
    SSL_SESSION_free(kept);
    tlstream_context_unref(derived);
    tlstream_context_unref(strict);
    tlstream_context_unref(open);
    tlstream_ticket_keys_unref(keys);
  }
}
