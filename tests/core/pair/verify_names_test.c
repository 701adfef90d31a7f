/* SPDX-License-Identifier: MIT */
/* Names in certificates, where it counts: in a whole handshake with a client
 * that looks for one of them. A3 to A8; the rules themselves are in
 * identity_test.c. */
#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/chain.h"
#include "support/odd_cert.h"

static made_cert root;

BEFORE_TESTS(make_root) {
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
}

AFTER_TESTS(drop_root) {
  made_cert_clear(&root);
}

/* A leaf whose alternative names are these bytes; NULL: it has none. */
static made_cert leaf_with(const char *common_name, const char *der,
                           size_t len) {
  made_cert made = make_cert(
      &(cert_plan){.name = common_name, .by = &root, .no_name = true});
  if (der == NULL) return made;
  ASN1_OCTET_STRING *names = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(names, (const unsigned char *)der, (int)len);
  X509_EXTENSION *extension =
      X509_EXTENSION_create_by_NID(NULL, NID_subject_alt_name, 0, names);
  CHECK_INT(X509_add_ext(made.cert, extension, -1), 1);
  CHECK_GT(X509_sign(made.cert, root.key, EVP_sha256()), 0);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(names);
  return made;
}

static void check_result(const tlstream_pair *client, bool want) {
  const tlstream_error *why = tlstream_pair_authorization_error(client);
  CHECK_INT(tlstream_pair_is_secure(client), want);
  CHECK_INT(tlstream_pair_authorized(client), want);
  CHECK_INT(why != NULL ? why->code : 0, want ? 0 : TLSTREAM_ERR_WRONG_NAME);
}

static void check_leaf(const made_cert *leaf, const char *host, bool want) {
  for (int v = TLSTREAM_TLS_1_2; v <= TLSTREAM_TLS_1_3; v++) {
    tlstream_context *client = judge_of(&root, TLSTREAM_ROLE_CLIENT, false);
    tlstream_context *server = presenter(leaf, NULL, (tlstream_version)v);
    connection both = connect_pairs(client, server, host);
    check_result(both.client, want);
    disconnect_pairs(&both);
    tlstream_context_unref(server);
    tlstream_context_unref(client);
  }
}

typedef struct row {
  const char *der; /* a GeneralNames, short enough for lengths of one byte */
  size_t len;
  const char *host;
  bool want;
} row;

#define NAMES(bytes) bytes, sizeof(bytes) - 1

static void check_rows(const char *common_name, const row *rows, size_t count) {
  EACH_ROW_OF(i, rows, count, host) {
    made_cert leaf = leaf_with(common_name, rows[i].der, rows[i].len);
    check_leaf(&leaf, rows[i].host, rows[i].want);
    made_cert_clear(&leaf);
  }
}

/* A3: CVE-2009-2408 and those after it took the name to end at the NUL. */
TEST(a_nul_ends_no_name) {
  static const row rows[] = {
      {NAMES("\x30\x16\x82\x14good.test\0.hostile_peer.test"), "good.test",
       false},
      {NAMES("\x30\x16\x82\x14good.test\0.hostile_peer.test"),
       "x.hostile_peer.test", false},
      {NAMES("\x30\x0c\x82\x0agood.test\0"), "good.test", false},
      {NAMES("\x30\x0b\x82\x09good.test"), "good.test", true},
  };
  check_rows("good.test", rows, COUNT(rows));
}

/* A4 */
TEST(a_wildcard_is_a_whole_label) {
  static const row rows[] = {
      {NAMES("\x30\x0a\x82\x08*.a.test"), "x.a.test", true},
      {NAMES("\x30\x0a\x82\x08*.a.test"), "X.A.TEST", true},
      {NAMES("\x30\x0a\x82\x08*.a.test"), "x.y.a.test", false},
      {NAMES("\x30\x0a\x82\x08*.a.test"), "a.test", false},
      {NAMES("\x30\x0b\x82\x09x*.a.test"), "xy.a.test", false},
      {NAMES("\x30\x0a\x82\x08x.*.test"), "x.a.test", false},
      {NAMES("\x30\x08\x82\x06*.test"), "a.test", false},
      {NAMES("\x30\x03\x82\x01*"), "localhost", false},
  };
  check_rows("x.a.test", rows, COUNT(rows));
}

