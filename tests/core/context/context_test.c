/* SPDX-License-Identifier: MIT */
/* A context: its defaults are the secure ones (A1), and what is asked of it is
 * done or refused (I8). */
#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_set_rand_method */
#include "core/context/context.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/randerr.h>
#include <openssl/ssl.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/connect.h"
#include "support/make_cert.h"
#include "support/test.h"
#include "support/torture.h"

static made_cert root;
static made_cert leaf;

BEFORE_TESTS(make_some) {
  torture_install_openssl();
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  leaf = make_cert(&(cert_plan){.name = "a.test", .by = &root});
  /* No test depends on the roots of this machine. */
  setenv("SSL_CERT_FILE", "/nonexistent", 1);
  setenv("SSL_CERT_DIR", "/nonexistent", 1);
}

AFTER_TESTS(drop_them) {
  made_cert_clear(&leaf);
  made_cert_clear(&root);
}

/* The settings of the SSL_CTX. */
static void check_settings(SSL_CTX *ctx) {
  uint64_t wanted = SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                    SSL_OP_CIPHER_SERVER_PREFERENCE;
  CHECK_INT(SSL_CTX_get_min_proto_version(ctx), TLS1_2_VERSION);
  CHECK_INT(SSL_CTX_get_max_proto_version(ctx), TLS1_3_VERSION);
  CHECK_INT(SSL_CTX_get_security_level(ctx), 2);
  CHECK_INT(SSL_CTX_get_options(ctx) & wanted, wanted);
  CHECK_INT(SSL_CTX_get_options(ctx) & SSL_OP_LEGACY_SERVER_CONNECT, 0);
  CHECK_INT(SSL_CTX_get_options(ctx) & SSL_OP_IGNORE_UNEXPECTED_EOF, 0);
  /* None of OpenSSL's own. */
  CHECK_INT(SSL_CTX_get_session_cache_mode(ctx) & SSL_SESS_CACHE_NO_INTERNAL,
            SSL_SESS_CACHE_NO_INTERNAL);
  CHECK_INT(SSL_CTX_get_max_early_data(ctx), 0);
  CHECK(SSL_CTX_get_keylog_callback(ctx) == NULL);
}

static void check_suites(SSL_CTX *ctx) {
  SSL *ssl = SSL_new(ctx);
  STACK_OF(SSL_CIPHER) *suites = SSL_get1_supported_ciphers(ssl);
  CHECK_INT(sk_SSL_CIPHER_num(suites), 9);
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
    const SSL_CIPHER *suite = sk_SSL_CIPHER_value(suites, i);
    int exchange = SSL_CIPHER_get_kx_nid(suite);
    CHECK(SSL_CIPHER_is_aead(suite));
    CHECK(exchange == NID_kx_ecdhe || exchange == NID_kx_any);
    CHECK(SSL_CIPHER_get_auth_nid(suite) != NID_auth_null);
  }
  sk_SSL_CIPHER_free(suites);
  SSL_free(ssl);
}

/* No data goes to or comes from a server whose certificate is not trusted. */
static void check_refuses_untrusted(tlstream_context *client) {
  tlstream_error error;
  tlstream_context *server = context_with(&leaf, NULL);
  connection both = connect_pairs(client, server, "a.test");
  CHECK(!tlstream_pair_is_secure(both.client));
  CHECK(!tlstream_pair_authorized(both.client));
  CHECK_ERROR(tlstream_pair_error(both.client)->code, TLSTREAM_ERR_UNTRUSTED);
  CHECK_ERROR(tlstream_pair_write(both.client, "x", 1), TLSTREAM_ERR_UNTRUSTED);
  CHECK(!tlstream_pair_is_secure(both.server));
  disconnect_pairs(&both);
  tlstream_pair *nameless = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT, .context = client), 0,
      &error);
  CHECK(nameless == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_NO_NAME);
  tlstream_pair_free(nameless);
  tlstream_context_unref(server);
}

