/* SPDX-License-Identifier: MIT */
/* A response comes from anybody: cut at each byte, with each bit turned, and
 * while memory runs out, it never proves more than it did. */
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "core/ocsp/response.h"
#include "support/make_staple.h"
#include "support/test.h"
#include "support/torture.h"

static made_cert root;
static made_cert leaf;
static made_cert delegate;
static tlstream_bytes staples[3];

enum { BY_ISSUER, BY_DELEGATE, REVOKED };

BEFORE_TESTS(make_some) {
  torture_install();
  torture_install_openssl();
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  leaf = make_cert(&(cert_plan){.name = "a.test", .by = &root});
  delegate = make_cert(
      &(cert_plan){.name = "Responder", .by = &root, .purpose = "OCSPSigning"});
  staple_plan plan = {.of = &leaf, .by = &root};
  staples[BY_ISSUER] = make_staple(&plan);
  plan.answer = STAPLE_REVOKED;
  staples[REVOKED] = make_staple(&plan);
  plan = (staple_plan){.of = &leaf, .by = &root, .signer = &delegate};
  staples[BY_DELEGATE] = make_staple(&plan);
}

AFTER_TESTS(drop_them) {
  for (size_t i = 0; i < COUNT(staples); i++)
    free((void *)staples[i].data);
  made_cert_clear(&root);
  made_cert_clear(&leaf);
  made_cert_clear(&delegate);
}

static tlstream_ocsp judge(const void *der, size_t len) {
  tlstream__ocsp_verdict verdict;
  tlstream__ocsp_judge(&verdict, der, len, leaf.cert, root.cert, STAPLE_NOW);
  CHECK_INT(ERR_peek_error(), 0);
  return verdict.status;
}

TEST(a_part_of_it_proves_nothing) {
  EACH_ROW(i, staples) {
    for (size_t len = 0; len < staples[i].len; len++) {
      void *part = len > 0 ? malloc(len) : NULL; /* for the sanitizers */
      if (len > 0) memcpy(part, staples[i].data, len);
      CHECK_INT(judge(part, len), TLSTREAM_OCSP_BAD);
      free(part);
    }
  }
}

/* The part that is signed, as it would be signed. */
static unsigned char *signed_part(const void *der, size_t len, int *size) {
  const unsigned char *at = der;
  unsigned char *out = NULL;
  OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)len);
  OCSP_BASICRESP *basic =
      response != NULL ? OCSP_response_get1_basic(response) : NULL;
  *size = basic != NULL
              ? i2d_OCSP_RESPDATA(
                    (OCSP_RESPDATA *)OCSP_resp_get0_respdata(basic), &out)
              : 0;
  OCSP_BASICRESP_free(basic);
  OCSP_RESPONSE_free(response);
  ERR_clear_error();
  return out;
}

static bool says_the_same(const void *a, const void *b, size_t len) {
  int a_size = 0;
  int b_size = 0;
  unsigned char *a_part = signed_part(a, len, &a_size);
  unsigned char *b_part = signed_part(b, len, &b_size);
  bool same = a_size == b_size && memcmp(a_part, b_part, (size_t)a_size) == 0;
  OPENSSL_free(a_part);
  OPENSSL_free(b_part);
  return same;
}

/* What is around the signed part may be written in more than one way. */
TEST(a_bit_that_was_turned_changes_nothing_that_is_signed) {
  EACH_ROW(i, staples) {
    size_t len = staples[i].len;
    tlstream_ocsp honest = judge(staples[i].data, len);
    unsigned char *turned = malloc(len);
    memcpy(turned, staples[i].data, len);
    /* Each bit of one, and one of each byte of the others. */
    for (size_t bit = 0; bit < 8 * len; bit += i == BY_ISSUER ? 1 : 9) {
      turned[bit / 8] ^= (unsigned char)(1 << bit % 8);
      tlstream_ocsp status = judge(turned, len);
      bool held =
          status == TLSTREAM_OCSP_BAD ||
          (status == honest && says_the_same(turned, staples[i].data, len));
      if (!held) printf("# bit %zu\n", bit);
      CHECK(held);
      turned[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    free(turned);
  }
}

static void judge_once(void *data) {
  const tlstream_bytes *der = data;
  tlstream_ocsp honest =
      der == &staples[REVOKED] ? TLSTREAM_OCSP_REVOKED : TLSTREAM_OCSP_GOOD;
  tlstream_ocsp status = judge(der->data, der->len);
  CHECK(status == honest || (torture_struck() && status == TLSTREAM_OCSP_BAD));
}

TEST(without_memory_it_proves_nothing) {
  EACH_ROW(i, staples) {
    CHECK_GT(
        torture_each(TORTURE_OPENSSL, TORTURE_ONCE, judge_once, &staples[i]),
        50);
    CHECK_GT(
        torture_each(TORTURE_OPENSSL, TORTURE_FOREVER, judge_once, &staples[i]),
        50);
  }
}

/* Asking for too much is safe: a promise is not forgotten. */
static void promise_held(void *data) {
  CHECK(tlstream__ocsp_must_staple(((made_cert *)data)->cert));
  ERR_clear_error();
}

TEST(without_memory_a_promise_counts) {
  made_cert made =
      make_cert(&(cert_plan){.name = "a.test", .features = "status_request"});
  CHECK_GT(torture_each(TORTURE_OPENSSL, TORTURE_ONCE, promise_held, &made), 1);
  made_cert_clear(&made);
}
