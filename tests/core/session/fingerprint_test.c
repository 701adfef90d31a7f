/* SPDX-License-Identifier: MIT */
/* Where a session may be resumed: equal configurations have equal scopes, and
 * whatever changes a verdict changes them. */
#include <string.h>

#include "core/context/context.h"
#include "support/connect.h"
#include "support/peers.h"
#include "support/test.h"

#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* A change of options, and whose scope it changes. */
typedef struct change {
  const char *title;
  void (*make)(tlstream_context_options *options);
  bool client;
  bool server;
} change;

static made_cert renewed; /* the names of test_leaf(), another key */
static made_cert other;   /* another name */

BEFORE_TESTS(set_up) {
  renewed = make_cert(&(cert_plan){.name = SERVER_NAME, .by = test_ca()});
  other = make_cert(&(cert_plan){.name = "other.test", .by = test_ca()});
}

AFTER_TESTS(tear_down) {
  made_cert_clear(&renewed);
  made_cert_clear(&other);
}

static tlstream_context_options plain_options(void) {
  return (tlstream_context_options){.size = sizeof(tlstream_context_options),
                                    .cert = test_leaf(KEY_ECDSA)->cert_pem,
                                    .key = test_leaf(KEY_ECDSA)->key_pem,
                                    .ca = test_ca()->cert_pem};
}

static bool same(const tlstream_context *a, const tlstream_context *b,
                 bool is_server) {
  return tlstream__fingerprint_equal(&a->scope[is_server],
                                     &b->scope[is_server]);
}

static void nothing(tlstream_context_options *options) {
  (void)options;
}
static void renew(tlstream_context_options *options) {
  options->cert = renewed.cert_pem;
  options->key = renewed.key_pem;
}
static void rename_it(tlstream_context_options *options) {
  options->cert = other.cert_pem;
  options->key = other.key_pem;
}
static void show_nothing(tlstream_context_options *options) {
  options->cert = options->key = (tlstream_bytes){NULL, 0};
}
static void trust_another(tlstream_context_options *options) {
  options->ca = test_stranger()->cert_pem;
}
static void trust_more(tlstream_context_options *options) {
  static tlstream_bytes more[1];
  more[0] = test_stranger()->cert_pem;
  options->cas = more;
  options->ca_count = 1;
}
static void trust_the_system_too(tlstream_context_options *options) {
  options->add_system_roots = true;
}
static void end_chains_early(tlstream_context_options *options) {
  options->allow_partial_chain = true;
}
static void let_anybody_in(tlstream_context_options *options) {
  options->insecure_allow_unauthorized = true;
}
static void skip_names(tlstream_context_options *options) {
  options->insecure_skip_name = true;
}
static void want_staples(tlstream_context_options *options) {
  options->require_staple = true;
}
static void ignore_staples(tlstream_context_options *options) {
  options->insecure_ignore_staple = true;
}
static void ask_clients(tlstream_context_options *options) {
  options->request_certificate = true;
}
static void ask_clients_at_will(tlstream_context_options *options) {
  options->request_certificate = options->allow_no_certificate = true;
}
static void turn_the_clock(tlstream_context_options *options) {
  options->verify_time = 1893456000;
}
static void forget_1_2(tlstream_context_options *options) {
  options->min_version = TLSTREAM_TLS_1_3;
}
static void drop_suites(tlstream_context_options *options) {
  options->ciphersuites = "TLS_AES_256_GCM_SHA384";
}
static void drop_groups(tlstream_context_options *options) {
  options->groups = "P-256";
}
static void drop_signatures(tlstream_context_options *options) {
  options->signature_algorithms = "ecdsa_secp256r1_sha256";
}
static void speak(tlstream_context_options *options) {
  options->alpn.wire = (tlstream_bytes){"\2h2", 3};
}

