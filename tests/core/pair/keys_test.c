/* SPDX-License-Identifier: MIT */
/* What other protocols take from a connection: exported keys, the names that
 * bind an authentication to it, and the Finished messages. */
#include <tlstream/pair_keys.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "support/connect.h"
#include "support/handshake.h"
#include "support/hostile_peer.h"
#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"

#define LABEL "EXPERIMENTAL test"

enum { LEN = 32, LEN_MAX = 8160, LABEL_MAX = 249, CONTEXT_MAX = 512 };

static const tlstream_bytes none = {"", 0};

/* A label or a context of any length. */
static const char *text_of(size_t len) {
  static char text[1024];
  memset(text, 'x', len);
  text[len] = '\0';
  return text;
}

static bool all_zero(const unsigned char *bytes, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

static void export_from(const tlstream_pair *pair, const char *label,
                        const tlstream_bytes *context, unsigned char *out) {
  memset(out, 0, LEN);
  CHECK_ERROR(
      tlstream_pair_export_keying_material(pair, label, context, out, LEN), 0);
  CHECK(!all_zero(out, LEN));
}

static void keys_are_equal(tlstream_version version, tlstream_role role) {
  static const tlstream_bytes context = {"context", 7};
  const tlstream_bytes *contexts[] = {NULL, &none, &context};
  peers both = peers_secure(&(config){.version = version});
  for (size_t i = 0; i < 3; i++) {
    unsigned char ours[LEN];
    unsigned char theirs[LEN];
    unsigned char others[LEN];
    export_from(both.side[role], LABEL, contexts[i], ours);
    export_from(both.side[other_role(role)], LABEL, contexts[i], theirs);
    CHECK(memcmp(ours, theirs, LEN) == 0);
    export_from(both.side[role], LABEL "2", contexts[i], others);
    CHECK(memcmp(ours, others, LEN) != 0);
    export_from(both.side[role], LABEL, contexts[(i + 2) % 3], others);
    bool same = memcmp(ours, others, LEN) == 0;
    /* TLS 1.3 does not tell none from an empty one. */
    CHECK_INT(same, version == TLSTREAM_TLS_1_3 && i == 1);
  }
  peers_free(&both);
}

TEST(both_sides_export_the_same_keys) {
  each_side(keys_are_equal);
}

TEST(two_connections_export_different_keys) {
  unsigned char ours[LEN];
  unsigned char theirs[LEN];
  peers one = peers_secure(&(config){.version = TLSTREAM_TLS_1_3});
  peers two = peers_secure(&(config){.version = TLSTREAM_TLS_1_3});
  export_from(one.side[0], LABEL, NULL, ours);
  export_from(two.side[0], LABEL, NULL, theirs);
  CHECK(memcmp(ours, theirs, LEN) != 0);
  peers_free(&one);
  peers_free(&two);
}

static void as_openssl(tlstream_version version, tlstream_role role) {
  hostile_peer peer;
  unsigned char ours[LEN];
  unsigned char theirs[LEN];
  tlstream_pair *pair = hostile_peer_connect(&peer, version, role);
  export_from(pair, LABEL, &none, ours);
  CHECK_INT(SSL_export_keying_material(peer.ssl, theirs, LEN, LABEL,
                                       strlen(LABEL), NULL, 0, 1),
            1);
  CHECK(memcmp(ours, theirs, LEN) == 0);
  hostile_peer_disconnect(&peer);
}

TEST(openssl_exports_the_same_keys) {
  each_side(as_openssl);
}

static int try_export(const tlstream_pair *pair, const char *label,
                      size_t context_len, size_t len) {
  unsigned char out[LEN_MAX + 1] = {0};
  tlstream_bytes context = {text_of(context_len), context_len};
  if (label == NULL) label = text_of(LABEL_MAX + 1);
  int code =
      tlstream_pair_export_keying_material(pair, label, &context, out, len);
  CHECK_INT(all_zero(out, sizeof(out)), code != 0);
  return code;
}

static void bounds(tlstream_version version, tlstream_role role) {
  static const char *const reserved[] = {
      "client finished", "server finished",        "master secret",
      "key expansion",   "extended master secret", ""};
  peers both = peers_secure(&(config){.version = version});
  const tlstream_pair *pair = both.side[role];
  for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
    CHECK_ERROR(try_export(pair, reserved[i], 0, LEN),
                TLSTREAM_ERR_INVALID_ARGUMENT);
  }
  char label[LABEL_MAX + 1];
  strcpy(label, text_of(LABEL_MAX));
  CHECK_ERROR(try_export(pair, label, CONTEXT_MAX, LEN), 0);
  CHECK_ERROR(try_export(pair, NULL, 0, LEN), TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_ERROR(try_export(pair, LABEL, CONTEXT_MAX, LEN), 0);
  CHECK_ERROR(try_export(pair, LABEL, CONTEXT_MAX + 1, LEN),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_ERROR(try_export(pair, LABEL, 0, 0), TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_ERROR(try_export(pair, LABEL, 0, LEN_MAX), 0);
  CHECK_ERROR(try_export(pair, LABEL, 0, LEN_MAX + 1),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  peers_free(&both);
}

TEST(labels_contexts_and_lengths_have_bounds) {
  each_side(bounds);
}

static void check_nothing(const tlstream_pair *pair, int code) {
  unsigned char out[TLSTREAM_BINDING_MAX_LEN];
  CHECK_ERROR(try_export(pair, LABEL, 0, LEN), code);
  CHECK_INT(tlstream_pair_own_finished(pair, out, sizeof(out)), code);
  CHECK_INT(tlstream_pair_peer_finished(pair, out, sizeof(out)), code);
  for (int kind = TLSTREAM_BINDING_EXPORTER; kind <= TLSTREAM_BINDING_UNIQUE;
       kind++) {
    CHECK_INT(tlstream_pair_channel_binding(pair, (tlstream_binding)kind, out,
                                            sizeof(out)),
              code);
  }
}

static void only_when_secure(tlstream_version version, tlstream_role role) {
  peers both = peers_new(&(config){.version = version});
  check_nothing(both.side[role], TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_pair_start(both.side[TLSTREAM_ROLE_CLIENT]), 0);
  check_nothing(both.side[role], TLSTREAM_ERR_WRONG_STATE);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK_ERROR(try_export(both.side[role], LABEL, 0, LEN), 0);
  CHECK_ERROR((int)tlstream_pair_feed(both.side[role], forged_record,
                                      sizeof(forged_record)),
              TLSTREAM_ERR_BAD_RECORD);
  check_nothing(both.side[role], TLSTREAM_ERR_BAD_RECORD);
  peers_free(&both);
}

TEST(there_is_nothing_before_it_is_secure_and_after_it_has_failed) {
  each_side(only_when_secure);
}

static ptrdiff_t binding(const tlstream_pair *pair, tlstream_binding kind,
                         unsigned char *out) {
  return tlstream_pair_channel_binding(pair, kind, out,
                                       TLSTREAM_BINDING_MAX_LEN);
}

/* Both sides have the same name of `kind`; its length, or their error. */
static ptrdiff_t same_binding(const peers *both, tlstream_binding kind,
                              unsigned char *out) {
  unsigned char theirs[TLSTREAM_BINDING_MAX_LEN];
  ptrdiff_t len = binding(both->side[0], kind, out);
  CHECK_INT(binding(both->side[1], kind, theirs), len);
  if (len > 0) CHECK(memcmp(out, theirs, (size_t)len) == 0);
  return len;
}

/* RFC 9266 */
static void by_exporter(tlstream_version version, tlstream_role role) {
  unsigned char got[TLSTREAM_BINDING_MAX_LEN];
  unsigned char want[LEN];
  peers both = peers_secure(&(config){.version = version});
  CHECK_INT(same_binding(&both, TLSTREAM_BINDING_EXPORTER, got), LEN);
  export_from(both.side[role], "EXPORTER-Channel-Binding", &none, want);
  CHECK(memcmp(got, want, LEN) == 0);
  peers_free(&both);
}

TEST(a_connection_has_a_name_by_its_exporter) {
  each_side(by_exporter);
}

/* RFC 5929, section 3: the client's Finished, which comes first. */
static void by_finished(tlstream_version version, tlstream_role role) {
  unsigned char got[TLSTREAM_BINDING_MAX_LEN];
  unsigned char want[TLSTREAM_BINDING_MAX_LEN];
  peers both = peers_secure(&(config){.version = version});
  const tlstream_pair *pair = both.side[role];
  ptrdiff_t len = same_binding(&both, TLSTREAM_BINDING_UNIQUE, got);
  if (version == TLSTREAM_TLS_1_3) {
    CHECK_INT(len, TLSTREAM_ERR_UNSUPPORTED);
  } else if (CHECK_INT(len, 12)) {
    CHECK_INT(role == TLSTREAM_ROLE_CLIENT
                  ? tlstream_pair_own_finished(pair, want, sizeof(want))
                  : tlstream_pair_peer_finished(pair, want, sizeof(want)),
              12);
    CHECK(memcmp(got, want, 12) == 0);
  }
  peers_free(&both);
}

TEST(tls_unique_is_for_tls_1_2) {
  each_side(by_finished);
}

/* RFC 7627: what the two ends of such a connection have may be that of another
 * connection, too. */
static void without_extended_master_secret(tlstream_version version,
                                           tlstream_role role) {
  hostile_peer peer;
  unsigned char out[TLSTREAM_BINDING_MAX_LEN];
  if (version == TLSTREAM_TLS_1_3) return;
  tlstream_pair *pair = config_pair(&(config){.version = version}, role);
  hostile_peer_open(&peer, other_role(role), version, pair);
  SSL_set_options(peer.ssl, SSL_OP_NO_EXTENDED_MASTER_SECRET);
  hostile_peer_finish_handshake(&peer);
  CHECK_ERROR(try_export(pair, LABEL, 0, LEN), TLSTREAM_ERR_UNSUPPORTED);
  CHECK_INT(binding(pair, TLSTREAM_BINDING_EXPORTER, out),
            TLSTREAM_ERR_UNSUPPORTED);
  CHECK_INT(binding(pair, TLSTREAM_BINDING_UNIQUE, out),
            TLSTREAM_ERR_UNSUPPORTED);
  CHECK_INT(binding(pair, TLSTREAM_BINDING_SERVER_END_POINT, out), LEN);
  hostile_peer_disconnect(&peer);
}

TEST(a_secret_that_two_connections_may_share_names_none) {
  each_side(without_extended_master_secret);
}

/* RFC 5929, section 4: `hash` of the certificate, or none at all. */
static void check_end_point(const made_cert *leaf, const char *hash) {
  unsigned char got[TLSTREAM_BINDING_MAX_LEN];
  unsigned char want[EVP_MAX_MD_SIZE];
  unsigned want_len = 0;
  tlstream_context *server = context_with(leaf, NULL);
  tlstream_context *client = context_with(NULL, test_ca());
  connection pairs = connect_pairs(client, server, SERVER_NAME);
  peers both = {.side = {pairs.client, pairs.server}};
  ptrdiff_t len = same_binding(&both, TLSTREAM_BINDING_SERVER_END_POINT, got);
  if (hash == NULL) {
    CHECK_INT(len, TLSTREAM_ERR_UNSUPPORTED);
  } else {
    X509_digest(leaf->cert, EVP_get_digestbyname(hash), want, &want_len);
    CHECK_INT(len, want_len);
    CHECK(memcmp(got, want, want_len) == 0);
  }
  disconnect_pairs(&pairs);
  tlstream_context_unref(server);
  tlstream_context_unref(client);
}

TEST(a_server_has_a_name_by_the_hash_of_its_certificate) {
  static const struct {
    const char *digest; /* of the signature */
    const char *hash;   /* of the name */
  } table[] = {
      {"SHA256", "SHA256"}, {"SHA384", "SHA384"}, {"SHA512", "SHA512"}};
  for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
    made_cert leaf = make_cert(&(cert_plan){
        .name = SERVER_NAME, .by = test_ca(), .digest = table[i].digest});
    IN_CASE("%s", table[i].digest);
    check_end_point(&leaf, table[i].hash);
    made_cert_clear(&leaf);
  }
}

TEST(a_signature_without_a_hash_gives_the_server_no_name) {
  made_cert ca = make_cert(
      &(cert_plan){.name = "Ed", .kind = "ED25519", .basic = CERT_CA});
  made_cert leaf = make_cert(&(cert_plan){.name = SERVER_NAME, .by = &ca});
  unsigned char out[TLSTREAM_BINDING_MAX_LEN];
  tlstream_context *server = context_with(&leaf, NULL);
  tlstream_context *client = context_with(NULL, &ca);
  connection both = connect_pairs(client, server, SERVER_NAME);
  CHECK_STR(error_text(both.client), "");
  CHECK_INT(binding(both.client, TLSTREAM_BINDING_SERVER_END_POINT, out),
            TLSTREAM_ERR_UNSUPPORTED);
  CHECK_INT(binding(both.server, TLSTREAM_BINDING_SERVER_END_POINT, out),
            TLSTREAM_ERR_UNSUPPORTED);
  disconnect_pairs(&both);
  tlstream_context_unref(server);
  tlstream_context_unref(client);
  made_cert_clear(&leaf);
  made_cert_clear(&ca);
}

/* Of several certificates, the one that this client was shown. */
TEST(the_certificate_is_the_one_that_was_used) {
  static const char *const suites[] = {"ECDHE+aECDSA+AESGCM",
                                       "ECDHE+aRSA+AESGCM"};
  const tlstream_identity more = {.key = test_leaf(KEY_RSA)->key_pem,
                                  .cert = test_leaf(KEY_RSA)->cert_pem};
  tlstream_context *server =
      context_of(TLSTREAM_CONTEXT(.key = test_leaf(KEY_ECDSA)->key_pem,
                                  .cert = test_leaf(KEY_ECDSA)->cert_pem,
                                  .identities = &more, .identity_count = 1));
  for (int kind = KEY_ECDSA; kind <= KEY_RSA; kind++) {
    unsigned char got[TLSTREAM_BINDING_MAX_LEN];
    unsigned char want[EVP_MAX_MD_SIZE];
    tlstream_context *client =
        context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                    .max_version = TLSTREAM_TLS_1_2,
                                    .ciphers = suites[kind]));
    connection pairs = connect_pairs(client, server, SERVER_NAME);
    peers both = {.side = {pairs.client, pairs.server}};
    CHECK_INT(same_binding(&both, TLSTREAM_BINDING_SERVER_END_POINT, got), LEN);
    X509_digest(test_leaf((key_kind)kind)->cert, EVP_sha256(), want, NULL);
    CHECK(memcmp(got, want, LEN) == 0);
    disconnect_pairs(&pairs);
    tlstream_context_unref(client);
  }
  tlstream_context_unref(server);
}

/* The name of a connection that resumes is of its own Finished, and the server
 * has no certificate to name. */
static void resumed(tlstream_version version) {
  hostile_peer first;
  hostile_peer second;
  unsigned char got[TLSTREAM_BINDING_MAX_LEN];
  unsigned char want[TLSTREAM_BINDING_MAX_LEN];
  config terms = {.version = version};
  tlstream_pair *pair =
      hostile_peer_connect(&first, version, TLSTREAM_ROLE_SERVER);
  char byte = 0;
  CHECK_INT(tlstream_pair_write(pair, "x", 1), 1);
  hostile_peer_pull(&first);
  CHECK_INT(SSL_read(first.ssl, &byte, 1), 1);
  SSL_SESSION *session = SSL_SESSION_dup(SSL_get_session(first.ssl));
  hostile_peer_disconnect(&first);
  pair = config_pair(&terms, TLSTREAM_ROLE_SERVER);
  hostile_peer_open(&second, TLSTREAM_ROLE_CLIENT, version, pair);
  SSL_set_session(second.ssl, session);
  hostile_peer_finish_handshake(&second);
  CHECK_INT(SSL_session_reused(second.ssl), 1);
  CHECK_INT(binding(pair, TLSTREAM_BINDING_SERVER_END_POINT, got),
            TLSTREAM_ERR_UNSUPPORTED);
  if (version == TLSTREAM_TLS_1_2) {
    CHECK_INT(binding(pair, TLSTREAM_BINDING_UNIQUE, got), 12);
    CHECK_INT(tlstream_pair_own_finished(pair, want, sizeof(want)), 12);
    CHECK(memcmp(got, want, 12) == 0);
    CHECK_INT(SSL_get_peer_finished(second.ssl, want, sizeof(want)), 12);
    CHECK(memcmp(got, want, 12) == 0);
  }
  SSL_SESSION_free(session);
  hostile_peer_disconnect(&second);
}

TEST(a_resumed_connection_is_named_by_what_is_its_own) {
  resumed(TLSTREAM_TLS_1_2);
  resumed(TLSTREAM_TLS_1_3);
}

static void finished_messages(tlstream_version version, tlstream_role role) {
  unsigned char own[64];
  unsigned char seen[64];
  int want = version == TLSTREAM_TLS_1_2 ? 12 : 48;
  peers both = peers_secure(&(config){.version = version});
  const tlstream_pair *pair = both.side[role];
  CHECK_INT(tlstream_pair_own_finished(pair, own, sizeof(own)), want);
  CHECK_INT(tlstream_pair_peer_finished(both.side[other_role(role)], seen,
                                        sizeof(seen)),
            want);
  CHECK(memcmp(own, seen, (size_t)want) == 0);
  CHECK_INT(tlstream_pair_peer_finished(pair, seen, sizeof(seen)), want);
  CHECK(memcmp(own, seen, (size_t)want) != 0);
  CHECK_INT(tlstream_pair_own_finished(pair, own, (size_t)want - 1),
            TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_INT(tlstream_pair_channel_binding(pair, TLSTREAM_BINDING_EXPORTER, own,
                                          LEN - 1),
            TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_INT(tlstream_pair_channel_binding(pair, (tlstream_binding)9, own, LEN),
            TLSTREAM_ERR_INVALID_ARGUMENT);
  peers_free(&both);
}

TEST(each_side_knows_both_finished_messages) {
  each_side(finished_messages);
}
