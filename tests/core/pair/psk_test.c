/* SPDX-License-Identifier: MIT */
/* Connections by a pre-shared key: what both sides know after them, with which
 * suites, and what becomes of those that do not fit. */
#include <stdint.h>

#include <openssl/ssl.h>

#include <tlstream/pair_info.h>
#include <tlstream/pair_keys.h>
#include <tlstream/pair_psk.h>

#include "core/pair/pair.h"
#include "support/psk.h"
#include "support/shuttle.h"
#include "support/torture.h"

enum { UNKNOWN_PSK_IDENTITY = 115 };

static void check_identity(const tlstream_pair *pair, const char *identity) {
  size_t len = 99;
  CHECK_STR(tlstream_pair_psk_identity(pair, &len), identity);
  CHECK_INT(len, identity != NULL ? strlen(identity) : 0);
}

/* By the key, and by nothing else. */
static void check_by_psk(const tlstream_pair *pair) {
  CHECK_STR(error_text(pair), "");
  CHECK(tlstream_pair_is_secure(pair));
  CHECK(tlstream_pair_authorized(pair));
  CHECK(tlstream_pair_authorization_error(pair) == NULL);
  CHECK_INT(tlstream_pair_authorization_from(pair), TLSTREAM_SOURCE_PSK);
  CHECK(!tlstream_pair_resumed(pair));
  CHECK(tlstream_pair_peer_certificate(pair) == NULL);
  check_identity(pair, PSK_IDENTITY);
}

static void check_data(peers *both) {
  for (int to = 0; to < 2; to++) {
    (void)take_events(both->side[to]);
    peers_say(both, (tlstream_role)to);
    check_hears(both->side[to]);
  }
}

static void check_met(peers *both) {
  check_by_psk(both->side[0]);
  check_by_psk(both->side[1]);
  check_data(both);
}

static void by_the_key(tlstream_version version) {
  const tlstream_psk psk = usual_psk();
  peers both = psk_meet(&psk, &psk, version);
  CHECK_INT(tlstream_pair_tls_version(both.side[0]), version);
  check_met(&both);
  if (version == TLSTREAM_TLS_1_2) {
    CHECK_STR(tlstream_pair_cipher(both.side[0]),
              "ECDHE-PSK-CHACHA20-POLY1305");
  }
  peers_free(&both);
}

TEST(both_sides_are_authorized_by_the_key) {
  each_version(by_the_key);
}

/* A key of TLS 1.3 is for the suites of its hash, which come first then. */
TEST(the_hash_decides_the_suite) {
  static const char *const suites[] = {"TLS_CHACHA20_POLY1305_SHA256",
                                       "TLS_AES_256_GCM_SHA384"};
  for (int hash = TLSTREAM_PSK_SHA256; hash <= TLSTREAM_PSK_SHA384; hash++) {
    const tlstream_psk psk =
        psk_of(PSK_IDENTITY, psk_key, (tlstream_psk_hash)hash);
    peers both = psk_meet(&psk, &psk, TLSTREAM_TLS_1_3);
    check_met(&both);
    CHECK_STR(tlstream_pair_cipher(both.side[1]), suites[hash]);
    peers_free(&both);
  }
}

static tlstream_context *certified(const tlstream_psk *psk,
                                   tlstream_version version) {
  return context_of(TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                     .key = test_leaf(KEY_ECDSA)->key_pem,
                                     .psks = psk, .psk_count = psk != NULL,
                                     .min_version = version,
                                     .max_version = version));
}

static tlstream_context *trusting(const tlstream_psk *psk,
                                  tlstream_version version) {
  return context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem, .psks = psk,
                                     .psk_count = psk != NULL,
                                     .min_version = version,
                                     .max_version = version));
}

static void prefers_the_key(tlstream_version version) {
  const tlstream_psk psk = usual_psk();
  peers both = shake(psk_client(trusting(&psk, version), SERVER_NAME),
                     psk_server(certified(&psk, version)));
  check_met(&both);
  unsigned char out[TLSTREAM_BINDING_MAX_LEN];
  for (int side = 0; side < 2; side++) {
    CHECK_INT(tlstream_pair_channel_binding(both.side[side],
                                            TLSTREAM_BINDING_SERVER_END_POINT,
                                            out, sizeof(out)),
              TLSTREAM_ERR_UNSUPPORTED);
    CHECK_INT(tlstream_pair_channel_binding(
                  both.side[side], TLSTREAM_BINDING_EXPORTER, out, sizeof(out)),
              32);
  }
  peers_free(&both);
}