/* Every form in which nothing can be asked for. */
TEST(nothing_asked_for_is_the_secure_default) {
  static const tlstream_context_options zero;
  tlstream_context_options named = TLSTREAM_CONTEXT_OPTIONS_INIT;
  tlstream_context_options set;
  memset(&set, 0, sizeof(set));
  const tlstream_context_options *const forms[] = {
      NULL,
      &zero,
      &named,
      &set,
      TLSTREAM_CONTEXT(.insecure_allow_unauthorized = false),
      TLSTREAM_CONTEXT(.ca = {NULL, 0}, .ca_file = NULL, .ciphers = NULL),
  };
  EACH_ROW(i, forms) {
    tlstream_context *client = context_of(forms[i]);
    check_settings(client->ctx);
    check_suites(client->ctx);
    CHECK(!client->allow_unauthorized && !client->allow_truncation);
    CHECK(!client->allow_alpn_mismatch && client->verify_time == 0);
    check_refuses_untrusted(client);
    tlstream_context_unref(client);
  }
}

/* H11: a program of before some option existed. */
TEST(an_older_program_gets_the_secure_default) {
  tlstream_context_options options = {.size = sizeof(options),
                                      .insecure_allow_unauthorized = true};
  options.size = offsetof(tlstream_context_options, key_file);
  tlstream_context *client = context_of(&options);
  check_refuses_untrusted(client);
  tlstream_context_unref(client);
}

TEST(a_newer_program_gets_an_error) {
  struct {
    tlstream_context_options options;
    char more[8];
  } grown = {{.size = sizeof(grown)}, {0}};
  tlstream_context_unref(context_of(&grown.options));
  grown.more[7] = 1;
  check_no_context(&grown.options, TLSTREAM_ERR_INVALID_ARGUMENT,
                   "context: these options were made for a newer version");
  check_no_context(&(tlstream_context_options){.size = 3},
                   TLSTREAM_ERR_INVALID_ARGUMENT, "context: `size` is not");
}

TEST(a_certificate_that_is_not_requested_cannot_be_optional) {
  check_no_context(TLSTREAM_CONTEXT(.allow_no_certificate = true),
                   TLSTREAM_ERR_INVALID_ARGUMENT,
                   "allow_no_certificate: set `request_certificate` too");
}

TEST(a_server_needs_a_certificate) {
  tlstream_error error;
  tlstream_context *context = context_of(NULL);
  tlstream_pair *pair = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = context), 0,
      &error);
  CHECK(pair == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_NO_CERTIFICATE);
  tlstream_pair_free(pair);
  tlstream_context_unref(context);
}

TEST(versions_have_names) {
  CHECK_STR(tlstream_version_name(TLSTREAM_TLS_1_2), "TLSv1.2");
  CHECK_STR(tlstream_version_name(TLSTREAM_TLS_1_3), "TLSv1.3");
  CHECK_STR(tlstream_version_name(TLSTREAM_VERSION_DEFAULT), "");
  CHECK_STR(tlstream_version_name((tlstream_version)11), "");
}

static tlstream_version agreed(tlstream_version min, tlstream_version max) {
  tlstream_context *server =
      context_of(TLSTREAM_CONTEXT(.key = leaf.key_pem, .cert = leaf.cert_pem,
                                  .min_version = min, .max_version = max));
  tlstream_context *client = context_with(NULL, &root);
  connection both = connect_pairs(client, server, "a.test");
  tlstream_version version = tlstream_pair_tls_version(both.client);
  CHECK_INT(tlstream_pair_tls_version(both.server), version);
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
  return version;
}

TEST(versions_are_bounded) {
  CHECK_INT(agreed(0, 0), TLSTREAM_TLS_1_3);
  CHECK_INT(agreed(0, TLSTREAM_TLS_1_2), TLSTREAM_TLS_1_2);
  CHECK_INT(agreed(TLSTREAM_TLS_1_2, 0), TLSTREAM_TLS_1_3);
  CHECK_INT(agreed(TLSTREAM_TLS_1_3, 0), TLSTREAM_TLS_1_3);
  CHECK_INT(agreed(TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_2), TLSTREAM_TLS_1_2);
}

