/* SPDX-License-Identifier: MIT */
/* What a full handshake would find is not forgotten by resuming: a session ends
 * with the first certificate, or list of revoked ones, that it was made with.
 * OpenSSL plays a client that keeps its sessions. D4. */
#include <stdlib.h>

#include <openssl/pem.h>

#include <tlstream/pair_info.h>

#include "core/openssl/x509_error.h"
#include "core/pair/ticket.h"
#include "core/pair/verify.h"
#include "support/chain.h"
#include "support/handshake.h"
#include "support/set_clock.h"

/* 2030-01-01 00:00:00, when something ends. */
#define END "20300101000000Z"
enum { AT_END = 1893456000 };

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

/* A client that comes, and what becomes of it. */
typedef struct visit {
  tlstream_context *server;
  const chain *own; /* NULL: no certificate */
  tlstream_version version;
  SSL_SESSION *offered; /* borrowed; may be NULL */
  int seconds;          /* after the end; negative: before */

  bool resumed;
  bool authorized;
  bool secure;
  const char *error; /* the server's */
  SSL_SESSION *kept; /* owned */
} visit;

static void show(hostile_peer *client, const chain *own) {
  SSL_certs_clear(client->ssl);
  if (own == NULL) return;
  CHECK_INT(SSL_use_certificate(client->ssl, own->leaf.cert), 1);
  CHECK_INT(SSL_use_PrivateKey(client->ssl, own->leaf.key), 1);
  CHECK_INT(SSL_add1_chain_cert(client->ssl, own->middle.cert), 1);
}

/* What the server says of its answer is what the client saw. */
static void check_source(const tlstream_pair *server, const visit *self) {
  tlstream_authorization_source from = tlstream_pair_authorization_from(server);
  CHECK_INT(tlstream_pair_resumed(server), self->secure && self->resumed);
  if (self->resumed) { /* nothing was signed anew */
    CHECK(tlstream_pair_own_signature_scheme(server) == NULL);
    CHECK(tlstream_pair_peer_signature_scheme(server) == NULL);
    CHECK(tlstream_pair_group(server) != NULL);
  }
  if (self->resumed && self->own != NULL) {
    CHECK_INT(from, TLSTREAM_SOURCE_SESSION);
  } else {
    CHECK_INT(from,
              self->own != NULL ? TLSTREAM_SOURCE_CHAIN : TLSTREAM_SOURCE_NONE);
  }
}

static visit come(visit self) {
  hostile_peer client;
  clock_says = AT_END + self.seconds;
  tlstream_pair *server = server_with(self.server, false);
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, self.version, server);
  show(&client, self.own);
  if (self.offered != NULL) SSL_set_session(client.ssl, self.offered);
  hostile_peer_handshake(&client);
  self.resumed = SSL_session_reused(client.ssl) == 1;
  self.secure = tlstream_pair_is_secure(server);
  self.authorized = tlstream_pair_authorized(server);
  check_source(server, &self);
  const tlstream_error *error = tlstream_pair_error(server);
  self.error = error != NULL ? tlstream__x509_error_name(error->verify) : NULL;
  self.kept = hostile_peer_session(&client);
  hostile_peer_close(&client);
  tlstream_pair_free(server);
  clock_says = 0;
  return self;
}

/* The session of one becomes the next one's offer. */
static visit come_again(visit last, int seconds) {
  visit next = last;
  next.offered = last.kept;
  next.seconds = seconds;
  next = come(next);
  SSL_SESSION_free(last.kept);
  return next;
}

static tlstream_context *server_of(const chain *trusted,
                                   const tlstream_bytes *lists, size_t count,
                                   bool lenient) {
  return context_of(TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                     .key = test_leaf(KEY_ECDSA)->key_pem,
                                     .ca = trusted->root.cert_pem,
                                     .crls = lists, .crl_count = count,
                                     .request_certificate = true,
                                     .insecure_allow_unauthorized = lenient));
}

/* Resumes until the end and no longer, also with the ticket of a resumption;
 * what a full handshake says then is `error`. */
static void check_end(tlstream_context *server, const chain *own,
                      tlstream_version version, const char *error) {
  visit at = come(
      (visit){.server = server, .own = own, .version = version, .seconds = -9});
  CHECK(at.secure && at.authorized && !at.resumed);
  at = come_again(at, -5);
  CHECK(at.secure && at.authorized && at.resumed);
  at = come_again(at, -1);
  CHECK(at.secure && at.authorized && at.resumed);
  at = come_again(at, 0);
  CHECK(!at.secure && !at.authorized && !at.resumed);
  CHECK_STR(at.error, error);
}

TEST(a_session_ends_with_the_first_certificate_of_its_chain) {
  static const struct {
    const char *title;
    chain_plan plan;
  } rows[] = {{"leaf", {.leaf = {.to = END}}},
              {"middle", {.middle = {.to = END}}},
              {"root", {.root = {.to = END}}},
              {"middle before leaf",
               {.middle = {.to = END}, .leaf = {.to = "20310101000000Z"}}}};
  EACH_ROW_NAMED(i, rows, title)
    for (int v = 0; v < 2; v++) {
      chain made = make_chain(&rows[i].plan);
      tlstream_context *server = server_of(&made, NULL, 0, false);
      check_end(server, &made, versions[v], "CERT_HAS_EXPIRED");
      tlstream_context_unref(server);
      drop_chain(&made);
    }
}

