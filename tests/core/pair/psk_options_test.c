/* SPDX-License-Identifier: MIT */
/* Which pre-shared keys a context takes, and with which suites they are used.
 */
#include <openssl/ssl.h>

#include <tlstream/context_info.h>
#include <tlstream/memory.h>
#include <tlstream/pair_info.h>
#include <tlstream/pair_psk.h>

#include "core/context/context.h"
#include "support/psk.h"

static void check_met(peers *both) {
  for (int to = 0; to < 2; to++) {
    CHECK_STR(take_events(both->side[to]), "SECURE");
    CHECK_INT(tlstream_pair_authorization_from(both->side[to]),
              TLSTREAM_SOURCE_PSK);
  }
}

static const char *text_of(size_t len) {
  static char text[512];
  memset(text, 'x', len);
  text[len] = '\0';
  return text;
}

static void check_psk(const tlstream_psk *psk, const char *words) {
  check_no_context(TLSTREAM_CONTEXT(.psks = psk, .psk_count = 1),
                   TLSTREAM_ERR_INVALID_ARGUMENT, words);
}

TEST(identities_keys_and_hints_have_bounds) {
  tlstream_psk psk = usual_psk();
  psk.identity = NULL;
  check_psk(&psk, "an identity has 1 to 256 bytes");
  psk.identity = "";
  check_psk(&psk, "an identity has 1 to 256 bytes");
  psk.identity = text_of(257);
  check_psk(&psk, "an identity has 1 to 256 bytes");
  psk = usual_psk();
  psk.key.len = 15;
  check_psk(&psk, "a key has 16 to 256 random bytes");
  psk.key = (tlstream_bytes){text_of(300), 257};
  check_psk(&psk, "a key has 16 to 256 random bytes");
  psk.key = (tlstream_bytes){NULL, 32};
  check_psk(&psk, "a key has 16 to 256 random bytes");
  psk = usual_psk();
  psk.hash = (tlstream_psk_hash)7;
  check_psk(&psk, "for SHA-256 or SHA-384");
  check_no_context(TLSTREAM_CONTEXT(.psk_hint = text_of(129)),
                   TLSTREAM_ERR_INVALID_ARGUMENT, "psk_hint");
}

static void longest(tlstream_version version) {
  static const size_t lengths[] = {1, 256};
  for (size_t i = 0; i < 2; i++) {
    const tlstream_psk psk = {
        .identity = text_of(lengths[i]),
        .key = {text_of(256),
                i == 0 ? TLSTREAM_PSK_KEY_MIN_LEN : TLSTREAM_PSK_KEY_MAX_LEN}};
    char identity[257];
    strcpy(identity, text_of(lengths[i]));
    tlstream_psk used = psk;
    char key[257];
    memset(key, 'k', sizeof(key));
    used.identity = identity;
    used.key.data = key;
    peers both = psk_meet(&used, &used, version);
    size_t len = 0;
    CHECK_STR(tlstream_pair_psk_identity(both.side[TLSTREAM_ROLE_SERVER], &len),
              identity);
    check_met(&both);
    peers_free(&both);
  }
}

TEST(the_shortest_and_the_longest_work) {
  each_version(longest);
}

/* Whoever learns the key must not be able to read what was recorded. */
TEST(suites_without_forward_secrecy_are_refused) {
  static const char *const lists[] = {
      "PSK-AES128-GCM-SHA256", "ECDHE+AESGCM:PSK-CHACHA20-POLY1305",
      "RSA-PSK-AES128-GCM-SHA256", "kPSK", "kRSAPSK"};
  const tlstream_psk psk = usual_psk();
  for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
    check_no_context(
        TLSTREAM_CONTEXT(.psks = &psk, .psk_count = 1, .ciphers = lists[i]),
        TLSTREAM_ERR_BAD_CIPHERS, "no forward secrecy");
  }
}