TEST(versions_that_make_no_sense_are_refused) {
  static const int numbers[] = {-1, 1, 10, 11, 14, 0x0304};
  int code = TLSTREAM_ERR_BAD_VERSIONS;
  check_no_context(TLSTREAM_CONTEXT(.min_version = TLSTREAM_TLS_1_3,
                                    .max_version = TLSTREAM_TLS_1_2),
                   code, "min_version is above max_version");
  EACH_ROW(i, numbers) {
    tlstream_version odd = (tlstream_version)numbers[i];
    check_no_context(TLSTREAM_CONTEXT(.min_version = odd), code,
                     "are TLSTREAM");
    check_no_context(TLSTREAM_CONTEXT(.max_version = odd), code,
                     "are TLSTREAM");
  }
}

TEST(suites_are_chosen) {
  tlstream_context *server = context_with(&leaf, NULL);
  tlstream_context *client =
      context_of(TLSTREAM_CONTEXT(.ca = root.cert_pem,
                                  .ciphersuites = "TLS_AES_128_GCM_SHA256"));
  connection both = connect_pairs(client, server, "a.test");
  CHECK_STR(tlstream_pair_cipher(both.client), "TLS_AES_128_GCM_SHA256");
  CHECK_STR(tlstream_pair_cipher_standard_name(both.client),
            "TLS_AES_128_GCM_SHA256");
  CHECK_STR(tlstream_pair_cipher_version(both.client), "TLSv1.3");
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  client = context_of(TLSTREAM_CONTEXT(
          .ca = root.cert_pem, .max_version = TLSTREAM_TLS_1_2,
          .ciphers =
              "ECDHE+AESGCM:!AES256,-CAMELLIA ECDHE-ECDSA-AES128-GCM-SHA256"
              ":!NOSUCHTHING"));
  both = connect_pairs(client, server, "a.test");
  CHECK_STR(tlstream_pair_cipher(both.client), "ECDHE-ECDSA-AES128-GCM-SHA256");
  CHECK_STR(tlstream_pair_cipher_standard_name(both.client),
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
  CHECK_STR(tlstream_pair_cipher_version(both.client), "TLSv1.2");
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

/* Also one wrong name among good ones: a slip of the pen is no wish. */
TEST(suites_that_are_not_known_are_refused) {
  int code = TLSTREAM_ERR_BAD_CIPHERS;
  char long_name[200];
  memset(long_name, 'x', sizeof(long_name));
  long_name[sizeof(long_name) - 1] = '\0';
  check_no_context(TLSTREAM_CONTEXT(.ciphers = "ECDHE+AESGCN"), code,
                   "ciphers: \"ECDHE+AESGCN\" is not known here");
  check_no_context(TLSTREAM_CONTEXT(.ciphers = "ECDHE+AESGCM:TYPO"), code,
                   "ciphers: \"TYPO\"");
  check_no_context(TLSTREAM_CONTEXT(.ciphers = "RC4-MD5"), code, "RC4-MD5");
  check_no_context(TLSTREAM_CONTEXT(.ciphers = long_name), code, "xxx...\"");
  check_no_context(TLSTREAM_CONTEXT(.ciphers = "\x1b[31m"), code, "\\x1b[31m");
  check_no_context(TLSTREAM_CONTEXT(.ciphersuites = "TLS_AES_128_GCM_SHA265"),
                   code, "ciphersuites: \"TLS_AES_128_GCM_SHA265\"");
  check_no_context(TLSTREAM_CONTEXT(.ciphersuites = "TLS_AES_128_GCM_SHA256:x"),
                   code, "ciphersuites: \"x\"");
}

TEST(each_version_has_its_own_suites) {
  int code = TLSTREAM_ERR_BAD_CIPHERS;
  check_no_context(TLSTREAM_CONTEXT(.ciphers = "TLS_AES_128_GCM_SHA256"), code,
                   "ciphers: \"TLS_AES_128_GCM_SHA256\"");
  check_no_context(
      TLSTREAM_CONTEXT(.ciphersuites = "ECDHE-ECDSA-AES128-GCM-SHA256"), code,
      "ciphersuites: \"ECDHE-ECDSA-AES128-GCM-SHA256\"");
}

TEST(an_empty_list_is_no_wish) {
  static const char *const lists[] = {"", " ", ":", ": ,;", "!TYPO", "-ALL"};
  int code = TLSTREAM_ERR_BAD_CIPHERS;
  EACH_TEXT(i, lists) {
    check_no_context(TLSTREAM_CONTEXT(.ciphers = lists[i]), code, "ciphers: ");
    check_no_context(TLSTREAM_CONTEXT(.ciphersuites = lists[i]), code,
                     "ciphersuites: ");
  }
}

/* Nor with a level of its own. Where a version is not offered, its suites do
 * not matter. */
TEST(suites_are_strong) {
  static const char *const weak[] = {"eNULL", "aNULL", "ADH-AES128-SHA", "PSK",
                                     "NULL-SHA256"};
  int code = TLSTREAM_ERR_BAD_CIPHERS;
  EACH_TEXT(i, weak) {
    check_no_context(TLSTREAM_CONTEXT(.ciphers = weak[i]), code,
                     "ciphers: no suite in the list is strong enough");
    tlstream_context_unref(context_of(
        TLSTREAM_CONTEXT(.ciphers = weak[i], .min_version = TLSTREAM_TLS_1_3)));
  }
  check_no_context(TLSTREAM_CONTEXT(.ciphers = "ECDHE+AESGCM@SECLEVEL=0"), code,
                   "the security level is not set");
  check_no_context(TLSTREAM_CONTEXT(.ciphers = "@SECLEVEL=0:ALL"), code,
                   "the security level is not set");
}

TEST(the_last_reference_frees_it) {
  torture_install();
  tlstream_context *context = context_with(&leaf, &root);
  CHECK_GT(torture_live(TORTURE_LIBRARY), 0);
  CHECK(tlstream_context_ref(context) == context);
  tlstream_pair *pair = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = context), 0, NULL);
  CHECK(pair != NULL);
  tlstream_context_unref(context);
  tlstream_context_unref(context);
  CHECK_ERROR(tlstream_pair_start(pair), 0); /* it has a reference of its own */
  tlstream_pair_free(pair);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
  tlstream_context_unref(NULL);
}

