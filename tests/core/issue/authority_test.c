/* SPDX-License-Identifier: MIT */
/* Under an authority: how long a certificate lives, and what leads from it to
 * the root. */
#include <stdlib.h>
#include <time.h>

#include "support/issued.h"
#include "support/make_cert.h"
#include "support/test.h"

enum { DAY = 86400, DATE = 32 };

static const char *const hosts[] = {"example.test"};

/* An authority that expires in so many seconds, and began an hour ago. */
static made_cert short_lived(long seconds) {
  char from[DATE];
  char to[DATE];
  time_t start = time(NULL) - 3600;
  time_t end = time(NULL) + seconds;
  struct tm date;
  strftime(from, sizeof(from), "%Y%m%d%H%M%SZ", gmtime_r(&start, &date));
  strftime(to, sizeof(to), "%Y%m%d%H%M%SZ", gmtime_r(&end, &date));
  return make_cert(
      &(cert_plan){.name = "CA", .basic = CERT_CA, .from = from, .to = to});
}

static tlstream_issue_options under(const made_cert *ca) {
  return (tlstream_issue_options){.hosts = hosts,
                                  .host_count = 1,
                                  .ca_cert = ca->cert_pem,
                                  .ca_key = ca->key_pem};
}

static long long end_of(const tlstream_issued *issued) {
  tlstream_certificate *cert = parse(issued);
  long long end = tlstream_certificate_not_after(cert);
  tlstream_certificate_unref(cert);
  return end;
}

static long long end_of_ca(const made_cert *ca) {
  tlstream_certificate *cert =
      tlstream_certificate_parse(ca->cert_pem.data, ca->cert_pem.len, NULL);
  long long end = tlstream_certificate_not_after(cert);
  tlstream_certificate_unref(cert);
  return end;
}

TEST(ends_with_the_authority_by_default) {
  made_cert ca = short_lived(12 * DAY + 100);
  tlstream_issue_options options = under(&ca);
  tlstream_issued leaf = issue(&options);
  CHECK_INT(end_of(&leaf), end_of_ca(&ca));
  tlstream_issued_clear(&leaf);
  options.host_count = 0;
  options.is_ca = true;
  options.common_name = "Middle";
  leaf = issue(&options);
  CHECK_INT(end_of(&leaf), end_of_ca(&ca));
  tlstream_issued_clear(&leaf);
  made_cert_clear(&ca);
}

TEST(takes_as_many_days_as_the_authority_has) {
  made_cert ca = short_lived(12 * DAY + 100);
  tlstream_issue_options options = under(&ca);
  options.days = 12;
  tlstream_issued leaf = issue(&options);
  CHECK_LE(end_of(&leaf), end_of_ca(&ca));
  CHECK_GT(end_of(&leaf), end_of_ca(&ca) - DAY);
  tlstream_issued_clear(&leaf);
  options.days = 13;
  check_refusal(&options, TLSTREAM_ERR_INVALID_ARGUMENT,
                "ca_cert itself has 12 days left");
  options.days = 3650;
  check_refusal(&options, TLSTREAM_ERR_INVALID_ARGUMENT, "12 days left");
  made_cert_clear(&ca);
}

TEST(begins_no_sooner_than_the_authority) {
  char now[DATE];
  struct tm date;
  time_t start = time(NULL) - 60;
  strftime(now, sizeof(now), "%Y%m%d%H%M%SZ", gmtime_r(&start, &date));
  made_cert ca =
      make_cert(&(cert_plan){.name = "CA", .basic = CERT_CA, .from = now});
  tlstream_issue_options options = under(&ca);
  tlstream_issued leaf = issue(&options);
  tlstream_certificate *cert = parse(&leaf);
  CHECK_INT(tlstream_certificate_not_before(cert), start);
  tlstream_certificate_unref(cert);
  tlstream_issued_clear(&leaf);
  made_cert_clear(&ca);
}

TEST(lives_ten_years_as_a_root) {
  tlstream_issued root = issue_ca("Root", NULL);
  long long left = end_of(&root) - (long long)time(NULL);
  CHECK(left > 3649LL * DAY && left <= 3650LL * DAY);
  tlstream_issued_clear(&root);
}

static int count_certs(const tlstream_issued *issued) {
  int count = 0;
  const char *at = issued->cert;
  while ((at = strstr(at, "-----BEGIN CERTIFICATE-----")) != NULL)
    count++, at++;
  return count;
}

static tlstream_issued issue_under(tlstream_bytes certs, tlstream_bytes key) {
  return issue(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 1, .ca_cert = certs,
                              .ca_key = key));
}