TEST(a_key_goes_before_certificates) {
  each_version(prefers_the_key);
}

static void serves_both_kinds(tlstream_version version) {
  const tlstream_psk psk = usual_psk();
  peers both = shake(psk_client(trusting(NULL, version), SERVER_NAME),
                     psk_server(certified(&psk, version)));
  CHECK(tlstream_pair_authorized(both.side[TLSTREAM_ROLE_CLIENT]));
  CHECK_INT(tlstream_pair_authorization_from(both.side[TLSTREAM_ROLE_CLIENT]),
            TLSTREAM_SOURCE_CHAIN);
  CHECK(!tlstream_pair_authorized(both.side[TLSTREAM_ROLE_SERVER]));
  check_identity(both.side[0], NULL);
  check_identity(both.side[1], NULL);
  peers_free(&both);
}

TEST(a_server_with_both_serves_clients_without_a_key) {
  each_version(serves_both_kinds);
}

/* A server that shows a certificate to a client with a key. */
static void check_certificate(tlstream_version version, const char *name,
                              bool trusted, int code) {
  const tlstream_psk psk = usual_psk();
  tlstream_context *client =
      trusted ? trusting(&psk, version) : psk_context(&psk, version);
  peers both =
      shake(psk_client(client, name), psk_server(certified(NULL, version)));
  CHECK_ERROR(error_code(both.side[TLSTREAM_ROLE_CLIENT]), code);
  CHECK_INT(tlstream_pair_authorized(both.side[TLSTREAM_ROLE_CLIENT]),
            code == 0);
  if (code == 0) {
    CHECK_INT(tlstream_pair_authorization_from(both.side[0]),
              TLSTREAM_SOURCE_CHAIN);
  }
  check_identity(both.side[TLSTREAM_ROLE_CLIENT], NULL);
  peers_free(&both);
}

static void verifies_as_ever(tlstream_version version) {
  check_certificate(version, SERVER_NAME, true, 0);
  check_certificate(version, "other.test", true, TLSTREAM_ERR_WRONG_NAME);
  check_certificate(version, NULL, true, TLSTREAM_ERR_NO_NAME);
  check_certificate(version, SERVER_NAME, false, TLSTREAM_ERR_UNTRUSTED);
}

TEST(a_client_with_a_key_verifies_certificates_all_the_same) {
  each_version(verifies_as_ever);
}

static void instead_of_a_certificate(tlstream_version version) {
  const tlstream_psk psk = usual_psk();
  for (int with_key = 0; with_key < 2; with_key++) {
    tlstream_context *server = context_of(
        TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                         .key = test_leaf(KEY_ECDSA)->key_pem,
                         .ca = test_ca()->cert_pem, .request_certificate = true,
                         .psks = &psk, .psk_count = 1, .min_version = version,
                         .max_version = version));
    peers both = shake(
        psk_client(trusting(with_key ? &psk : NULL, version), SERVER_NAME),
        psk_server(server));
    if (with_key) {
      check_met(&both);
    } else {
      CHECK_ERROR(error_code(both.side[TLSTREAM_ROLE_SERVER]),
                  TLSTREAM_ERR_NO_PEER_CERTIFICATE);
    }
    peers_free(&both);
  }
}

TEST(a_key_is_as_good_as_the_certificate_that_a_server_requires) {
  each_version(instead_of_a_certificate);
}

static void check_failed(peers *both, int code, int alert) {
  const tlstream_error *ours =
      tlstream_pair_error(both->side[TLSTREAM_ROLE_SERVER]);
  const tlstream_error *theirs =
      tlstream_pair_error(both->side[TLSTREAM_ROLE_CLIENT]);
  if (!CHECK(ours != NULL) || !CHECK(theirs != NULL)) return;
  CHECK_ERROR(ours->code, code);
  CHECK_INT(ours->alert, alert);
  CHECK_INT(ours->alert_side, TLSTREAM_ALERT_OURS);
  CHECK_HAS(ours->message, "\"" PSK_IDENTITY "\"");
  CHECK_ERROR(theirs->code, TLSTREAM_ERR_ALERT);
  CHECK_INT(theirs->alert, alert);
  CHECK(!tlstream_pair_authorized(both->side[0]));
  CHECK(!tlstream_pair_authorized(both->side[1]));
  check_identity(both->side[0], NULL);
  check_identity(both->side[1], NULL);
}

