/* SPDX-License-Identifier: MIT */
/* Groups and signature algorithms are what the options say (I8). */
#include <openssl/ssl.h>

#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "support/connect.h"
#include "support/handshake.h"
#include "support/test.h"

enum { HANDSHAKE_FAILURE = 40 };

static tlstream_context *with(const char *groups, const char *algorithms) {
  return context_of(TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                     .key = test_leaf(KEY_ECDSA)->key_pem,
                                     .ca = test_ca()->cert_pem,
                                     .groups = groups,
                                     .signature_algorithms = algorithms));
}

/* OpenSSL prefers the hybrid of ML-KEM and X25519 since version 3.5. */
static int preferred(tlstream_version version) {
  enum { X25519_ML_KEM_768 = 0x11ec, NID_UNKNOWN = 0x1000000 };
  bool is_hybrid =
      OPENSSL_version_major() * 100 + OPENSSL_version_minor() >= 305;
  if (!is_hybrid || version == TLSTREAM_TLS_1_2) return NID_X25519;
  return NID_UNKNOWN | X25519_ML_KEM_768;
}

/* A peer of OpenSSL's, which accepts anything, and reports what was agreed on.
 * Group 0: the one that it prefers. */
static void check_agreed(const char *groups, const char *algorithms, int group,
                         int digest) {
  static const tlstream_version versions[] = {TLSTREAM_TLS_1_2,
                                              TLSTREAM_TLS_1_3};
  for (int i = 0; i < 2; i++) {
    hostile_peer client;
    int signature = 0;
    tlstream_context *context = with(groups, algorithms);
    tlstream_pair *server = server_with(context, false);
    hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, versions[i], server);
    CHECK_INT(hostile_peer_handshake(&client), 0);
    CHECK_INT(SSL_get_negotiated_group(client.ssl),
              group != 0 ? group : preferred(versions[i]));
    CHECK_INT(SSL_get_peer_signature_nid(client.ssl, &signature), 1);
    CHECK_INT(signature, digest);
    hostile_peer_close(&client);
    tlstream_pair_free(server);
    tlstream_context_unref(context);
  }
}

TEST(they_are_chosen) {
  check_agreed(NULL, NULL, 0, NID_sha256);
  check_agreed("P-384", NULL, NID_secp384r1, NID_sha256);
  check_agreed("P-521:X448", NULL, NID_secp521r1, NID_sha256);
}

static void check_meeting(const char *ours, const char *theirs, bool groups,
                          int code) {
  tlstream_context *client = with(groups ? ours : NULL, groups ? NULL : ours);
  tlstream_context *server =
      with(groups ? theirs : NULL, groups ? NULL : theirs);
  connection both = connect_pairs(client, server, SERVER_NAME);
  CHECK_ERROR(error_code(both.server), code);
  CHECK_INT(tlstream_pair_is_secure(both.client), code == 0);
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

TEST(without_one_in_common_nothing_comes_of_it) {
  check_meeting("P-256:P-384", "P-384", true, 0);
  check_meeting("P-256", "P-384", true, TLSTREAM_ERR_NO_SHARED_CIPHER);
  check_meeting("ECDSA+SHA256", "ecdsa_secp256r1_sha256", false, 0);
  check_meeting("RSA-PSS+SHA256", "ECDSA+SHA256:RSA-PSS+SHA256", false,
                TLSTREAM_ERR_NO_SHARED_CIPHER);
}

static void check_refused(const tlstream_context_options *options,
                          const char *words) {
  check_no_context(options, TLSTREAM_ERR_BAD_CIPHERS, words);
}

TEST(what_is_not_known_is_named) {
  check_refused(TLSTREAM_CONTEXT(.groups = "P-256:P-257:P-384"),
                "groups: \"P-257\" is not known here");
  check_refused(TLSTREAM_CONTEXT(.groups = ""), "groups: there is nothing");
  check_refused(TLSTREAM_CONTEXT(.groups = ":"), "groups: there is nothing");
  check_refused(
      TLSTREAM_CONTEXT(.signature_algorithms = "ECDSA+SHA256:ROT13+SHA256"),
      "signature_algorithms: \"ROT13+SHA256\" is not known here");
  check_refused(TLSTREAM_CONTEXT(.signature_algorithms = ""),
                "signature_algorithms: there is nothing");
}

/* A copy of an SSL_CTX has them too. */
TEST(a_base_hands_them_down) {
  tlstream_context *base = with("P-384", "ECDSA+SHA256");
  tlstream_context *copy = context_of(
      TLSTREAM_CONTEXT(.parent = base, .npn = TLSTREAM_PROTOCOLS("a")));
  CHECK(copy->ctx != base->ctx);
  tlstream_pair *server = server_with(copy, false);
  hostile_peer client;
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, TLSTREAM_TLS_1_3, server);
  CHECK_INT(hostile_peer_handshake(&client), 0);
  CHECK_INT(SSL_get_negotiated_group(client.ssl), NID_secp384r1);
  hostile_peer_close(&client);
  tlstream_pair_free(server);
  tlstream_context_unref(copy);
  tlstream_context_unref(base);
}

/* A share of ffdhe8192 is 1 KB that costs a server 100 ms: only where the
 * options say so. */
TEST(groups_of_finite_fields_are_not_chosen_by_themselves) {
  check_meeting(NULL, "ffdhe2048", true, TLSTREAM_ERR_NO_SHARED_CIPHER);
  check_meeting("ffdhe2048", NULL, true, TLSTREAM_ERR_NO_SHARED_CIPHER);
  check_meeting("ffdhe8192", NULL, true, TLSTREAM_ERR_NO_SHARED_CIPHER);
  check_meeting("ffdhe2048", "ffdhe2048", true, 0);
  check_meeting("X25519", NULL, true, 0);
  check_meeting("P-256", NULL, true, 0);
  check_meeting("X448", NULL, true, 0);
  check_meeting("P-521", NULL, true, 0);
  check_meeting("P-384", NULL, true, 0);
}