/* The root is not sent; what lies between has to be. */
TEST(brings_what_lies_between) {
  tlstream_issued root = issue_ca("Root", NULL);
  tlstream_issued middle = issue_ca("Middle", &root);
  tlstream_issued lower = issue_ca("Lower", &middle);
  CHECK_INT(count_certs(&middle), 1);
  CHECK_INT(count_certs(&lower), 2);
  tlstream_issued leaf = issue_under(cert_of(&root), key_of(&root));
  CHECK_INT(count_certs(&leaf), 1);
  tlstream_issued_clear(&leaf);
  leaf = issue_under(cert_of(&lower), key_of(&lower));
  CHECK_INT(count_certs(&leaf), 3);
  CHECK_HAS(leaf.cert, middle.cert);
  tlstream_issued_clear(&leaf);

  /* With the root behind, and in another order. */
  tlstream_bytes own = {
      lower.cert, (size_t)(strstr(lower.cert + 1, "-----BEGIN") - lower.cert)};
  tlstream_bytes all =
      join_pem((tlstream_bytes[]){own, cert_of(&root), cert_of(&middle)}, 3);
  leaf = issue_under(all, key_of(&lower));
  CHECK_INT(count_certs(&leaf), 3);
  CHECK(strstr(leaf.cert, root.cert) == NULL);
  CHECK_INT(verify(&leaf, NULL, &root, 0) == 0, 0);
  free((void *)all.data);
  tlstream_issued_clear(&leaf);
  tlstream_issued_clear(&lower);
  tlstream_issued_clear(&middle);
  tlstream_issued_clear(&root);
}

/* Two authorities that signed each other lead to no root. */
TEST(ends_where_authorities_go_in_a_circle) {
  made_cert first = make_cert(&(cert_plan){.name = "A", .basic = CERT_CA});
  made_cert other =
      make_cert(&(cert_plan){.name = "B", .basic = CERT_CA, .by = &first});
  made_cert again = make_cert(&(cert_plan){
      .name = "A", .basic = CERT_CA, .by = &other, .like = &first});
  tlstream_bytes all = join_pem(
      (tlstream_bytes[]){other.cert_pem, again.cert_pem, other.cert_pem}, 3);
  tlstream_issued leaf = issue_under(all, other.key_pem);
  CHECK_INT(count_certs(&leaf), 4);
  tlstream_issued_clear(&leaf);
  free((void *)all.data);
  made_cert_clear(&again);
  made_cert_clear(&other);
  made_cert_clear(&first);
}

TEST(leaves_out_what_is_unrelated) {
  tlstream_issued root = issue_ca("Root", NULL);
  tlstream_issued middle = issue_ca("Middle", &root);
  tlstream_issued stranger = issue_ca("Stranger", NULL);
  tlstream_bytes all =
      join_pem((tlstream_bytes[]){cert_of(&middle), cert_of(&stranger)}, 2);
  tlstream_issued leaf = issue_under(all, key_of(&middle));
  CHECK_INT(count_certs(&leaf), 2);
  tlstream_issued_clear(&leaf);
  free((void *)all.data);
  tlstream_issued_clear(&stranger);
  tlstream_issued_clear(&middle);
  tlstream_issued_clear(&root);
}

/* Names do not tell what signed what: neither has key identifiers. */
TEST(keeps_what_is_named_as_its_root) {
  made_cert root = make_cert(&(cert_plan){.name = "CA", .basic = CERT_CA});
  made_cert middle =
      make_cert(&(cert_plan){.name = "CA", .basic = CERT_CA, .by = &root});
  made_cert lower =
      make_cert(&(cert_plan){.name = "Lower", .basic = CERT_CA, .by = &middle});
  tlstream_issued leaf = issue_under(middle.cert_pem, middle.key_pem);
  CHECK_INT(count_certs(&leaf), 2);
  CHECK_HAS(leaf.cert, middle.cert_pem.data);
  tlstream_issued_clear(&leaf);
  /* The root's name comes first, and the wrong key with it. */
  tlstream_bytes all = join_pem(
      (tlstream_bytes[]){lower.cert_pem, root.cert_pem, middle.cert_pem}, 3);
  leaf = issue_under(all, lower.key_pem);
  CHECK_INT(count_certs(&leaf), 3);
  CHECK_HAS(leaf.cert, middle.cert_pem.data);
  CHECK(strstr(leaf.cert, root.cert_pem.data) == NULL);
  tlstream_issued_clear(&leaf);
  free((void *)all.data);
  made_cert_clear(&lower);
  made_cert_clear(&middle);
  made_cert_clear(&root);
}

/* An authority with a new key, which the old one certifies (RFC 4210, section
 * 4.4): a client that has the old root alone needs that. */
TEST(brings_the_old_key_s_word_for_the_new) {
  made_cert old = make_cert(&(cert_plan){.name = "CA", .basic = CERT_CA});
  made_cert renewed = make_cert(&(cert_plan){.name = "CA", .basic = CERT_CA});
  made_cert link = make_cert(&(cert_plan){
      .name = "CA", .basic = CERT_CA, .by = &old, .like = &renewed});
  tlstream_bytes all =
      join_pem((tlstream_bytes[]){link.cert_pem, old.cert_pem}, 2);
  tlstream_issued leaf = issue_under(all, renewed.key_pem);
  CHECK_INT(count_certs(&leaf), 2);
  CHECK_HAS(leaf.cert, link.cert_pem.data);
  tlstream_issued_clear(&leaf);
  leaf = issue_under(renewed.cert_pem, renewed.key_pem);
  CHECK_INT(count_certs(&leaf), 1);
  tlstream_issued_clear(&leaf);
  free((void *)all.data);
  made_cert_clear(&link);
  made_cert_clear(&renewed);
  made_cert_clear(&old);
}
