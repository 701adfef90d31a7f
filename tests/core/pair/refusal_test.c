/* SPDX-License-Identifier: MIT */
/* Two sides that cannot agree: each reports why, whose alert it was, and
 * which. */
#include <stdint.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/connect.h"
#include "support/handshake.h"
#include "support/peers.h"
#include "support/test.h"

enum {
  HANDSHAKE_FAILURE = 40,
  BAD_CERTIFICATE = 42,
  CERTIFICATE_EXPIRED = 45,
  UNKNOWN_CA = 48,
  PROTOCOL_VERSION = 70,
  CERTIFICATE_REQUIRED = 116
};

/* One side's context and, for a client, the name. */
typedef struct party {
  tlstream_context_options context;
  const char *name;
} party;

static party plain_server(tlstream_version version) {
  return (party){.context = {.size = sizeof(tlstream_context_options),
                             .cert = test_leaf(KEY_ECDSA)->cert_pem,
                             .key = test_leaf(KEY_ECDSA)->key_pem,
                             .ca = test_ca()->cert_pem,
                             .min_version = version,
                             .max_version = version}};
}

static party plain_client(tlstream_version version) {
  return (party){.name = SERVER_NAME,
                 .context = {.size = sizeof(tlstream_context_options),
                             .ca = test_ca()->cert_pem,
                             .min_version = version,
                             .max_version = version}};
}

static connection bring(const party *client, const party *server) {
  tlstream_context *ours = context_of(&client->context);
  tlstream_context *theirs = context_of(&server->context);
  connection both = connect_pairs(ours, theirs, client->name);
  tlstream_context_unref(ours);
  tlstream_context_unref(theirs);
  return both;
}

/* It ended the handshake with an alert. */
static void check_ours(tlstream_pair *pair, int code, int alert) {
  char got[8];
  const tlstream_error *error = tlstream_pair_error(pair);
  CHECK(!tlstream_pair_is_secure(pair));
  CHECK(!tlstream_pair_authorized(pair));
  CHECK_INT(tlstream_pair_read(pair, got, sizeof(got)), code);
  CHECK_STR(take_events(pair), "ERROR");
  check_alert_taken(pair);
  if (!CHECK(error != NULL)) return;
  CHECK_ERROR(error->code, code);
  CHECK_INT(error->alert, alert);
  CHECK_INT(error->alert_side, TLSTREAM_ALERT_OURS);
}

/* It got the alert. In TLS 1.3 a client is secure before the server has looked
 * at its certificate. */
static void check_theirs(tlstream_pair *pair, int alert, bool was_secure) {
  const tlstream_error *error = tlstream_pair_error(pair);
  CHECK_INT(tlstream_pair_is_secure(pair), was_secure);
  CHECK_STR(take_events(pair), was_secure ? "SECURE ERROR" : "ERROR");
  CHECK(tlstream_pair_is_finished(pair));
  if (!CHECK(error != NULL)) return;
  CHECK_ERROR(error->code, TLSTREAM_ERR_ALERT);
  CHECK_INT(error->alert, alert);
  CHECK_INT(error->alert_side, TLSTREAM_ALERT_THEIRS);
  CHECK_HAS(error->message, "peer: alert ");
}

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

TEST(a_client_refuses_a_server_that_it_does_not_trust) {
  for (int i = 0; i < 2; i++) {
    party client = plain_client(versions[i]);
    party server = plain_server(versions[i]);
    server.context.cert = test_stranger()->cert_pem;
    server.context.key = test_stranger()->key_pem;
    connection both = bring(&client, &server);
    check_ours(both.client, TLSTREAM_ERR_UNTRUSTED, UNKNOWN_CA);
    CHECK(
        was_shown(both.client, test_stranger())); /* which certificate it was */
    check_theirs(both.server, UNKNOWN_CA, false);
    const tlstream_error *error = tlstream_pair_error(both.client);
    CHECK_STR(error->name, "DEPTH_ZERO_SELF_SIGNED_CERT");
    CHECK_HAS(error->message, "\"server.test\"");
    CHECK_HAS(error_text(both.server),
              "it does not trust the authority that issued our certificate");
    disconnect_pairs(&both);
  }
}

/* A2: the chain is good, and the name is another's. */
TEST(a_client_refuses_a_certificate_for_another_name) {
  for (int i = 0; i < 2; i++) {
    party client = plain_client(versions[i]);
    party server = plain_server(versions[i]);
    client.name = "bank.test";
    connection both = bring(&client, &server);
    check_ours(both.client, TLSTREAM_ERR_WRONG_NAME, BAD_CERTIFICATE);
    CHECK(was_shown(both.client, test_leaf(KEY_ECDSA)));
    check_theirs(both.server, BAD_CERTIFICATE, false);
    CHECK_HAS(error_text(both.client), "server.test, not for bank.test");
    disconnect_pairs(&both);
  }
}

