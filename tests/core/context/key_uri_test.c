/* SPDX-License-Identifier: MIT */
/* A private key that OpenSSL's stores find by its URI. */
#include <stdlib.h>
#include <unistd.h>

#include <openssl/pem.h>

#include <tlstream/pair_info.h>

#include "support/connect.h"
#include "support/peers.h"
#include "support/test.h"
#include "support/torture.h"

static char folder[] = "/tmp/tlstream-uri-XXXXXX";

BEFORE_TESTS(make_folder) {
  if (mkdtemp(folder) == NULL) TEST_STOP("no folder");
}

AFTER_TESTS(remove_folder) {
  (void)rmdir(folder);
}

/* A file and its URI. */
typedef struct place {
  char path[80];
  char uri[90];
} place;

static place place_of(const char *name) {
  place made;
  snprintf(made.path, sizeof(made.path), "%s/%s", folder, name);
  snprintf(made.uri, sizeof(made.uri), "file:%s", made.path);
  return made;
}

static place write_file(const char *name, tlstream_bytes bytes) {
  place made = place_of(name);
  FILE *file = fopen(made.path, "w");
  CHECK_INT(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
  CHECK_INT(fclose(file), 0);
  return made;
}

static place write_sealed(const char *name, EVP_PKEY *key) {
  place made = place_of(name);
  FILE *file = fopen(made.path, "w");
  CHECK_INT(PEM_write_PKCS8PrivateKey(file, key, EVP_aes_128_cbc(), "secret", 6,
                                      NULL, NULL),
            1);
  CHECK_INT(fclose(file), 0);
  return made;
}

static tlstream_context *context_at(const place *at, const char *passphrase,
                                    const made_cert *own) {
  tlstream_identity identity = {
      .cert = own->cert_pem, .key_uri = at->uri, .passphrase = passphrase};
  return context_of(
      TLSTREAM_CONTEXT(.identities = &identity, .identity_count = 1));
}

static void refuse(const char *uri, const char *passphrase, int code,
                   const char *words) {
  tlstream_identity identity = {.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                .key_uri = uri,
                                .passphrase = passphrase};
  check_no_context(
      TLSTREAM_CONTEXT(.identities = &identity, .identity_count = 1), code,
      words);
}

static void check_serves(tlstream_context *server) {
  tlstream_context *client = context_with(NULL, test_ca());
  connection met = connect_pairs(client, server, SERVER_NAME);
  CHECK(tlstream_pair_authorized(met.client));
  disconnect_pairs(&met);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

/* OpenSSL's own code signs: no other thread is needed. */
TEST(a_key_may_be_in_a_file) {
  static const key_kind kinds[] = {KEY_ECDSA, KEY_RSA};
  EACH_ROW(i, kinds) {
    const made_cert *leaf = test_leaf(kinds[i]);
    place at = write_file("key.pem", leaf->key_pem);
    check_serves(context_at(&at, NULL, leaf));
    CHECK_INT(unlink(at.path), 0);
  }
}

/* Other things may lie before it. */
TEST(the_key_is_found_behind_its_certificate) {
  const made_cert *leaf = test_leaf(KEY_ECDSA);
  tlstream_bytes both =
      join_pem((tlstream_bytes[]){leaf->cert_pem, leaf->key_pem}, 2);
  place at = write_file("both.pem", both);
  check_serves(context_at(&at, NULL, leaf));
  CHECK_INT(unlink(at.path), 0);
  free((void *)both.data);
}

TEST(a_key_may_be_encrypted) {
  const made_cert *leaf = test_leaf(KEY_ECDSA);
  place at = write_sealed("sealed.pem", leaf->key);
  check_serves(context_at(&at, "secret", leaf));
  refuse(at.uri, NULL, TLSTREAM_ERR_PASSPHRASE, "give `passphrase`");
  refuse(at.uri, "", TLSTREAM_ERR_PASSPHRASE, "the passphrase or PIN is wrong");
  CHECK_INT(unlink(at.path), 0);
}

TEST(what_is_not_there_is_reported) {
  place none = place_of("none.pem");
  place cert = write_file("cert.pem", test_leaf(KEY_ECDSA)->cert_pem);
  place empty = write_file("empty.pem", (tlstream_bytes){"", 0});
  place other = write_file("other.pem", test_leaf(KEY_RSA)->key_pem);
  int code = TLSTREAM_ERR_KEY_URI;
  refuse(none.uri, NULL, code, "none.pem: no private key is found by it");
  refuse(cert.uri, NULL, code, "cert.pem: no private key is found by it");
  refuse(empty.uri, NULL, code, "empty.pem: no private key is found by it");
  refuse("nowhere:key", NULL, code, "key_uri nowhere:key: no private key");
  refuse(other.uri, NULL, TLSTREAM_ERR_KEY_MISMATCH,
         "other.pem is not the key of the certificate in cert");
  CHECK_INT(unlink(cert.path), 0);
  CHECK_INT(unlink(empty.path), 0);
  CHECK_INT(unlink(other.path), 0);
}

/* RFC 7512, section 2.3: a PIN may be in the URI. */
TEST(no_pin_is_in_a_message) {
  tlstream_error error;
  tlstream_identity identity = {
      .cert = test_leaf(KEY_ECDSA)->cert_pem,
      .key_uri = "nowhere:token=web;object=tls?pin-value=4711"};
  CHECK(tlstream_context_new(
            TLSTREAM_CONTEXT(.identities = &identity, .identity_count = 1),
            &error) == NULL);
  CHECK_HAS(error.message, "key_uri nowhere:token=web;object=tls: ");
  CHECK(strstr(error.message, "4711") == NULL);
}

static void make(void *data) {
  const place *at = data;
  tlstream_error error = {0};
  tlstream_identity identity = {.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                .key_uri = at->uri};
  tlstream_context *context = tlstream_context_new(
      TLSTREAM_CONTEXT(.identities = &identity, .identity_count = 1), &error);
  if (context == NULL) CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
  tlstream_context_unref(context);
}

TEST(memory_may_run_out) {
  place at = write_file("key.pem", test_leaf(KEY_ECDSA)->key_pem);
  torture_install();
  make(&at); /* what is made once for the process */
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, make, &at), 3);
  CHECK_INT(unlink(at.path), 0);
}
