/* SPDX-License-Identifier: MIT */
/* Our own keys and certificates: which are taken, and why others are not. */
#define _GNU_SOURCE /* posix_openpt */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "support/connect.h"
#include "support/make_cert.h"
#include "support/test.h"
#include "support/torture.h"

#define PASSPHRASE "a passphrase to look for"

static made_cert root;
static made_cert middle;
static made_cert leaf; /* signed by `middle` */
static made_cert rsa;
static tlstream_bytes chain; /* leaf and middle */
static tlstream_bytes locked_key;

static tlstream_bytes lock(EVP_PKEY *key) {
  char *data = NULL;
  BIO *bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_128_cbc(), PASSPHRASE,
                                (int)strlen(PASSPHRASE), NULL, NULL);
  size_t len = (size_t)BIO_get_mem_data(bio, &data);
  tlstream_bytes text = {data, len};
  text = join_pem(&text, 1);
  BIO_free(bio);
  return text;
}

BEFORE_TESTS(make_some) {
  torture_install_openssl();
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  middle =
      make_cert(&(cert_plan){.name = "Middle", .by = &root, .basic = CERT_CA});
  leaf = make_cert(&(cert_plan){.name = "a.test", .by = &middle});
  rsa = make_cert(&(cert_plan){.name = "a.test", .by = &root, .kind = "RSA"});
  const tlstream_bytes both[] = {leaf.cert_pem, middle.cert_pem};
  chain = join_pem(both, 2);
  locked_key = lock(leaf.key);
}

AFTER_TESTS(drop_them) {
  made_cert_clear(&root);
  made_cert_clear(&middle);
  made_cert_clear(&leaf);
  made_cert_clear(&rsa);
  free((void *)chain.data);
  free((void *)locked_key.data);
}

static void check_secure(tlstream_context *client, tlstream_context *server) {
  connection both = connect_pairs(client, server, "a.test");
  CHECK(tlstream_pair_is_secure(both.client));
  CHECK(tlstream_pair_authorized(both.client));
  CHECK(tlstream_pair_is_secure(both.server));
  disconnect_pairs(&both);
}

static void check_works(const tlstream_context_options *options) {
  tlstream_context *server = context_of(options);
  tlstream_context *client = context_with(NULL, &root);
  check_secure(client, server);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

static char folder[64];
static char key_path[96];
static char cert_path[96];

static void write_file(const char *path, tlstream_bytes text) {
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL);
  if (file == NULL) return;
  CHECK_INT(fwrite(text.data, 1, text.len, file), text.len);
  fclose(file);
}

static void write_files(tlstream_bytes key, tlstream_bytes cert) {
  snprintf(folder, sizeof(folder), "/tmp/tlstream-credentials-XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
  snprintf(key_path, sizeof(key_path), "%s/key.pem", folder);
  snprintf(cert_path, sizeof(cert_path), "%s/cert.pem", folder);
  write_file(key_path, key);
  write_file(cert_path, cert);
}

static void remove_files(void) {
  unlink(key_path);
  unlink(cert_path);
  CHECK_INT(rmdir(folder), 0);
}

TEST(come_from_memory_or_from_files) {
  write_files(leaf.key_pem, chain);
  check_works(TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert = chain));
  check_works(TLSTREAM_CONTEXT(.key_file = key_path, .cert_file = cert_path));
  check_works(TLSTREAM_CONTEXT(.key_file = key_path, .cert = chain));
  check_works(TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert_file = cert_path));
  check_works(TLSTREAM_CONTEXT(.key = locked_key, .cert = chain,
                               .passphrase = PASSPHRASE));
  write_file(key_path, locked_key);
  check_works(TLSTREAM_CONTEXT(.key_file = key_path, .cert_file = cert_path,
                               .passphrase = PASSPHRASE));
  remove_files();
}

/* As OpenSSL's and Node's users keep them, too. */
TEST(may_be_one_text) {
  const tlstream_bytes parts[] = {leaf.key_pem, chain};
  const tlstream_bytes turned[] = {chain, leaf.key_pem};
  tlstream_bytes all = join_pem(parts, 2);
  tlstream_bytes other = join_pem(turned, 2);
  check_works(TLSTREAM_CONTEXT(.key = all, .cert = all));
  check_works(TLSTREAM_CONTEXT(.key = other, .cert = other));
  free((void *)other.data);
  free((void *)all.data);
}