static void unknown(tlstream_version version) {
  static const char *const others[] = {"device 8", "device", "device 77",
                                       "Device 7"};
  for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
    const tlstream_psk client = usual_psk();
    const tlstream_psk server = psk_of(others[i], psk_key, client.hash);
    peers both = psk_meet(&client, &server, version);
    check_failed(&both, TLSTREAM_ERR_UNKNOWN_PSK, UNKNOWN_PSK_IDENTITY);
    peers_free(&both);
  }
}

TEST(an_unknown_identity_is_refused_with_its_alert) {
  each_version(unknown);
}

static void mismatch(tlstream_version version) {
  const tlstream_psk client = usual_psk();
  const tlstream_psk server = psk_of(PSK_IDENTITY, psk_other_key, client.hash);
  peers both = psk_meet(&client, &server, version);
  check_failed(&both, TLSTREAM_ERR_PSK_MISMATCH, psk_mismatch_alert(version));
  peers_free(&both);
}

TEST(another_key_is_refused) {
  each_version(mismatch);
}

TEST(another_hash_is_another_key_in_tls_1_3) {
  const tlstream_psk client = usual_psk();
  const tlstream_psk server =
      psk_of(PSK_IDENTITY, psk_key, TLSTREAM_PSK_SHA384);
  peers both = psk_meet(&client, &server, TLSTREAM_TLS_1_3);
  CHECK(error_code(both.side[TLSTREAM_ROLE_SERVER]) != 0);
  CHECK(!tlstream_pair_is_secure(both.side[TLSTREAM_ROLE_CLIENT]));
  peers_free(&both);
  both = psk_meet(&client, &server, TLSTREAM_TLS_1_2);
  check_met(&both);
  peers_free(&both);
}

/* With a certificate there is something to fall back to. */
TEST(in_tls_1_3_an_unknown_client_is_shown_the_certificate) {
  const tlstream_psk client = usual_psk();
  const tlstream_psk server = psk_of("another", psk_key, client.hash);
  peers both =
      shake(psk_client(trusting(&client, TLSTREAM_TLS_1_3), SERVER_NAME),
            psk_server(certified(&server, TLSTREAM_TLS_1_3)));
  CHECK_INT(tlstream_pair_authorization_from(both.side[TLSTREAM_ROLE_CLIENT]),
            TLSTREAM_SOURCE_CHAIN);
  CHECK(tlstream_pair_authorized(both.side[TLSTREAM_ROLE_CLIENT]));
  CHECK(!tlstream_pair_authorized(both.side[TLSTREAM_ROLE_SERVER]));
  check_identity(both.side[TLSTREAM_ROLE_SERVER], NULL);
  peers_free(&both);
}

static void one_of_many(tlstream_version version) {
  enum { MANY = 100 };
  static char names[MANY][16];
  static char keys[MANY][33];
  tlstream_psk all[MANY];
  for (int i = 0; i < MANY; i++) {
    snprintf(names[i], sizeof(names[i]), "device %d", i);
    snprintf(keys[i], sizeof(keys[i]), "%032d", i);
    all[i] = psk_of(names[i], keys[i], TLSTREAM_PSK_SHA256);
  }
  for (int i = 0; i < MANY; i += 33) {
    tlstream_context *server =
        context_of(TLSTREAM_CONTEXT(.psks = all, .psk_count = MANY,
                                    .min_version = version));
    peers both = shake(psk_client(psk_context(&all[i], version), NULL),
                       psk_server(server));
    check_identity(both.side[TLSTREAM_ROLE_SERVER], names[i]);
    check_data(&both);
    peers_free(&both);
  }
}

TEST(each_client_has_its_own_key) {
  each_version(one_of_many);
}