static const char *const spoken[] = {"h2", "http/1.1"};

static const tlstream_context_options everything = {
    .size = sizeof(tlstream_context_options),
    .ciphers = "ECDHE+AESGCM",
    .ciphersuites = "TLS_AES_128_GCM_SHA256",
    .protocols = {.names = spoken, .count = 2},
    .request_certificate = true,
};

/* I4: a context that was made is a whole one, whatever failed on the way. */
static void make_a_context(void *data) {
  const tlstream_context_options *options = data;
  tlstream_error error;
  tlstream_context *context = tlstream_context_new(options, &error);
  CHECK_INT(ERR_peek_error(), 0);
  if (context == NULL) {
    CHECK(torture_struck());
    CHECK_LT(error.code, 0);
    return;
  }
  STACK_OF(X509) *trusted =
      X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(context->ctx));
  if (trusted != NULL) CHECK_INT(sk_X509_num(trusted), 1);
  CHECK(SSL_CTX_get0_certificate(context->ctx) != NULL);
  CHECK_INT(SSL_CTX_get_security_level(context->ctx), 2);
  CHECK_INT(SSL_CTX_get_min_proto_version(context->ctx), TLS1_2_VERSION);
  CHECK_INT(sk_X509_NAME_num(SSL_CTX_get_client_CA_list(context->ctx)), 1);
  sk_X509_pop_free(trusted, X509_free);
  tlstream_context_unref(context);
}