/* Without its issuer the leaf leads nowhere. */
TEST(bring_their_chain) {
  tlstream_context *client = context_with(NULL, &root);
  tlstream_context *server = context_with(&leaf, NULL);
  connection both = connect_pairs(client, server, "a.test");
  CHECK(!tlstream_pair_is_secure(both.client));
  CHECK_STR(tlstream_pair_error(both.client)->name,
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

TEST(are_copied) {
  char key[4096];
  char cert[8192];
  tlstream_context_options options = {
      .size = sizeof(options),
      .key = {memcpy(key, leaf.key_pem.data, leaf.key_pem.len),
              leaf.key_pem.len},
      .cert = {memcpy(cert, chain.data, chain.len), chain.len},
  };
  tlstream_context *server = context_of(&options);
  tlstream_context *client = context_with(NULL, &root);
  memset(key, 'x', sizeof(key));
  memset(cert, 'x', sizeof(cert));
  memset(&options, 'x', sizeof(options));
  check_secure(client, server);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

TEST(come_as_both_or_neither) {
  int invalid = TLSTREAM_ERR_INVALID_ARGUMENT;
  check_no_context(TLSTREAM_CONTEXT(.key = leaf.key_pem), invalid,
                   "a key needs its certificate");
  check_no_context(TLSTREAM_CONTEXT(.cert = chain), invalid,
                   "a certificate needs its key");
  check_no_context(TLSTREAM_CONTEXT(.key = {NULL, 7}, .cert = chain), invalid,
                   "key: there is a length and no bytes");
  check_no_context(
      TLSTREAM_CONTEXT(.key = leaf.key_pem, .key_file = "x", .cert = chain),
      invalid, "give key or key_file, not both");
  check_no_context(
      TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert = chain, .cert_file = "x"),
      invalid, "give cert or cert_file, not both");
}

TEST(are_refused_with_the_reason) {
  int bad_cert = TLSTREAM_ERR_BAD_CERTIFICATE;
  tlstream_bytes rubbish = {"rubbish", 7};
  tlstream_bytes empty = {"", 0};
  check_no_context(TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert = rubbish),
                   bad_cert, "cert: it is not PEM");
  check_no_context(TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert = empty),
                   bad_cert, "cert: it is empty");
  check_no_context(TLSTREAM_CONTEXT(.key = rubbish, .cert = chain),
                   TLSTREAM_ERR_BAD_KEY, "key: it is not PEM");
  check_no_context(TLSTREAM_CONTEXT(.key = chain, .cert = leaf.key_pem),
                   bad_cert, "cert: it holds a private key");
  check_no_context(TLSTREAM_CONTEXT(.key_file = "/no/such", .cert = chain),
                   TLSTREAM_ERR_FILE, "key_file: cannot read /no/such");
  check_no_context(TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert_file = "/tmp"),
                   TLSTREAM_ERR_FILE, "cert_file: cannot read /tmp");
  check_no_context(TLSTREAM_CONTEXT(.key = locked_key, .cert = chain),
                   TLSTREAM_ERR_PASSPHRASE, "key: the key is encrypted");
  check_no_context(
      TLSTREAM_CONTEXT(.key = locked_key, .cert = chain, .passphrase = "wrong"),
      TLSTREAM_ERR_PASSPHRASE, "key: the passphrase is wrong");
}

/* I2: another key of the same kind, and one of another kind. */
TEST(belong_together) {
  int mismatch = TLSTREAM_ERR_KEY_MISMATCH;
  const made_cert *const keys[] = {&middle, &rsa};
  EACH_ROW(i, keys) {
    write_files(keys[i]->key_pem, chain);
    check_no_context(TLSTREAM_CONTEXT(.key = keys[i]->key_pem, .cert = chain),
                     mismatch, "key is not the key of the certificate in cert");
    check_no_context(
        TLSTREAM_CONTEXT(.key_file = key_path, .cert_file = cert_path),
        mismatch, key_path);
    check_no_context(
        TLSTREAM_CONTEXT(.key_file = key_path, .cert_file = cert_path),
        mismatch, cert_path);
    remove_files();
  }
  const tlstream_bytes turned[] = {middle.cert_pem, leaf.cert_pem};
  tlstream_bytes wrong_order = join_pem(turned, 2);
  check_no_context(TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert = wrong_order),
                   mismatch, "key is not the key");
  free((void *)wrong_order.data);
}

