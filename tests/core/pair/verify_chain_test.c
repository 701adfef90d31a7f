/* SPDX-License-Identifier: MIT */
/* Whether a peer's chain holds (A13, A14): what is odd about it is made by
 * OpenSSL, presented by one side and judged by the other. */
#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/chain.h"

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

static connection bring_together(tlstream_context *judge, tlstream_role role,
                                 tlstream_context *other) {
  return role == TLSTREAM_ROLE_CLIENT ? connect_pairs(judge, other, "a.test")
                                      : connect_pairs(other, judge, NULL);
}

static tlstream_pair *judging(const connection *both, tlstream_role role) {
  return role == TLSTREAM_ROLE_CLIENT ? both->client : both->server;
}

static void check_reason(const tlstream_error *why, const char *name,
                         int depth) {
  if (!CHECK(why != NULL)) return;
  CHECK_STR(why->name, name);
  CHECK_INT(why->depth, depth);
  CHECK_ERROR(why->code, TLSTREAM_ERR_UNTRUSTED);
  CHECK_NE(why->verify, 0);
  CHECK_INT(tlstream_error_classify(why), TLSTREAM_CLASS_IDENTITY);
}

/* `name` is NULL for a chain that holds. */
static void check_pair(const tlstream_pair *judge, bool lenient,
                       const char *name, int depth) {
  CHECK_INT(tlstream_pair_is_secure(judge), lenient || name == NULL);
  CHECK_INT(tlstream_pair_authorized(judge), name == NULL);
  if (name == NULL) {
    CHECK(tlstream_pair_authorization_error(judge) == NULL);
    CHECK(tlstream_pair_error(judge) == NULL);
    return;
  }
  check_reason(tlstream_pair_authorization_error(judge), name, depth);
  if (!lenient) check_reason(tlstream_pair_error(judge), name, depth);
}

/* Both versions, refusing and letting in. */
static void check_chain(const made_cert *leaf, const made_cert *issuer,
                        const made_cert *ca, tlstream_role role,
                        const char *name, int depth) {
  EACH_ROW(i, versions)
    for (int lenient = 0; lenient < 2; lenient++) {
      IN_CASE("%s", lenient ? "let in" : "refused");
      tlstream_context *judge = judge_of(ca, role, lenient);
      tlstream_context *other = presenter(leaf, issuer, versions[i]);
      connection both = bring_together(judge, role, other);
      check_pair(judging(&both, role), lenient, name, depth);
      disconnect_pairs(&both);
      tlstream_context_unref(other);
      tlstream_context_unref(judge);
    }
}

typedef struct row {
  const char *title;
  chain_plan plan;
  const char *name;
  int depth;
} row;

static void check_rows(const row *rows, size_t count, tlstream_role role) {
  EACH_ROW_OF(i, rows, count, title) {
    chain made = make_chain(&rows[i].plan);
    check_chain(&made.leaf, &made.middle, &made.root, role, rows[i].name,
                rows[i].depth);
    drop_chain(&made);
  }
}

TEST(chains_have_their_time) {
  static const row rows[] = {
      {"nothing odd", {.leaf = {0}}, NULL, 0},
      {"leaf expired", {.leaf = {PAST}}, "CERT_HAS_EXPIRED", 0},
      {"leaf to come", {.leaf = {FUTURE}}, "CERT_NOT_YET_VALID", 0},
      {"middle expired", {.middle = {PAST}}, "CERT_HAS_EXPIRED", 1},
      {"middle to come", {.middle = {FUTURE}}, "CERT_NOT_YET_VALID", 1},
      {"root expired", {.root = {PAST}}, "CERT_HAS_EXPIRED", 2},
      {"root to come", {.root = {FUTURE}}, "CERT_NOT_YET_VALID", 2},
  };
  check_rows(rows, COUNT(rows), TLSTREAM_ROLE_CLIENT);
  check_rows(rows, COUNT(rows), TLSTREAM_ROLE_SERVER);
}

