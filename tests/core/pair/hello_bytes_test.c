/* SPDX-License-Identifier: MIT */
/* The ClientHello as it may arrive: in pieces, in small records, twice, in the
 * form of SSL 2, and with a name in it that is none. B3, B6. */
#include <stdint.h>
#include <stdlib.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_hello.h>
#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "core/pair/state.h"
#include "support/handshake.h"
#include "support/hello.h"
#include "support/shuttle.h"
#include "support/test.h"

enum { ILLEGAL_PARAMETER = 47, DECODE_ERROR = 50, PLAIN_MAX = 16384 };

static tlstream_context *hosts[2];
static tlstream_context *client_context;
static made_cert other_leaf;

BEFORE_TESTS(set_up) {
  other_leaf = make_cert(&(cert_plan){.name = SERVER_NAME, .by = test_ca()});
  hosts[0] = context_with(test_leaf(KEY_ECDSA), NULL);
  hosts[1] = context_with(&other_leaf, NULL);
  client_context = context_with(NULL, test_ca());
}

AFTER_TESTS(tear_down) {
  tlstream_context_unref(hosts[0]);
  tlstream_context_unref(hosts[1]);
  tlstream_context_unref(client_context);
  made_cert_clear(&other_leaf);
}

/* The server has the client's first message: ask, answer, and be done. */
static void check_chosen(tlstream_pair *client, tlstream_pair *server,
                         const char *servername) {
  CHECK_STR(take_events(server), "HELLO");
  CHECK_STR(tlstream_pair_servername(server), servername);
  CHECK_INT(tlstream_pair_hello_accept(server, hosts[1]), 0);
  shuttle(client, server, SIZE_MAX);
  CHECK_STR(take_events(server), "SECURE");
  CHECK_STR(take_events(client), "SECURE");
  CHECK(was_shown(client, &other_leaf));
}