/* A14 */
TEST(are_strong) {
  made_cert small =
      make_cert(&(cert_plan){.name = "a", .kind = "RSA", .bits = 1024});
  made_cert sha1 =
      make_cert(&(cert_plan){.name = "a", .by = &root, .digest = "SHA1"});
  made_cert weak_ca = make_cert(&(cert_plan){
      .name = "W", .kind = "RSA", .bits = 1024, .by = &root, .basic = CERT_CA});
  made_cert namesake = /* of its issuer: not signed by itself for that */
      make_cert(&(cert_plan){.name = "Root", .by = &root, .digest = "SHA1"});
  const tlstream_bytes parts[] = {leaf.cert_pem, weak_ca.cert_pem};
  tlstream_bytes weak_chain = join_pem(parts, 2);
  int weak = TLSTREAM_ERR_WEAK_KEY;
  const char *words = "cert: the key is too small or the signature's hash";
  check_no_context(
      TLSTREAM_CONTEXT(.key = small.key_pem, .cert = small.cert_pem), weak,
      words);
  check_no_context(TLSTREAM_CONTEXT(.key = sha1.key_pem, .cert = sha1.cert_pem),
                   weak, words);
  check_no_context(
      TLSTREAM_CONTEXT(.key = namesake.key_pem, .cert = namesake.cert_pem),
      weak, words);
  check_no_context(TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert = weak_chain),
                   weak, words);
  free((void *)weak_chain.data);
  made_cert_clear(&namesake);
  made_cert_clear(&weak_ca);
  made_cert_clear(&sha1);
  made_cert_clear(&small);
}

static void check_kind(const char *kind) {
  made_cert made =
      make_cert(&(cert_plan){.name = "a.test", .by = &root, .kind = kind});
  check_works(TLSTREAM_CONTEXT(.key = made.key_pem, .cert = made.cert_pem));
  made_cert_clear(&made);
}

TEST(are_of_every_kind_that_tls_knows) {
  check_kind("EC");
  check_kind("RSA");
  check_kind("RSA-PSS");
  check_kind("ED25519");
}

/* A certificate for which TLS has no signature is refused here, and not when
 * the first client comes. */
TEST(are_not_of_kinds_that_tls_does_not_know) {
  made_cert odd =
      make_cert(&(cert_plan){.name = "a.test", .by = &root, .kind = "X25519"});
  check_no_context(TLSTREAM_CONTEXT(.key = odd.key_pem, .cert = odd.cert_pem),
                   TLSTREAM_ERR_BAD_KEY, "key: TLS has no signature for a key");
  made_cert_clear(&odd);
}

static bool has_bytes(const tlstream_certificate *cert, const void *der,
                      size_t want) {
  size_t len = 0;
  const void *bytes = tlstream_certificate_der(cert, &len);
  return len == want && memcmp(bytes, der, len) == 0;
}

static bool presents(const tlstream_pair *client, const made_cert *want) {
  unsigned char *der = NULL;
  tlstream_certificate *got = tlstream_pair_peer_certificate(client);
  int want_len = i2d_X509(want->cert, &der);
  bool same = got != NULL && has_bytes(got, der, (size_t)want_len);
  OPENSSL_free(der);
  tlstream_certificate_unref(got);
  return same;
}

static void check_chosen(tlstream_context *server, const char *suite,
                         const made_cert *want) {
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.ca = root.cert_pem, .max_version = TLSTREAM_TLS_1_2,
                       .ciphers = suite));
  connection both = connect_pairs(client, server, "a.test");
  CHECK(tlstream_pair_authorized(both.client));
  CHECK(presents(both.client, want));
  disconnect_pairs(&both);
  tlstream_context_unref(client);
}

/* What the client can take decides which of them it gets. */
TEST(may_be_several_of_different_kinds) {
  const tlstream_identity more[] = {
      {.key = rsa.key_pem, .cert = rsa.cert_pem},
  };
  tlstream_context *server =
      context_of(TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert = chain,
                                  .identities = more, .identity_count = 1));
  check_chosen(server, "ECDHE-ECDSA-AES128-GCM-SHA256", &leaf);
  check_chosen(server, "ECDHE-RSA-AES128-GCM-SHA256", &rsa);
  tlstream_context_unref(server);
}

/* Without a first one in the options themselves. */
TEST(may_all_be_in_the_list) {
  const tlstream_identity both[] = {
      {.key = rsa.key_pem, .cert = rsa.cert_pem},
      {.key = locked_key, .cert = chain, .passphrase = PASSPHRASE},
  };
  tlstream_context *server =
      context_of(TLSTREAM_CONTEXT(.identities = both, .identity_count = 2));
  check_chosen(server, "ECDHE-ECDSA-AES128-GCM-SHA256", &leaf);
  check_chosen(server, "ECDHE-RSA-AES128-GCM-SHA256", &rsa);
  tlstream_context_unref(server);
}

