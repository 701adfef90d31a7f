/* SPDX-License-Identifier: MIT */
/* Which certificate names stand for which hosts: tables. A3, A4, A5, A7. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tlstream/error.h>

#include "core/x509/identity.h"
#include "support/test.h"

/* 63 and 64 bytes. */
#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L64 L63 "a"
/* 253 and 254 bytes. */
#define N253 L63 "." L63 "." L63 "." L61
#define L61  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define N254 N253 "a"

static const struct {
  const char *text;
  const char *name; /* NULL: it is refused; "": it is an address */
  size_t ip_len;
} hosts[] = {
    /* Names. */
    {"example.org", "example.org", 0},
    {"EXAMPLE.Org", "example.org", 0},
    {"example.org.", "example.org", 0},
    {"localhost", "localhost", 0},
    {"localhost.", "localhost", 0},
    {"a", "a", 0},
    {"a.b", "a.b", 0},
    {"a_b.example", "a_b.example", 0},
    {"_dmarc.example", "_dmarc.example", 0},
    {"-a.example", "-a.example", 0},
    {"a-.example", "a-.example", 0},
    {"r3---sn.example", "r3---sn.example", 0},
    {"xn--bcher-kva.example", "xn--bcher-kva.example", 0},
    {"XN--BCHER-KVA.example", "xn--bcher-kva.example", 0},
    {"1.example", "1.example", 0},
    {"1.2.3.4.example", "1.2.3.4.example", 0},
    {"1.2.3.4a", "1.2.3.4a", 0},
    {"a.1b", "a.1b", 0},
    {"0xg.example", "0xg.example", 0},
    {"a.0xg", "a.0xg", 0},
    {"3com", "3com", 0},
    {"1.2.3.-4", "1.2.3.-4", 0},
    {L63, L63, 0},
    {N253, N253, 0},
    {N253 ".", N253, 0},

    /* Addresses. */
    {"127.0.0.1", "", 4},
    {"0.0.0.0", "", 4},
    {"255.255.255.255", "", 4},
    {"::1", "", 16},
    {"::", "", 16},
    {"2001:db8::1", "", 16},
    {"2001:DB8::1", "", 16},
    {"2001:0db8:0000:0000:0000:0000:0000:0001", "", 16},
    {"::ffff:1.2.3.4", "", 16},
    {"fe80::1", "", 16},

    /* Refused. */
    {"", NULL, 0},
    {".", NULL, 0},
    {"..", NULL, 0},
    {".example.org", NULL, 0},
    {"a..b", NULL, 0},
    {"a.b..", NULL, 0},
    {L64, NULL, 0},
    {L64 ".org", NULL, 0},
    {N254, NULL, 0},
    {N254 ".", NULL, 0},
    {"*", NULL, 0},
    {"*.example.org", NULL, 0},
    {"a.*.org", NULL, 0},
    {"f*o.org", NULL, 0},
    {"b\xC3\xBC"
     "cher.example",
     NULL, 0},
    {"\xFF.example", NULL, 0},
    {"a b", NULL, 0},
    {" a", NULL, 0},
    {"a ", NULL, 0},
    {"a\n", NULL, 0},
    {"a\t.b", NULL, 0},
    {"a/b", NULL, 0},
    {"a,b", NULL, 0},
    {"a@b", NULL, 0},
    {"a\"b", NULL, 0},
    {"a\\b", NULL, 0},
    {"a%b", NULL, 0},
    {"a\x1b[0m", NULL, 0},
    {"a\x7f", NULL, 0},
    {"https://example.org", NULL, 0},
    {"example.org:443", NULL, 0},
    {"010.0.0.1", NULL, 0},
    {"1.2.3.04", NULL, 0},
    {"1.2.3", NULL, 0},
    {"1.2", NULL, 0},
    {"1", NULL, 0},
    {"2130706433", NULL, 0},
    {"1.2.3.4.5", NULL, 0},
    {"1.2.3.256", NULL, 0},
    {"1.2.3.4.", NULL, 0},
    {"0x7f.1", NULL, 0},
    {"0x7f000001", NULL, 0},
    {"0X7F.0X1", NULL, 0},
    {"a.0x", NULL, 0},
    {"a.1", NULL, 0},
    {"[::1]", NULL, 0},
    {"[::1]:443", NULL, 0},
    {"::1.", NULL, 0},
    {"fe80::1%eth0", NULL, 0},
    {"fe80::1%1", NULL, 0},
    {"::ffff:1.2.3.04", NULL, 0},
    {"1::2::3", NULL, 0},
    {"12345::", NULL, 0},
    {":", NULL, 0},
    {":::", NULL, 0},
    {"1:2:3:4:5:6:7:8:9", NULL, 0},
    {"1:2:3:4:5:6:7", NULL, 0},
    {"::g", NULL, 0},
};

