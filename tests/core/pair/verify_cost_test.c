/* SPDX-License-Identifier: MIT */
/* A17: the cost of a chain that leads to no trusted root. Its sender has chosen
 * all that is in it, and is refused, or accepted as unauthorized, at no great
 * cost. */
#include <time.h>

#include <openssl/err.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "core/x509/chain_cost.h"
#include "support/chain.h"
#include "support/costly_chain.h"
#include "support/handshake.h"
#include "support/shuttle.h"

/* A hostile handshake may take as long as so many ordinary ones. What these
 * chains cost to check in full is hundreds. */
/* A sanitizer makes allocations dear, of which a chain needs many. */
#ifdef __SANITIZE_ADDRESS__
enum { SLOWER = 3 };
#else
enum { SLOWER = 1 };
#endif
enum { TIMES = 20 * SLOWER, ROUNDS = 5 };

static made_cert root;

BEFORE_TESTS(make_root) {
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
}

AFTER_TESTS(drop_root) {
  made_cert_clear(&root);
}

static tlstream_context *sender_of(const costly_chain *made,
                                   tlstream_version version) {
  tlstream_context *sender = presenter(&made->leaf, NULL, version);
  CHECK_INT(SSL_CTX_set1_chain(sender->ctx, made->above), 1);
  return sender;
}

static connection bring_together(tlstream_context *judge, tlstream_role role,
                                 tlstream_context *other) {
  return role == TLSTREAM_ROLE_CLIENT ? connect_pairs(judge, other, "a.test")
                                      : connect_pairs(other, judge, NULL);
}

static tlstream_pair *judging(const connection *both, tlstream_role role) {
  return role == TLSTREAM_ROLE_CLIENT ? both->client : both->server;
}

static clock_t ordinary_time(tlstream_role role, tlstream_version version) {
  chain made = make_chain(&(chain_plan){0});
  tlstream_context *judge = judge_of(&made.root, role, false);
  tlstream_context *other = presenter(&made.leaf, &made.middle, version);
  clock_t spent = 0;
  for (int i = 0; i <= ROUNDS; i++) {
    clock_t start = clock();
    connection both = bring_together(judge, role, other);
    if (i > 0) spent += clock() - start; /* the first is to warm up */
    CHECK(tlstream_pair_authorized(judging(&both, role)));
    disconnect_pairs(&both);
  }
  tlstream_context_unref(other);
  tlstream_context_unref(judge);
  drop_chain(&made);
  return spent / ROUNDS;
}

static const char *reasons_of(const tlstream_pair *pair) {
  static char all[300];
  size_t count = 0;
  const tlstream_error *why = tlstream_pair_authorization_errors(pair, &count);
  all[0] = '\0';
  for (size_t i = 0; i < count; i++) {
    size_t used = strlen(all);
    snprintf(all + used, sizeof(all) - used, "%s%s %d", i > 0 ? ", " : "",
             why[i].name, why[i].depth);
  }
  return all;
}

static void check_cost(const costly_chain *made, tlstream_role role,
                       tlstream_version version, bool lenient,
                       const char *want) {
  clock_t usual = ordinary_time(role, version);
  tlstream_context *judge = judge_of(&root, role, lenient);
  tlstream_context *other = sender_of(made, version);
  clock_t start = clock();
  connection both = bring_together(judge, role, other);
  CHECK_LT(clock() - start, TIMES * usual);
  CHECK_INT(tlstream_pair_is_secure(judging(&both, role)), lenient);
  CHECK(!tlstream_pair_authorized(judging(&both, role)));
  CHECK_STR(reasons_of(judging(&both, role)), want);
  CHECK_INT(ERR_peek_error(), 0);
  disconnect_pairs(&both);
  tlstream_context_unref(other);
  tlstream_context_unref(judge);
}

typedef struct row {
  const char *title;
  costly_plan plan;
  const char *refused;
  const char *let_in;
} row;

static void check_row(const row *each) {
  costly_chain *made = costly_chain_new(&each->plan);
  printf("# %s: %zu bytes\n", each->title, made->size);
  for (int i = 0; i < 8; i++) {
    IN_CASE("case %d", i);
    check_cost(made, (tlstream_role)(i & 1),
               i & 2 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3, (i & 4) != 0,
               i & 4 ? each->let_in : each->refused);
  }
  costly_chain_free(made);
}

#define COSTLY ", ERR_TLSTREAM_CHAIN_TOO_COSTLY -1"

TEST(a_chain_without_an_anchor_costs_little) {
  static const row rows[] = {
      {"names times limits",
       {.between = 8, .names = 500, .limits = 400},
       "SELF_SIGNED_CERT_IN_CHAIN 9",
       "SELF_SIGNED_CERT_IN_CHAIN 9" COSTLY},
      {"the name of what is trusted, and limits",
       {.between = 8, .names = 500, .limits = 400, .impostor = "Root"},
       "CERT_SIGNATURE_FAILURE 9",
       "CERT_SIGNATURE_FAILURE 9" COSTLY},
      {"an issuer that was not sent, and limits",
       {.between = 8, .names = 500, .limits = 400, .impostor = "Nobody"},
       "UNABLE_TO_GET_ISSUER_CERT_LOCALLY 9",
       "UNABLE_TO_GET_ISSUER_CERT_LOCALLY 9" COSTLY},
      {"many authorities",
       {.between = 50},
       "SELF_SIGNED_CERT_IN_CHAIN 51",
       "SELF_SIGNED_CERT_IN_CHAIN 51" COSTLY},
      {"slow keys",
       {.between = 8, .slow = true},
       "SELF_SIGNED_CERT_IN_CHAIN 9",
       "SELF_SIGNED_CERT_IN_CHAIN 9" COSTLY},
  };
  EACH_ROW_NAMED(i, rows, title)
    check_row(&rows[i]);
}

