/* SPDX-License-Identifier: MIT */
/* What an OCSP response proves about a certificate, and what it does not. A16.
 */
#include "core/ocsp/response.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "support/make_staple.h"
#include "support/test.h"

static made_cert root;
static made_cert leaf;
static made_cert other;     /* of the same root */
static made_cert namesake;  /* a root of the same name with another key */
static made_cert delegate;  /* may sign for the root */
static made_cert purpose;   /* the same without the purpose */
static made_cert old;       /* the same, expired */
static made_cert usage;     /* the same, with a key that may not sign */
static made_cert odd;       /* the same, with what is not known */
static made_cert forged;    /* the same, that the root did not sign */
static made_cert false_one; /* the same, of the namesake */
static made_cert sha1;      /* the same, signed with SHA-1 */
static made_cert weak;      /* the same, with a short key */
static made_cert second;    /* appointed by the delegate */
static made_cert edwards;   /* the same as the first, with Ed25519 */

static made_cert responder(cert_plan plan) {
  plan.name = "Responder";
  if (plan.by == NULL) plan.by = &root;
  if (plan.usage == NULL) plan.usage = "digitalSignature";
  return make_cert(&plan);
}

BEFORE_TESTS(make_some) {
  cert_plan ca = {.name = "Root", .basic = CERT_CA};
  root = make_cert(&ca);
  namesake = make_cert(&ca);
  leaf = make_cert(&(cert_plan){.name = "a.test", .by = &root});
  other = make_cert(&(cert_plan){.name = "a.test", .by = &root});
  delegate = responder((cert_plan){.purpose = "OCSPSigning"});
  purpose = responder((cert_plan){.purpose = "serverAuth,clientAuth"});
  old =
      responder((cert_plan){.purpose = "OCSPSigning", .to = "20291231235959Z"});
  usage = responder(
      (cert_plan){.purpose = "OCSPSigning", .usage = "keyEncipherment"});
  odd = responder((cert_plan){.purpose = "OCSPSigning", .odd = true});
  forged = responder((cert_plan){.purpose = "OCSPSigning", .forged = true});
  false_one = responder((cert_plan){.purpose = "OCSPSigning", .by = &namesake});
  sha1 = responder((cert_plan){.purpose = "OCSPSigning", .digest = "SHA1"});
  weak = responder(
      (cert_plan){.purpose = "OCSPSigning", .kind = "RSA", .bits = 1024});
  second = responder((cert_plan){.purpose = "OCSPSigning", .by = &delegate});
  edwards = responder((cert_plan){.purpose = "OCSPSigning", .kind = "ED25519"});
}

AFTER_TESTS(drop_them) {
  made_cert *all[] = {&root,      &leaf, &other, &namesake, &delegate,
                      &purpose,   &old,  &usage, &odd,      &forged,
                      &false_one, &sha1, &weak,  &second,   &edwards};
  for (size_t i = 0; i < COUNT(all); i++)
    made_cert_clear(all[i]);
}

static tlstream__ocsp_verdict judge_bytes(tlstream_bytes der, long long now) {
  tlstream__ocsp_verdict verdict;
  tlstream__ocsp_judge(&verdict, der.data, der.len, leaf.cert, root.cert, now);
  CHECK_INT(ERR_peek_error(), 0);
  CHECK_INT(verdict.status == TLSTREAM_OCSP_GOOD, verdict.why[0] == '\0');
  return verdict;
}

static tlstream__ocsp_verdict judge(const staple_plan *plan, long long later) {
  tlstream_bytes der = make_staple(plan);
  tlstream__ocsp_verdict verdict = judge_bytes(der, STAPLE_NOW + later);
  free((void *)der.data);
  return verdict;
}

/* A row's certificates are made by the time it is looked at. */
typedef struct row {
  const char *title;
  staple_plan plan;
  tlstream_ocsp status;
  const char *why;
} row;

#define OF_LEAF .of = &leaf, .by = &root
#define GOOD    TLSTREAM_OCSP_GOOD
#define BAD     TLSTREAM_OCSP_BAD
#define BY(one) \
  { OF_LEAF, .signer = &(one) }
#define UNSIGNED "not signed by the certificate's issuer"

