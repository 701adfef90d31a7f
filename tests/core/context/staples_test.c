/* SPDX-License-Identifier: MIT */
/* A server's staples: checked before they are sent, replaced while the context
 * stays, and never sent when their time is over. A16. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <tlstream/ocsp.h>
#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/handshake.h"
#include "support/make_staple.h"
#include "support/test.h"
#include "support/torture.h"

static time_t clock_says = STAPLE_NOW;

/* Stands before the C library's, for OpenSSL too. */
time_t time(time_t *out) {
  if (out != NULL) *out = clock_says;
  return clock_says;
}

static made_cert root;
static made_cert leaf;
static made_cert rsa;
static made_cert stranger;
static tlstream_bytes good;
static tlstream_bytes newer; /* good for a day longer */
static tlstream_bytes good_rsa;
static tlstream_bytes foreign;
static tlstream_bytes revoked;
static tlstream_bytes stale;

BEFORE_TESTS(set_up) {
  torture_install();
  torture_install_openssl();
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  leaf = make_cert(&(cert_plan){.name = SERVER_NAME, .by = &root});
  rsa =
      make_cert(&(cert_plan){.name = SERVER_NAME, .by = &root, .kind = "RSA"});
  stranger = make_cert(&(cert_plan){.name = SERVER_NAME, .by = &root});
  staple_plan plan = {.of = &leaf, .by = &root};
  good = make_staple(&plan);
  plan.until = 8LL * STAPLE_DAY;
  newer = make_staple(&plan);
  plan.answer = STAPLE_REVOKED;
  revoked = make_staple(&plan);
  stale = make_staple(&(staple_plan){
      .of = &leaf, .by = &root, .from = -2LL * STAPLE_DAY, .until = -1000});
  good_rsa = make_staple(&(staple_plan){.of = &rsa, .by = &root});
  foreign = make_staple(&(staple_plan){.of = &stranger, .by = &root});
}

AFTER_TESTS(tear_down) {
  const tlstream_bytes all[] = {good, newer, good_rsa, foreign, revoked, stale};
  for (size_t i = 0; i < COUNT(all); i++)
    free((void *)all[i].data);
  made_cert_clear(&root);
  made_cert_clear(&leaf);
  made_cert_clear(&rsa);
  made_cert_clear(&stranger);
}

static tlstream_context_options options_with(tlstream_bytes staple) {
  return (tlstream_context_options){.size = sizeof(tlstream_context_options),
                                    .cert = leaf.cert_pem,
                                    .key = leaf.key_pem,
                                    .ca = root.cert_pem,
                                    .ocsp_response = staple};
}

static tlstream_context *server_of(tlstream_bytes staple) {
  tlstream_context_options options = options_with(staple);
  return context_of(&options);
}

/* What a client of these options gets from the server: `want`, or nothing. */
static void check_sent_to(const tlstream_context_options *options,
                          tlstream_context *server,
                          const tlstream_bytes *want) {
  size_t len = 0;
  tlstream_context *ours = context_of(options);
  connection both = connect_pairs(ours, server, SERVER_NAME);
  const void *got = tlstream_pair_ocsp_response(both.client, &len);
  CHECK(tlstream_pair_is_secure(both.client));
  CHECK_INT(tlstream_pair_ocsp_status(both.client),
            want != NULL ? TLSTREAM_OCSP_GOOD : TLSTREAM_OCSP_NONE);
  CHECK_INT(len, want != NULL ? want->len : 0);
  CHECK(got == NULL || (want != NULL && memcmp(got, want->data, len) == 0));
  CHECK(tlstream_pair_ocsp_response(both.server, &len) == NULL);
  CHECK_INT(tlstream_pair_ocsp_status(both.server), TLSTREAM_OCSP_NONE);
  disconnect_pairs(&both);
  tlstream_context_unref(ours);
}

static void check_sent(tlstream_context *server, const tlstream_bytes *want) {
  static const tlstream_version versions[] = {TLSTREAM_TLS_1_2,
                                              TLSTREAM_TLS_1_3};
  EACH_ROW(i, versions)
    check_sent_to(
        TLSTREAM_CONTEXT(.ca = root.cert_pem, .max_version = versions[i]),
        server, want);
}

TEST(a_staple_is_sent_in_both_versions) {
  tlstream_context *server = server_of(good);
  check_sent(server, &good);
  tlstream_context_unref(server);
}

TEST(a_client_that_does_not_ask_gets_none) {
  tlstream_context *server = server_of(good);
  check_sent_to(
      TLSTREAM_CONTEXT(.ca = root.cert_pem, .insecure_ignore_staple = true),
      server, NULL);
  tlstream_context_unref(server);
}

TEST(a_staple_that_proves_nothing_makes_no_context) {
  const struct {
    tlstream_bytes der;
    const char *words;
  } rows[] = {
      {{"x", 1}, "to the certificate \"server.test\": it is no OCSP response"},
      {foreign, "ocsp_response: it is for none of the certificates here"},
      {revoked, "it says of it: it was revoked on 2029-12-31"},
  };
  EACH_ROW(i, rows) {
    tlstream_context_options options = options_with(rows[i].der);
    check_no_context(&options, TLSTREAM_ERR_OCSP_RESPONSE, rows[i].words);
  }
}

