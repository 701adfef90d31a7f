/* SPDX-License-Identifier: MIT */
/* What the environment of a program may ask of OpenSSL, and does not get from
 * us: a log of the keys (I7), and another policy (I9). OpenSSL reads its
 * configuration once, at its start, so this program starts itself anew. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/conf.h>
#include <openssl/ssl.h>

#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "support/connect.h"
#include "support/hostile_peer.h"
#include "support/peers.h"
#include "support/test.h"

/* All that a system-wide section may hold, set to what is weakest. */
static const char hostile[] =
    "openssl_conf = first\n"
    "[first]\n"
    "ssl_conf = second\n"
    "[second]\n"
    "system_default = third\n"
    "[third]\n"
    "MinProtocol = TLSv1\n"
    "MaxProtocol = TLSv1.2\n"
    "CipherString = ALL:COMPLEMENTOFALL:@SECLEVEL=0\n"
    "Ciphersuites = TLS_AES_128_CCM_8_SHA256\n"
    "SignatureAlgorithms = RSA+SHA1:ECDSA+SHA1:ECDSA+SHA256:RSA+SHA256\n"
    "Options = UnsafeLegacyServerConnect,UnsafeLegacyRenegotiation,Compression,"
    "-ServerPreference,-ExtendedMasterSecret,-EncryptThenMac\n";

static char folder[] = "/tmp/tlstream-environment-XXXXXX";
static char path[64];

static void write_file(const char *name, const char *text) {
  FILE *file = NULL;
  CHECK(mkdtemp(strcpy(folder, "/tmp/tlstream-environment-XXXXXX")) != NULL);
  snprintf(path, sizeof(path), "%s/%s", folder, name);
  if (text == NULL) return;
  file = fopen(path, "w");
  if (!CHECK(file != NULL)) return;
  fputs(text, file);
  fclose(file);
}

static void drop_file(void) {
  unlink(path);
  CHECK_INT(rmdir(folder), 0);
}

/* Run this program again with one variable more, for one test. */
static int run_again(const char *variable, const char *test) {
  int status = -1;
  pid_t child = fork();
  if (child == 0) {
    setenv(variable, path, 1);
    setenv("TLSTREAM_TEST_AGAIN", "1", 1);
    dup2(STDERR_FILENO, STDOUT_FILENO); /* TAP is the parent's */
    execl("/proc/self/exe", "environment_test", test, (char *)NULL);
    _exit(99);
  }
  CHECK_INT(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* I7 */
TEST(keys_are_not_logged) {
  write_file("keys", NULL);
  setenv("SSLKEYLOGFILE", path, 1);
  for (int v = TLSTREAM_TLS_1_2; v <= TLSTREAM_TLS_1_3; v++) {
    peers both = peers_secure(&(config){.version = (tlstream_version)v});
    peers_free(&both);
  }
  CHECK_NE(access(path, F_OK), 0);
  unsetenv("SSLKEYLOGFILE");
  drop_file();
}

static bool logs_keys; /* as OpenSSL 3.5 does with enable-sslkeylog */
static unsigned heard;

static void log_key(const SSL *ssl, const char *line) {
  (void)ssl, (void)line;
}

/* Stands before OpenSSL's. */
SSL_CTX *SSL_CTX_new(const SSL_METHOD *method) {
  typedef SSL_CTX *new_function(const SSL_METHOD *);
  new_function *real = (new_function *)(uintptr_t)dlsym(RTLD_NEXT, __func__);
  const char *wish = getenv("SSLKEYLOGFILE");
  SSL_CTX *made = real(method);
  if (logs_keys && wish != NULL && wish[0] != '\0') heard++;
  if (logs_keys) SSL_CTX_set_keylog_callback(made, log_key);
  return made;
}

static void check_unheard(const char *wish) {
  if (wish != NULL) setenv("SSLKEYLOGFILE", wish, 1);
  logs_keys = true;
  tlstream_context *context = context_of(NULL);
  logs_keys = false;
  CHECK_INT(heard, 0);
  CHECK(SSL_CTX_get_keylog_callback(context->ctx) == NULL);
  CHECK_STR(getenv("SSLKEYLOGFILE"), wish);
  tlstream_context_unref(context);
  unsetenv("SSLKEYLOGFILE");
}

/* I7: OpenSSL looks when an SSL_CTX is made, and what it found then has no
 * switch. Other code of the program finds the variable as it was. */
TEST(an_openssl_that_logs_keys_is_not_told_where) {
  check_unheard("/tmp/keys");
  check_unheard("");
  check_unheard(NULL);
}

static bool has_suite(const SSL *ssl, const char *name) {
  STACK_OF(SSL_CIPHER) *suites = SSL_get1_supported_ciphers((SSL *)ssl);
  bool has = false;
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
    has |=
        strcmp(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(suites, i)), name) == 0;
  }
  sk_SSL_CIPHER_free(suites);
  return has;
}

/* Was the configuration read at all? */
static void check_is_hostile(void) {
  SSL_CTX *plain = SSL_CTX_new(TLS_method());
  CHECK_INT(SSL_CTX_get_security_level(plain), 0);
  CHECK_INT(SSL_CTX_get_max_proto_version(plain), TLS1_2_VERSION);
  CHECK_NE((SSL_CTX_get_options(plain) & SSL_OP_LEGACY_SERVER_CONNECT), 0);
  SSL_CTX_free(plain);
}

static void check_is_strict(const tlstream_context *context) {
  uint64_t wanted = SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                    SSL_OP_CIPHER_SERVER_PREFERENCE;
#ifdef SSL_OP_NO_RX_CERTIFICATE_COMPRESSION
  /* A few bytes would make certificates of 100 KB. */
  wanted |= SSL_OP_NO_RX_CERTIFICATE_COMPRESSION;
#endif
  uint64_t unwanted =
      SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION |
      SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_EXTENDED_MASTER_SECRET;
  SSL *ssl = SSL_new(context->ctx);
  CHECK_INT(SSL_get_security_level(ssl), 2);
  CHECK_INT(SSL_get_min_proto_version(ssl), TLS1_2_VERSION);
  CHECK_INT(SSL_get_max_proto_version(ssl), TLS1_3_VERSION);
  CHECK_INT(SSL_get_options(ssl) & wanted, wanted);
  CHECK_INT(SSL_get_options(ssl) & unwanted, 0);
  CHECK(has_suite(ssl, "TLS_AES_256_GCM_SHA384"));
  CHECK(!has_suite(ssl, "TLS_AES_128_CCM_8_SHA256"));
  CHECK(!has_suite(ssl, "AES128-SHA"));
  SSL_free(ssl);
}

/* I9: in a program that was started with OPENSSL_CONF. */
TEST(the_policy_is_ours) {
  if (getenv("TLSTREAM_TEST_AGAIN") == NULL) {
    write_file("openssl.cnf", hostile);
    CHECK_INT(run_again("OPENSSL_CONF", "the_policy_is_ours"), 0);
    drop_file();
    return;
  }
  check_is_hostile();
  for (int role = TLSTREAM_ROLE_CLIENT; role <= TLSTREAM_ROLE_SERVER; role++) {
    tlstream_context *context =
        config_context(&(config){.mutual = true}, (tlstream_role)role);
    check_is_strict(context);
    tlstream_context_unref(context);
  }
  peers both = peers_secure(&(config){.mutual = true});
  CHECK_STR(tlstream_pair_cipher(both.side[0]), "TLS_AES_256_GCM_SHA384");
  peers_free(&both);
}