TEST(issuers_are_authorities) {
  static const row rows[] = {
      {"a leaf as issuer", {.middle = {.basic = "CA:FALSE"}}, "INVALID_CA", 1},
      {"critical", {.middle = {.basic = "critical,CA:FALSE"}}, "INVALID_CA", 1},
      {"usage without signing",
       {.middle = {.usage = "digitalSignature"}},
       "INVALID_CA",
       1},
      {"usage with signing", {.middle = {.usage = "keyCertSign"}}, NULL, 0},
      {"too long a path",
       {.root = {.basic = "critical,CA:TRUE,pathlen:0"}},
       "PATH_LENGTH_EXCEEDED",
       2},
      {"just long enough",
       {.root = {.basic = "critical,CA:TRUE,pathlen:1"},
        .middle = {.basic = "critical,CA:TRUE,pathlen:0"}},
       NULL,
       0},
  };
  check_rows(rows, COUNT(rows), TLSTREAM_ROLE_CLIENT);
  check_rows(rows, COUNT(rows), TLSTREAM_ROLE_SERVER);
}

TEST(certificates_have_a_purpose) {
  static const row servers[] = {
      {"server", {.leaf = {.purpose = "serverAuth"}}, NULL, 0},
      {"both", {.leaf = {.purpose = "clientAuth,serverAuth"}}, NULL, 0},
      {"client", {.leaf = {.purpose = "clientAuth"}}, "INVALID_PURPOSE", 0},
      {"mail", {.leaf = {.purpose = "emailProtection"}}, "INVALID_PURPOSE", 0},
      {"any",
       {.leaf = {.purpose = "anyExtendedKeyUsage"}},
       "INVALID_PURPOSE",
       0},
      {"issuer's", {.middle = {.purpose = "clientAuth"}}, "INVALID_PURPOSE", 1},
  };
  static const row clients[] = {
      {"client", {.leaf = {.purpose = "clientAuth"}}, NULL, 0},
      {"both", {.leaf = {.purpose = "clientAuth,serverAuth"}}, NULL, 0},
      {"server", {.leaf = {.purpose = "serverAuth"}}, "INVALID_PURPOSE", 0},
      {"issuer's", {.middle = {.purpose = "serverAuth"}}, "INVALID_PURPOSE", 1},
  };
  check_rows(servers, COUNT(servers), TLSTREAM_ROLE_CLIENT);
  check_rows(clients, COUNT(clients), TLSTREAM_ROLE_SERVER);
}

TEST(authorities_have_limits) {
  static const row rows[] = {
      {"within", {.middle = {.limits = "permitted;DNS:test"}}, NULL, 0},
      {"without",
       {.middle = {.limits = "critical,permitted;DNS:other.test"}},
       "PERMITTED_VIOLATION",
       0},
      {"not critical",
       {.middle = {.limits = "permitted;DNS:other.test"}},
       "PERMITTED_VIOLATION",
       0},
      {"the root's",
       {.root = {.limits = "permitted;DNS:other.test"}},
       "PERMITTED_VIOLATION",
       0},
      {"excluded",
       {.middle = {.limits = "excluded;DNS:a.test"}},
       "EXCLUDED_VIOLATION",
       0},
      {"another excluded",
       {.middle = {.limits = "excluded;DNS:b.test"}},
       NULL,
       0},
  };
  check_rows(rows, COUNT(rows), TLSTREAM_ROLE_CLIENT);
}

TEST(an_unknown_critical_extension_is_refused) {
  static const row rows[] = {
      {"leaf", {.leaf = {.odd = true}}, "UNHANDLED_CRITICAL_EXTENSION", 0},
      {"middle", {.middle = {.odd = true}}, "UNHANDLED_CRITICAL_EXTENSION", 1},
  };
  check_rows(rows, COUNT(rows), TLSTREAM_ROLE_CLIENT);
  check_rows(rows, COUNT(rows), TLSTREAM_ROLE_SERVER);
}