static void check_identities_refused(const tlstream_identity *identity,
                                     int code, const char *words) {
  check_no_context(TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert = chain,
                                    .identities = identity,
                                    .identity_count = 1),
                   code, words);
}

TEST(are_one_of_each_kind) {
  int invalid = TLSTREAM_ERR_INVALID_ARGUMENT;
  check_identities_refused(&(tlstream_identity){0}, invalid,
                           "identities: number 1 is empty");
  check_identities_refused(&(tlstream_identity){.key = rsa.key_pem}, invalid,
                           "a key needs its certificate");
  check_identities_refused(&(tlstream_identity){.cert = rsa.cert_pem}, invalid,
                           "a certificate needs its key");
  check_identities_refused(&(tlstream_identity){.key_file = "/no/such"},
                           TLSTREAM_ERR_FILE, "key_file: cannot read");
  check_identities_refused(&(tlstream_identity){.cert_file = "/no/such"},
                           TLSTREAM_ERR_FILE, "cert_file: cannot read");
  check_identities_refused(
      &(tlstream_identity){.key = rsa.key_pem, .cert = leaf.cert_pem},
      TLSTREAM_ERR_KEY_MISMATCH, "is not the key");
  check_identities_refused(
      &(tlstream_identity){.key = middle.key_pem, .cert = middle.cert_pem},
      invalid, "another certificate with the same kind of key");
}

/* I1: a child whose terminal is ours to read. If OpenSSL asks there, we see the
 * question; when the child is done, our end of the terminal reports an error.
 */
static void act_as_child(int master) {
  const char *name = ptsname(master);
  setsid();
  int slave = open(name, O_RDWR); /* becomes the controlling terminal */
  if (slave < 0 || open("/dev/tty", O_RDWR) < 0) _exit(9);
  close(master);
  tlstream_error error;
  tlstream_context *context = tlstream_context_new(
      TLSTREAM_CONTEXT(.key = locked_key, .cert = chain), &error);
  _exit(context == NULL && error.code == TLSTREAM_ERR_PASSPHRASE ? 7 : 8);
}

TEST(never_ask_on_the_terminal) {
  char asked[200] = "";
  int status = 0;
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
  pid_t child = fork();
  CHECK_GE(child, 0);
  if (child == 0) act_as_child(master);
  ssize_t n = read(master, asked, sizeof(asked) - 1);
  CHECK_STR(asked, "");
  if (n > 0) kill(child, SIGKILL); /* it would wait for an answer */
  CHECK_INT(waitpid(child, &status, 0), child);
  CHECK(WIFEXITED(status));
  CHECK_INT(WEXITSTATUS(status), 7);
  close(master);
}

/* I6: neither the passphrase nor the key's text is in what is released, when
 * it works and when it does not. */
static void check_no_trace(const char *secret, size_t len,
                           const tlstream_context_options *options) {
  torture_install();
  /* Reads the system's roots, which the process keeps. */
  tlstream_context_unref(tlstream_context_new(NULL, NULL));
  size_t kept = torture_live(TORTURE_LIBRARY);
  torture_watch(secret, len);
  tlstream_context_unref(tlstream_context_new(options, NULL));
  CHECK_INT(torture_live(TORTURE_LIBRARY), kept);
  CHECK_INT(torture_spilled(TORTURE_LIBRARY), 0);
  CHECK_INT(torture_spilled(TORTURE_OPENSSL), 0);
  torture_watch(NULL, 0);
}

TEST(leave_no_trace) {
  const char *body = strchr(leaf.key_pem.data, '\n') + 1;
  tlstream_bytes rubbish = {"rubbish", 7};
  write_files(leaf.key_pem, chain);
  check_no_trace(body, 60,
                 TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert = chain));
  check_no_trace(
      body, 60, TLSTREAM_CONTEXT(.key_file = key_path, .cert_file = cert_path));
  check_no_trace(body, 60,
                 TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert = rubbish));
  check_no_trace(body, 60,
                 TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert = rsa.cert_pem));
  check_no_trace(body, 60, TLSTREAM_CONTEXT(.key = leaf.key_pem));
  check_no_trace(PASSPHRASE, strlen(PASSPHRASE),
                 TLSTREAM_CONTEXT(.key = locked_key, .cert = chain,
                                  .passphrase = PASSPHRASE));
  check_no_trace(PASSPHRASE, strlen(PASSPHRASE),
                 TLSTREAM_CONTEXT(.key = locked_key, .cert = rsa.cert_pem,
                                  .passphrase = PASSPHRASE));
  remove_files();
}