/* A5: an address is in an entry of its own kind, or not there at all. */
TEST(addresses_are_no_names) {
  static const row rows[] = {
      {NAMES("\x30\x06\x87\x04\x0a\0\0\x01"), "10.0.0.1", true},
      {NAMES("\x30\x06\x87\x04\x0a\0\0\x01"), "10.0.0.2", false},
      {NAMES("\x30\x0a\x82\x08"
             "10.0.0.1"),
       "10.0.0.1", false},
      {NAMES("\x30\x0a\x86\x08"
             "10.0.0.1"),
       "10.0.0.1", false},
      {NAMES("\x30\x09\x82\x07*.0.0.1"), "10.0.0.1", false},
      {NULL, 0, "10.0.0.1", false},
      {NAMES("\x30\x12\x87\x10\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\x01"),
       "10.0.0.1", false},
      {NAMES("\x30\x12\x87\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"), "::1",
       true},
  };
  check_rows("10.0.0.1", rows, COUNT(rows));
}

/* A6 */
TEST(the_common_name_never_counts) {
  static const row rows[] = {
      {NULL, 0, "host.test", false},
      {NAMES("\x30\0"), "host.test", false},
      {NAMES("\x30\x0a\x82\x08no1.test"), "host.test", false},
      {NAMES("\x30\x05\x81\x03"
             "a@b"),
       "host.test", false},
      {NAMES("\x30\x06\x87\x04\x0a\0\0\x01"), "host.test", false},
  };
  check_rows("host.test", rows, COUNT(rows));
}

/* A7: URIs (CVE-2021-44531), mail addresses, directory names, and otherName,
 * also where it is of another type than it claims (CVE-2024-6119). */
TEST(names_of_other_kinds_are_no_hosts) {
  static const row rows[] = {
      {NAMES("\x30\x0b\x86\x09host.test"), "host.test", false},
      {NAMES("\x30\x14\x86\x12https://host.test/"), "host.test", false},
      {NAMES("\x30\x0b\x81\x09host.test"), "host.test", false},
      {NAMES("\x30\x18\xa4\x16\x30\x14\x31\x12\x30\x10\x06\x03\x55\x04\x03\x0c"
             "\x09host.test"),
       "host.test", false},
      /* SmtpUTF8Mailbox with a NULL and with an INTEGER for its value. */
      {NAMES("\x30\x10\xa0\x0e\x06\x08\x2b\x06\x01\x05\x05\x07\x08\x09\xa0\x02"
             "\x05\0"),
       "host.test", false},
      {NAMES("\x30\x11\xa0\x0f\x06\x08\x2b\x06\x01\x05\x05\x07\x08\x09\xa0\x03"
             "\x02\x01\x07"),
       "host.test", false},
      {NAMES("\x30\x17\xa0\x08\x06\x02\x2a\x03\xa0\x02\x05\0\x82\x0bhost.te"
             "st.no"),
       "host.test", false},
  };
  check_rows("host.test", rows, COUNT(rows));
}

/* A7: names of which one cannot be read are no names at all. */
TEST(names_that_are_cut_off_are_refused) {
  static const struct {
    const char *der;
    size_t len;
  } rows[] = {
      /* otherName without its value, and longer than what holds it. */
      {NAMES("\x30\x17\x82\x09host.test\xa0\x0a\x06\x08\x2b\x06\x01\x05\x05"
             "\x07\x08\x09")},
      {NAMES("\x30\x0f\x82\x09host.test\xa0\x7f\x06\x08")},
      {NAMES("\x30\x7f\x82\x09host.test")},
  };
  EACH_ROW(i, rows) {
    made_cert leaf = leaf_with("host.test", rows[i].der, rows[i].len);
    tlstream_context *client = judge_of(&root, TLSTREAM_ROLE_CLIENT, false);
    tlstream_context *server = presenter(&leaf, NULL, TLSTREAM_TLS_1_3);
    connection both = connect_pairs(client, server, "host.test");
    CHECK(!tlstream_pair_is_secure(both.client));
    CHECK_ERROR(tlstream_pair_error(both.client)->code, TLSTREAM_ERR_UNTRUSTED);
    disconnect_pairs(&both);
    tlstream_context_unref(server);
    tlstream_context_unref(client);
    made_cert_clear(&leaf);
  }
}

/* A8: CVE-2021-44532 joined the names to a text and took that apart again. */
TEST(one_entry_is_one_name) {
  static const row rows[] = {
      {NAMES("\x30\x17\x82\x15no.test, DNS:host.test"), "host.test", false},
      {NAMES("\x30\x17\x82\x15no.test\",DNS:host.test"), "host.test", false},
      {NAMES("\x30\x13\x82\x11no.test\nhost.test"), "host.test", false},
      {NAMES("\x30\x16\x86\x14http://a, DNS:host.test"), "host.test", false},
      {NAMES("\x30\x14\x82\x07no.test\x82\x09host.test"), "host.test", true},
  };
  check_rows("x, DNS:host.test", rows, COUNT(rows));
}
