/* SPDX-License-Identifier: MIT */
/* Identities from PKCS #12. I1, I2, I3. */
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>

#include <tlstream/context_info.h>
#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "support/handshake.h"
#include "support/test.h"
#include "support/torture.h"

static made_cert root;
static made_cert upper;
static made_cert lower;
static made_cert leaf;
static made_cert other; /* with another kind of key */

BEFORE_TESTS(set_up) {
  torture_install();
  torture_install_openssl();
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  upper =
      make_cert(&(cert_plan){.name = "Upper", .basic = CERT_CA, .by = &root});
  lower =
      make_cert(&(cert_plan){.name = "Lower", .basic = CERT_CA, .by = &upper});
  leaf = make_cert(&(cert_plan){.name = SERVER_NAME, .by = &lower});
  other =
      make_cert(&(cert_plan){.name = SERVER_NAME, .by = &root, .kind = "RSA"});
}

AFTER_TESTS(tear_down) {
  made_cert_clear(&root);
  made_cert_clear(&upper);
  made_cert_clear(&lower);
  made_cert_clear(&leaf);
  made_cert_clear(&other);
}

/* Sealed with `passphrase`, with as little derivation of keys as there can be,
 * which would take most of the tests' time; the bytes are the caller's. */
static tlstream_bytes seal(const char *passphrase, EVP_PKEY *key, X509 *cert,
                           const made_cert *const *chain, int mac_rounds) {
  unsigned char *bytes = NULL;
  STACK_OF(X509) *above = sk_X509_new_null();
  while (chain != NULL && *chain != NULL)
    sk_X509_push(above, (*chain++)->cert);
  PKCS12 *made = PKCS12_create(passphrase, "name", key, cert, above, 0, 0, 1,
                               mac_rounds, 0);
  int len = i2d_PKCS12(made, &bytes);
  CHECK_GT(len, 0);
  sk_X509_free(above);
  PKCS12_free(made);
  return (tlstream_bytes){bytes, (size_t)len};
}

static void drop(tlstream_bytes bytes) {
  OPENSSL_free((void *)bytes.data);
}

static tlstream_context *make(tlstream_bytes bytes, const char *passphrase,
                              tlstream_error *error) {
  const tlstream_pfx pfx = {.data = bytes, .passphrase = passphrase};
  return tlstream_context_new(
      TLSTREAM_CONTEXT(.pfx = &pfx, .pfx_count = 1, .ca = root.cert_pem),
      error);
}

static void check_serves(tlstream_context *server, const made_cert *shown) {
  tlstream_context *client = context_with(NULL, &root);
  connection both = connect_pairs(client, server, SERVER_NAME);
  CHECK_STR(error_text(both.client), "");
  CHECK(tlstream_pair_authorized(both.client));
  CHECK(was_shown(both.client, shown));
  disconnect_pairs(&both);
  tlstream_context_unref(client);
}

/* In TLS 1.2 each must stand behind the one that it has signed. */
static void check_order(tlstream_context *server) {
  static const made_cert *const wanted[] = {&lower, &upper};
  STACK_OF(X509) *chain = NULL;
  SSL_CTX_get0_chain_certs(server->ctx, &chain);
  CHECK_GE(sk_X509_num(chain), 2);
  for (int i = 0; i < 2; i++)
    CHECK_INT(X509_cmp(sk_X509_value(chain, i), wanted[i]->cert), 0);
}

TEST(it_serves_with_its_chain_in_order) {
  const made_cert *const orders[][4] = {{&lower, &upper, NULL},
                                        {&upper, &lower, NULL},
                                        {&root, &upper, &lower, NULL},
                                        {&upper, &root, &lower, NULL}};
  EACH_ROW(i, orders) {
    tlstream_error error;
    tlstream_bytes bytes = seal("secret", leaf.key, leaf.cert, orders[i], 1);
    tlstream_context *server = make(bytes, "secret", &error);
    CHECK_STR(error.message, "");
    drop(bytes);
    if (server == NULL) continue;
    check_serves(server, &leaf);
    check_order(server);
    tlstream_context_unref(server);
  }
}

/* The same name with another key is not what certified it. */
TEST(its_order_is_that_of_the_signatures) {
  tlstream_error error;
  made_cert namesake =
      make_cert(&(cert_plan){.name = "Upper", .basic = CERT_CA, .by = &root});
  const made_cert *const chain[] = {&namesake, &upper, &lower, NULL};
  tlstream_bytes bytes = seal("secret", leaf.key, leaf.cert, chain, 1);
  tlstream_context *server = make(bytes, "secret", &error);
  CHECK(server != NULL);
  if (server != NULL) check_order(server);
  tlstream_context_unref(server);
  drop(bytes);
  made_cert_clear(&namesake);
}

TEST(it_stands_beside_others) {
  const made_cert *const chain[] = {&lower, &upper, NULL};
  tlstream_bytes one = seal("a", leaf.key, leaf.cert, chain, 1);
  tlstream_bytes two = seal(NULL, other.key, other.cert, NULL, 1);
  const tlstream_pfx both[] = {{one, "a"}, {two, NULL}};
  tlstream_context *server =
      context_of(TLSTREAM_CONTEXT(.pfx = both, .pfx_count = 2));
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.ca = root.cert_pem, .max_version = TLSTREAM_TLS_1_2,
                       .ciphers = "ECDHE-RSA-AES128-GCM-SHA256"));
  check_serves(server, &leaf);
  connection met = connect_pairs(client, server, SERVER_NAME);
  CHECK(was_shown(met.client, &other));
  disconnect_pairs(&met);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
  drop(one);
  drop(two);
}

