/* SPDX-License-Identifier: MIT */
/* A15: the first and the last second of a certificate, and far away times. */
#include <stdlib.h>
#include <time.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/connect.h"
#include "support/make_cert.h"
#include "support/test.h"

static time_t clock_result; /* 0: the real time */

/* Stands before the C library's, for OpenSSL too. */
time_t time(time_t *out) {
  struct timespec now = {.tv_sec = clock_result};
  if (clock_result == 0) clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}

enum { TOO_EARLY = -1, IN_TIME, TOO_LATE };

/* The result of a client that has the time from its options. */
static int judge_at(const made_cert *root, tlstream_context *server,
                    long long when) {
  tlstream_context *client =
      context_of(TLSTREAM_CONTEXT(.ca = root->cert_pem, .verify_time = when));
  connection both = connect_pairs(client, server, "a.test");
  const tlstream_error *error = tlstream_pair_error(both.client);
  int result = IN_TIME;
  CHECK_INT(tlstream_pair_authorized(both.client), error == NULL);
  if (error != NULL && strcmp(error->name, "CERT_NOT_YET_VALID") == 0) {
    result = TOO_EARLY;
  } else if (error != NULL) {
    CHECK_STR(error->name, "CERT_HAS_EXPIRED");
    result = TOO_LATE;
  }
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  return result;
}

typedef struct row {
  const char *from;
  const char *to;
  long long first; /* the same in seconds since 1970 */
  long long last;
} row;

/* OpenSSL counts the very last second out: RFC 5280 includes it, but to reject
 * it a second early is safe. */
static void check_row(const row *times) {
  made_cert root = make_cert(&(cert_plan){.name = "Root",
                                          .basic = CERT_CA,
                                          .from = "18500101000000Z",
                                          .to = "99991231235959Z"});
  made_cert leaf = make_cert(&(cert_plan){
      .name = "a.test", .by = &root, .from = times->from, .to = times->to});
  tlstream_context *server = context_with(&leaf, &root);
  CHECK_INT(judge_at(&root, server, times->first - 1), TOO_EARLY);
  CHECK_INT(judge_at(&root, server, times->first), IN_TIME);
  CHECK_INT(judge_at(&root, server, times->first + 1), IN_TIME);
  CHECK_INT(judge_at(&root, server, times->last - 1), IN_TIME);
  CHECK_INT(judge_at(&root, server, times->last), TOO_LATE);
  CHECK_INT(judge_at(&root, server, times->last + 1), TOO_LATE);
  tlstream_context_unref(server);
  made_cert_clear(&leaf);
  made_cert_clear(&root);
}

TEST(the_seconds_are_exact) {
  static const row rows[] = {
      {"20200101000000Z", "20300101000000Z", 1577836800, 1893456000},
      {"20240229235958Z", "20240301000001Z", 1709251198, 1709251201},
  };
  EACH_ROW_NAMED(i, rows, from)
    check_row(&rows[i]);
}

/* 2038 is where 32 bits end, 2050 where certificates change to years of four
 * digits, and 9999 means never. */
TEST(years_far_away_are_no_trouble) {
  static const row rows[] = {
      {"20380119031407Z", "20380119031409Z", 2147483647, 2147483649},
      {"20491231235958Z", "20500101000001Z", 2524607998, 2524608001},
      {"20500101000000Z", "21060207062817Z", 2524608000, 4294967297},
      {"19500101000000Z", "19700101000100Z", -631152000, 60},
      {"20200101000000Z", "99991231235958Z", 1577836800, 253402300798},
  };
  EACH_ROW_NAMED(i, rows, from)
    check_row(&rows[i]);
}

static void check_now(tlstream_context *client, tlstream_context *server,
                      time_t now, const char *name) {
  clock_result = now;
  connection both = connect_pairs(client, server, "a.test");
  clock_result = 0;
  const tlstream_error *error = tlstream_pair_error(both.client);
  CHECK_STR(error != NULL ? error->name : NULL, name);
  CHECK_INT(tlstream_pair_authorized(both.client), name == NULL);
  disconnect_pairs(&both);
}

/* A process that runs for months makes one context and never looks back. */
TEST(the_clock_is_read_for_every_handshake) {
  made_cert root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  made_cert leaf = make_cert(&(cert_plan){.name = "a.test",
                                          .by = &root,
                                          .from = "20200101000000Z",
                                          .to = "20300101000000Z"});
  tlstream_context *server = context_with(&leaf, &root);
  tlstream_context *client = context_with(NULL, &root);
  check_now(client, server, 1577836799, "CERT_NOT_YET_VALID");
  check_now(client, server, 1577836800, NULL);
  check_now(client, server, 1893455999, NULL);
  check_now(client, server, 1893456001, "CERT_HAS_EXPIRED");
  check_now(client, server, 1577836800, NULL);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
  made_cert_clear(&leaf);
  made_cert_clear(&root);
}

/* The clock of the machine is of no interest then. */
TEST(a_given_time_stands_for_the_clock) {
  made_cert root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  made_cert leaf = make_cert(
      &(cert_plan){.name = "a.test", .by = &root, .to = "20100101000000Z"});
  tlstream_context *server = context_with(&leaf, &root);
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.ca = root.cert_pem, .verify_time = 1000000000));
  check_now(client, server, 0, NULL);
  check_now(client, server, 2000000000, NULL);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
  made_cert_clear(&leaf);
  made_cert_clear(&root);
}