static const row rows[] = {
    {"the issuer", {OF_LEAF}, GOOD, ""},
    {"the issuer, by its key", {OF_LEAF, .by_key = true}, GOOD, ""},
    {"an id with SHA-256", {OF_LEAF, .id_digest = "SHA256"}, GOOD, ""},
    {"an id with SHA-512", {OF_LEAF, .id_digest = "SHA512"}, GOOD, ""},
    {"the second of two", {OF_LEAF, .also = &other}, GOOD, ""},
    {"revoked",
     {OF_LEAF, .answer = STAPLE_REVOKED},
     TLSTREAM_OCSP_REVOKED,
     "revoked on 2029-12-31 (keyCompromise)"},
    {"unknown",
     {OF_LEAF, .answer = STAPLE_UNKNOWN},
     BAD,
     "does not know the certificate"},
    {"try later",
     {OF_LEAF, .refusal = OCSP_RESPONSE_STATUS_TRYLATER},
     BAD,
     "refusal to answer (trylater)"},
    {"unauthorized",
     {OF_LEAF, .refusal = OCSP_RESPONSE_STATUS_UNAUTHORIZED},
     BAD,
     "refusal to answer (unauthorized)"},
    {"for another", {.of = &other, .by = &root}, BAD, "another certificate"},
    {"its number at another authority",
     {.of = &leaf, .by = &namesake, .signer = &root},
     BAD,
     "another certificate"},
    {"a responder", BY(delegate), GOOD, ""},
    {"a responder, by its key",
     {OF_LEAF, .signer = &delegate, .by_key = true},
     GOOD,
     ""},
    {"a responder with Ed25519", BY(edwards), GOOD, ""},
    {"a responder that was not sent",
     {OF_LEAF, .signer = &delegate, .no_certs = true},
     BAD,
     UNSIGNED},
    {"the authority's namesake", BY(namesake), BAD, UNSIGNED},
    {"another leaf", BY(other), BAD, UNSIGNED},
    {"the certificate itself", BY(leaf), BAD, UNSIGNED},
    {"not for that purpose", BY(purpose), BAD, UNSIGNED},
    {"an old responder", BY(old), BAD, UNSIGNED},
    {"a key that may not sign", BY(usage), BAD, UNSIGNED},
    {"a critical extension in it", BY(odd), BAD, UNSIGNED},
    {"a forged responder", BY(forged), BAD, UNSIGNED},
    {"the namesake's responder", BY(false_one), BAD, UNSIGNED},
    {"a responder signed with SHA-1", BY(sha1), BAD, UNSIGNED},
    {"a responder with a short key", BY(weak), BAD, UNSIGNED},
    {"a responder's responder", BY(second), BAD, UNSIGNED},
    {"SHA-1", {OF_LEAF, .digest = "SHA1"}, BAD, UNSIGNED},
    {"SHA-384", {OF_LEAF, .digest = "SHA384"}, GOOD, ""},
    {"a critical extension of the answer",
     {OF_LEAF, .odd = true},
     BAD,
     "critical extension"},
    {"a critical extension of all",
     {OF_LEAF, .odd_whole = true},
     BAD,
     "critical extension"},
};

TEST(only_the_issuer_or_its_responder_proves_anything) {
  EACH_ROW_NAMED(i, rows, title) {
    tlstream__ocsp_verdict verdict = judge(&rows[i].plan, 0);
    CHECK_INT(verdict.status, rows[i].status);
    CHECK_HAS(verdict.why, rows[i].why);
    CHECK_INT(verdict.is_stale, false);
    CHECK_INT(verdict.is_foreign,
              strstr(rows[i].why, "another certificate") != NULL);
  }
}

typedef struct times {
  const char *title;
  long long from; /* 0: an hour before */
  long long until;
  bool no_until;
  long long now;
  bool good;
} times;

