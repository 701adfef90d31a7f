/* SPDX-License-Identifier: MIT */
/* F9: a peer that does not speak TLS, and pairs that cannot be made. */
#include <stdint.h>
#include <stdlib.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"

typedef struct row {
  const char *bytes;
  size_t len; /* 0: a text */
  int code;
  const char *shown; /* in the sentence */
} row;

static const row rows[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, TLSTREAM_ERR_HTTP, "\"GET /"},
    {"POST /form HTTP/1.0\r\n\r\n", 0, TLSTREAM_ERR_HTTP, "\"POST "},
    {"HEAD / HTTP/1.1\r\n\r\n", 0, TLSTREAM_ERR_HTTP, "\"HEAD "},
    {"PUT /x HTTP/1.1\r\n\r\n", 0, TLSTREAM_ERR_HTTP, "\"PUT /"},
    {"DELETE /x HTTP/1.1\r\n\r\n", 0, TLSTREAM_ERR_HTTP, "\"DELET"},
    {"CONNECT a.test:443 HTTP/1.1\r\n\r\n", 0, TLSTREAM_ERR_HTTP, "\"CONNE"},
    {"OPTIONS * HTTP/1.1\r\n\r\n", 0, TLSTREAM_ERR_HTTP, "\"OPTIO"},
    {"PATCH /x HTTP/1.1\r\n\r\n", 0, TLSTREAM_ERR_HTTP, "\"PATCH"},
    {"HTTP/1.1 400 Bad Request\r\n\r\n", 0, TLSTREAM_ERR_HTTP, "\"HTTP/"},
    {"GETTING there\r\n", 0, TLSTREAM_ERR_NOT_TLS, "\"GETTI"},
    {"220 mail.test ESMTP\r\n", 0, TLSTREAM_ERR_NOT_TLS, "STARTTLS"},
    {"* OK IMAP4rev1 ready\r\n", 0, TLSTREAM_ERR_NOT_TLS, "STARTTLS"},
    {"SSH-2.0-OpenSSH_9.2\r\n", 0, TLSTREAM_ERR_NOT_TLS, "\"SSH-2"},
    {"\x1b[2J\x1b[31mred\r\n", 0, TLSTREAM_ERR_NOT_TLS, "\\x1b[2J"},
    {"\0\0\0\x08\x04\xd2\x16\x2f", 8, TLSTREAM_ERR_NOT_TLS, "\\x00\\x00\\x00"},
    {"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10"
     "\x01\x00\x80\x02\x00\x80\x03\x00\x80\x04\x00\x80\x05\x00\x80\x06\x00\x40"
     "\x07\x00\xc0"
     "sixteen byte key",
     48, TLSTREAM_ERR_NOT_TLS, "\\x80.\\x01"}, /* SSL 2 */
    {"\x16\x02\x00\x00\x05hello", 10, TLSTREAM_ERR_NOT_TLS, "\\x16\\x02"},
};

static void check_row(const row *given, tlstream_role role, size_t chunk) {
  size_t len = given->len != 0 ? given->len : strlen(given->bytes);
  config terms = {0};
  tlstream_pair *pair = config_pair(&terms, role);
  ptrdiff_t taken = 0;
  CHECK_ERROR(tlstream_pair_start(pair), 0);
  for (size_t at = 0; at < len && taken >= 0; at += chunk) {
    taken = tlstream_pair_feed(pair, given->bytes + at,
                               len - at < chunk ? len - at : chunk);
  }
  CHECK_INT(taken, given->code);
  CHECK_STR(take_events(pair), "ERROR");
  CHECK_HAS(error_text(pair), given->shown);
  drain_away(pair);
  if (tlstream_pair_wants_shutdown(pair)) check_alert_taken(pair);
  CHECK(tlstream_pair_is_finished(pair));
  tlstream_pair_free(pair);
}

/* F9 */
TEST(what_is_not_tls_is_named) {
  EACH_ROW_NAMED(i, rows, shown) {
    for (int role = 0; role < 2; role++) {
      check_row(&rows[i], (tlstream_role)role, 1);
      check_row(&rows[i], (tlstream_role)role, 7);
      check_row(&rows[i], (tlstream_role)role, SIZE_MAX / 2);
    }
  }
}

TEST(the_hint_fits_the_side) {
  static const char text[] = "HTTP/1.1 400 Bad Request\r\n";
  config terms = {0};
  tlstream_pair *client = config_pair(&terms, TLSTREAM_ROLE_CLIENT);
  tlstream_pair *server = config_pair(&terms, TLSTREAM_ROLE_SERVER);
  CHECK_ERROR(tlstream_pair_feed(client, text, 26), TLSTREAM_ERR_HTTP);
  CHECK_ERROR(tlstream_pair_feed(server, "GET / HTTP/1.1", 14),
              TLSTREAM_ERR_HTTP);
  CHECK_HAS(error_text(client), "is this the port for TLS?");
  CHECK_HAS(error_text(server), "should use https");
  tlstream_pair_free(client);
  tlstream_pair_free(server);
}