TEST(signatures_fit) {
  static const row rows[] = {
      {"leaf", {.leaf = {.forged = true}}, "CERT_SIGNATURE_FAILURE", 0},
      {"middle", {.middle = {.forged = true}}, "CERT_SIGNATURE_FAILURE", 1},
  };
  check_rows(rows, COUNT(rows), TLSTREAM_ROLE_CLIENT);
  check_rows(rows, COUNT(rows), TLSTREAM_ROLE_SERVER);
}

TEST(keys_and_hashes_are_strong) {
  static const row rows[] = {
      {"small leaf",
       {.leaf = {.kind = "RSA", .bits = 1024}},
       "EE_KEY_TOO_SMALL",
       0},
      {"small middle",
       {.middle = {.kind = "RSA", .bits = 1024}},
       "CA_KEY_TOO_SMALL",
       1},
      {"small root",
       {.root = {.kind = "RSA", .bits = 1024}},
       "CA_KEY_TOO_SMALL",
       2},
      {"leaf by SHA-1", {.leaf = {.digest = "SHA1"}}, "CA_MD_TOO_WEAK", 0},
      {"middle by SHA-1", {.middle = {.digest = "SHA1"}}, "CA_MD_TOO_WEAK", 1},
      {"RSA and MD5",
       {.middle = {.kind = "RSA"}, .leaf = {.digest = "MD5"}},
       "CA_MD_TOO_WEAK",
       0},
      {"root by SHA-1, which proves nothing",
       {.root = {.digest = "SHA1"}},
       NULL,
       0},
      {"RSA of 2048 bits", {.leaf = {.kind = "RSA"}}, NULL, 0},
  };
  check_rows(rows, COUNT(rows), TLSTREAM_ROLE_CLIENT);
  check_rows(rows, COUNT(rows), TLSTREAM_ROLE_SERVER);
}

/* What is missing, and the reason that is reported. */
TEST(chains_lead_to_what_is_trusted) {
  chain made = make_chain(&(chain_plan){0});
  made_cert stranger =
      make_cert(&(cert_plan){.name = "Stranger", .basic = CERT_CA});
  made_cert alone = make_cert(&(cert_plan){.name = "a.test"});
  for (tlstream_role role = TLSTREAM_ROLE_CLIENT; role <= TLSTREAM_ROLE_SERVER;
       role++) {
    check_chain(&made.leaf, NULL, &made.root, role,
                "UNABLE_TO_VERIFY_LEAF_SIGNATURE", 0);
    check_chain(&made.leaf, &made.middle, &stranger, role,
                "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", 1);
    check_chain(&made.middle, &made.root, &stranger, role,
                "SELF_SIGNED_CERT_IN_CHAIN", 1);
    check_chain(&made.leaf, NULL, &made.middle, role,
                "UNABLE_TO_GET_ISSUER_CERT", 1);
    check_chain(&alone, NULL, &stranger, role, "DEPTH_ZERO_SELF_SIGNED_CERT",
                0);
    check_chain(&alone, NULL, &alone, role, NULL, 0);
  }
  made_cert_clear(&alone);
  made_cert_clear(&stranger);
  drop_chain(&made);
}

/* The name of a trusted authority with another key. */
TEST(an_impostor_of_an_authority_is_found_out) {
  made_cert root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  made_cert impostor =
      make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  made_cert leaf = make_cert(&(cert_plan){.name = "a.test", .by = &impostor});
  check_chain(&leaf, NULL, &root, TLSTREAM_ROLE_CLIENT,
              "CERT_SIGNATURE_FAILURE", 0);
  check_chain(&leaf, &impostor, &root, TLSTREAM_ROLE_CLIENT,
              "CERT_SIGNATURE_FAILURE", 0);
  made_cert_clear(&leaf);
  made_cert_clear(&impostor);
  made_cert_clear(&root);
}