/* The server wants a group that the client has sent no share of. */
TEST(a_hello_that_is_asked_for_again_has_the_same_key) {
  for (int hash = TLSTREAM_PSK_SHA256; hash <= TLSTREAM_PSK_SHA384; hash++) {
    const tlstream_psk psk =
        psk_of(PSK_IDENTITY, psk_key, (tlstream_psk_hash)hash);
    tlstream_context *server = context_of(
        TLSTREAM_CONTEXT(.psks = &psk, .psk_count = 1, .groups = "P-384"));
    peers both = shake(psk_client(psk_context(&psk, TLSTREAM_TLS_1_3), NULL),
                       psk_server(server));
    check_met(&both);
    peers_free(&both);
  }
}

TEST(a_hint_is_shown_in_tls_1_2) {
  const tlstream_psk psk = usual_psk();
  for (int v = TLSTREAM_TLS_1_2; v <= TLSTREAM_TLS_1_3; v++) {
    tlstream_version version = (tlstream_version)v;
    tlstream_context *server =
        context_of(TLSTREAM_CONTEXT(.psks = &psk, .psk_count = 1,
                                    .psk_hint = "which device?"));
    peers both =
        shake(psk_client(psk_context(&psk, version), NULL), psk_server(server));
    check_met(&both);
    CHECK_STR(tlstream_pair_psk_hint(both.side[TLSTREAM_ROLE_CLIENT]),
              version == TLSTREAM_TLS_1_2 ? "which device?" : NULL);
    CHECK(tlstream_pair_psk_hint(both.side[TLSTREAM_ROLE_SERVER]) == NULL);
    peers_free(&both);
  }
}

static void derived(tlstream_version version) {
  const tlstream_psk psk = usual_psk();
  tlstream_context *parent = psk_context(&psk, version);
  for (int own_ctx = 0; own_ctx < 2; own_ctx++) {
    const tlstream_protocols npn = {
        .wire = {own_ctx ? "\1a" : NULL, own_ctx ? 2 : 0}};
    tlstream_context *child =
        context_of(TLSTREAM_CONTEXT(.parent = parent, .npn = npn));
    peers both =
        shake(psk_client(tlstream_context_ref(child), NULL), psk_server(child));
    check_met(&both);
    peers_free(&both);
  }
  check_no_context(
      TLSTREAM_CONTEXT(.parent = parent, .psks = &psk, .psk_count = 1),
      TLSTREAM_ERR_INVALID_ARGUMENT, "psks");
  tlstream_context_unref(parent);
}

TEST(derived_contexts_have_their_parents_keys) {
  each_version(derived);
}

TEST(a_server_needs_a_certificate_or_a_key) {
  tlstream_error error;
  tlstream_context *bare = context_of(NULL);
  CHECK(tlstream_pair_new(
            TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = bare), 0,
            &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_NO_CERTIFICATE);
  CHECK_HAS(error.message, "`psks`");
  tlstream_context_unref(bare);
}

/* An OpenSSL client that has the key, and keeps its session. */

static unsigned openssl_key(SSL *ssl, const char *hint, char *identity,
                            unsigned identity_cap, unsigned char *key,
                            unsigned cap) {
  (void)ssl, (void)hint, (void)cap, (void)identity_cap;
  strcpy(identity, PSK_IDENTITY);
  memcpy(key, psk_key, sizeof(psk_key) - 1);
  return sizeof(psk_key) - 1;
}

static SSL_SESSION *come(tlstream_version version, bool by_id,
                         SSL_SESSION *offered) {
  const tlstream_psk psk = usual_psk();
  static tlstream_context *server[2];
  hostile_peer client;
  bool modern = version == TLSTREAM_TLS_1_3;
  char byte = 0;
  if (server[modern] == NULL) server[modern] = psk_context(&psk, version);
  tlstream_pair *pair = server_with(server[modern], false);
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, version, pair);
  SSL_set_cipher_list(client.ssl, "ECDHE-PSK-CHACHA20-POLY1305");
  SSL_set_psk_client_callback(client.ssl, openssl_key);
  if (by_id) SSL_set_options(client.ssl, SSL_OP_NO_TICKET);
  if (offered != NULL) SSL_set_session(client.ssl, offered);
  CHECK_INT(hostile_peer_handshake(&client), 0);
  check_by_psk(pair);
  CHECK_INT(SSL_session_reused(client.ssl), modern);
  CHECK_INT(tlstream_pair_write(pair, "x", 1), 1);
  hostile_peer_pull(&client);
  CHECK_INT(SSL_read(client.ssl, &byte, 1), 1);
  SSL_SESSION *kept = SSL_SESSION_dup(SSL_get_session(client.ssl));
  if (modern) CHECK_INT(SSL_SESSION_has_ticket(kept), 0);
  hostile_peer_disconnect(&client);
  return kept;
}

