/* SPDX-License-Identifier: MIT */
/* A server with a certificate of each kind shows a client one whose signature
 * it takes, with the chain that goes with it. */
#include <stdlib.h>

#include <openssl/x509.h>

#include "support/handshake.h"
#include "support/test.h"

enum { EC, RSA_, ED25519, KINDS };

static made_cert middles[KINDS];
static made_cert leaves[KINDS];
static tlstream_bytes chains[KINDS];
static tlstream_context *server_context;

/* The first identity is the options' own, the others are on the list. */
BEFORE_TESTS(set_up) {
  static const char *const kinds[] = {"EC", "RSA", "ED25519"};
  tlstream_identity others[2];
  for (int i = 0; i < KINDS; i++) {
    middles[i] = make_cert(
        &(cert_plan){.name = kinds[i], .by = test_ca(), .basic = CERT_CA});
    leaves[i] = make_cert(
        &(cert_plan){.name = SERVER_NAME, .by = &middles[i], .kind = kinds[i]});
    chains[i] = join_pem(
        (tlstream_bytes[]){leaves[i].cert_pem, middles[i].cert_pem}, 2);
  }
  for (int i = 0; i < 2; i++) {
    others[i] = (tlstream_identity){.cert = chains[i + 1],
                                    .key = leaves[i + 1].key_pem};
  }
  server_context =
      context_of(TLSTREAM_CONTEXT(.cert = chains[EC], .key = leaves[EC].key_pem,
                                  .identities = others, .identity_count = 2));
}

AFTER_TESTS(tear_down) {
  tlstream_context_unref(server_context);
  for (int i = 0; i < KINDS; i++) {
    made_cert_clear(&middles[i]);
    made_cert_clear(&leaves[i]);
    free((void *)chains[i].data);
  }
}

/* Which of them a client that takes these signatures is shown, or -1. */
static int shown_to(const char *signatures, tlstream_version version) {
  hostile_peer client;
  int shown = -1;
  tlstream_pair *server = server_with(server_context, false);
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, version, server);
  SSL_set_cipher_list(client.ssl, "ECDHE+AES128");
  CHECK_INT(SSL_set1_sigalgs_list(client.ssl, signatures), 1);
  X509_STORE *trusted = SSL_CTX_get_cert_store(client.ctx);
  X509_STORE_add_cert(trusted, test_ca()->cert);
  SSL_set_verify(client.ssl, SSL_VERIFY_PEER, NULL);
  if (hostile_peer_handshake(&client) == 0) {
    X509 *cert = SSL_get0_peer_certificate(client.ssl);
    for (int i = 0; i < KINDS; i++) {
      if (X509_cmp(cert, leaves[i].cert) == 0) shown = i;
    }
    CHECK_INT(SSL_get_verify_result(client.ssl), X509_V_OK);
    CHECK_INT(sk_X509_num(SSL_get_peer_cert_chain(client.ssl)), 2);
  } else {
    CHECK_ERROR(error_code(server), TLSTREAM_ERR_NO_SHARED_CIPHER);
  }
  hostile_peer_close(&client);
  tlstream_pair_free(server);
  return shown;
}

TEST(the_client_s_signatures_decide) {
  static const struct {
    const char *signatures;
    int shown[2];
  } table[] = {
      {"ECDSA+SHA256", {EC, EC}},
      /* Of several the server takes the one that costs it least. */
      {"rsa_pss_rsae_sha256:ECDSA+SHA256", {EC, EC}},
      {"ECDSA+SHA256:rsa_pss_rsae_sha256", {EC, EC}},
      /* That the authorities sign with ECDSA does not stand in the way. */
      {"rsa_pss_rsae_sha256", {RSA_, RSA_}},
      {"rsa_pkcs1_sha256", {RSA_, -1}}, /* TLS 1.3 has no use for it */
      {"ed25519", {ED25519, ED25519}},
      {"ed25519:ECDSA+SHA256", {EC, EC}},
      {"ed448", {-1, -1}},
      {"rsa_pss_pss_sha256", {-1, -1}},
  };
  EACH_ROW_NAMED(i, table, signatures) {
    CHECK_INT(shown_to(table[i].signatures, TLSTREAM_TLS_1_2),
              table[i].shown[0]);
    CHECK_INT(shown_to(table[i].signatures, TLSTREAM_TLS_1_3),
              table[i].shown[1]);
  }
}