/* The issuers in the file are not made trusted. */
TEST(it_is_no_trust) {
  size_t count = 0;
  const made_cert *const chain[] = {&lower, &upper, &root, NULL};
  tlstream_bytes bytes = seal("a", leaf.key, leaf.cert, chain, 1);
  const tlstream_pfx pfx = {bytes, "a"};
  tlstream_context *made = context_of(
      TLSTREAM_CONTEXT(.pfx = &pfx, .pfx_count = 1, .ca = test_ca()->cert_pem));
  tlstream_certificate **list = tlstream_context_trusted(made, &count);
  CHECK_INT(count, 1);
  tlstream_certificates_free(list);
  tlstream_context_unref(made);
  drop(bytes);
}

static void check_refused(tlstream_bytes bytes, const char *passphrase,
                          int code, const char *words) {
  tlstream_error error = {.message = ""};
  CHECK(make(bytes, passphrase, &error) == NULL);
  CHECK_ERROR(error.code, code);
  CHECK_HAS(error.message, words);
  CHECK_INT(ERR_peek_error(), 0);
}

TEST(passphrases_open_it) {
  static const struct {
    const char *sealed;
    const char *given;
    const char *words; /* NULL: it opens */
  } table[] = {{"a", "a", NULL},
               {"a", "b", "the passphrase is wrong"},
               {"a", "", "the passphrase is wrong"},
               {"a", NULL, "it is encrypted: give its passphrase"},
               {"", "", NULL},
               {"", NULL, NULL},
               {NULL, NULL, NULL},
               {NULL, "", NULL},
               {"", "a", "the passphrase is wrong"}};
  EACH_ROW_NAMED(i, table, sealed) {
    tlstream_bytes bytes =
        seal(table[i].sealed, other.key, other.cert, NULL, 1);
    if (table[i].words != NULL) {
      check_refused(bytes, table[i].given, TLSTREAM_ERR_PASSPHRASE,
                    table[i].words);
    } else {
      tlstream_error error;
      tlstream_context *made = make(bytes, table[i].given, &error);
      CHECK_STR(error.message, "");
      tlstream_context_unref(made);
    }
    drop(bytes);
  }
}

TEST(what_is_not_all_there_is_refused) {
  tlstream_bytes no_key = seal("a", NULL, leaf.cert, NULL, 1);
  tlstream_bytes no_cert = seal("a", leaf.key, NULL, NULL, 1);
  tlstream_bytes no_mac = seal("a", leaf.key, leaf.cert, NULL, -1);
  check_refused(no_key, "a", TLSTREAM_ERR_BAD_KEY, "no private key in it");
  check_refused(no_cert, "a", TLSTREAM_ERR_BAD_CERTIFICATE,
                "no certificate for its key in it");
  check_refused(no_mac, "b", TLSTREAM_ERR_BAD_KEY,
                "it has no MAC: it is damaged");
  check_refused(leaf.cert_pem, "a", TLSTREAM_ERR_BAD_CERTIFICATE,
                "pfx number 1: it is not PKCS #12");
  check_refused((tlstream_bytes){"", 0}, "a", TLSTREAM_ERR_INVALID_ARGUMENT,
                "it is empty");
  drop(no_key);
  drop(no_cert);
  drop(no_mac);
}

TEST(what_is_cut_off_or_damaged_is_refused) {
  tlstream_bytes bytes = seal("a", leaf.key, leaf.cert, NULL, 1);
  unsigned char *damaged = malloc(bytes.len);
  for (size_t i = 0; i < bytes.len; i += 7) {
    tlstream_error error;
    CHECK(make((tlstream_bytes){bytes.data, i}, "a", &error) == NULL);
    memcpy(damaged, bytes.data, bytes.len);
    damaged[i] ^= 0x55;
    tlstream_context_unref(
        make((tlstream_bytes){damaged, bytes.len}, "a", &error));
    CHECK_INT(ERR_peek_error(), 0);
  }
  free(damaged);
  drop(bytes);
}

TEST(a_count_needs_a_list_and_one_kind_is_enough) {
  tlstream_error error;
  tlstream_bytes bytes = seal("a", leaf.key, leaf.cert, NULL, 1);
  const tlstream_pfx twice[] = {{bytes, "a"}, {bytes, "a"}};
  CHECK(tlstream_context_new(TLSTREAM_CONTEXT(.pfx_count = 1), &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK(tlstream_context_new(TLSTREAM_CONTEXT(.pfx = twice, .pfx_count = 2),
                             &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_HAS(error.message, "pfx number 2: there is another certificate");
  drop(bytes);
}

static void load_or_say_why(void *data) {
  tlstream_error error = {.code = 0};
  const tlstream_bytes *bytes = data;
  tlstream_context *made = make(*bytes, "a", &error);
  CHECK(made != NULL || (torture_struck() && error.code != 0));
  CHECK_INT(ERR_peek_error(), 0);
  tlstream_context_unref(made);
}

TEST(without_memory_it_says_so) {
  const made_cert *const chain[] = {&lower, &upper, NULL};
  tlstream_bytes bytes = seal("a", leaf.key, leaf.cert, chain, 1);
  CHECK_GT(
      torture_some(TORTURE_OPENSSL, TORTURE_ONCE, 7, load_or_say_why, &bytes),
      100);
  drop(bytes);
}