static void check_host(size_t i) {
  tlstream__host host;
  tlstream_error error;
  const char *text = hosts[i].text;
  int code = tlstream__host_parse(&host, text, strlen(text), &error);
  if (hosts[i].name == NULL) {
    CHECK_ERROR(code, TLSTREAM_ERR_INVALID_ARGUMENT);
    CHECK(code == 0 || strlen(error.message) > 20);
    return;
  }
  CHECK_INT(code, 0);
  CHECK_INT(host.ip_len, hosts[i].ip_len);
  CHECK_STR(host.name, hosts[i].name);
  CHECK_INT(host.len, strlen(hosts[i].name));
  CHECK_STR(host.text, text);
}

TEST(distinguishes_hosts_from_what_is_none) {
  EACH_ROW_NAMED(i, hosts, text)
    check_host(i);
}

TEST(refuses_a_nul_in_a_host) {
  tlstream__host host;
  tlstream_error error;
  static const char inside[] = "good.test\0.hostile_peer.test";
  static const char behind[] = "good.test";
  static const char address[] = "::1\0";
  int invalid = TLSTREAM_ERR_INVALID_ARGUMENT;
  CHECK_INT(tlstream__host_parse(&host, inside, sizeof(inside) - 1, &error),
            invalid);
  CHECK(strstr(error.message, "good.test\\x00.hostile_peer.test") != NULL);
  CHECK_INT(tlstream__host_parse(&host, behind, sizeof(behind), &error),
            invalid);
  CHECK_INT(tlstream__host_parse(&host, address, sizeof(address) - 1, NULL),
            invalid);
}

TEST(says_what_is_wrong_with_a_host) {
  static const struct {
    const char *text;
    const char *words;
  } rows[] = {
      {"", "is empty"},
      {"*.x.test", "wildcard"},
      {"b\xC3\xBC.test", "xn--"},
      {"b\xC3\xBC.test", "\"b\\xc3\\xbc.test\""},
      {"010.0.0.1", "leading zeros"},
      {"fe80::1%eth0", "zone"},
      {"[::1]", "brackets"},
      {"a\x1b[31m", "\"a\\x1b[31m\""},
      {"a:443", "port"},
      {"a..b", "empty part"},
      {".a", "begins with a dot"},
      {L64, "63"},
      {N254, "253"},
  };
  EACH_ROW(i, rows) {
    tlstream__host host;
    tlstream_error error;
    CHECK_ERROR(
        tlstream__host_parse(&host, rows[i].text, strlen(rows[i].text), &error),
        TLSTREAM_ERR_INVALID_ARGUMENT);
    CHECK(strstr(error.message, rows[i].words) != NULL);
    CHECK_STR(error.name, "ERR_TLSTREAM_INVALID_ARGUMENT");
  }
}

#define DNS(text)    TLSTREAM_ALT_NAME_DNS, text, sizeof(text) - 1
#define IP(bytes)    TLSTREAM_ALT_NAME_IP, bytes, sizeof(bytes) - 1
#define URI(text)    TLSTREAM_ALT_NAME_URI, text, sizeof(text) - 1
#define EMAIL(text)  TLSTREAM_ALT_NAME_EMAIL, text, sizeof(text) - 1
#define OTHER(bytes) TLSTREAM_ALT_NAME_OTHER, bytes, sizeof(bytes) - 1

#define ZERO12 "\0\0\0\0\0\0\0\0\0\0\0\0"

