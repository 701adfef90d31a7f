/* SPDX-License-Identifier: MIT */
/* Every error of OpenSSL's chain verification has its name (J4). */
#include "core/openssl/x509_error.h"

#include <ctype.h>
#include <limits.h>

#include <openssl/x509_vfy.h>

#include "support/test.h"

static const char no_name[] = "X509_VERIFICATION_FAILED";

enum { NEVER_A_NUMBER = 1000000 };

static bool is_known_to_openssl(int number) {
  return strcmp(X509_verify_cert_error_string(number),
                X509_verify_cert_error_string(NEVER_A_NUMBER)) != 0;
}

static int newest_of_openssl(void) {
  int newest = 0;
  for (int number = X509_V_OK + 1; number < 10000; number++) {
    if (is_known_to_openssl(number)) newest = number;
  }
  return newest;
}

/* It would notice a number that a newer OpenSSL has and our table lacks. The
 * table may be ahead of an older one. */
TEST(every_number_of_openssl_has_a_name) {
  int known = 0;
  int newest = newest_of_openssl();
  for (int number = X509_V_OK + 1; number <= newest; number++) {
    bool has_name = strcmp(tlstream__x509_error_name(number), no_name) != 0;
    if (has_name != is_known_to_openssl(number)) {
      test_fail(__FILE__, __LINE__, "%d is \"%s\" here, and \"%s\" there",
                number, tlstream__x509_error_name(number),
                X509_verify_cert_error_string(number));
    }
    known += has_name;
  }
  CHECK_GE(known, 90);
}

/* The numbers never change, and these are Node's names for them. */
TEST(names_are_as_in_node) {
  static const struct {
    int number;
    const char *name;
  } rows[] = {{2, "UNABLE_TO_GET_ISSUER_CERT"},
              {3, "UNABLE_TO_GET_CRL"},
              {4, "UNABLE_TO_DECRYPT_CERT_SIGNATURE"},
              {5, "UNABLE_TO_DECRYPT_CRL_SIGNATURE"},
              {6, "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY"},
              {7, "CERT_SIGNATURE_FAILURE"},
              {8, "CRL_SIGNATURE_FAILURE"},
              {9, "CERT_NOT_YET_VALID"},
              {10, "CERT_HAS_EXPIRED"},
              {11, "CRL_NOT_YET_VALID"},
              {12, "CRL_HAS_EXPIRED"},
              {13, "ERROR_IN_CERT_NOT_BEFORE_FIELD"},
              {14, "ERROR_IN_CERT_NOT_AFTER_FIELD"},
              {15, "ERROR_IN_CRL_LAST_UPDATE_FIELD"},
              {16, "ERROR_IN_CRL_NEXT_UPDATE_FIELD"},
              {17, "OUT_OF_MEM"},
              {18, "DEPTH_ZERO_SELF_SIGNED_CERT"},
              {19, "SELF_SIGNED_CERT_IN_CHAIN"},
              {20, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"},
              {21, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"},
              {22, "CERT_CHAIN_TOO_LONG"},
              {23, "CERT_REVOKED"},
              {25, "PATH_LENGTH_EXCEEDED"},
              {26, "INVALID_PURPOSE"},
              {27, "CERT_UNTRUSTED"},
              {28, "CERT_REJECTED"},
              {62, "HOSTNAME_MISMATCH"},
              {79, "INVALID_CA"}};
  EACH_ROW_NAMED(i, rows, name) {
    CHECK_STR(tlstream__x509_error_name(rows[i].number), rows[i].name);
  }
}

TEST(no_name_is_given_twice) {
  for (int one = 1; one < 200; one++) {
    for (int other = one + 1; other < 200; other++) {
      const char *name = tlstream__x509_error_name(one);
      if (strcmp(name, no_name) == 0) continue;
      CHECK(strcmp(name, tlstream__x509_error_name(other)) != 0);
    }
  }
}

/* A hint stands behind "is not trusted: ". */
TEST(hints_are_clauses) {
  int hints = 0;
  for (int number = 0; number < 200; number++) {
    const char *hint = tlstream__x509_error_hint(number);
    if (hint == NULL) continue;
    CHECK(islower((unsigned char)hint[0]) && hint[strlen(hint) - 1] != '.');
    hints++;
  }
  CHECK_GT(hints, 10);
  CHECK_HAS(tlstream__x509_error_hint(X509_V_ERR_CERT_HAS_EXPIRED), "renew");
}

TEST(an_unknown_number_has_a_name_all_the_same) {
  static const int numbers[] = {0, -1, 9999, INT_MAX, INT_MIN};
  EACH_ROW(i, numbers) {
    CHECK_STR(tlstream__x509_error_name(numbers[i]), no_name);
    CHECK(tlstream__x509_error_hint(numbers[i]) == NULL);
  }
}
