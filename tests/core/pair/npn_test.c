/* SPDX-License-Identifier: MIT */
/* NPN, which TLS 1.2 has beside ALPN: the server offers, the client picks. C2,
 * C3, C5, C7. */
#include <stdlib.h>

#include <tlstream/pair_info.h>

#include "support/handshake.h"
#include "support/test.h"

enum { LIST_MAX = 64 };

/* Lists with commas between the names, or NULL. */
typedef struct wish {
  const char *npn;
  const char *alpn;
  bool insecure_allow_mismatch;
  bool require_alpn;
} wish;

static tlstream_context *context_for(tlstream_role role, const wish *wanted,
                                     tlstream_version version) {
  unsigned char npn[LIST_MAX];
  unsigned char alpn[LIST_MAX];
  tlstream_context_options options = {.size = sizeof(options)};
  if (role == TLSTREAM_ROLE_SERVER) {
    options.cert = test_leaf(KEY_ECDSA)->cert_pem;
    options.key = test_leaf(KEY_ECDSA)->key_pem;
  }
  options.ca = test_ca()->cert_pem;
  options.min_version = options.max_version = version;
  options.npn = protocol_list(wanted->npn, npn);
  options.alpn = protocol_list(wanted->alpn, alpn);
  options.insecure_allow_alpn_mismatch = wanted->insecure_allow_mismatch;
  options.require_alpn = wanted->require_alpn;
  tlstream_context *made = context_of(&options);
  memset(npn, 0xFF, sizeof(npn)); /* C3 */
  return made;
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

static void check_picked(const tlstream_pair *pair, const char *want) {
  size_t len = 99;
  const char *picked = tlstream_pair_npn_picked(pair, &len);
  CHECK_INT(len, want != NULL ? strlen(want) : 0);
  CHECK_INT(picked != NULL, want != NULL);
  if (picked != NULL && want != NULL && len == strlen(want)) {
    CHECK(memcmp(picked, want, len) == 0);
  }
}

/* What both sides make of it. */
typedef struct result {
  const char *npn;    /* agreed on */
  const char *picked; /* what the client named */
  const char *alpn;
} result;

static void check_result(const peers *both, const result *want) {
  for (int i = 0; i < 2; i++) {
    const tlstream_pair *pair = both->side[i];
    CHECK(tlstream_pair_is_secure(pair));
    CHECK_STR(error_text(pair), "");
    CHECK_STR(tlstream_pair_npn_protocol(pair), want->npn);
    CHECK_STR(tlstream_pair_alpn_protocol(pair), want->alpn);
    check_picked(pair, want->picked);
  }
}

static const struct {
  wish server;
  wish client;
  result old;    /* TLS 1.2 */
  result modern; /* TLS 1.3, which has no NPN */
} table[] = {
    {{.npn = NULL}, {.npn = NULL}, {.npn = NULL}, {.npn = NULL}},
    {{.npn = NULL}, {.npn = "a"}, {.npn = NULL}, {.npn = NULL}},
    {{.npn = "a"}, {.npn = NULL}, {.npn = NULL}, {.npn = NULL}},
    {{.npn = "a"}, {.npn = "a"}, {.npn = "a", .picked = "a"}, {.npn = NULL}},
    /* The server's order. */
    {{.npn = "a,b,c"},
     {.npn = "c,b"},
     {.npn = "b", .picked = "b"},
     {.npn = NULL}},
    {{.npn = "c,b,a"},
     {.npn = "b,c"},
     {.npn = "c", .picked = "c"},
     {.npn = NULL}},
    {{.npn = "x,http/1.1"},
     {.npn = "spdy/3,http/1.1"},
     {.npn = "http/1.1", .picked = "http/1.1"},
     {.npn = NULL}},
    /* Without overlap the client sends its first, and neither side reports
     * it. */
    {{.npn = "a,b"}, {.npn = "x,y"}, {.picked = "x"}, {.npn = NULL}},
    {{.npn = "a"}, {.npn = "aa"}, {.picked = "aa"}, {.npn = NULL}},
    {{.npn = "aa"}, {.npn = "a"}, {.picked = "a"}, {.npn = NULL}},
    {{.npn = "a"}, {.npn = "A"}, {.picked = "A"}, {.npn = NULL}},
    /* C5: ALPN comes first, where there is one. */
    {{.npn = "a", .alpn = "b"},
     {.npn = "a", .alpn = "b"},
     {.alpn = "b"},
     {.alpn = "b"}},
    {{.npn = "a", .alpn = "b"},
     {.npn = "a"},
     {.npn = "a", .picked = "a"},
     {.npn = NULL}},
    {{.npn = "a"},
     {.npn = "a", .alpn = "b"},
     {.npn = "a", .picked = "a"},
     {.npn = NULL}},
    {{.npn = "a", .alpn = "b"}, {.alpn = "b"}, {.alpn = "b"}, {.alpn = "b"}},
    {{.npn = "a", .alpn = "b", .insecure_allow_mismatch = true},
     {.npn = "a", .alpn = "c"},
     {.npn = "a", .picked = "a"},
     {.npn = NULL}},
};

TEST(the_server_offers_and_the_client_picks) {
  EACH_ROW(i, table) {
    peers both =
        connect_with(&table[i].client, &table[i].server, TLSTREAM_TLS_1_2);
    check_result(&both, &table[i].old);
    peers_free(&both);
  }
}

TEST(tls_1_3_has_none_of_it) {
  EACH_ROW(i, table) {
    peers both =
        connect_with(&table[i].client, &table[i].server, TLSTREAM_TLS_1_3);
    check_result(&both, &table[i].modern);
    peers_free(&both);
  }
}

/* C1: NPN does not stand in for ALPN where that was refused or is required. */
TEST(it_bypasses_no_check) {
  static const wish strict[] = {
      {.npn = "a", .alpn = "b"},
      {.npn = "a", .alpn = "b", .require_alpn = true}};
  static const wish clients[] = {{.npn = "a", .alpn = "c"}, {.npn = "a"}};
  for (int i = 0; i < 2; i++) {
    peers both = connect_with(&clients[i], &strict[i], TLSTREAM_TLS_1_2);
    CHECK_STR(take_events(both.side[TLSTREAM_ROLE_SERVER]), "ERROR");
    CHECK_ERROR(error_code(both.side[TLSTREAM_ROLE_SERVER]),
                TLSTREAM_ERR_NO_SHARED_PROTOCOL);
    CHECK_ERROR(error_code(both.side[TLSTREAM_ROLE_CLIENT]),
                TLSTREAM_ERR_ALERT);
    CHECK(tlstream_pair_npn_protocol(both.side[TLSTREAM_ROLE_SERVER]) == NULL);
    check_picked(both.side[TLSTREAM_ROLE_SERVER], NULL);
    peers_free(&both);
  }
}

/* A client of OpenSSL's that picks its argument. */
static int pick_anything(SSL *ssl, unsigned char **out, unsigned char *out_len,
                         const unsigned char *in, unsigned in_len, void *arg) {
  unsigned char *name = arg;
  (void)ssl, (void)in, (void)in_len;
  *out = name + 1;
  *out_len = name[0];
  return SSL_TLSEXT_ERR_OK;
}

static tlstream_pair *server_for(const char *npn) {
  tlstream_context *context =
      context_for(TLSTREAM_ROLE_SERVER, &(wish){.npn = npn}, TLSTREAM_TLS_1_2);
  tlstream_pair *server = server_with(context, false);
  tlstream_context_unref(context);
  return server;
}

TEST(what_a_client_names_is_never_trusted) {
  static char longest[257] = "\xFF";
  memset(longest + 1, 'x', 255);
  const struct {
    const char *named; /* behind its length */
    const char *agreed;
  } picks[] = {
      {"\x02h2", "h2"},
      {"\x02H2", NULL},
      {"\x01h", NULL},
      {"\x03h2x", NULL},
      {"\x03\x02h2", NULL},
      {"\x04\033[1m", NULL},
      {"\x02\r\n", NULL},
      {"\x06h2\x03"
       "foo",
       NULL},
      {longest, NULL},
  };
  EACH_ROW_NAMED(i, picks, named) {
    hostile_peer client;
    tlstream_pair *server = server_for("h2,foo");
    hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, TLSTREAM_TLS_1_2, server);
    SSL_CTX_set_next_proto_select_cb(client.ctx, pick_anything,
                                     (void *)picks[i].named);
    CHECK_INT(hostile_peer_handshake(&client), 0);
    CHECK_STR(take_events(server), "SECURE");
    CHECK_STR(tlstream_pair_npn_protocol(server), picks[i].agreed);
    check_picked(server, picks[i].named + 1);
    hostile_peer_close(&client);
    tlstream_pair_free(server);
  }
}