static const struct {
  const char *host;
  tlstream_alt_name_kind kind;
  const char *data;
  size_t len;
  bool want;
} matches[] = {
    /* Whole names. */
    {"example.org", DNS("example.org"), true},
    {"example.org", DNS("EXAMPLE.ORG"), true},
    {"EXAMPLE.org", DNS("example.ORG"), true},
    {"localhost", DNS("localhost"), true},
    {"a_b.test", DNS("a_b.test"), true},
    {"-a.test", DNS("-a.test"), true},
    {"xn--bcher-kva.test", DNS("xn--bcher-kva.test"), true},
    {"xn--bcher-kva.test", DNS("XN--BCHER-KVA.test"), true},
    {N253, DNS(N253), true},
    {"example.org", DNS("example.com"), false},
    {"example.org", DNS("www.example.org"), false},
    {"www.example.org", DNS("example.org"), false},
    {"example.org", DNS("xample.org"), false},
    {"example.org", DNS("eexample.org"), false},
    {"example.org", DNS("example.or"), false},
    {"example.org", DNS("example.orgg"), false},
    {"example.org", DNS("exampleXorg"), false},
    {"example.org", DNS(""), false},
    {"example.org", DNS(" example.org"), false},
    {"example.org", DNS("example.org "), false},
    {"example.org", DNS("example.org\n"), false},
    {"example.org",
     DNS("b\xC3\xBC"
         "cher.org"),
     false},
    /* Only letters have two cases, and only those of ASCII count. */
    {"a-b.test", DNS("a\rb.test"), false},
    {"a_b.test",
     DNS("a\x7f"
         "b.test"),
     false},
    {"kelvin.test",
     DNS("\xE2\x84\xAA"
         "elvin.test"),
     false},

    /* Dots at the end: one may be there, on either side. */
    {"example.org.", DNS("example.org"), true},
    {"example.org", DNS("example.org."), true},
    {"example.org.", DNS("example.org."), true},
    {"example.org", DNS("example.org.."), false},
    {"example.org", DNS(".example.org"), false},
    {"example.org", DNS("."), false},
    {"example.org", DNS(".."), false},
    {"localhost", DNS("localhost."), true},
    {"www.example.org.", DNS("*.example.org"), true},
    {"www.example.org", DNS("*.example.org."), true},
    {"www.example.org", DNS("*.example.org.."), false},

    /* Wildcards. */
    {"www.example.org", DNS("*.example.org"), true},
    {"WWW.example.org", DNS("*.EXAMPLE.org"), true},
    {"a.b.example.org", DNS("*.b.example.org"), true},
    {"_a.example.org", DNS("*.example.org"), true},
    {"1.example.org", DNS("*.example.org"), true},
    /* RFC 9525 has no rule against either of these. */
    {"xn--bcher-kva.example.org", DNS("*.example.org"), true},
    {"www.xn--bcher-kva.org", DNS("*.xn--bcher-kva.org"), true},
    {"example.org", DNS("*.example.org"), false},
    {"a.b.example.org", DNS("*.example.org"), false},
    {"a.b.example.org", DNS("*.*.example.org"), false},
    {"www.example.org", DNS("*.example.com"), false},
    {"www.example.org", DNS("*.xample.org"), false},
    {"www.example.org", DNS("**.example.org"), false},
    {"www.example.org", DNS("*"), false},
    {"www.example.org", DNS("*."), false},
    {"www.example.org", DNS("*.."), false},
    {"www.example.org", DNS("*.*"), false},
    {"www.example.org", DNS("*.*.*"), false},
    {"www.example.org", DNS("*.*.org"), false},
    {"www.example.org", DNS("*www.example.org"), false},
    {"www.example.org", DNS("www*.example.org"), false},
    {"www.example.org", DNS("w*.example.org"), false},
    {"www.example.org", DNS("*w.example.org"), false},
    {"www.example.org", DNS("w*w.example.org"), false},
    {"www.example.org", DNS("www.*.org"), false},
    {"www.example.org", DNS("www.e*.org"), false},
    {"www.example.org", DNS("www.example.*"), false},
    {"www.example.org", DNS("*.example.*"), false},
    {"www.example.org", DNS(".*.example.org"), false},
    {"www.example.org", DNS("*..example.org"), false},
    {"www.example.org", DNS("*example.org"), false},
    {"www.example.org", DNS("*.www.example.org"), false},
    {"www.example.org", DNS("?.example.org"), false},
    {"xn--a.example.org", DNS("xn--*.example.org"), false},
    {"xn--a.example.org", DNS("*--a.example.org"), false},
    {"xn--a.example.org", DNS("xn*.example.org"), false},
    {"www.xn--a.org", DNS("www.xn--*.org"), false},
    /* The rest has two labels or more. */
    {"example.org", DNS("*.org"), false},
    {"example.org", DNS("*.org."), false},
    {"a.localhost", DNS("*.localhost"), false},
    {"localhost", DNS("*"), false},
    {"localhost", DNS("*.localhost"), false},
    {"localhost", DNS("*."), false},
    {"org", DNS("*.org"), false},
    /* No list of public suffixes is kept. */
    {"example.co.uk", DNS("*.co.uk"), true},

    /* NUL bytes. */
    {"good.test", DNS("good.test\0"), false},
    {"good.test", DNS("good.test\0.hostile_peer.test"), false},
    {"good.test", DNS("good\0.test"), false},
    {"good.test", DNS("\0good.test"), false},
    {"hostile_peer.test", DNS("good.test\0.hostile_peer.test"), false},
    {"www.hostile_peer.test", DNS("*.hostile_peer.test\0"), false},
    {"www.hostile_peer.test", DNS("*\0.hostile_peer.test"), false},
    {"www.hostile_peer.test", DNS("*.hostile_peer.test\0."), false},

    /* Other kinds of names never match a DNS name. */
    {"example.org", URI("example.org"), false},
    {"example.org", URI("https://example.org/"), false},
    {"example.org", EMAIL("example.org"), false},
    {"example.org", EMAIL("a@example.org"), false},
    {"example.org", OTHER("example.org"), false},
    {"example.org", IP("example.org"), false},
    {"abcd", IP("abcd"), false},

    /* Addresses. */
    {"127.0.0.1", IP("\x7f\0\0\1"), true},
    {"1.2.3.4", IP("\1\2\3\4"), true},
    {"255.255.255.255", IP("\xff\xff\xff\xff"), true},
    {"0.0.0.0", IP("\0\0\0\0"), true},
    {"1.2.3.4", IP("\1\2\3\5"), false},
    {"1.2.3.4", IP("\4\3\2\1"), false},
    {"1.2.3.4", IP("\1\2\3"), false},
    {"1.2.3.4", IP("\1\2\3\4\5"), false},
    {"1.2.3.4", IP(""), false},
    /* An address with its mask belongs into name constraints. */
    {"1.2.3.4", IP("\1\2\3\4\xff\xff\xff\xff"), false},
    {"::1", IP(ZERO12 "\0\0\0\1"), true},
    {"0:0:0:0:0:0:0:1", IP(ZERO12 "\0\0\0\1"), true},
    {"::0.0.0.1", IP(ZERO12 "\0\0\0\1"), true},
    {"2001:DB8::1", IP("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), true},
    {"2001:0db8:0:0:0::1", IP("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"),
     true},
    {"::1", IP(ZERO12 "\0\0\0\2"), false},
    {"::1", IP("\0\0\0\1"), false},
    {"::", IP("\0\0\0\0"), false},
    /* A mapped address is another one, both ways. */
    {"::ffff:1.2.3.4", IP("\1\2\3\4"), false},
    {"1.2.3.4", IP("\0\0\0\0\0\0\0\0\0\0\xff\xff\1\2\3\4"), false},
    {"::ffff:1.2.3.4", IP("\0\0\0\0\0\0\0\0\0\0\xff\xff\1\2\3\4"), true},
    {"::ffff:102:304", IP("\0\0\0\0\0\0\0\0\0\0\xff\xff\1\2\3\4"), true},
    {"::1.2.3.4", IP("\1\2\3\4"), false},

    /* Texts of addresses are not addresses. */
    {"1.2.3.4", DNS("1.2.3.4"), false},
    {"1.2.3.4", DNS("1.2.3.4."), false},
    {"1.2.3.4", DNS("*.2.3.4"), false},
    {"1.2.3.4", DNS("*"), false},
    {"1.2.3.4", DNS(""), false},
    {"1.2.3.4", IP("1.2.3.4"), false},
    {"::1", DNS("::1"), false},
    {"::1", DNS("[::1]"), false},
    {"::1", URI("::1"), false},
    {"1.2.3.4", URI("https://1.2.3.4/"), false},
    {"1.2.3.4", EMAIL("1.2.3.4"), false},
    {"1.2.3.4", OTHER("\1\2\3\4"), false},
    {"1.2.3.4", URI("\1\2\3\4"), false},
    {"1.2.3.4", DNS("\1\2\3\4"), false},
};

TEST(matches_what_rfc_9525_lets_match) {
  EACH_ROW_NAMED(i, matches, host) {
    tlstream__host host;
    tlstream_alt_name name = {.kind = matches[i].kind,
                              .data = matches[i].data,
                              .len = matches[i].len};
    const char *text = matches[i].host;
    CHECK_ERROR(tlstream__host_parse(&host, text, strlen(text), NULL), 0);
    bool got = tlstream__identity_matches(&host, &name, 1);
    CHECK_INT(got, matches[i].want);
  }
}

TEST(looks_at_every_name) {
  static const tlstream_alt_name names[] = {{DNS("a.test"), NULL, 0, NULL},
                                            {URI("d.test"), NULL, 0, NULL},
                                            {IP("\1\2\3\4"), NULL, 0, NULL},
                                            {DNS("*.c.test"), NULL, 0, NULL}};
  static const struct {
    const char *host;
    bool want;
  } rows[] = {{"a.test", true},  {"x.c.test", true}, {"1.2.3.4", true},
              {"d.test", false}, {"c.test", false},  {"1.2.3.5", false}};
  EACH_ROW(i, rows) {
    tlstream__host host;
    CHECK_ERROR(
        tlstream__host_parse(&host, rows[i].host, strlen(rows[i].host), NULL),
        0);
    CHECK_INT(tlstream__identity_matches(&host, names, COUNT(names)),
              rows[i].want);
    CHECK(!tlstream__identity_matches(&host, names, 0));
    CHECK(!tlstream__identity_matches(&host, NULL, 0));
  }
}

/* Patterns like those that made others take time beyond measure. */
TEST(takes_linear_time_for_a_megabyte) {
  enum { LEN = 1024 * 1024, ROUNDS = 200 };
  static const char *const fillers[] = {"a", "*", ".", "*.", "a.", "-"};
  char *long_name = malloc(LEN);
  tlstream__host host;
  tlstream_error error;
  CHECK(long_name != NULL);
  CHECK_ERROR(tlstream__host_parse(&host, N253, 253, NULL), 0);
  clock_t start = clock();
  for (size_t k = 0; long_name != NULL && k < COUNT(fillers); k++) {
    size_t period = strlen(fillers[k]);
    for (size_t i = 0; i < LEN; i++)
      long_name[i] = fillers[k][i % period];
    tlstream_alt_name name = {
        .kind = TLSTREAM_ALT_NAME_DNS, .data = long_name, .len = LEN};
    for (int i = 0; i < ROUNDS; i++) {
      CHECK(!tlstream__identity_matches(&host, &name, 1));
    }
    CHECK_ERROR(tlstream__host_parse(&host, long_name, LEN, &error),
                TLSTREAM_ERR_INVALID_ARGUMENT);
    CHECK_LT(strlen(error.message), sizeof(error.message));
  }
  CHECK_LT(clock() - start, CLOCKS_PER_SEC);
  free(long_name);
}

TEST(leaves_the_host_alone_when_it_refuses) {
  tlstream__host host;
  CHECK_ERROR(tlstream__host_parse(&host, "good.test", 9, NULL), 0);
  CHECK_NE(tlstream__host_parse(&host, "bad..test", 9, NULL), 0);
  CHECK_STR(host.name, "good.test");
}
