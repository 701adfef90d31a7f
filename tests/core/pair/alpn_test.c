/* SPDX-License-Identifier: MIT */
/* The application protocol, by ALPN: which side decides, and what happens with
 * none in common. C1, C3, C7. */
#include <stdint.h>
#include <stdlib.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/handshake.h"
#include "support/hello.h"
#include "support/shuttle.h"
#include "support/test.h"

enum { NO_APPLICATION_PROTOCOL = 120, ALPN = 16 };

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

/* What one side wants; names with commas between them, or NULL. */
typedef struct wish {
  const char *alpn;
  bool required;
  bool insecure_allow_mismatch;
} wish;

static tlstream_context *context_with_list(tlstream_role role,
                                           tlstream_protocols alpn,
                                           const wish *wanted,
                                           tlstream_version version) {
  tlstream_context_options options = {.size = sizeof(options)};
  if (role == TLSTREAM_ROLE_SERVER) {
    options.cert = test_leaf(KEY_ECDSA)->cert_pem;
    options.key = test_leaf(KEY_ECDSA)->key_pem;
  }
  options.ca = test_ca()->cert_pem;
  options.min_version = options.max_version = version;
  options.alpn = alpn;
  options.require_alpn = wanted->required;
  options.insecure_allow_alpn_mismatch = wanted->insecure_allow_mismatch;
  return context_of(&options);
}

static tlstream_context *context_for(tlstream_role role, const wish *wanted,
                                     tlstream_version version) {
  unsigned char room[64];
  return context_with_list(role, protocol_list(wanted->alpn, room), wanted,
                           version);
}

static peers connect_with(const wish *client, const wish *server,
                          tlstream_version version) {
  tlstream_context *theirs = context_for(TLSTREAM_ROLE_CLIENT, client, version);
  tlstream_context *ours = context_for(TLSTREAM_ROLE_SERVER, server, version);
  peers both = shake(client_with(theirs, NULL), server_with(ours, false));
  tlstream_context_unref(theirs);
  tlstream_context_unref(ours);
  return both;
}

static void check_agreed(const peers *both, const char *protocol) {
  for (int i = 0; i < 2; i++) {
    CHECK(tlstream_pair_is_secure(both->side[i]));
    CHECK_STR(error_text(both->side[i]), "");
    CHECK_STR(tlstream_pair_alpn_protocol(both->side[i]), protocol);
    CHECK(tlstream_pair_npn_protocol(both->side[i]) == NULL);
  }
}

TEST(the_server_s_order_decides) {
  static const struct {
    wish server;
    wish client;
    const char *protocol;
  } table[] = {
      {{.alpn = NULL}, {.alpn = NULL}, NULL},
      {{.alpn = NULL}, {.alpn = "h2"}, NULL},
      {{.alpn = "h2"}, {.alpn = NULL}, NULL},
      {{.alpn = "h2"}, {.alpn = "h2"}, "h2"},
      {{.alpn = "a,b"}, {.alpn = "b,a"}, "a"},
      {{.alpn = "b,a"}, {.alpn = "a,b"}, "b"},
      {{.alpn = "a,b,c"}, {.alpn = "c"}, "c"},
      {{.alpn = "c"}, {.alpn = "a,b,c"}, "c"},
      {{.alpn = "x,b"}, {.alpn = "a,b"}, "b"},
      {{.alpn = "a,a"}, {.alpn = "a"}, "a"},
      {{.alpn = "aa,a"}, {.alpn = "a"}, "a"},
      {{.alpn = "a,aa"}, {.alpn = "aa"}, "aa"},
      {{.alpn = "\xFF\x01 "}, {.alpn = "\xFF\x01 "}, "\xFF\x01 "},
      {{.alpn = "h2", .required = true},
       {.alpn = "h2", .required = true},
       "h2"},
      {{.alpn = "h2", .insecure_allow_mismatch = true}, {.alpn = "x,h2"}, "h2"},
      {{.alpn = "h2", .insecure_allow_mismatch = true}, {.alpn = "x"}, NULL},
      {{.alpn = "h2", .required = true, .insecure_allow_mismatch = true},
       {.alpn = "x"},
       NULL},
  };
  EACH_ROW(i, table)
    EACH_ROW(v, versions) {
      peers both =
          connect_with(&table[i].client, &table[i].server, versions[v]);
      check_agreed(&both, table[i].protocol);
      peers_free(&both);
    }
}