/* True if there is another place to split at. */
static bool split_at(size_t place) {
  tlstream_pair *client = client_with(client_context, "a.test");
  tlstream_pair *server = server_with(hosts[0], true);
  hello *sent = hello_of(client);
  bool more = place + 1 < sent->len;
  CHECK_INT(tlstream_pair_feed(server, sent->bytes, place), place);
  CHECK_STR(take_events(server), "");
  CHECK(tlstream_pair_servername(server) == NULL);
  CHECK_ERROR(tlstream_pair_hello_accept(server, hosts[1]),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_INT(tlstream_pair_feed(server, sent->bytes + place, sent->len - place),
            sent->len - place);
  check_chosen(client, server, "a.test");
  free(sent);
  tlstream_pair_free(client);
  tlstream_pair_free(server);
  return more;
}

TEST(the_hello_may_be_split_anywhere) {
  size_t place = 1;
  while (split_at(place))
    place++;
  CHECK_GT(place, 100);
}

static void feed_in_pieces(tlstream_pair *server, const hello *sent,
                           size_t piece) {
  for (size_t at = 0; at < sent->len; at += piece) {
    size_t n = sent->len - at < piece ? sent->len - at : piece;
    CHECK_INT(tlstream_pair_feed(server, sent->bytes + at, n), n);
    if (at + n < sent->len) CHECK_STR(take_events(server), "");
  }
}

/* CVE-2026-32305: such a hello was taken for one without a name. */
TEST(the_hello_may_come_in_small_records) {
  static const size_t chunks[] = {1, 2, 3, 4, 5, 7, 16, 64, 100, 300};
  static const size_t pieces[] = {1, 6, 1000};
  for (size_t i = 0; i < 30; i++) {
    tlstream_pair *client = client_with(client_context, "a.test");
    tlstream_pair *server = server_with(hosts[0], true);
    hello *whole = hello_of(client);
    hello *sent = hello_in_records(whole, chunks[i / 3]);
    feed_in_pieces(server, sent, pieces[i % 3]);
    check_chosen(client, server, "a.test");
    free(sent);
    free(whole);
    tlstream_pair_free(client);
    tlstream_pair_free(server);
  }
}

/* Recorded as a whole, and read a second time. */
TEST(a_large_hello_is_read_anew_too) {
  static unsigned char filler[60000];
  for (int i = 0; i < 2; i++) {
    tlstream_pair *client = client_with(client_context, "a.test");
    tlstream_pair *server = server_with(hosts[0], true);
    hello *whole = hello_of(client);
    hello_add(whole, 0xFAFA, filler, sizeof(filler));
    hello *sent = hello_in_records(whole, i == 0 ? PLAIN_MAX : 1);
    feed_in_pieces(server, sent, 1000);
    CHECK_STR(take_events(server), "HELLO");
    CHECK_STR(tlstream_pair_servername(server), "a.test");
    CHECK_INT(tlstream_pair_hello_accept(server, hosts[1]), 0);
    CHECK_GT(tlstream_pair_pending(server), 100); /* it goes on */
    free(sent);
    free(whole);
    tlstream_pair_free(client);
    tlstream_pair_free(server);
  }
}

static void check_alert(tlstream_pair *server, int number) {
  static const unsigned char head[] = {21, 3, 3, 0, 2, 2};
  unsigned char got[32];
  CHECK_INT(tlstream_pair_drain(server, got, sizeof(got)), 7);
  CHECK(got[0] == head[0] && memcmp(got + 3, head + 3, 3) == 0);
  CHECK_INT(got[6], number);
}

/* Until then a connection costs what it has sent, and little more. */
TEST(there_is_no_ssl_before_the_hello_is_complete) {
  for (int i = 0; i < 2; i++) {
    tlstream_pair *client = client_with(client_context, "a.test");
    tlstream_pair *server = server_with(hosts[0], i == 1);
    hello *sent = hello_of(client);
    CHECK_INT(tlstream_pair_start(server), 0);
    CHECK(tlstream_pair_wants_input(server));
    CHECK_INT(tlstream_pair_feed(server, sent->bytes, sent->len - 1),
              sent->len - 1);
    CHECK(server->ssl == NULL);
    CHECK(tlstream_pair_wants_input(server));
    CHECK_INT(tlstream_pair_feed(server, sent->bytes + sent->len - 1, 1), 1);
    CHECK(server->ssl != NULL);
    free(sent);
    tlstream_pair_free(client);
    tlstream_pair_free(server);
  }
}

/* OpenSSL would wait for it: its limit is 128 KiB. */
TEST(a_hello_has_64_kib_at_most) {
  static const unsigned char head[] = {22, 3, 1, 0, 4, 1, 0, 0xFF, 0xFD};
  tlstream_pair *server = server_with(hosts[0], true);
  CHECK_ERROR(tlstream_pair_feed(server, head, sizeof(head)),
              TLSTREAM_ERR_PROTOCOL);
  CHECK_HAS(error_text(server), "larger than 65536 bytes");
  CHECK_INT(tlstream_pair_error(server)->alert, ILLEGAL_PARAMETER);
  check_alert(server, ILLEGAL_PARAMETER);
  tlstream_pair_free(server);
}

/* OpenSSL makes several times as much of these, and keeps it. */
TEST(lists_have_1024_entries_at_most) {
  static const struct {
    const char *title;
    hello_lists lists;
    bool fine; /* but for a group that both have */
  } rows[] = {
      {"as many as may be",
       {.suites = 1024, .groups = 1024, .signatures = 1024},
       true},
      {"suites", {.suites = 1025}, false},
      {"groups", {.groups = 1025}, false},
      {"signatures", {.signatures = 1025}, false},
  };
  EACH_ROW_NAMED(i, rows, title) {
    hello *said = hello_made(&rows[i].lists);
    tlstream_pair *server = server_with(hosts[0], false);
    (void)!tlstream_pair_feed(server, said->bytes, said->len);
    CHECK_ERROR(error_code(server), rows[i].fine ? TLSTREAM_ERR_NO_SHARED_CIPHER
                                                 : TLSTREAM_ERR_PROTOCOL);
    if (!rows[i].fine) {
      CHECK_HAS(error_text(server), "lists over 1,024");
      CHECK_INT(tlstream_pair_error(server)->alert, ILLEGAL_PARAMETER);
    }
    tlstream_pair_free(server);
    free(said);
  }
}

TEST(a_hello_without_end_is_refused_at_its_head) {
  static const unsigned char head[] = {22, 3, 1, 0, 4, 1, 3, 0, 0};
  tlstream_pair *server = server_with(hosts[0], true);
  CHECK_ERROR(tlstream_pair_feed(server, head, sizeof(head)),
              TLSTREAM_ERR_PROTOCOL);
  CHECK_STR(take_events(server), "ERROR");
  tlstream_pair_free(server);
}

TEST(nothing_comes_before_the_hello) {
  static const unsigned char warning[] = {21, 3, 1, 0, 2, 1, 90};
  tlstream_pair *server = server_with(hosts[0], true);
  CHECK_ERROR(tlstream_pair_feed(server, warning, sizeof(warning)),
              TLSTREAM_ERR_PROTOCOL);
  CHECK_STR(take_events(server), "ERROR");
  tlstream_pair_free(server);
}

/* RFC 5246, appendix E.2: it has no room for a name, nor for the signatures
 * that the client takes, so that nothing comes of it but the question. */
TEST(a_hello_of_ssl_2_has_no_name) {
  unsigned char sent[2 + 9 + 3 + 32] = {
      0x80, sizeof(sent) - 2, 1, 3, 3, 0, 3, 0, 0, 0, 32, 0, 0xC0, 0x2B};
  memset(sent + 14, 7, 32);
  tlstream_pair *server = server_with(hosts[0], true);
  CHECK_INT(tlstream_pair_feed(server, sent, sizeof(sent)), sizeof(sent));
  CHECK_STR(take_events(server), "HELLO");
  CHECK(tlstream_pair_servername(server) == NULL);
  CHECK_LT(tlstream_pair_hello_accept(server, hosts[1]), 0);
  CHECK_STR(take_events(server), "ERROR");
  tlstream_pair_free(server);
}

/* A server that takes one group, which clients do not guess. */
static tlstream_context *picky_host(const made_cert *leaf) {
  tlstream_context *made = context_with(leaf, NULL);
  CHECK_INT(SSL_CTX_set1_groups_list(made->ctx, "P-384"), 1);
  return made;
}

static void check_retried(tlstream_pair *client, tlstream_pair *server) {
  CHECK(tlstream_pair_is_secure(client));
  CHECK(was_shown(client, &other_leaf));
  CHECK_INT(SSL_get_negotiated_group(server->ssl), NID_secp384r1);
}

/* RFC 8446, section 4.1.4. */
TEST(after_a_retry_on_hello_does_not_come_again) {
  tlstream_context *picky[2] = {picky_host(test_leaf(KEY_ECDSA)),
                                picky_host(&other_leaf)};
  for (int i = 0; i < 4; i++) {
    size_t chunk = i % 2 == 0 ? SIZE_MAX : 1;
    tlstream_pair *client = client_with(client_context, "a.test");
    tlstream_pair *server = server_with(i / 2 == 0 ? picky[0] : hosts[0], true);
    CHECK_ERROR(tlstream_pair_start(client), 0);
    shuttle(client, server, chunk);
    CHECK_STR(take_events(server), "HELLO");
    CHECK_INT(tlstream_pair_hello_accept(server, picky[1]), 0);
    shuttle(client, server, chunk);
    CHECK_STR(take_events(server), "SECURE");
    check_retried(client, server);
    tlstream_pair_free(client);
    tlstream_pair_free(server);
  }
  tlstream_context_unref(picky[0]);
  tlstream_context_unref(picky[1]);
}

/* The second hello has another name: the context was chosen for the first, and
 * that name is the one reported. */
TEST(a_name_that_changes_in_the_retry_changes_nothing) {
  hostile_peer client;
  tlstream_context *picky = picky_host(&other_leaf);
  tlstream_pair *server = server_with(hosts[0], true);
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, TLSTREAM_TLS_1_3, server);
  SSL_set1_groups_list(client.ssl, "X25519:P-384");
  SSL_set_tlsext_host_name(client.ssl, "a.test");
  CHECK_INT(hostile_peer_handshake(&client), -1);
  CHECK_STR(take_events(server), "HELLO");
  CHECK_INT(tlstream_pair_hello_accept(server, picky), 0);
  SSL_set_tlsext_host_name(client.ssl, "b.test");
  CHECK_INT(hostile_peer_handshake(&client), 0);
  CHECK_STR(take_events(server), "SECURE");
  CHECK_STR(tlstream_pair_servername(server), "a.test");
  hostile_peer_close(&client);
  tlstream_pair_free(server);
  tlstream_context_unref(picky);
}