/* An empty name is none. */
TEST(a_client_may_name_nothing) {
  hostile_peer client;
  tlstream_pair *server = server_for("h2");
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, TLSTREAM_TLS_1_2, server);
  SSL_CTX_set_next_proto_select_cb(client.ctx, pick_anything, (void *)"\0");
  hostile_peer_handshake(&client);
  size_t len = 1;
  (void)tlstream_pair_npn_picked(server, &len);
  CHECK_INT(len, 0);
  CHECK(tlstream_pair_npn_protocol(server) == NULL);
  hostile_peer_close(&client);
  tlstream_pair_free(server);
}

/* A server of OpenSSL's that offers its argument. */
static int offer_anything(SSL *ssl, const unsigned char **out, unsigned *len,
                          void *arg) {
  const tlstream_bytes *offered = arg;
  (void)ssl;
  *out = offered->data;
  *len = (unsigned)offered->len;
  return SSL_TLSEXT_ERR_OK;
}

/* C2: CVE-2024-5535 read beyond an empty list. */
TEST(a_hostile_list_does_no_harm) {
  static const struct {
    const char *bytes;
    size_t len;
    bool fine;
    const char *agreed;
  } lists[] = {
      {"\x02h2", 3, true, "h2"},
      {"\x01z\x02h2", 5, true, "h2"},
      {"\x01z", 2, true, NULL},
      {"", 0, true, NULL},
      {"\x01h\x01"
       "2",
       4, true, NULL},
      {"\0", 1, false, NULL},
      {"\x02h2\0", 4, false, NULL},
      {"\0\x02h2", 4, false, NULL},
      {"\x02h", 2, false, NULL},
      {"\x03h2", 3, false, NULL},
      {"\xFFh2", 3, false, NULL},
      {"\x02h2\x01", 4, false, NULL},
  };
  EACH_ROW(i, lists) {
    hostile_peer server;
    unsigned char *exact = malloc(lists[i].len != 0 ? lists[i].len : 1);
    memcpy(exact, lists[i].bytes, lists[i].len);
    tlstream_bytes offered = {exact, lists[i].len};
    tlstream_context *context = context_for(
        TLSTREAM_ROLE_CLIENT, &(wish){.npn = "x,h2"}, TLSTREAM_TLS_1_2);
    tlstream_pair *client = client_with(context, NULL);
    hostile_peer_open(&server, TLSTREAM_ROLE_SERVER, TLSTREAM_TLS_1_2, client);
    SSL_CTX_set_next_protos_advertised_cb(server.ctx, offer_anything, &offered);
    CHECK_INT(hostile_peer_handshake(&server) == 0, lists[i].fine);
    CHECK_STR(take_events(client), lists[i].fine ? "SECURE" : "ERROR");
    CHECK_STR(tlstream_pair_npn_protocol(client), lists[i].agreed);
    check_picked(client, !lists[i].fine            ? NULL
                         : lists[i].agreed != NULL ? "h2"
                                                   : "x");
    hostile_peer_close(&server);
    tlstream_pair_free(client);
    tlstream_context_unref(context);
    free(exact);
  }
}