/* A list without anybody on it, good until some seconds after the end. */
static tlstream_bytes list_of(const made_cert *by, int seconds) {
  X509_CRL *crl = X509_CRL_new();
  ASN1_TIME *at = ASN1_TIME_set(NULL, 1000000000);
  X509_CRL_set_version(crl, 1);
  X509_CRL_set_issuer_name(crl, X509_get_subject_name(by->cert));
  X509_CRL_set1_lastUpdate(crl, at);
  ASN1_TIME_set(at, AT_END + seconds);
  X509_CRL_set1_nextUpdate(crl, at);
  ASN1_TIME_free(at);
  CHECK_GT(X509_CRL_sign(crl, by->key, EVP_sha256()), 0);
  BIO *text = BIO_new(BIO_s_mem());
  CHECK_INT(PEM_write_bio_X509_CRL(text, crl), 1);
  char *data = NULL;
  size_t len = (size_t)BIO_get_mem_data(text, &data);
  tlstream_bytes part = {data, len};
  tlstream_bytes whole = join_pem(&part, 1);
  BIO_free(text);
  X509_CRL_free(crl);
  return whole;
}

TEST(a_session_ends_with_the_first_list_that_it_used) {
  enum { LATER = 1000000, LONG_AGO = -1000000 };
  static const int ends[][3] = {
      /* the root's, the middle's, another of the root's that is out of date */
      {0, LATER, LATER},
      {LATER, 0, LATER},
      {0, LATER, LONG_AGO},
  };
  EACH_ROW(i, ends)
    for (int v = 0; v < 2; v++) {
      chain made = make_chain(&(chain_plan){0});
      tlstream_bytes lists[] = {list_of(&made.root, ends[i][0]),
                                list_of(&made.middle, ends[i][1]),
                                list_of(&made.root, ends[i][2])};
      tlstream_context *server =
          server_of(&made, lists, ends[i][2] < 0 ? 3 : 2, false);
      check_end(server, &made, versions[v], "CRL_HAS_EXPIRED");
      tlstream_context_unref(server);
      for (int j = 0; j < 3; j++)
        free((void *)lists[j].data);
      drop_chain(&made);
    }
}

/* It still offers the old ticket, and is not refused for it. */
TEST(a_client_with_a_renewed_certificate_is_welcome) {
  for (int v = 0; v < 2; v++) {
    chain made = make_chain(&(chain_plan){.leaf = {.to = END}});
    chain renewed = made;
    renewed.leaf =
        make_cert(&(cert_plan){.name = "a.test", .by = &made.middle});
    tlstream_context *server = server_of(&made, NULL, 0, false);
    visit at = come((visit){
        .server = server, .own = &made, .version = versions[v], .seconds = -9});
    CHECK(at.secure && at.authorized);
    at.own = &renewed;
    at = come_again(at, 5);
    CHECK(at.secure && at.authorized && !at.resumed);
    at = come_again(at, 9); /* with a ticket of its own again */
    CHECK(at.secure && at.authorized && at.resumed);
    SSL_SESSION_free(at.kept);
    tlstream_context_unref(server);
    made_cert_clear(&renewed.leaf);
    drop_chain(&made);
  }
}

/* There is nothing to find out. */
TEST(a_client_without_a_certificate_resumes_whenever_it_likes) {
  for (int v = 0; v < 2; v++) {
    chain made = make_chain(&(chain_plan){.root = {.to = END}});
    tlstream_context *server = server_of(&made, NULL, 0, true);
    visit at =
        come((visit){.server = server, .version = versions[v], .seconds = -9});
    CHECK(at.secure && !at.authorized && !at.resumed);
    at = come_again(at, 9);
    CHECK(at.secure && !at.authorized && at.resumed);
    SSL_SESSION_free(at.kept);
    tlstream_context_unref(server);
    drop_chain(&made);
  }
}

/* A client that is accepted all the same is verified again, too. */
TEST(a_client_that_was_let_in_is_looked_at_again) {
  for (int v = 0; v < 2; v++) {
    chain made = make_chain(&(chain_plan){.leaf = {.to = END}});
    chain other = make_chain(&(chain_plan){0});
    tlstream_context *server = server_of(&other, NULL, 0, true);
    visit at = come((visit){
        .server = server, .own = &made, .version = versions[v], .seconds = -9});
    CHECK(at.secure && !at.authorized && !at.resumed);
    at = come_again(at, -1);
    CHECK(at.secure && !at.authorized && at.resumed);
    at = come_again(at, 1);
    CHECK(at.secure && !at.authorized && !at.resumed);
    at = come_again(at, 2);
    CHECK(at.secure && !at.authorized && !at.resumed);
    SSL_SESSION_free(at.kept);
    tlstream_context_unref(server);
    drop_chain(&other);
    drop_chain(&made);
  }
}

/* Another program that has our ticket keys may have made it. */
TEST(a_ticket_that_does_not_say_is_stale) {
  static const unsigned char marks[][9] = {{0}, {1}};
  tlstream__check check = {.wanted = true};
  SSL_SESSION *session = SSL_SESSION_new();
  CHECK(!tlstream__ticket_is_fresh(session, &check));
  for (size_t len = 0; len <= 9; len++) {
    SSL_SESSION_set1_ticket_appdata(session, marks[0], len);
    CHECK_INT(tlstream__ticket_is_fresh(session, &check), len == 8);
  }
  SSL_SESSION_set1_ticket_appdata(session, marks[1], 8);
  CHECK(tlstream__ticket_is_fresh(session, &check));
  SSL_SESSION_free(session);
}