/* A hello with this extension in place of a proper one. */
static tlstream_pair *server_that_heard(const void *extension, size_t len) {
  tlstream_pair *client = client_with(client_context, "");
  tlstream_pair *server = server_with(hosts[0], true);
  hello *sent = hello_of(client);
  hello_add(sent, 0, extension, len);
  (void)!tlstream_pair_feed(server, sent->bytes, sent->len);
  free(sent);
  tlstream_pair_free(client);
  return server;
}

#define BYTES(text) text, sizeof(text) - 1

TEST(what_is_no_server_name_is_refused) {
  static const struct {
    const char *bytes;
    size_t len;
  } table[] = {
      {BYTES("")},            /* nothing at all */
      {BYTES("\0")},          /* half a length */
      {BYTES("\0\0")},        /* an empty list */
      {BYTES("\0\0\0\0\1a")}, /* and something behind it */
      {BYTES("\0\1\0")},      /* a type and no name */
      {BYTES("\0\2\0\0")},    /* half a name's length */
      {BYTES("\0\3\0\0\0")},  /* an empty name */
      {BYTES("\0\4\0\0\2a")}, /* a name that is cut off */
      {BYTES("\0\4\0\xFF\xFF"
             "a")},            /* far too long a length */
      {BYTES("\0\5\0\0\1a")},  /* too long a list */
      {BYTES("\0\3\0\0\1a")},  /* too short a list */
      {BYTES("\0\4\0\0\1ab")}, /* something behind the list */
      {BYTES("\0\5\0\0\1ab")}, /* something behind the name */
      {BYTES("\0\4\1\0\1a")},  /* an unknown type */
      {BYTES("\0\4\xFF\0\1a")},
      {BYTES("\0\10\0\0\1a\0\0\1b")}, /* two names */
      {BYTES("\0\10\1\0\1a\0\0\1b")}, /* the second is one of ours */
      {BYTES("\0\10\0\0\1a\1\0\1b")},
      {BYTES("\0\4\0\0\1\0")}, /* a NUL */
      {BYTES("\0\11\0\0\6a.test\0")},
      {BYTES("\0\12\0\0\7a\0.test")},
      {BYTES("\0\12\0\0\7a.test\0")},
      {BYTES("\xFF\xFF\0\0\1a")},
  };
  EACH_ROW(i, table) {
    tlstream_pair *server = server_that_heard(table[i].bytes, table[i].len);
    CHECK_STR(take_events(server), "ERROR");
    CHECK_ERROR(error_code(server), TLSTREAM_ERR_PROTOCOL);
    CHECK_HAS(error_text(server), "server name");
    CHECK_INT(tlstream_pair_error(server)->alert, DECODE_ERROR);
    CHECK(tlstream_pair_servername(server) == NULL);
    check_alert(server, DECODE_ERROR);
    tlstream_pair_free(server);
  }
}

