/* SPDX-License-Identifier: MIT */
/* An OpenSSL whose provider lacks something, as that of FIPS lacks ChaCha20 and
 * X25519: what is ours does without it, and what was asked for by name is
 * refused by name. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <strings.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "support/connect.h"
#include "support/handshake.h"
#include "support/test.h"

/* Its hybrid with ML-KEM, since OpenSSL 3.5, goes with X25519. */
static bool is_lacking(const char *algorithm) {
  return strcasecmp(algorithm, "ChaCha20-Poly1305") == 0 ||
         strncasecmp(algorithm, "X25519", strlen("X25519")) == 0;
}

/* These stand before OpenSSL's for libssl too. */
EVP_CIPHER *EVP_CIPHER_fetch(OSSL_LIB_CTX *library, const char *algorithm,
                             const char *properties) {
  EVP_CIPHER *(*fetch)(OSSL_LIB_CTX *, const char *, const char *) = NULL;
  *(void **)&fetch = dlsym(RTLD_NEXT, "EVP_CIPHER_fetch");
  return is_lacking(algorithm) ? NULL : fetch(library, algorithm, properties);
}

EVP_KEYMGMT *EVP_KEYMGMT_fetch(OSSL_LIB_CTX *library, const char *algorithm,
                               const char *properties) {
  EVP_KEYMGMT *(*fetch)(OSSL_LIB_CTX *, const char *, const char *) = NULL;
  *(void **)&fetch = dlsym(RTLD_NEXT, "EVP_KEYMGMT_fetch");
  return is_lacking(algorithm) ? NULL : fetch(library, algorithm, properties);
}

static bool has_chacha(const SSL_CTX *ctx) {
  bool has = false;
  SSL *ssl = SSL_new((SSL_CTX *)ctx);
  STACK_OF(SSL_CIPHER) *suites = SSL_get1_supported_ciphers(ssl);
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
    const SSL_CIPHER *suite = sk_SSL_CIPHER_value(suites, i);
    has = has || strstr(SSL_CIPHER_get_name(suite), "CHACHA20") != NULL;
  }
  sk_SSL_CIPHER_free(suites);
  SSL_free(ssl);
  return has;
}

TEST(lacks_what_this_test_is_about) {
  SSL_CTX *plain = SSL_CTX_new(TLS_method());
  CHECK(!has_chacha(plain));
  CHECK_INT(SSL_CTX_set1_groups_list(plain, "X25519"), 0);
  SSL_CTX_free(plain);
}

TEST(the_default_does_without) {
  static const tlstream_version versions[] = {TLSTREAM_TLS_1_2,
                                              TLSTREAM_TLS_1_3};
  EACH_ROW(i, versions) {
    tlstream_context *client =
        context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                    .max_version = versions[i]));
    tlstream_context *server = context_with(test_leaf(KEY_ECDSA), NULL);
    connection both = connect_pairs(client, server, SERVER_NAME);
    CHECK(!has_chacha(client->ctx));
    CHECK(tlstream_pair_authorized(both.client));
    CHECK_INT(tlstream_pair_tls_version(both.client), versions[i]);
    disconnect_pairs(&both);
    tlstream_context_unref(client);
    tlstream_context_unref(server);
  }
}

TEST(what_is_asked_for_is_refused_by_name) {
  int code = TLSTREAM_ERR_BAD_CIPHERS;
  check_no_context(TLSTREAM_CONTEXT(.ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"),
                   code, "ciphers: \"ECDHE+CHACHA20\" is not known here");
  check_no_context(
      TLSTREAM_CONTEXT(.ciphersuites = "TLS_AES_128_GCM_SHA256:"
                                       "TLS_CHACHA20_POLY1305_SHA256"),
      code, "ciphersuites: \"TLS_CHACHA20_POLY1305_SHA256\" is not known here");
  check_no_context(TLSTREAM_CONTEXT(.groups = "P-256:X25519"), code,
                   "groups: \"X25519\" is not known here");
}

TEST(the_rest_may_be_asked_for) {
  tlstream_context_unref(
      context_of(TLSTREAM_CONTEXT(.ciphers = "ECDHE+AESGCM",
                                  .ciphersuites = "TLS_AES_128_GCM_SHA256",
                                  .groups = "P-256:P-384",
                                  .signature_algorithms = "ECDSA+SHA256")));
}
