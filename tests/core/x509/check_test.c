/* SPDX-License-Identifier: MIT */
/* What the rest of the core asks of certificates: the check of a name, titles
 * for messages, and chains. */
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <tlstream/memory.h>

#include "core/x509/certificate.h"
#include "support/json_check.h"
#include "support/odd_cert.h"
#include "support/test.h"

static void check_title(X509 *x509, const char *want) {
  char title[32];
  tlstream__certificate_title(x509, /* issuer = */ false, title, sizeof(title));
  CHECK_STR(title, want);
  X509_free(x509);
}

TEST(makes_titles) {
  X509 *x509 = new_cert();
  check_title(x509, "no name");

  x509 = new_cert();
  add_cn(x509, "first");
  add_cn(x509, "last");
  add_part(x509, NID_organizationName, V_ASN1_UTF8STRING, "org", 3, 0);
  check_title(x509, "last");

  x509 = new_cert();
  add_part(x509, NID_countryName, V_ASN1_UTF8STRING, "DE", 2, 0);
  add_part(x509, NID_organizationName, V_ASN1_UTF8STRING, "org", 3, 0);
  check_title(x509, "org");

  x509 = new_cert();
  add_part(x509, NID_commonName, V_ASN1_UTF8STRING, "a\x1b\n\0b", 5, 0);
  check_title(x509, "a\\x1b\\n\\x00b");

  x509 = new_cert();
  add_part(x509, NID_commonName, V_ASN1_UTF8STRING, "\xff\xfe", 2, 0);
  check_title(x509, "\\xff\\xfe");

  x509 = new_cert();
  add_cn(x509, "a name that is longer than the room for it");
  check_title(x509, "a name that is longer than t...");
}

/* `names` has exactly its length, so that the sanitizer sees a read beyond
 * it. */
static void check_names(X509 *x509, size_t cap, const char *want) {
  tlstream__host host;
  char *names = malloc(cap);
  CHECK(names != NULL);
  CHECK_ERROR(tlstream__host_parse(&host, "x.test", 6, NULL), 0);
  CHECK(!tlstream__certificate_check(x509, &host, names, cap));
  CHECK(memchr(names, '\0', cap) != NULL);
  if (want != NULL) CHECK_STR(names, want);
  free(names);
}

static X509 *cert_for(const char *const *hosts, size_t count) {
  X509 *x509 = new_cert();
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
  for (size_t i = 0; i < count; i++) {
    add_name(names, GEN_DNS, hosts[i], strlen(hosts[i]));
  }
  add_name(names, GEN_URI, "http://x.test", 13);
  add_name(names, GEN_EMAIL, "x.test", 6);
  set_names(x509, names);
  return x509;
}

TEST(says_what_it_is_for) {
  static const char *const hosts[] = {
      "example.org", "*.example.org", "a", "b", "c\n", "", "d.test"};
  X509 *x509 = cert_for(hosts, 0);
  check_names(x509, 160, "no name at all");
  X509_free(x509);

  x509 = new_cert();
  add_cn(x509, "x.test"); /* A6: a common name is no name */
  check_names(x509, 160, "no name at all");
  X509_free(x509);

  x509 = cert_for(hosts, 1);
  check_names(x509, 160, "example.org");
  X509_free(x509);

  x509 = cert_for(hosts, 7);
  check_names(x509, 160, "example.org, *.example.org, a, b, c\\n, d.test");
  check_names(x509, 52, "example.org, *.example.org and 4 more");
  check_names(x509, 50, "example.org and 5 more");
  for (size_t cap = 1; cap < 100; cap++)
    check_names(x509, cap, NULL);
  X509_free(x509);
}

TEST(checks_a_name) {
  static const char *const hosts[] = {"a.test", "*.b.test"};
  tlstream__host host;
  char names[] = "as it was";
  X509 *x509 = cert_for(hosts, 2);
  CHECK_ERROR(tlstream__host_parse(&host, "x.b.test", 8, NULL), 0);
  CHECK(tlstream__certificate_check(x509, &host, names, sizeof(names)));
  CHECK_STR(names, "as it was");
  CHECK(tlstream__certificate_check(x509, &host, NULL, 0));
  CHECK_ERROR(tlstream__host_parse(&host, "y.test", 6, NULL), 0);
  CHECK(!tlstream__certificate_check(x509, &host, NULL, 0));
  X509_free(x509);
}

static size_t chain_length(const tlstream_certificate *cert) {
  size_t length = 0;
  for (; cert != NULL; length++) {
    cert = tlstream_certificate_issuer_certificate(cert);
  }
  return length;
}

TEST(follows_the_chain) {
  STACK_OF(X509) *chain = odd_chain(3);
  X509 *first = sk_X509_value(chain, 0);
  tlstream_certificate *with = tlstream__certificate_wrap(first, chain);
  X509 *leaf = sk_X509_shift(chain);
  tlstream_certificate *without = tlstream__certificate_wrap(leaf, chain);
  CHECK_INT(chain_length(with), 3);
  CHECK_INT(chain_length(without), 3);
  CHECK(json_has(with, ",\"issuerCertificate\":{\"subject\":"
                       "{\"CN\":\"cert 2\"}"));
  char *json = tlstream_certificate_json(with);
  CHECK(is_json(json));
  CHECK(json != NULL && strcmp(json + strlen(json) - 4, "\"}}}") == 0);
  tlstream_free(json);

  /* The end of the chain outlives its beginning. */
  size_t count = 0;
  tlstream_certificate *last =
      (tlstream_certificate *)tlstream_certificate_issuer_certificate(with);
  tlstream_certificate_ref(last);
  tlstream_certificate_unref(with);
  CHECK_STR(tlstream_certificate_subject(last, &count)[0].value, "cert 1");
  tlstream_certificate_unref(last);
  tlstream_certificate_unref(without);
  X509_free(leaf);
  sk_X509_pop_free(chain, X509_free);
}

TEST(follows_a_chain_of_any_length) {
  STACK_OF(X509) *chain = odd_chain(1);
  X509 *x509 = sk_X509_value(chain, 0);
  for (int i = 0; i < 5000; i++) {
    X509_up_ref(x509);
    sk_X509_push(chain, x509);
  }
  tlstream_certificate *cert = tlstream__certificate_wrap(x509, chain);
  CHECK_INT(chain_length(cert), 5001);
  char *json = tlstream_certificate_json(cert);
  CHECK(json != NULL);
  tlstream_free(json);
  tlstream_certificate_unref(cert);
  sk_X509_pop_free(chain, X509_free);
}

TEST(forgets_its_key) {
  EVP_PKEY_free(signer);
  signer = NULL;
  CHECK(signer == NULL);
}