/* One name of `len` bytes in the form that it is sent in. */
static size_t put_name(unsigned char *out, const char *name, size_t len) {
  out[0] = (unsigned char)((len + 3) >> 8);
  out[1] = (unsigned char)(len + 3);
  out[2] = 0;
  out[3] = (unsigned char)(len >> 8);
  out[4] = (unsigned char)len;
  memcpy(out + 5, name, len);
  return len + 5;
}

TEST(names_have_255_bytes_at_most) {
  char name[300];
  unsigned char extension[310];
  memset(name, 'a', sizeof(name));
  for (size_t len = 250; len < 260; len++) {
    size_t size = put_name(extension, name, len);
    tlstream_pair *server = server_that_heard(extension, size);
    CHECK_STR(take_events(server), len <= 255 ? "HELLO" : "ERROR");
    const char *heard = tlstream_pair_servername(server);
    CHECK_INT(heard != NULL ? strlen(heard) : 0, len <= 255 ? len : 0);
    tlstream_pair_free(server);
  }
}

/* Any other bytes are the user's to judge; what we print of them is escaped.
 * OpenSSL takes them too, so the chosen context serves them. */
TEST(odd_names_are_reported_as_they_are) {
  static const char *const names[] = {"*",
                                      "*.a.test",
                                      "1.2.3.4",
                                      "::1",
                                      "\x01",
                                      "\x07.test",
                                      "\033[31ma.test\033[0m",
                                      "a.test\r\nb: c",
                                      "\xC3\xA4.test",
                                      "\xFF\xFE",
                                      " ",
                                      "..",
                                      "\"a.test\"",
                                      "a\\test"};
  EACH_TEXT(i, names)
    for (int way = 0; way < 2; way++) {
      unsigned char extension[100];
      const char *name = names[i];
      size_t size = put_name(extension, name, strlen(name));
      tlstream_pair *server = server_that_heard(extension, size);
      CHECK_STR(take_events(server), "HELLO");
      CHECK_STR(tlstream_pair_servername(server), name);
      if (way == 0) {
        CHECK_INT(tlstream_pair_hello_accept(server, hosts[1]), 0);
        CHECK_GT(tlstream_pair_pending(server), 100);
      } else {
        CHECK_ERROR(
            tlstream_pair_hello_refuse(server, TLSTREAM_HELLO_UNKNOWN_NAME), 0);
        CHECK_ERROR(error_code(server), TLSTREAM_ERR_UNKNOWN_NAME);
        for (const char *at = error_text(server); *at != '\0'; at++)
          CHECK(*at >= ' ' && *at <= '~');
      }
      tlstream_pair_free(server);
    }
}

TEST(two_server_names_are_refused) {
  tlstream_pair *client = client_with(client_context, "a.test");
  tlstream_pair *server = server_with(hosts[0], true);
  hello *sent = hello_of(client);
  hello_add(sent, 0, BYTES("\0\4\0\0\1b"));
  CHECK_LT(tlstream_pair_feed(server, sent->bytes, sent->len), 0);
  CHECK_STR(take_events(server), "ERROR");
  CHECK_ERROR(error_code(server), TLSTREAM_ERR_PROTOCOL);
  CHECK(tlstream_pair_servername(server) == NULL);
  free(sent);
  tlstream_pair_free(client);
  tlstream_pair_free(server);
}