/* Within the bounds all is looked at, where the peer is let in; nothing is,
 * where it is not. */
TEST(within_the_bounds_all_is_told) {
  static const row rows[] = {
      {"as many as may be",
       {.between = 8, .leaf_until = "20100101000000Z"},
       "SELF_SIGNED_CERT_IN_CHAIN 9",
       "SELF_SIGNED_CERT_IN_CHAIN 9, CERT_HAS_EXPIRED 0"},
      {"one more",
       {.between = 9, .leaf_until = "20100101000000Z"},
       "SELF_SIGNED_CERT_IN_CHAIN 10",
       "SELF_SIGNED_CERT_IN_CHAIN 10" COSTLY},
      {"as many comparisons", /* two names in each more, 254 limits */
       {.names = 254, .limits = 256, .leaf_until = "20100101000000Z"},
       "SELF_SIGNED_CERT_IN_CHAIN 1",
       "SELF_SIGNED_CERT_IN_CHAIN 1, CERT_HAS_EXPIRED 0"},
      {"one name more",
       {.names = 255, .limits = 256, .leaf_until = "20100101000000Z"},
       "SELF_SIGNED_CERT_IN_CHAIN 1",
       "SELF_SIGNED_CERT_IN_CHAIN 1" COSTLY},
  };
  EACH_ROW_NAMED(i, rows, title)
    check_row(&rows[i]);
}

/* A chain that is trusted may be as long as any: OpenSSL's own bounds hold. */
TEST(a_chain_that_leads_to_what_is_trusted_is_checked_in_full) {
  costly_chain *made = costly_chain_new(
      &(costly_plan){.between = 12, .names = 20, .limits = 20});
  tlstream_context *judge =
      judge_of(&made->links[0], TLSTREAM_ROLE_CLIENT, false);
  tlstream_context *other = sender_of(made, TLSTREAM_TLS_1_3);
  connection both = connect_pairs(judge, other, "a.test");
  CHECK(tlstream__chain_is_costly(made->above));
  CHECK(tlstream_pair_authorized(both.client));
  disconnect_pairs(&both);
  tlstream_context_unref(other);
  tlstream_context_unref(judge);
  costly_chain_free(made);
}

/* The whole chain, as before. */
TEST(what_was_refused_can_be_looked_at) {
  costly_chain *made = costly_chain_new(&(costly_plan){.between = 2});
  tlstream_context *judge = judge_of(&root, TLSTREAM_ROLE_CLIENT, false);
  tlstream_context *other = sender_of(made, TLSTREAM_TLS_1_3);
  connection both = connect_pairs(judge, other, "a.test");
  tlstream_certificate *seen = tlstream_pair_peer_certificate(both.client);
  const tlstream_certificate *at = seen;
  for (int depth = 0; depth < 3; depth++) {
    at = tlstream_certificate_issuer_certificate(at);
    CHECK(at != NULL);
  }
  tlstream_certificate_unref(seen);
  disconnect_pairs(&both);
  tlstream_context_unref(other);
  tlstream_context_unref(judge);
  costly_chain_free(made);
}

static made_cert with_garbage(void) {
  made_cert made = make_cert(&(cert_plan){.name = "CA 0", .basic = CERT_CA});
  ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x30\x7fx", 3);
  for (int i = 0; i < 2; i++) {
    X509_EXTENSION *extension = X509_EXTENSION_create_by_NID(
        NULL, i == 0 ? NID_subject_alt_name : NID_name_constraints, 0, value);
    CHECK_INT(X509_add_ext(made.cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
  }
  ASN1_OCTET_STRING_free(value);
  CHECK_GT(X509_sign(made.cert, made.key, EVP_sha256()), 0);
  return made;
}

/* OpenSSL's complaints about it would be taken for a failure of whatever comes
 * next. */
TEST(what_cannot_be_read_does_not_end_the_handshake) {
  made_cert garbage = with_garbage();
  made_cert leaf = make_cert(&(cert_plan){.name = "a.test", .by = &garbage});
  for (int i = 0; i < 4; i++) {
    tlstream_role role = (tlstream_role)(i & 1);
    tlstream_version version = i & 2 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3;
    IN_CASE("case %d", i);
    tlstream_context *judge = judge_of(&root, role, true);
    tlstream_context *other = presenter(&leaf, &garbage, version);
    bool is_client = role == TLSTREAM_ROLE_CLIENT;
    connection both = {client_with(is_client ? judge : other, NULL),
                       server_with(is_client ? other : judge, false)};
    CHECK_ERROR(tlstream_pair_start(both.client), 0);
    shuttle(both.client, both.server, 100); /* what follows comes later */
    CHECK(tlstream_pair_is_secure(judging(&both, role)));
    CHECK(!tlstream_pair_authorized(judging(&both, role)));
    disconnect_pairs(&both);
    tlstream_context_unref(other);
    tlstream_context_unref(judge);
  }
  made_cert_clear(&leaf);
  made_cert_clear(&garbage);
}