/* A key that was withdrawn lets its client in no more. */
static void not_resumed(tlstream_version version) {
  bool keeps = version == TLSTREAM_TLS_1_2; /* in TLS 1.3 it gets no ticket */
  for (int by_id = 0; by_id < 2; by_id++) {
    SSL_SESSION *first = come(version, by_id != 0, NULL);
    SSL_SESSION *second = come(version, by_id != 0, keeps ? first : NULL);
    SSL_SESSION_free(first);
    SSL_SESSION_free(second);
  }
}

TEST(what_a_key_made_is_not_resumed) {
  each_version(not_resumed);
}

BEFORE_TESTS(install) {
  torture_install();
  torture_install_openssl();
  (void)test_leaf(KEY_ECDSA);
}

/* In TLS 1.2 the server gives every client a ticket. */
TEST(a_client_with_a_key_keeps_no_session) {
  const tlstream_psk psk = usual_psk();
  for (int with_key = 0; with_key < 2; with_key++) {
    tlstream_pair *client = psk_client(
        trusting(with_key ? &psk : NULL, TLSTREAM_TLS_1_2), SERVER_NAME);
    tlstream__pair_keep_sessions(client, true);
    peers both = shake(client, psk_server(certified(&psk, TLSTREAM_TLS_1_2)));
    CHECK(tlstream_pair_authorized(client));
    tlstream_session *session = tlstream_pair_take_session(client);
    CHECK_INT(session != NULL, !with_key);
    tlstream_session_unref(session);
    peers_free(&both);
  }
}

static void wiped(tlstream_version version) {
  const tlstream_psk psk = usual_psk();
  torture_watch(psk_key, sizeof(psk_key) - 1);
  peers both = psk_meet(&psk, &psk, version);
  check_met(&both);
  peers_free(&both);
  CHECK_INT(torture_spilled(TORTURE_ALL), 0);
  torture_watch(NULL, 0);
}

TEST(no_key_is_left_in_memory) {
  each_version(wiped);
}

static void meet_without_memory(void *data) {
  const tlstream_version *version = data;
  const tlstream_psk psk = usual_psk();
  tlstream_error error = {.code = 0};
  tlstream_context *context = tlstream_context_new(
      TLSTREAM_CONTEXT(.psks = &psk, .psk_count = 1, .psk_hint = "hint",
                       .max_version = *version),
      &error);
  tlstream_pair *pairs[2] = {NULL, NULL};
  for (int role = 0; role < 2 && error.code == 0; role++) {
    pairs[role] = tlstream_pair_new(
        TLSTREAM_PAIR(.role = (tlstream_role)role, .context = context), 0,
        &error);
  }
  if (pairs[0] != NULL && pairs[1] != NULL) {
    (void)tlstream_pair_start(pairs[0]);
    shuttle(pairs[0], pairs[1], SIZE_MAX);
    for (int role = 0; role < 2; role++) {
      bool secure = tlstream_pair_is_secure(pairs[role]);
      CHECK(secure || torture_struck());
      CHECK_INT(tlstream_pair_authorized(pairs[role]), secure);
    }
  } else {
    CHECK(torture_struck());
    CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
  }
  tlstream_pair_free(pairs[0]);
  tlstream_pair_free(pairs[1]);
  tlstream_context_unref(context);
}

TEST(without_memory_no_one_is_authorized) {
  for (int v = TLSTREAM_TLS_1_2; v <= TLSTREAM_TLS_1_3; v++) {
    tlstream_version version = (tlstream_version)v;
    wiped(version); /* what is made once is made */
    CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, meet_without_memory,
                          &version),
             5);
  }
}
