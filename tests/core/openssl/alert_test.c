/* SPDX-License-Identifier: MIT */
/* The alerts of TLS by number. */
#include "core/openssl/alert.h"

#include <ctype.h>
#include <limits.h>

#include <openssl/ssl.h>

#include "support/test.h"

/* "no_certificate" for OpenSSL's "no certificate", "unknown_ca" for "unknown
 * CA". */
static const char *spelled_by_openssl(int number) {
  static char name[80];
  const char *words = SSL_alert_desc_string_long(number);
  size_t len = 0;
  for (; words[len] != '\0' && len + 1 < sizeof(name); len++)
    name[len] = words[len] == ' ' ? '_' : (char)tolower(words[len]);
  name[len] = '\0';
  return strcmp(name, "unknown") == 0 ? NULL : name;
}

/* It would notice an alert that a newer OpenSSL knows and we do not. */
TEST(openssl_knows_none_that_we_do_not) {
  int known = 0;
  for (int number = 0; number < 256; number++) {
    const char *name = spelled_by_openssl(number);
    if (name == NULL) continue;
    CHECK_STR(tlstream__alert_name(number), name);
    known++;
  }
  CHECK_GE(known, 30);
}

/* The registry of IANA, TLS Alerts; what OpenSSL has no words for. */
TEST(knows_the_newer_ones) {
  CHECK_STR(tlstream__alert_name(109), "missing_extension");
  CHECK_STR(tlstream__alert_name(116), "certificate_required");
  CHECK_STR(tlstream__alert_name(120), "no_application_protocol");
}

TEST(every_number_has_a_hint) {
  int unassigned = 0;
  for (int number = 0; number < 256; number++) {
    const char *hint = tlstream__alert_hint(number);
    CHECK_GT(strlen(hint), 10);
    CHECK(islower((unsigned char)hint[0]) && hint[strlen(hint) - 1] != '.');
    if (strcmp(tlstream__alert_name(number), "unassigned alert") == 0) {
      CHECK_HAS(hint, "no standard");
      unassigned++;
    }
  }
  CHECK_GT(unassigned, 200);
}

TEST(a_number_that_is_no_alert_is_unassigned) {
  static const int numbers[] = {-1, 1, 256, 296, INT_MIN, INT_MAX};
  EACH_ROW(i, numbers) {
    CHECK_STR(tlstream__alert_name(numbers[i]), "unassigned alert");
    CHECK_HAS(tlstream__alert_hint(numbers[i]), "no standard");
  }
}