TEST(what_changes_a_verdict_changes_the_scope) {
  static const change rows[] = {
      {"nothing", nothing, false, false},
      {"a renewed certificate", renew, true, false},
      {"one for another name", rename_it, true, true},
      {"no certificate", show_nothing, true, true},
      {"another authority", trust_another, true, true},
      {"one more authority", trust_more, true, true},
      {"the system's roots", trust_the_system_too, true, true},
      {"partial chains", end_chains_early, true, true},
      {"unauthorized peers", let_anybody_in, true, true},
      {"names that are skipped", skip_names, true, false},
      {"staples that are required", want_staples, true, false},
      {"staples that are ignored", ignore_staples, true, false},
      {"certificates of clients", ask_clients, false, true},
      {"optional ones", ask_clients_at_will, false, true},
      {"another time", turn_the_clock, true, true},
      {"versions", forget_1_2, true, true},
      {"suites", drop_suites, true, true},
      {"groups", drop_groups, true, true},
      {"signature algorithms", drop_signatures, true, true},
      {"protocols", speak, false, false}};
  tlstream_context_options options = plain_options();
  tlstream_context *plain = context_of(&options);
  EACH_ROW_NAMED(i, rows, title) {
    options = plain_options();
    rows[i].make(&options);
    tlstream_context *changed = context_of(&options);
    CHECK_INT(!same(plain, changed, false), rows[i].client);
    CHECK_INT(!same(plain, changed, true), rows[i].server);
    tlstream_context_unref(changed);
  }
  tlstream_context_unref(plain);
}

TEST(a_session_of_a_client_is_none_of_a_server) {
  tlstream_context_options options = plain_options();
  tlstream_context *plain = context_of(&options);
  CHECK(!tlstream__fingerprint_equal(&plain->scope[0], &plain->scope[1]));
  tlstream_context_unref(plain);
}

TEST(the_order_of_authorities_does_not_matter) {
  tlstream_bytes forth[] = {test_ca()->cert_pem, test_stranger()->cert_pem};
  tlstream_bytes back[] = {test_stranger()->cert_pem, test_ca()->cert_pem};
  tlstream_context *a =
      context_of(TLSTREAM_CONTEXT(.cas = forth, .ca_count = 2));
  tlstream_context *b =
      context_of(TLSTREAM_CONTEXT(.cas = back, .ca_count = 2));
  CHECK(same(a, b, false));
  CHECK(same(a, b, true));
  tlstream_context_unref(a);
  tlstream_context_unref(b);
}

TEST(a_derived_context_differs_by_its_policy_alone) {
  tlstream_context_options options = plain_options();
  tlstream_context *parent = context_of(&options);
  tlstream_context *heir = context_of(TLSTREAM_CONTEXT(.parent = parent));
  tlstream_context *npn = context_of(
      TLSTREAM_CONTEXT(.parent = heir, .npn = TLSTREAM_PROTOCOLS("spdy/3")));
  tlstream_context *strict = context_of(
      TLSTREAM_CONTEXT(.parent = parent, .request_certificate = true));
  for (int is_server = 0; is_server < 2; is_server++) {
    CHECK(same(parent, heir, is_server));
    CHECK(same(parent, npn, is_server)); /* it has an SSL_CTX of its own */
    CHECK_INT(same(parent, strict, is_server), !is_server);
  }
  tlstream_context_unref(strict);
  tlstream_context_unref(npn);
  tlstream_context_unref(heir);
  tlstream_context_unref(parent);
}

static tlstream__fingerprint of_texts(const char *a, const char *b) {
  tlstream__fingerprint made = {{0}};
  tlstream__digest digest;
  tlstream__digest_begin(&digest, "test");
  tlstream__digest_text(&digest, a);
  tlstream__digest_text(&digest, b);
  CHECK(tlstream__digest_end(&digest, &made));
  return made;
}

TEST(no_two_lists_of_parts_look_the_same) {
  static const struct {
    const char *a;
    const char *b;
  } rows[] = {{"ab", "c"},   {"a", "bc"}, {"", "abc"},
              {NULL, "abc"}, {"abc", ""}, {"abc", NULL}};
  tlstream__fingerprint made[COUNT(rows)];
  EACH_ROW(i, rows) {
    made[i] = of_texts(rows[i].a, rows[i].b);
    for (size_t k = 0; k < i; k++)
      CHECK(!tlstream__fingerprint_equal(&made[i], &made[k]));
  }
}