TEST(the_seconds_are_exact) {
  static const times all[] = {
      {"the last second", 0, 100, false, 100 + 300, true},
      {"one too late", 0, 100, false, 100 + 301, false},
      {"the first second", 100, 200, false, 100 - 300, true},
      {"one too early", 100, 200, false, 100 - 301, false},
      {"a day without nextUpdate", -10, 0, true, STAPLE_DAY - 10 + 300, true},
      {"and no more", -10, 0, true, STAPLE_DAY - 10 + 301, false},
  };
  EACH_ROW_NAMED(i, all, title) {
    staple_plan plan = {OF_LEAF, .from = all[i].from, .until = all[i].until,
                        .no_until = all[i].no_until};
    tlstream__ocsp_verdict verdict = judge(&plan, all[i].now);
    CHECK_INT(verdict.status == TLSTREAM_OCSP_GOOD, all[i].good);
    CHECK_INT(verdict.is_stale, !all[i].good);
    if (!all[i].good) CHECK_HAS(verdict.why, "its time ");
  }
}

TEST(it_is_known_how_long_it_is_good) {
  staple_plan plan = {OF_LEAF, .from = -100, .until = 500};
  tlstream__ocsp_verdict verdict = judge(&plan, 0);
  CHECK_INT(verdict.from, STAPLE_NOW - 100);
  CHECK_INT(verdict.until, STAPLE_NOW + 500);
}

/* A statement that was revoked does not become good by age. */
TEST(an_old_revocation_counts) {
  staple_plan plan = {OF_LEAF, .answer = STAPLE_REVOKED};
  CHECK_INT(judge(&plan, 100LL * STAPLE_DAY).status, TLSTREAM_OCSP_REVOKED);
}

TEST(without_the_issuer_nothing_is_proved) {
  tlstream__ocsp_verdict verdict;
  tlstream_bytes der = make_staple(&(staple_plan){OF_LEAF});
  tlstream__ocsp_judge(&verdict, der.data, der.len, leaf.cert, NULL,
                       STAPLE_NOW);
  CHECK_INT(verdict.status, TLSTREAM_OCSP_BAD);
  CHECK_HAS(verdict.why, "issuer of the certificate is not known");
  free((void *)der.data);
}

TEST(what_is_no_response_is_none) {
  static const tlstream_bytes texts[] = {{"", 0},
                                         {"x", 1},
                                         {"\x30\x00", 2},
                                         {"\x30\x03\x0a\x01\x00", 5},
                                         {"-----BEGIN", 10}};
  EACH_ROW(i, texts)
    CHECK_INT(judge_bytes(texts[i], STAPLE_NOW).status, TLSTREAM_OCSP_BAD);
}

TEST(a_very_large_one_is_not_looked_at) {
  tlstream_bytes der = make_staple(&(staple_plan){OF_LEAF});
  char *large = calloc(1, TLSTREAM_OCSP_MAX + 1);
  memcpy(large, der.data, der.len);
  tlstream__ocsp_verdict verdict =
      judge_bytes((tlstream_bytes){large, TLSTREAM_OCSP_MAX + 1}, STAPLE_NOW);
  CHECK_HAS(verdict.why, "larger than 32 KiB");
  verdict = judge_bytes((tlstream_bytes){large, der.len + 1}, STAPLE_NOW);
  CHECK_HAS(verdict.why, "no OCSP response"); /* there is more behind it */
  free(large);
  free((void *)der.data);
}

TEST(certificates_may_promise_a_staple) {
  static const struct {
    const char *features;
    bool promised;
  } all[] = {{NULL, false},
             {"status_request", true},
             {"status_request_v2", false},
             {"status_request_v2,status_request", true},
             {"5", true},
             {"23,24", false}};
  EACH_ROW(i, all) {
    made_cert made =
        make_cert(&(cert_plan){.name = "a.test", .features = all[i].features});
    CHECK_INT(tlstream__ocsp_must_staple(made.cert), all[i].promised);
    made_cert_clear(&made);
  }
}

TEST(each_status_has_a_name) {
  CHECK_STR(tlstream_ocsp_status_name(TLSTREAM_OCSP_NONE), "none");
  CHECK_STR(tlstream_ocsp_status_name(TLSTREAM_OCSP_GOOD), "good");
  CHECK_STR(tlstream_ocsp_status_name(TLSTREAM_OCSP_REVOKED), "revoked");
  CHECK_STR(tlstream_ocsp_status_name(TLSTREAM_OCSP_BAD), "bad");
}