/* Any bytes, half of them behind a header that looks right: always an error or
 * a wait for more, and never a connection. */
TEST(garbage_is_never_secure) {
  srand(1);
  for (int i = 0; i < 4000; i++) {
    unsigned char bytes[300];
    char got[8];
    size_t len = (size_t)rand() % sizeof(bytes);
    config terms = {0};
    tlstream_pair *pair = config_pair(&terms, (tlstream_role)(i % 2));
    for (size_t at = 0; at < len; at++)
      bytes[at] = (unsigned char)rand();
    if (i % 4 < 2 && len > 9) {
      memcpy(bytes, "\x16\x03\x01\x00\x80", 5);
      bytes[5] = i % 2 == TLSTREAM_ROLE_SERVER ? 1 : 2;
      bytes[6] = bytes[7] = 0;
    }
    ptrdiff_t taken = tlstream_pair_feed(pair, bytes, len);
    CHECK(taken < 0 || (size_t)taken == len);
    CHECK_LE(tlstream_pair_read(pair, got, sizeof(got)), 0);
    CHECK(!tlstream_pair_is_secure(pair));
    CHECK_STR(take_events(pair), taken < 0 ? "ERROR" : "");
    tlstream_pair_feed_eof(pair);
    CHECK(tlstream_pair_error(pair) != NULL);
    tlstream_pair_free(pair);
  }
}

static int code_of(const tlstream_pair_options *options) {
  tlstream_error error;
  tlstream_pair *pair = tlstream_pair_new(options, 0, &error);
  CHECK_INT(pair == NULL, error.code != 0);
  if (pair == NULL) CHECK(error.message[0] != '\0');
  tlstream_pair_free(pair);
  return error.code;
}

TEST(a_client_without_a_name_is_refused) {
  config terms = {0};
  tlstream_context *context = config_context(&terms, TLSTREAM_ROLE_CLIENT);
  CHECK_ERROR(code_of(TLSTREAM_PAIR(.context = context)), TLSTREAM_ERR_NO_NAME);
  CHECK_ERROR(code_of(TLSTREAM_PAIR(.context = context, .verify_name = "")),
              TLSTREAM_ERR_NO_NAME);
  CHECK_ERROR(
      code_of(TLSTREAM_PAIR(.context = context, .servername = "a.test")),
      TLSTREAM_ERR_NO_NAME);
  CHECK_ERROR(code_of(TLSTREAM_PAIR(.context = context, .verify_name = "a b")),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_ERROR(code_of(TLSTREAM_PAIR(.context = context, .verify_name = "a.test",
                                    .servername = "*.test")),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_INT(code_of(TLSTREAM_PAIR(.context = context, .verify_name = "::1")),
            0);
  tlstream_context_unref(context);
}

TEST(a_server_without_a_certificate_is_refused) {
  config terms = {0};
  tlstream_context *context = config_context(&terms, TLSTREAM_ROLE_CLIENT);
  CHECK_ERROR(
      code_of(TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = context)),
      TLSTREAM_ERR_NO_CERTIFICATE);
  CHECK_ERROR(code_of(TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER)),
              TLSTREAM_ERR_NO_CERTIFICATE);
  tlstream_context_unref(context);
}

/* Options of a newer library, and none at all. */
TEST(options_of_another_size_are_looked_at) {
  tlstream_pair_options options[2] = {{.size = sizeof(options)}};
  CHECK_ERROR(code_of(NULL), TLSTREAM_ERR_NO_NAME);
  memset(&options[1], 1, sizeof(options[1]));
  CHECK_ERROR(code_of(options), TLSTREAM_ERR_INVALID_ARGUMENT);
  tlstream_pair_free(NULL);
}

/* The server gets the name that the client sends, and an address is not sent
 * (RFC 6066, section 3). */
static void check_name(const char *verify, const char *ask, const char *heard) {
  config terms = {0};
  tlstream_context *context = tlstream_context_new(
      TLSTREAM_CONTEXT(.insecure_allow_unauthorized = true), NULL);
  peers both = {{tlstream_pair_new(TLSTREAM_PAIR(.context = context,
                                                 .verify_name = verify,
                                                 .servername = ask),
                                   0, NULL),
                 config_pair(&terms, TLSTREAM_ROLE_SERVER)}};
  CHECK_ERROR(tlstream_pair_start(both.side[0]), 0);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK_STR(tlstream_pair_servername(both.side[1]), heard);
  CHECK(tlstream_pair_is_secure(both.side[1]));
  peers_free(&both);
  tlstream_context_unref(context);
}

TEST(the_server_hears_the_name_that_is_asked_for) {
  check_name("a.test", NULL, "a.test");
  check_name("A.Test.", NULL, "a.test");
  check_name("a.test", "b.test", "b.test");
  check_name("a.test", "", NULL);
  check_name("127.0.0.1", NULL, NULL);
  check_name("127.0.0.1", "b.test", "b.test");
  check_name("::1", NULL, NULL);
  check_name("a.test", "::1", NULL);
  check_name(NULL, NULL, NULL);
  check_name(NULL, "b.test", "b.test");
}