/* A2: let in, but never as authorized. */
TEST(a_wrong_name_that_is_let_in_is_not_authorized) {
  for (int i = 0; i < 2; i++) {
    party client = plain_client(versions[i]);
    party server = plain_server(versions[i]);
    client.name = "bank.test";
    client.context.insecure_allow_unauthorized = true;
    connection both = bring(&client, &server);
    tlstream_pair *pair = both.client;
    CHECK_STR(take_events(pair), "SECURE");
    CHECK(!tlstream_pair_authorized(pair));
    CHECK_ERROR(tlstream_pair_authorization_error(pair)->code,
                TLSTREAM_ERR_WRONG_NAME);
    CHECK(tlstream_pair_error(pair) == NULL);
    disconnect_pairs(&both);
  }
}

TEST(a_client_refuses_a_certificate_that_has_expired) {
  for (int i = 0; i < 2; i++) {
    party client = plain_client(versions[i]);
    party server = plain_server(versions[i]);
    client.context.verify_time = 5000000000; /* in 2128 */
    connection both = bring(&client, &server);
    check_ours(both.client, TLSTREAM_ERR_UNTRUSTED, CERTIFICATE_EXPIRED);
    check_theirs(both.server, CERTIFICATE_EXPIRED, false);
    CHECK_STR(tlstream_pair_error(both.client)->name, "CERT_HAS_EXPIRED");
    disconnect_pairs(&both);
  }
}

TEST(a_server_refuses_a_client_without_a_certificate) {
  for (int i = 0; i < 2; i++) {
    bool modern = versions[i] == TLSTREAM_TLS_1_3;
    int alert = modern ? CERTIFICATE_REQUIRED : HANDSHAKE_FAILURE;
    party client = plain_client(versions[i]);
    party server = plain_server(versions[i]);
    server.context.request_certificate = true;
    connection both = bring(&client, &server);
    check_ours(both.server, TLSTREAM_ERR_NO_PEER_CERTIFICATE, alert);
    check_theirs(both.client, alert, modern);
    CHECK_HAS(error_text(both.server), "sent no certificate");
    disconnect_pairs(&both);
  }
}

TEST(a_server_refuses_a_client_that_it_does_not_trust) {
  for (int i = 0; i < 2; i++) {
    party client = plain_client(versions[i]);
    party server = plain_server(versions[i]);
    server.context.request_certificate = true;
    client.context.cert = test_stranger()->cert_pem;
    client.context.key = test_stranger()->key_pem;
    connection both = bring(&client, &server);
    check_ours(both.server, TLSTREAM_ERR_UNTRUSTED, UNKNOWN_CA);
    CHECK(was_shown(both.server, test_stranger()));
    check_theirs(both.client, UNKNOWN_CA, versions[i] == TLSTREAM_TLS_1_3);
    disconnect_pairs(&both);
  }
}

/* Optional: none is let in, and is not authorized. */
TEST(a_server_may_let_clients_without_a_certificate_in) {
  for (int i = 0; i < 2; i++) {
    party client = plain_client(versions[i]);
    party server = plain_server(versions[i]);
    server.context.request_certificate = true;
    server.context.allow_no_certificate = true;
    connection both = bring(&client, &server);
    const tlstream_error *why = tlstream_pair_authorization_error(both.server);
    CHECK_STR(take_events(both.server), "SECURE");
    CHECK_STR(take_events(both.client), "SECURE");
    CHECK(!tlstream_pair_authorized(both.server));
    CHECK(tlstream_pair_peer_certificate(both.server) == NULL);
    if (CHECK(why != NULL)) {
      CHECK_ERROR(why->code, TLSTREAM_ERR_NO_PEER_CERTIFICATE);
    }
    disconnect_pairs(&both);
  }
}

TEST(a_bad_certificate_is_refused_where_none_is_let_in) {
  for (int i = 0; i < 4; i++) {
    party client = plain_client(versions[i % 2]);
    party server = plain_server(versions[i % 2]);
    bool has_expired = i / 2 == 1;
    const made_cert *shown =
        has_expired ? test_leaf(KEY_ECDSA) : test_stranger();
    server.context.request_certificate = true;
    server.context.allow_no_certificate = true;
    if (has_expired) server.context.verify_time = 5000000000; /* in 2128 */
    client.context.cert = shown->cert_pem;
    client.context.key = shown->key_pem;
    connection both = bring(&client, &server);
    check_ours(both.server, TLSTREAM_ERR_UNTRUSTED,
               has_expired ? CERTIFICATE_EXPIRED : UNKNOWN_CA);
    CHECK(was_shown(both.server, shown));
    disconnect_pairs(&both);
  }
}

