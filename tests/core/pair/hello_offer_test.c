/* SPDX-License-Identifier: MIT */
/* The protocols that a client offers, as a server that chooses sees them: all
 * of them, whatever our own are, and none of what is no list. C2, C4. */
#include <stdlib.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_hello.h>
#include <tlstream/pair_info.h>

#include "support/handshake.h"
#include "support/hello.h"
#include "support/shuttle.h"
#include "support/test.h"
#include "support/torture.h"

enum { ALPN = 16, DECODE_ERROR = 50, NO_APPLICATION_PROTOCOL = 120 };

static tlstream_context *host;
static tlstream_context *plain;
static tlstream_context *polyglot; /* offers h2 and foo */

BEFORE_TESTS(set_up) {
  torture_install();
  host = context_with(test_leaf(KEY_ECDSA), NULL);
  plain = context_with(NULL, test_ca());
  polyglot =
      context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                  .alpn = TLSTREAM_PROTOCOLS("h2", "foo")));
}

AFTER_TESTS(tear_down) {
  tlstream_context_unref(host);
  tlstream_context_unref(plain);
  tlstream_context_unref(polyglot);
}

static void check_offer(const tlstream_pair *server, const char *bytes,
                        size_t len) {
  size_t got_len = 99;
  const void *got = tlstream_pair_offered_protocols(server, &got_len);
  CHECK_INT(got_len, len);
  CHECK((got != NULL) == (len > 0));
  if (got != NULL && got_len == len) CHECK(memcmp(got, bytes, len) == 0);
}

TEST(the_offer_is_known_from_the_question_on) {
  tlstream_pair *server = server_with(host, true);
  check_offer(server, "", 0);
  peers both = shake(client_with(polyglot, "a.test"), server);
  CHECK_STR(take_events(server), "HELLO");
  check_offer(server, "\2h2\3foo", 7);
  CHECK_INT(tlstream_pair_hello_accept(server, NULL), 0);
  check_offer(server, "\2h2\3foo", 7);
  shuttle(both.side[TLSTREAM_ROLE_CLIENT], server, SIZE_MAX);
  CHECK_STR(take_events(server), "SECURE");
  CHECK(tlstream_pair_alpn_protocol(server) == NULL); /* it has none itself */
  check_offer(server, "", 0); /* it is not needed any more */
  check_offer(both.side[TLSTREAM_ROLE_CLIENT], "", 0);
  peers_free(&both);
}

TEST(a_client_that_offers_nothing_has_none) {
  tlstream_pair *server = server_with(host, true);
  peers both = shake(client_with(plain, "a.test"), server);
  CHECK_STR(take_events(server), "HELLO");
  check_offer(server, "", 0);
  peers_free(&both);
}

/* The same question again, read by another SSL. */
TEST(another_context_changes_nothing_in_it) {
  tlstream_context *other =
      context_of(TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                  .key = test_leaf(KEY_ECDSA)->key_pem,
                                  .alpn = TLSTREAM_PROTOCOLS("foo")));
  tlstream_pair *server = server_with(host, true);
  peers both = shake(client_with(polyglot, "a.test"), server);
  CHECK_STR(take_events(server), "HELLO");
  CHECK_INT(tlstream_pair_hello_accept(server, other), 0);
  check_offer(server, "\2h2\3foo", 7);
  shuttle(both.side[TLSTREAM_ROLE_CLIENT], server, SIZE_MAX);
  CHECK_STR(tlstream_pair_alpn_protocol(server), "foo");
  CHECK_STR(tlstream_pair_alpn_protocol(both.side[TLSTREAM_ROLE_CLIENT]),
            "foo");
  tlstream_context_unref(other);
  peers_free(&both);
}

static void check_refusal(tlstream_context *client_context, const char *words) {
  tlstream_pair *server = server_with(host, true);
  tlstream_pair *client = client_with(client_context, "a.test");
  peers both = shake(client, server);
  CHECK_ERROR(tlstream_pair_hello_refuse(client, TLSTREAM_HELLO_NO_PROTOCOL),
              TLSTREAM_ERR_WRONG_STATE);
  CHECK_STR(take_events(server), "HELLO");
  CHECK_ERROR(tlstream_pair_hello_refuse(server, TLSTREAM_HELLO_NO_PROTOCOL),
              0);
  CHECK_STR(take_events(server), "ERROR");
  CHECK_ERROR(error_code(server), TLSTREAM_ERR_NO_SHARED_PROTOCOL);
  CHECK_HAS(error_text(server), words);
  CHECK_INT(tlstream_pair_error(server)->alert, NO_APPLICATION_PROTOCOL);
  CHECK_INT(tlstream_pair_error(server)->alert_side, TLSTREAM_ALERT_OURS);
  shuttle(client, server, SIZE_MAX);
  CHECK_ERROR(error_code(client), TLSTREAM_ERR_ALERT);
  CHECK_INT(tlstream_pair_error(client)->alert, NO_APPLICATION_PROTOCOL);
  CHECK_ERROR(tlstream_pair_hello_refuse(server, TLSTREAM_HELLO_NO_PROTOCOL),
              TLSTREAM_ERR_NO_SHARED_PROTOCOL);
  peers_free(&both);
}