static void check_error(const tlstream_pair *pair, int code,
                        tlstream_alert_side side) {
  const tlstream_error *error = tlstream_pair_error(pair);
  CHECK(!tlstream_pair_is_secure(pair));
  CHECK_ERROR(error_code(pair), code);
  CHECK(tlstream_pair_alpn_protocol(pair) == NULL);
  if (error == NULL) return;
  CHECK_INT(error->alert,
            side == TLSTREAM_ALERT_NONE ? -1 : NO_APPLICATION_PROTOCOL);
  CHECK_INT(error->alert_side, side);
  CHECK_HAS(error->message,
            side == TLSTREAM_ALERT_THEIRS ? "no_application_protocol" : "ALPN");
}

/* C1: never a protocol that one side does not speak, nor none at all. */
TEST(without_one_in_common_the_client_is_refused) {
  static const struct {
    wish server;
    wish client;
  } table[] = {
      {{.alpn = "h2"}, {.alpn = "x"}},
      {{.alpn = "a,b"}, {.alpn = "c,d"}},
      {{.alpn = "h2"}, {.alpn = "h,h22,H2"}},
      {{.alpn = "h2"}, {.alpn = "x", .insecure_allow_mismatch = true}},
      {{.alpn = "h2", .required = true}, {.alpn = "x"}},
      {{.alpn = "h2", .required = true}, {.alpn = NULL}},
      {{.alpn = "h2", .required = true, .insecure_allow_mismatch = true},
       {.alpn = NULL}},
  };
  EACH_ROW(i, table)
    EACH_ROW(v, versions) {
      peers both =
          connect_with(&table[i].client, &table[i].server, versions[v]);
      check_error(both.side[TLSTREAM_ROLE_SERVER],
                  TLSTREAM_ERR_NO_SHARED_PROTOCOL, TLSTREAM_ALERT_OURS);
      check_error(both.side[TLSTREAM_ROLE_CLIENT], TLSTREAM_ERR_ALERT,
                  TLSTREAM_ALERT_THEIRS);
      CHECK_STR(take_events(both.side[TLSTREAM_ROLE_SERVER]), "ERROR");
      CHECK_STR(take_events(both.side[TLSTREAM_ROLE_CLIENT]), "ERROR");
      peers_free(&both);
    }
}

/* A client learns of it when the server has finished, so there is no alert that
 * would fit; no data has been sent by then. */
TEST(a_client_may_require_an_answer) {
  static const wish servers[] = {
      {.alpn = NULL}, {.alpn = "h2", .insecure_allow_mismatch = true}};
  static const wish client = {.alpn = "x", .required = true};
  EACH_ROW(i, servers)
    EACH_ROW(v, versions) {
      peers both = connect_with(&client, &servers[i], versions[v]);
      check_error(both.side[TLSTREAM_ROLE_CLIENT],
                  TLSTREAM_ERR_NO_SHARED_PROTOCOL, TLSTREAM_ALERT_NONE);
      CHECK_STR(take_events(both.side[TLSTREAM_ROLE_CLIENT]), "ERROR");
      peers_free(&both);
    }
}