TEST(a_good_certificate_is_authorized_where_none_is_let_in) {
  for (int i = 0; i < 2; i++) {
    party client = plain_client(versions[i]);
    party server = plain_server(versions[i]);
    server.context.request_certificate = true;
    server.context.allow_no_certificate = true;
    client.context.cert = test_leaf(KEY_ECDSA)->cert_pem;
    client.context.key = test_leaf(KEY_ECDSA)->key_pem;
    connection both = bring(&client, &server);
    CHECK_STR(take_events(both.server), "SECURE");
    CHECK(tlstream_pair_authorized(both.server));
    CHECK(tlstream_pair_authorization_error(both.server) == NULL);
    disconnect_pairs(&both);
  }
}

/* Asked for, not required: let in, and never as authorized. */
TEST(a_server_may_accept_unauthorized_clients) {
  for (int i = 0; i < 4; i++) {
    bool nameless = i / 2 == 0;
    party client = plain_client(versions[i % 2]);
    party server = plain_server(versions[i % 2]);
    server.context.request_certificate = true;
    server.context.insecure_allow_unauthorized = true;
    if (!nameless) {
      client.context.cert = test_stranger()->cert_pem;
      client.context.key = test_stranger()->key_pem;
    }
    connection both = bring(&client, &server);
    tlstream_pair *pair = both.server;
    CHECK_STR(take_events(pair), "SECURE");
    CHECK(!tlstream_pair_authorized(pair));
    CHECK_INT(tlstream_pair_authorization_error(pair)->code,
              nameless ? TLSTREAM_ERR_NO_PEER_CERTIFICATE
                       : TLSTREAM_ERR_UNTRUSTED);
    disconnect_pairs(&both);
  }
}

TEST(without_a_shared_version_both_say_so) {
  for (int i = 0; i < 2; i++) {
    party client = plain_client(versions[i]);
    party server = plain_server(versions[1 - i]);
    connection both = bring(&client, &server);
    check_ours(both.server, TLSTREAM_ERR_NO_SHARED_VERSION, PROTOCOL_VERSION);
    check_theirs(both.client, PROTOCOL_VERSION, false);
    CHECK_HAS(error_text(both.server), "version");
    CHECK_HAS(error_text(both.client),
              "none of the TLS versions that we offered");
    disconnect_pairs(&both);
  }
}

/* A ServerHello for TLS 1.1, which the client did not offer. */
TEST(a_client_refuses_a_version_that_it_did_not_offer) {
  unsigned char hello[5 + 4 + 2 + 32 + 1 + 2 + 1] = {
      22, 3, 2, 0, sizeof(hello) - 5, 2, 0, 0, sizeof(hello) - 9, 3, 2};
  hello[44] = 0xc0;
  hello[45] = 0x13;
  for (int i = 0; i < 2; i++) {
    config terms = {.version = versions[i]};
    tlstream_pair *pair = config_pair(&terms, TLSTREAM_ROLE_CLIENT);
    CHECK_ERROR(tlstream_pair_start(pair), 0);
    drain_away(pair);
    CHECK_ERROR(tlstream_pair_feed(pair, hello, sizeof(hello)),
                TLSTREAM_ERR_NO_SHARED_VERSION);
    CHECK_GT(drain_away(pair), 0);
    check_ours(pair, TLSTREAM_ERR_NO_SHARED_VERSION, PROTOCOL_VERSION);
    tlstream_pair_free(pair);
  }
}

TEST(without_a_shared_cipher_both_say_so) {
  for (int i = 0; i < 2; i++) {
    party client = plain_client(versions[i]);
    party server = plain_server(versions[i]);
    client.context.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
    server.context.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
    client.context.ciphersuites = "TLS_AES_128_GCM_SHA256";
    server.context.ciphersuites = "TLS_AES_256_GCM_SHA384";
    connection both = bring(&client, &server);
    check_ours(both.server, TLSTREAM_ERR_NO_SHARED_CIPHER, HANDSHAKE_FAILURE);
    check_theirs(both.client, HANDSHAKE_FAILURE, false);
    CHECK_HAS(error_text(both.server), "cipher suite");
    disconnect_pairs(&both);
  }
}

/* An RSA suite and an ECDSA key. */
TEST(a_cipher_that_does_not_fit_the_key_is_not_shared) {
  party client = plain_client(TLSTREAM_TLS_1_2);
  party server = plain_server(TLSTREAM_TLS_1_2);
  client.context.ciphers = "ECDHE-RSA-AES128-GCM-SHA256";
  connection both = bring(&client, &server);
  check_ours(both.server, TLSTREAM_ERR_NO_SHARED_CIPHER, HANDSHAKE_FAILURE);
  CHECK_HAS(error_text(both.server), "fits our certificate");
  disconnect_pairs(&both);
}