TEST(a_refusal_of_the_protocols_says_so_to_both) {
  check_refusal(polyglot, "offers no application protocol (ALPN) that is");
  check_refusal(plain, "offers no application protocol (ALPN) that is");
}

#define BYTES(text) text, sizeof(text) - 1

static const struct {
  const char *bytes;
  size_t len;
} no_lists[] = {
    {BYTES("")},              /* nothing at all */
    {BYTES("\0")},            /* half a length */
    {BYTES("\0\0")},          /* an empty list */
    {BYTES("\0\1\0")},        /* an empty name */
    {BYTES("\0\4\2h2\0")},    /* a proper one before it */
    {BYTES("\0\3\3h2")},      /* a name that is cut off */
    {BYTES("\0\2\2h")},       /* the same at once */
    {BYTES("\0\1\377")},      /* a name with no byte of it there */
    {BYTES("\0\4\2h2")},      /* a list that is cut off */
    {BYTES("\377\377\2h2")},  /* the same by far */
    {BYTES("\0\3\2h2x")},     /* a byte behind the list */
    {BYTES("\0\2\2h2\3foo")}, /* names behind it */
};

/* OpenSSL refuses it, whatever the answer is. */
TEST(what_is_no_list_is_never_reported) {
  EACH_ROW(i, no_lists) {
    tlstream_pair *client = client_with(plain, "a.test");
    tlstream_pair *server = server_with(host, true);
    hello *sent = hello_of(client);
    hello_add(sent, ALPN, no_lists[i].bytes, no_lists[i].len);
    (void)!tlstream_pair_feed(server, sent->bytes, sent->len);
    CHECK_STR(take_events(server), "HELLO");
    check_offer(server, "", 0);
    CHECK_ERROR(tlstream_pair_hello_accept(server, NULL),
                TLSTREAM_ERR_PROTOCOL);
    CHECK_INT(tlstream_pair_error(server)->alert, DECODE_ERROR);
    free(sent);
    tlstream_pair_free(client);
    tlstream_pair_free(server);
  }
}

TEST(a_large_list_is_reported_as_it_is) {
  static unsigned char list[2 + 240 * 256];
  size_t len = sizeof(list) - 2;
  memset(list, 255, sizeof(list));
  list[0] = (unsigned char)(len >> 8);
  list[1] = (unsigned char)len;
  tlstream_pair *client = client_with(plain, "a.test");
  tlstream_pair *server = server_with(host, true);
  hello *sent = hello_of(client);
  hello_add(sent, ALPN, list, sizeof(list));
  hello *records = hello_in_records(sent, 16384);
  size_t at = 0;
  while (at < records->len) {
    ptrdiff_t taken =
        tlstream_pair_feed(server, records->bytes + at, records->len - at);
    if (!CHECK_GT(taken, 0)) break;
    at += (size_t)taken;
  }
  CHECK_STR(take_events(server), "HELLO");
  check_offer(server, (const char *)list + 2, len);
  free(records);
  free(sent);
  tlstream_pair_free(client);
  tlstream_pair_free(server);
}

static void hear(void *offer) {
  const tlstream_bytes *bytes = offer;
  tlstream_error error = {.code = 0};
  size_t len = 0;
  tlstream_pair *server =
      tlstream_pair_new(TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER,
                                      .context = host, .choose_context = true),
                        0, &error);
  if (server == NULL) {
    CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
    return;
  }
  ptrdiff_t taken = tlstream_pair_feed(server, bytes->data, bytes->len);
  if (taken < 0) {
    CHECK(torture_struck());
    CHECK_ERROR(taken, TLSTREAM_ERR_NO_MEMORY);
  } else {
    CHECK(tlstream_pair_offered_protocols(server, &len) != NULL && len == 7);
  }
  tlstream_pair_free(server);
}

/* Never a question about a client that seems to offer nothing. */
TEST(without_memory_no_offer_is_lost) {
  tlstream_pair *client = client_with(polyglot, "a.test");
  hello *sent = hello_of(client);
  tlstream_bytes offer = {sent->bytes, sent->len};
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, hear, &offer), 3);
  free(sent);
  tlstream_pair_free(client);
}