static bool has_key_exchange(const tlstream_context *context, int kind) {
  const STACK_OF(SSL_CIPHER) *suites = SSL_CTX_get_ciphers(context->ctx);
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
    if (SSL_CIPHER_get_kx_nid(sk_SSL_CIPHER_value(suites, i)) == kind) {
      return true;
    }
  }
  return false;
}

/* A class that has them too is taken without them. */
TEST(classes_lose_the_suites_without_forward_secrecy) {
  const tlstream_psk psk = usual_psk();
  for (int insecure = 0; insecure < 2; insecure++) {
    tlstream_context *context = context_of(
        TLSTREAM_CONTEXT(.psks = &psk, .psk_count = 1, .ciphers = "HIGH",
                         .insecure_psk_without_forward_secrecy =
                             insecure != 0));
    CHECK(has_key_exchange(context, NID_kx_ecdhe_psk));
    CHECK_INT(has_key_exchange(context, NID_kx_psk), insecure);
    CHECK(!has_key_exchange(context, NID_kx_rsa_psk));
    tlstream_context_unref(context);
  }
}

TEST(a_context_without_a_key_offers_no_suite_for_one) {
  tlstream_context *context = context_of(NULL);
  CHECK(!has_key_exchange(context, NID_kx_ecdhe_psk));
  tlstream_context_unref(context);
}

TEST(without_forward_secrecy_only_where_it_is_asked_for) {
  const tlstream_psk psk = usual_psk();
  tlstream_context *both_use = context_of(
      TLSTREAM_CONTEXT(.psks = &psk, .psk_count = 1,
                       .max_version = TLSTREAM_TLS_1_2,
                       .ciphers = "PSK-AES128-GCM-SHA256",
                       .insecure_psk_without_forward_secrecy = true));
  peers both = shake(psk_client(tlstream_context_ref(both_use), NULL),
                     psk_server(both_use));
  check_met(&both);
  CHECK_STR(tlstream_pair_cipher(both.side[0]), "PSK-AES128-GCM-SHA256");
  peers_free(&both);
}

/* A client that offers nothing else gets no connection. */
TEST(a_server_takes_no_client_without_forward_secrecy) {
  const tlstream_psk psk = usual_psk();
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.psks = &psk, .psk_count = 1,
                       .max_version = TLSTREAM_TLS_1_2,
                       .ciphers = "PSK-AES128-GCM-SHA256",
                       .insecure_psk_without_forward_secrecy = true));
  peers both = shake(psk_client(client, NULL),
                     psk_server(psk_context(&psk, TLSTREAM_TLS_1_2)));
  CHECK_ERROR(error_code(both.side[TLSTREAM_ROLE_SERVER]),
              TLSTREAM_ERR_NO_SHARED_CIPHER);
  peers_free(&both);
}

/* Without a key of its own a client offers no suite for one. */
TEST(a_context_that_asks_for_keys_has_none_as_a_client) {
  const tlstream_psk psk = usual_psk();
  tlstream_context *asking = context_of(
      TLSTREAM_CONTEXT(.ask_psk = true, .max_version = TLSTREAM_TLS_1_2));
  peers both = shake(psk_client(asking, SERVER_NAME),
                     psk_server(psk_context(&psk, TLSTREAM_TLS_1_2)));
  CHECK_ERROR(error_code(both.side[TLSTREAM_ROLE_SERVER]),
              TLSTREAM_ERR_NO_SHARED_CIPHER);
  peers_free(&both);
}

TEST(what_is_in_force_has_the_suite_for_a_key) {
  const tlstream_psk psk = usual_psk();
  for (int with = 0; with < 2; with++) {
    tlstream_context *context =
        context_of(TLSTREAM_CONTEXT(.psks = &psk, .psk_count = (size_t)with));
    char *json = tlstream_context_json(context);
    CHECK(json != NULL);
    CHECK_INT(strstr(json, "ECDHE-PSK-CHACHA20-POLY1305") != NULL ||
                  strstr(json, "TLS_ECDHE_PSK_WITH_CHACHA20") != NULL,
              with);
    tlstream_free(json);
    tlstream_context_unref(context);
  }
}