/* C7: a resumed session is asked anew. */
TEST(each_connection_picks_for_itself) {
  static const char *const picks[] = {"\x02h2",
                                      "\x03"
                                      "foo",
                                      "\x01x", NULL};
  tlstream_context *context = context_for(
      TLSTREAM_ROLE_SERVER, &(wish){.npn = "foo,h2"}, TLSTREAM_TLS_1_2);
  SSL_SESSION *session = NULL;
  for (int i = 0; i < 4; i++) {
    hostile_peer client;
    tlstream_pair *server = server_with(context, false);
    hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, TLSTREAM_TLS_1_2, server);
    if (picks[i] != NULL) {
      SSL_CTX_set_next_proto_select_cb(client.ctx, pick_anything,
                                       (void *)picks[i]);
    }
    if (session != NULL) SSL_set_session(client.ssl, session);
    SSL_SESSION_free(session);
    CHECK_INT(hostile_peer_handshake(&client), 0);
    CHECK_INT(SSL_session_reused(client.ssl), i > 0);
    CHECK_STR(tlstream_pair_npn_protocol(server), i < 2 ? picks[i] + 1 : NULL);
    check_picked(server, picks[i] != NULL ? picks[i] + 1 : NULL);
    session = SSL_SESSION_dup(SSL_get_session(client.ssl));
    hostile_peer_close(&client);
    tlstream_pair_free(server);
  }
  SSL_SESSION_free(session);
  tlstream_context_unref(context);
}
