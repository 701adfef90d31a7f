/* SPDX-License-Identifier: MIT */
/* What a client connects to, and the name or the address that its certificate
 * must be for: two things. And names that are not ASCII. */
#include <arpa/inet.h>
#include <string.h>

#include <tlstream/error.h>
#include <tlstream/hosts.h>

#include "core/x509/identity.h"
#include "core/x509/idn.h"
#include "support/test.h"

#define BUECHER \
  "b\xC3\xBC"   \
  "cher.test"

static int parse(tlstream__host *host, const char *text,
                 tlstream_error *error) {
  return tlstream__host_parse_target(host, text, strlen(text), error);
}

TEST(a_zone_and_a_short_form_are_the_address) {
  static const struct {
    const char *text;
    const char *address; /* NULL: it is refused */
  } rows[] = {
      {"::1%lo", "::1"},
      {"::1%1", "::1"},
      {"fe80::1%eth0", "fe80::1"},
      {"fe80::1%25eth0", "fe80::1"},
      {"::1", "::1"},
      {"127.1", "127.0.0.1"},
      {"127.0.1", "127.0.0.1"},
      {"2130706433", "127.0.0.1"},
      {"1", "0.0.0.1"},
      {"127.0.0.1", "127.0.0.1"},
      {"0.0.0.0", "0.0.0.0"},
      {"::1%", NULL},
      {"%lo", NULL},
      {"127.0.0.1%lo", NULL},
      {"a%b", NULL},
      {"010.0.0.1", NULL},
      {"1.2.3.04", NULL},
      {"0x7f.1", NULL},
      {"1.2.3.256", NULL},
      {"1.2.3.4.5", NULL},
      {"1.2.3.4.", NULL},
      {"4294967296", NULL},
      {"127.1 x", NULL},
      {"", NULL},
  };
  EACH_ROW_NAMED(i, rows, text) {
    char shown[INET6_ADDRSTRLEN] = "";
    tlstream__host host;
    tlstream_error error;
    int code = parse(&host, rows[i].text, &error);
    CHECK_ERROR(code,
                rows[i].address != NULL ? 0 : TLSTREAM_ERR_INVALID_ARGUMENT);
    if (code != 0 || rows[i].address == NULL) continue;
    inet_ntop(host.ip_len == 4 ? AF_INET : AF_INET6, host.ip, shown,
              sizeof(shown));
    CHECK_STR(shown, rows[i].address);
    CHECK_STR(host.name, "");
  }
}

TEST(a_name_in_ascii_stays_what_it_is) {
  tlstream__host host;
  char room[16];
  CHECK_INT(parse(&host, "XN--bcher-kva.Test.", NULL), 0);
  CHECK_STR(host.name, "xn--bcher-kva.test");
  CHECK_STR(host.text, "XN--bcher-kva.Test.");
  const char *name = "a.test";
  CHECK(tlstream__idn_prefer_ascii(name, room, sizeof(room)) == name);
}

TEST(bytes_that_are_no_text_are_refused) {
  static const char *const rows[] = {"\xFC.test", "b\xC3.test", "\xC3\x28"};
  EACH_TEXT(i, rows) {
    char room[64];
    tlstream__host host;
    tlstream_error error;
    CHECK_ERROR(parse(&host, rows[i], &error), TLSTREAM_ERR_INVALID_ARGUMENT);
    CHECK(tlstream__idn_prefer_ascii(rows[i], room, sizeof(room)) == rows[i]);
  }
}

#ifdef TLSTREAM_HAVE_IDN2

TEST(a_name_that_is_not_ascii_has_an_ascii_form) {
  static const struct {
    const char *text;
    const char *name;
  } rows[] = {
      {BUECHER, "xn--bcher-kva.test"},
      {"B\xC3\x9C"
       "CHER.test",
       "xn--bcher-kva.test"},
      {BUECHER ".", "xn--bcher-kva.test"},
      {"stra\xC3\x9F"
       "e.test",
       "xn--strae-oqa.test"},
      {"a\xE3\x80\x82"
       "test",
       "a.test"}, /* an ideographic full stop */
  };
  EACH_ROW_NAMED(i, rows, text) {
    tlstream__host host;
    CHECK_ERROR(parse(&host, rows[i].text, NULL), 0);
    CHECK_STR(host.name, rows[i].name);
  }
}

TEST(both_forms_are_shown) {
  tlstream__host host;
  CHECK_ERROR(parse(&host, BUECHER, NULL), 0);
  CHECK_STR(host.text, BUECHER " (xn--bcher-kva.test)");
}

TEST(what_has_no_ascii_form_says_why) {
  static const char *const rows[] = {
      "a\xE2\x80\xAE"
      "b.test", /* right to left override */
      BUECHER "/",
      "b\xC3\xBC"
      ".a b",
      "b\xC3\xBC"
      "..test",
  };
  char many[2048];
  EACH_TEXT(i, rows) {
    tlstream__host host;
    tlstream_error error;
    CHECK_ERROR(parse(&host, rows[i], &error), TLSTREAM_ERR_INVALID_ARGUMENT);
    CHECK_GT(strlen(error.message), 30);
    CHECK(tlstream__idn_is_ascii(error.message, strlen(error.message)));
  }
  for (size_t i = 0; i + 2 < sizeof(many); i += 2)
    memcpy(many + i, "\xC3\xBC", 3);
  tlstream__host host;
  CHECK_ERROR(parse(&host, many, NULL), TLSTREAM_ERR_INVALID_ARGUMENT);
}

#endif