/* H7. OpenSSL allocates some 8,000 times: every 11th will do. */
TEST(is_made_whole_or_not_at_all) {
  enum { STEP = 11 };
  tlstream_context_options options = everything;
  options.key = leaf.key_pem;
  options.cert = leaf.cert_pem;
  options.ca = root.cert_pem;
  torture_install();
  CHECK_GT(
      torture_each(TORTURE_LIBRARY, TORTURE_ONCE, make_a_context, &options), 3);
  CHECK_GT(
      torture_each(TORTURE_LIBRARY, TORTURE_FOREVER, make_a_context, &options),
      3);
  CHECK_GT(torture_some(TORTURE_OPENSSL, TORTURE_ONCE, STEP, make_a_context,
                        &options),
           1000);
}

static void make_a_default_context(void *data) {
  tlstream_error error;
  tlstream_context *context = tlstream_context_new(data, &error);
  CHECK(context != NULL || torture_struck());
  CHECK(context != NULL || error.code < 0);
  CHECK_INT(ERR_peek_error(), 0);
  tlstream_context_unref(context);
}

/* A default context under OpenSSL's lack of memory: the system's roots are
 * part of it. */
TEST(is_made_with_the_systems_roots_or_not_at_all) {
  torture_install();
  make_a_default_context(NULL); /* reads the roots, which the process keeps */
  CHECK_GT(
      torture_each(TORTURE_OPENSSL, TORTURE_ONCE, make_a_default_context, NULL),
      100);
}

static int numbers_left;

static int run_dry(unsigned char *out, int len) {
  if (numbers_left-- > 0) return RAND_OpenSSL()->bytes(out, len);
  ERR_raise(ERR_LIB_RAND, RAND_R_ERROR_RETRIEVING_ENTROPY);
  return 0;
}

/* Where OpenSSL's own setup fails for it, versions before 3.2 call it lack of
 * memory. */
TEST(needs_randomness) {
  static const RAND_METHOD dry = {.bytes = run_dry};
  tlstream_context *context = NULL;
  int internal = 0;
  CHECK_INT(RAND_set_rand_method(&dry), 1);
  for (int i = 0; context == NULL && i < 20; i++) {
    tlstream_error error;
    numbers_left = i;
    context = tlstream_context_new(NULL, &error);
    if (context != NULL || error.code != TLSTREAM_ERR_INTERNAL) continue;
    CHECK_HAS(error.message, "cannot ");
    CHECK_HAS(error.message, ": error retrieving entropy");
    internal++;
  }
  CHECK(context != NULL);
  CHECK_GE(internal, 1);
  CHECK_INT(RAND_set_rand_method(NULL), 1);
  tlstream_context_unref(context);
}

TEST(protocols_may_be_required) {
  static const char *const names[] = {"h2"};
  check_no_context(TLSTREAM_CONTEXT(.require_alpn = true),
                   TLSTREAM_ERR_BAD_PROTOCOLS,
                   "require_alpn: name the protocols");
  check_no_context(TLSTREAM_CONTEXT(.require_alpn = true,
                                    .npn = {.names = names, .count = 1}),
                   TLSTREAM_ERR_BAD_PROTOCOLS,
                   "require_alpn: name the protocols");
  tlstream_context *context = context_of(
      TLSTREAM_CONTEXT(.require_alpn = true, .alpn = {.wire = {"\x02h2", 3}}));
  CHECK(context->require_alpn);
  tlstream_context_unref(context);
}

TEST(says_when_memory_is_out) {
  tlstream_error error;
  torture_install();
  for (torture_source one = TORTURE_LIBRARY; one < TORTURE_ALL; one <<= 1) {
    torture_arm(one, TORTURE_FOREVER, 1);
    CHECK(tlstream_context_new(NULL, &error) == NULL);
    CHECK(torture_disarm());
    CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
  }
}