TEST(to_require_one_it_must_be_named) {
  tlstream_error error;
  CHECK(tlstream_context_new(TLSTREAM_CONTEXT(.require_alpn = true), &error) ==
        NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_BAD_PROTOCOLS);
  CHECK_HAS(error.message, "require_alpn");
  CHECK(tlstream_context_new(TLSTREAM_CONTEXT(.require_alpn = true,
                                              .npn = TLSTREAM_PROTOCOLS("h2")),
                             &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_BAD_PROTOCOLS);
}

TEST(a_bad_list_makes_no_context) {
  tlstream_error error;
  CHECK(tlstream_context_new(TLSTREAM_CONTEXT(.alpn = TLSTREAM_PROTOCOLS("")),
                             &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_BAD_PROTOCOLS);
  CHECK_HAS(error.message, "alpn: ");
  CHECK(tlstream_context_new(TLSTREAM_CONTEXT(.npn.wire = {"\x02h", 2}),
                             &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_BAD_PROTOCOLS);
  CHECK_HAS(error.message, "npn: ");
  CHECK(tlstream_context_new(TLSTREAM_CONTEXT(.alpn.wire = {NULL, 3}),
                             &error) == NULL);
  CHECK_HAS(error.message, "alpn: there is a length and no bytes");
  CHECK(tlstream_context_new(TLSTREAM_CONTEXT(.protocols.wire = {"\0", 1}),
                             &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_BAD_PROTOCOLS);
}

static const tlstream_protocols only_h2 = TLSTREAM_PROTOCOLS("h2");
static const tlstream_protocols only_x = TLSTREAM_PROTOCOLS("x");

/* `protocols` stands for both; what is given for one counts for that one. */
TEST(one_list_may_stand_for_both) {
  for (int i = 0; i < 2; i++) {
    tlstream_context *client = context_of(
        TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem, .protocols = only_h2));
    tlstream_context *server =
        context_of(TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                    .key = test_leaf(KEY_ECDSA)->key_pem,
                                    .protocols = i == 0 ? only_h2 : only_x,
                                    .alpn = only_h2));
    peers both = shake(client_with(client, NULL), server_with(server, false));
    check_agreed(&both, "h2");
    peers_free(&both);
    tlstream_context_unref(client);
    tlstream_context_unref(server);
  }
}

/* C3: nodejs/node#47207 kept a pointer. */
TEST(the_caller_s_list_may_go_at_once) {
  static const wish none = {.alpn = NULL};
  unsigned char *wire = malloc(6);
  memcpy(wire, "\x02h2\x02xy", 6);
  tlstream_protocols list = {.wire = {wire, 6}};
  tlstream_context *client = context_with_list(TLSTREAM_ROLE_CLIENT, list,
                                               &none, TLSTREAM_VERSION_DEFAULT);
  tlstream_context *server = context_with_list(TLSTREAM_ROLE_SERVER, list,
                                               &none, TLSTREAM_VERSION_DEFAULT);
  memset(wire, 0xFF, 6);
  free(wire);
  for (int i = 0; i < 3; i++) {
    peers both = shake(client_with(client, NULL), server_with(server, false));
    check_agreed(&both, "h2");
    peers_free(&both);
  }
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

/* The longest possible list does not fit into a ClientHello, and a client gets
 * an error. A server only picks from it. */
TEST(the_longest_list_is_one_for_servers) {
  static unsigned char wire[65535];
  static const wish plain = {.alpn = "h2"};
  for (size_t at = 0; at < sizeof(wire); at += 255)
    wire[at] = 254;
  memcpy(wire + sizeof(wire) - 255, "\xFB\x02h2", 4); /* 251, and h2 behind */
  memmove(wire + sizeof(wire) - 3, "\x02h2", 3);
  tlstream_protocols longest = {.wire = {wire, sizeof(wire)}};
  for (int i = 0; i < 2; i++) {
    tlstream_context *client =
        context_with_list(TLSTREAM_ROLE_CLIENT, longest, &plain, versions[i]);
    tlstream_context *server =
        context_with_list(TLSTREAM_ROLE_SERVER, longest, &plain, versions[i]);
    tlstream_context *normal =
        context_for(TLSTREAM_ROLE_CLIENT, &plain, versions[i]);
    peers both = shake(client_with(client, NULL), server_with(server, false));
    CHECK_STR(take_events(both.side[TLSTREAM_ROLE_CLIENT]), "ERROR");
    CHECK_ERROR(error_code(both.side[TLSTREAM_ROLE_CLIENT]),
                TLSTREAM_ERR_INTERNAL);
    CHECK(!tlstream_pair_is_secure(both.side[TLSTREAM_ROLE_SERVER]));
    peers_free(&both);
    both = shake(client_with(normal, NULL), server_with(server, false));
    check_agreed(&both, "h2");
    peers_free(&both);
    tlstream_context_unref(client);
    tlstream_context_unref(server);
    tlstream_context_unref(normal);
  }
}

/* A server that picks what suits it: its argument, a name in wire form. */
static int pick_anything(SSL *ssl, const unsigned char **out,
                         unsigned char *out_len, const unsigned char *in,
                         unsigned in_len, void *arg) {
  const unsigned char *name = arg;
  (void)ssl, (void)in, (void)in_len;
  *out = name + 1;
  *out_len = name[0];
  return SSL_TLSEXT_ERR_OK;
}

/* OpenSSL's own reason, where it checks this itself. */
static void check_blame(const tlstream_error *error, bool fine) {
  CHECK_INT(error != NULL, !fine);
  if (error == NULL) return;
  CHECK_INT(tlstream_error_classify(error), TLSTREAM_CLASS_PROTOCOL);
  if (error->code == TLSTREAM_ERR_NO_SHARED_PROTOCOL) {
    CHECK_HAS(error->message, "not offered");
  } else {
    CHECK_ERROR(error->code, TLSTREAM_ERR_PROTOCOL);
    CHECK_INT(error->alert_side, TLSTREAM_ALERT_OURS);
  }
}

static void check_pick(const char *picked, bool fine) {
  static const wish offers = {.alpn = "h2,http/1.1"};
  for (int i = 0; i < 2; i++) {
    hostile_peer server;
    tlstream_context *context =
        context_for(TLSTREAM_ROLE_CLIENT, &offers, versions[i]);
    tlstream_pair *client = client_with(context, NULL);
    hostile_peer_open(&server, TLSTREAM_ROLE_SERVER, versions[i], client);
    SSL_CTX_set_alpn_select_cb(server.ctx, pick_anything, (void *)picked);
    hostile_peer_handshake(&server);
    CHECK_STR(take_events(client), fine ? "SECURE" : "ERROR");
    CHECK_STR(tlstream_pair_alpn_protocol(client), fine ? picked + 1 : NULL);
    check_blame(tlstream_pair_error(client), fine);
    for (const char *at = error_text(client); *at != '\0'; at++)
      CHECK(*at >= ' ' && *at <= '~');
    hostile_peer_close(&server);
    tlstream_pair_free(client);
    tlstream_context_unref(context);
  }
}

TEST(a_pick_that_was_not_offered_is_refused) {
  check_pick("\x02h2", true);
  check_pick("\x08http/1.1", true);
  check_pick("\x01h", false);
  check_pick("\x02H2", false);
  check_pick("\x03h2x", false);
  check_pick("\x07http/1.", false);
  check_pick("\x04\033[1m", false);
  check_pick("\x02\r\n", false);
}

/* A client that offers nothing gets no answer either. */
TEST(a_pick_of_nothing_is_against_the_protocol) {
  static const wish silent = {.alpn = NULL};
  for (int i = 0; i < 2; i++) {
    hostile_peer server;
    tlstream_context *context =
        context_for(TLSTREAM_ROLE_CLIENT, &silent, versions[i]);
    tlstream_pair *client = client_with(context, NULL);
    hostile_peer_open(&server, TLSTREAM_ROLE_SERVER, versions[i], client);
    SSL_CTX_set_alpn_select_cb(server.ctx, pick_anything, (void *)"\x02h2");
    CHECK_INT(hostile_peer_handshake(&server), 0);
    CHECK_STR(take_events(client), "SECURE");
    CHECK(tlstream_pair_alpn_protocol(client) == NULL);
    hostile_peer_close(&server);
    tlstream_pair_free(client);
    tlstream_context_unref(context);
  }
}

/* A server that got an ALPN extension of these bytes. */
static tlstream_pair *server_that_heard(const char *bytes, size_t len) {
  static const wish speaks = {.alpn = "h2"};
  static const wish silent = {.alpn = NULL};
  tlstream_context *theirs = context_for(TLSTREAM_ROLE_CLIENT, &silent, 0);
  tlstream_context *ours = context_for(TLSTREAM_ROLE_SERVER, &speaks, 0);
  tlstream_pair *client = client_with(theirs, NULL);
  tlstream_pair *server = server_with(ours, false);
  hello *sent = hello_of(client);
  hello_add(sent, ALPN, bytes, len);
  (void)!tlstream_pair_feed(server, sent->bytes, sent->len);
  free(sent);
  tlstream_pair_free(client);
  tlstream_context_unref(theirs);
  tlstream_context_unref(ours);
  return server;
}

/* C2 */
TEST(malformed_offers_are_refused) {
  static const struct {
    const char *bytes;
    size_t len;
    int error;
  } table[] = {
      {"\0\3\2h2", 5, 0},
      {"\0\5\1x\2h2", 7, 0},
      {"\0\5\2h2\1x", 7, 0},
      {"\0\2\1x", 4, TLSTREAM_ERR_NO_SHARED_PROTOCOL},
      {"", 0, TLSTREAM_ERR_PROTOCOL},
      {"\0", 1, TLSTREAM_ERR_PROTOCOL},
      {"\0\0", 2, TLSTREAM_ERR_PROTOCOL},
      {"\0\1\0", 3, TLSTREAM_ERR_PROTOCOL},
      {"\0\4\2h2\0", 6, TLSTREAM_ERR_PROTOCOL},
      {"\0\4\0\2h2", 6, TLSTREAM_ERR_PROTOCOL},
      {"\0\4\2h2\1", 6, TLSTREAM_ERR_PROTOCOL},
      {"\0\2\2h", 4, TLSTREAM_ERR_PROTOCOL},
      {"\0\3\xFFh2", 5, TLSTREAM_ERR_PROTOCOL},
      {"\0\4\2h2", 5, TLSTREAM_ERR_PROTOCOL},
      {"\0\2\2h2", 5, TLSTREAM_ERR_PROTOCOL},
      {"\0\3\2h2x", 6, TLSTREAM_ERR_PROTOCOL},
      {"\xFF\xFF\2h2", 5, TLSTREAM_ERR_PROTOCOL},
  };
  EACH_ROW(i, table) {
    tlstream_pair *server = server_that_heard(table[i].bytes, table[i].len);
    IN_CASE("%s", error_text(server));
    CHECK_ERROR(error_code(server), table[i].error);
    CHECK(tlstream_pair_alpn_protocol(server) == NULL); /* not done yet */
    CHECK_GT(tlstream_pair_pending(server), 0);
    tlstream_pair_free(server);
  }
}

/* One connection that offers a protocol and, where it is not NULL, a session;
 * returns what to offer next time. */
static SSL_SESSION *connect_again(tlstream_pair *server, hostile_peer *client,
                                  SSL_SESSION *offered, const char *offer,
                                  unsigned len) {
  char byte = 0;
  if (offered != NULL) SSL_set_session(client->ssl, offered);
  SSL_set_alpn_protos(client->ssl, (const unsigned char *)offer, len);
  hostile_peer_handshake(client);
  SSL_SESSION_free(offered);
  if (!tlstream_pair_is_secure(server)) return NULL;
  CHECK_INT(tlstream_pair_write(server, "x", 1), 1);
  hostile_peer_pull(client);
  SSL_read(client->ssl, &byte, 1);
  return SSL_SESSION_dup(SSL_get_session(client->ssl));
}

/* C7 */
TEST(a_resumed_session_is_asked_anew) {
  static const struct {
    const char *offer;
    unsigned len;
    const char *protocol;
  } table[] = {{"\x02h2", 3, "h2"},
               {"\x03"
                "foo",
                4, "foo"},
               {"\x02h2\x03"
                "foo",
                7, "foo"},
               {"", 0, NULL},
               {"\x02h2", 3, "h2"}};
  static const wish speaks = {.alpn = "foo,h2"};
  for (int v = 0; v < 2; v++) {
    tlstream_context *context =
        context_for(TLSTREAM_ROLE_SERVER, &speaks, versions[v]);
    SSL_SESSION *session = NULL;
    EACH_ROW(i, table) {
      hostile_peer client;
      tlstream_pair *server = server_with(context, false);
      hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, versions[v], server);
      session =
          connect_again(server, &client, session, table[i].offer, table[i].len);
      CHECK_INT(SSL_session_reused(client.ssl), i > 0);
      CHECK_STR(tlstream_pair_alpn_protocol(server), table[i].protocol);
      hostile_peer_close(&client);
      tlstream_pair_free(server);
    }
    SSL_SESSION_free(session);
    tlstream_context_unref(context);
  }
}

/* A session does not help a client that would be refused without it. */
TEST(a_resumed_session_opens_no_other_protocol) {
  static const wish speaks = {.alpn = "h2", .required = true};
  for (int i = 0; i < 4; i++) {
    hostile_peer client;
    tlstream_context *context =
        context_for(TLSTREAM_ROLE_SERVER, &speaks, versions[i / 2]);
    tlstream_pair *server = server_with(context, false);
    hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, versions[i / 2], server);
    SSL_SESSION *session = connect_again(server, &client, NULL, "\x02h2", 3);
    hostile_peer_close(&client);
    tlstream_pair_free(server);
    server = server_with(context, false);
    hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, versions[i / 2], server);
    session =
        connect_again(server, &client, session, "\x01x", i % 2 == 0 ? 0 : 2);
    CHECK(session == NULL);
    CHECK_ERROR(error_code(server), TLSTREAM_ERR_NO_SHARED_PROTOCOL);
    hostile_peer_close(&client);
    tlstream_pair_free(server);
    tlstream_context_unref(context);
  }
}