TEST(a_staple_needs_its_certificate_and_is_given_once) {
  check_no_context(TLSTREAM_CONTEXT(.ocsp_response = good),
                   TLSTREAM_ERR_INVALID_ARGUMENT, "needs its certificate");
  check_no_context(TLSTREAM_CONTEXT(.ocsp_response_file = "no-such"),
                   TLSTREAM_ERR_INVALID_ARGUMENT, "needs its certificate");
  tlstream_context_options options = options_with(good);
  options.ocsp_response_file = "no-such";
  check_no_context(&options, TLSTREAM_ERR_INVALID_ARGUMENT, "not both");
  options.ocsp_response = (tlstream_bytes){NULL, 0};
  check_no_context(&options, TLSTREAM_ERR_FILE, "ocsp_response_file");
  tlstream_context *parent = server_of(good);
  check_no_context(TLSTREAM_CONTEXT(.parent = parent, .ocsp_response = good),
                   TLSTREAM_ERR_INVALID_ARGUMENT,
                   "ocsp_response: the `parent` has it");
  tlstream_context_unref(parent);
}

/* A server starts although nothing has refreshed its file yet. */
TEST(a_stale_one_is_not_sent) {
  tlstream_context *server = server_of(stale);
  check_sent(server, NULL);
  tlstream_context_unref(server);
}

TEST(one_is_sent_until_its_end) {
  tlstream_context *server = server_of(good);
  clock_says = STAPLE_NOW + 7 * STAPLE_DAY - 1;
  check_sent(server, &good);
  clock_says++;
  check_sent(server, NULL);
  clock_says = STAPLE_NOW;
  tlstream_context_unref(server);
}

static void check_set(tlstream_context *context, tlstream_bytes der, int want,
                      const char *words) {
  tlstream_error error;
  CHECK_ERROR(tlstream_context_set_staple(context, der.data, der.len, &error),
              want);
  CHECK_ERROR(error.code, want);
  CHECK_HAS(error.message, words);
}

TEST(a_new_one_takes_the_place_of_the_old) {
  tlstream_context *server = server_of((tlstream_bytes){NULL, 0});
  check_sent(server, NULL);
  check_set(server, good, 0, "");
  check_sent(server, &good);
  check_set(server, stale, TLSTREAM_ERR_OCSP_RESPONSE, "its time is over");
  check_set(server, revoked, TLSTREAM_ERR_OCSP_RESPONSE, "revoked");
  check_set(server, foreign, TLSTREAM_ERR_OCSP_RESPONSE, "none of the");
  check_set(server, (tlstream_bytes){"", 0}, TLSTREAM_ERR_OCSP_RESPONSE, "no");
  check_sent(server, &good);
  check_set(server, newer, 0, "");
  check_sent(server, &newer);
  tlstream_context_unref(server);
}

TEST(without_a_certificate_there_is_nothing_to_staple) {
  tlstream_context *client = context_of(TLSTREAM_CONTEXT(.ca = root.cert_pem));
  check_set(client, good, TLSTREAM_ERR_NO_CERTIFICATE, "this context has none");
  CHECK_INT(tlstream_context_reload_staples(client, NULL), 0);
  tlstream_context_unref(client);
}

TEST(each_certificate_has_its_own) {
  const tlstream_identity second = {
      .cert = rsa.cert_pem, .key = rsa.key_pem, .ocsp_response = good_rsa};
  tlstream_context_options options = options_with(good);
  options.identities = &second;
  options.identity_count = 1;
  tlstream_context *server = context_of(&options);
  check_sent_to(TLSTREAM_CONTEXT(.ca = root.cert_pem,
                                 .signature_algorithms =
                                     "rsa_pss_rsae_sha256:ecdsa_secp256r1_"
                                     "sha256",
                                 .ciphers = "ECDHE-RSA-AES128-GCM-SHA256",
                                 .max_version = TLSTREAM_TLS_1_2),
                server, &good_rsa);
  check_sent(server, &good);
  check_set(server, good_rsa, 0, "");
  check_set(server, newer, 0, "");
  check_sent(server, &newer);
  tlstream_context_unref(server);
}

/* With NPN it has an SSL_CTX of its own. */
TEST(a_derived_context_has_its_parents) {
  const char *const names[] = {"h2"};
  tlstream_context *parent = server_of(good);
  tlstream_context *plain = context_of(TLSTREAM_CONTEXT(.parent = parent));
  tlstream_context *own = context_of(
      TLSTREAM_CONTEXT(.parent = parent, .npn = {.names = names, .count = 1}));
  check_sent(plain, &good);
  check_sent(own, &good);
  check_set(own, newer, 0, "");
  check_sent(plain, &newer);
  check_sent(parent, &newer);
  tlstream_context_unref(own);
  tlstream_context_unref(plain);
  tlstream_context_unref(parent);
}

/* The issuer may be in the chain, or be trusted without being sent. */
TEST(without_the_issuer_nothing_is_stapled) {
  tlstream_context_options options = options_with(good);
  options.ca = stranger.cert_pem;
  check_no_context(&options, TLSTREAM_ERR_OCSP_RESPONSE, "issuer");
  const tlstream_bytes chain[] = {leaf.cert_pem, root.cert_pem};
  options.cert = join_pem(chain, 2);
  tlstream_context *server = context_of(&options);
  check_sent(server, &good);
  tlstream_context_unref(server);
  free((void *)options.cert.data);
}

typedef struct file {
  char path[64];
} file;

static file file_with(tlstream_bytes bytes) {
  file made = {.path = "staples-XXXXXX"};
  int fd = mkstemp(made.path);
  CHECK(fd >= 0 && write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len);
  close(fd);
  return made;
}

/* As programs that refresh files should: never half of one. */
static void replace(const file *old, tlstream_bytes bytes) {
  file made = file_with(bytes);
  CHECK_INT(rename(made.path, old->path), 0);
}

static void check_reload(tlstream_context *context, int want,
                         const char *words) {
  tlstream_error error;
  CHECK_INT(tlstream_context_reload_staples(context, &error), want);
  CHECK_ERROR(error.code, want < 0 ? want : 0);
  CHECK_HAS(error.message, words);
}

TEST(a_file_is_read_again_when_it_has_changed) {
  file at = file_with(good);
  tlstream_context_options options = options_with((tlstream_bytes){NULL, 0});
  options.ocsp_response_file = at.path;
  tlstream_context *server = context_of(&options);
  check_sent(server, &good);
  check_reload(server, 0, "");
  replace(&at, newer);
  check_sent(server, &good); /* no handshake reads files */
  check_reload(server, 1, "");
  check_reload(server, 0, "");
  check_sent(server, &newer);
  tlstream_context_unref(server);
  unlink(at.path);
}

TEST(a_bad_file_changes_nothing) {
  file at = file_with(good);
  tlstream_context_options options = options_with((tlstream_bytes){NULL, 0});
  options.ocsp_response_file = at.path;
  tlstream_context *server = context_of(&options);
  replace(&at, (tlstream_bytes){good.data, good.len / 2});
  check_reload(server, TLSTREAM_ERR_OCSP_RESPONSE, at.path);
  check_reload(server, TLSTREAM_ERR_OCSP_RESPONSE, "it is no OCSP response");
  replace(&at, revoked);
  check_reload(server, TLSTREAM_ERR_OCSP_RESPONSE, "revoked");
  unlink(at.path);
  check_reload(server, TLSTREAM_ERR_FILE, at.path);
  check_sent(server, &good);
  replace(&at, newer);
  check_reload(server, 1, "");
  check_sent(server, &newer);
  tlstream_context_unref(server);
  unlink(at.path);
}

TEST(of_several_files_the_others_are_read) {
  file first = file_with(good);
  file last = file_with(good_rsa);
  const tlstream_identity second = {.cert = rsa.cert_pem,
                                    .key = rsa.key_pem,
                                    .ocsp_response_file = last.path};
  tlstream_context_options options = options_with((tlstream_bytes){NULL, 0});
  options.ocsp_response_file = first.path;
  options.identities = &second;
  options.identity_count = 1;
  tlstream_context *server = context_of(&options);
  replace(&first, stale);
  replace(&last, newer); /* it is for the other one, which is fine */
  check_reload(server, TLSTREAM_ERR_OCSP_RESPONSE, first.path);
  check_sent(server, &newer);
  tlstream_context_unref(server);
  unlink(first.path);
  unlink(last.path);
}

/* It was kept for its time, and is an error once somebody asks. */
TEST(a_file_that_is_stale_from_the_start_is_an_error_later) {
  file at = file_with(stale);
  tlstream_context_options options = options_with((tlstream_bytes){NULL, 0});
  options.ocsp_response_file = at.path;
  tlstream_context *server = context_of(&options);
  check_reload(server, TLSTREAM_ERR_OCSP_RESPONSE, "its time is over");
  replace(&at, good);
  check_reload(server, 1, "");
  check_sent(server, &good);
  tlstream_context_unref(server);
  unlink(at.path);
}

static void use_staples(void *data) {
  const file *at = data;
  tlstream_error error = {0};
  tlstream_context_options options = options_with(good);
  const tlstream_identity second = {
      .cert = rsa.cert_pem, .key = rsa.key_pem, .ocsp_response_file = at->path};
  options.identities = &second;
  options.identity_count = 1;
  tlstream_context *server = tlstream_context_new(&options, &error);
  CHECK(server != NULL || torture_struck());
  if (server == NULL) return;
  int code = tlstream_context_set_staple(server, newer.data, newer.len, &error);
  CHECK(code == 0 || torture_struck());
  CHECK_INT(error.code, code);
  tlstream_context_unref(server);
}

TEST(memory_may_run_out) {
  file at = file_with(good_rsa);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, use_staples, &at), 10);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_FOREVER, use_staples, &at),
           10);
  CHECK_GT(torture_some(TORTURE_OPENSSL, TORTURE_ONCE, 37, use_staples, &at),
           100);
  unlink(at.path);
}
