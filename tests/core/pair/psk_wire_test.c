/* SPDX-License-Identifier: MIT */
/* A server that asks for the key of an identity, and what a client may send in
 * the place of the message that has it: in pieces, too early, malformed. */
#include <stdlib.h>

#include <openssl/ssl.h>

#include <tlstream/pair_info.h>
#include <tlstream/pair_psk.h>

#include "support/hello.h"
#include "support/psk_ask.h"

enum { UNKNOWN_PSK_IDENTITY = 115, PRE_SHARED_KEY = 41, HEADER = 5 };

/* Up to the client's second flight in TLS 1.2, which is returned. */
static hello *second_flight(peers *both) {
  hello *flight = calloc(1, sizeof(*flight));
  tlstream_pair *client = both->side[TLSTREAM_ROLE_CLIENT];
  tlstream_pair *server = both->side[TLSTREAM_ROLE_SERVER];
  unsigned char bytes[8192];
  both->side[TLSTREAM_ROLE_CLIENT] = client;
  (void)tlstream_pair_start(client);
  size_t len = tlstream_pair_drain(client, bytes, sizeof(bytes));
  CHECK_INT(tlstream_pair_feed(server, bytes, len), len);
  len = tlstream_pair_drain(server, bytes, sizeof(bytes));
  CHECK_INT(tlstream_pair_feed(client, bytes, len), len);
  flight->len = tlstream_pair_drain(client, flight->bytes, HELLO_MAX);
  CHECK_INT(flight->bytes[0], 22);
  CHECK_INT(flight->bytes[HEADER], SSL3_MT_CLIENT_KEY_EXCHANGE);
  return flight;
}

static peers in_tls_1_2(void) {
  return (peers){.side = {psk_client_of(TLSTREAM_TLS_1_2),
                          psk_server(psk_asking(TLSTREAM_TLS_1_2))}};
}

static size_t first_record(const hello *flight) {
  return HEADER + ((size_t)flight->bytes[3] << 8 | flight->bytes[4]);
}

/* One message may be spread over many records. */
TEST(a_key_exchange_in_many_records_is_joined) {
  static const size_t chunks[] = {1, 2, 5, 7, 40};
  for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
    peers both = in_tls_1_2();
    tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
    hello *flight = second_flight(&both);
    size_t len = flight->len;
    size_t first = first_record(flight);
    flight->len = first;
    hello *cut = hello_in_records(flight, chunks[i]);
    for (size_t at = 0; at < cut->len; at++) {
      CHECK_STR(take_events(server), "");
      CHECK(tlstream_pair_wants_input(server));
      CHECK_INT(tlstream_pair_feed(server, cut->bytes + at, 1), 1);
    }
    CHECK_STR(take_events(server), "PSK");
    psk_check_asked(server, PSK_IDENTITY);
    CHECK(!tlstream_pair_wants_input(server));
    CHECK_INT(tlstream_pair_feed(server, flight->bytes + first, len - first),
              len - first);
    CHECK_ERROR(psk_accept_key(server), 0);
    psk_check_met(&both);
    free(cut);
    free(flight);
    peers_free(&both);
  }
}

/* What is not a ClientKeyExchange, is too long, or has no identity in it. */
TEST(what_is_no_key_exchange_is_refused_without_a_question) {
  static const struct {
    size_t at; /* in the first record */
    unsigned char value;
  } changes[] = {
      {0, 23},                        /* data */
      {HEADER, SSL3_MT_CERTIFICATE},  /* another message */
      {HEADER, SSL3_MT_CLIENT_HELLO}, /* the same */
      {HEADER + 1, 2},                /* of 128 KB */
      {HEADER + 4, 200},              /* an identity of 51 KB */
      {HEADER + 4 + 2, 0},            /* with a NUL in it */
  };
  for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
    IN_CASE("%zu", i);
    peers both = in_tls_1_2();
    tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
    hello *flight = second_flight(&both);
    flight->bytes[changes[i].at] = changes[i].value;
    CHECK_LT(tlstream_pair_feed(server, flight->bytes, flight->len), 0);
    CHECK_STR(take_events(server), "ERROR");
    CHECK(!tlstream_pair_authorized(server));
    free(flight);
    peers_free(&both);
  }
}

/* A client that does not wait for the server's part is not let through without
 * the question, be the messages in one record or in two. */
TEST(a_key_exchange_that_comes_early_is_asked_about_all_the_same) {
  for (int joined = 0; joined < 2; joined++) {
    peers both = in_tls_1_2();
    tlstream_pair *server = both.side[TLSTREAM_ROLE_SERVER];
    hello *flight = second_flight(&both);
    tlstream_pair *early = psk_server(psk_asking(TLSTREAM_TLS_1_2));
    tlstream_pair *client = psk_client_of(TLSTREAM_TLS_1_2);
    hello *first = hello_of(client);
    size_t from = joined ? HEADER : 0;
    size_t len = first_record(flight) - from;
    memcpy(first->bytes + first->len, flight->bytes + from, len);
    first->len += len;
    if (joined) {
      first->bytes[3] = (unsigned char)((first->len - HEADER) >> 8);
      first->bytes[4] = (unsigned char)(first->len - HEADER);
    }
    ptrdiff_t taken = tlstream_pair_feed(early, first->bytes, first->len);
    if (joined) {
      CHECK_LT(taken, 0);
      CHECK_STR(take_events(early), "ERROR");
    } else {
      CHECK_INT(taken, first->len);
      CHECK_STR(take_events(early), "PSK");
      psk_check_asked(early, PSK_IDENTITY);
    }
    CHECK(!tlstream_pair_authorized(early));
    (void)server;
    free(first);
    free(flight);
    tlstream_pair_free(early);
    tlstream_pair_free(client);
    peers_free(&both);
  }
}

/* A ClientHello of TLS 1.3 with these identities and binders that fit none. */
static hello *offering(const char *const *identities, size_t count) {
  unsigned char data[4096];
  size_t len = 2;
  tlstream_context *context = psk_context(NULL, TLSTREAM_TLS_1_3);
  tlstream_pair *client = client_with(context, NULL);
  for (size_t i = 0; i < count; i++) {
    size_t n = strlen(identities[i]);
    data[len++] = (unsigned char)(n >> 8);
    data[len++] = (unsigned char)n;
    memcpy(data + len, identities[i], n);
    len += n;
    memset(data + len, 0, 4);
    len += 4;
  }
  data[0] = (unsigned char)((len - 2) >> 8);
  data[1] = (unsigned char)(len - 2);
  data[len++] = 0;
  data[len++] = (unsigned char)(33 * count);
  for (size_t i = 0; i < count; i++) {
    data[len++] = 32;
    memset(data + len, 0, 32);
    len += 32;
  }
  hello *made = hello_of(client);
  hello_add_last(made, PRE_SHARED_KEY, data, len);
  tlstream_pair_free(client);
  tlstream_context_unref(context);
  return made;
}

static const char *text_of(char c, size_t len) {
  static char texts[2][400];
  static int turn;
  char *text = texts[turn++ % 2];
  memset(text, c, len);
  text[len] = '\0';
  return text;
}

TEST(each_identity_is_asked_about_until_one_is_known) {
  const char *const names[] = {
      "one", text_of('x', 257), text_of('y', 256), "three", "four", "five"};
  const char *const questions[] = {"one", names[2], "three"};
  hello *first = offering(names, 6);
  tlstream_pair *server = psk_server(psk_asking(TLSTREAM_TLS_1_3));
  CHECK_INT(tlstream_pair_feed(server, first->bytes, first->len), first->len);
  for (int i = 0; i < 3; i++) {
    CHECK_STR(take_events(server), "PSK");
    psk_check_asked(server, questions[i]);
    CHECK_ERROR(tlstream_pair_psk_refuse(server), 0);
  }
  CHECK_STR(take_events(server), "ERROR");
  CHECK_ERROR(error_code(server), TLSTREAM_ERR_UNKNOWN_PSK);
  CHECK_INT(tlstream_pair_error(server)->alert, UNKNOWN_PSK_IDENTITY);
  tlstream_pair_free(server);

  server = psk_server(psk_asking(TLSTREAM_TLS_1_3));
  CHECK_INT(tlstream_pair_feed(server, first->bytes, first->len), first->len);
  CHECK_ERROR(tlstream_pair_psk_refuse(server), 0);
  psk_check_asked(server, questions[1]);
  CHECK_ERROR(psk_accept_key(server), TLSTREAM_ERR_PSK_MISMATCH);
  tlstream_pair_free(server);
  free(first);
}

/* Lists that end in the middle of something. */
TEST(a_malformed_offer_is_no_question) {
  static const unsigned char lists[][12] = {
      {0, 0, 0, 0},
      {0, 9, 0, 1, 'a', 0, 0, 0, 0},
      {0, 3, 0, 9, 'a', 0, 0, 0, 0},
      {0, 3, 0, 1, 'a', 0, 0, 0, 0},
      {0, 7, 0, 1, 0, 0, 0, 0, 0},
      {0, 6, 0, 0, 0, 0, 0, 0, 0},
      {0},
  };
  static const size_t lengths[] = {4, 9, 9, 9, 9, 9, 1};
  for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
    IN_CASE("%zu", i);
    tlstream_context *context = psk_context(NULL, TLSTREAM_TLS_1_3);
    tlstream_pair *client = client_with(context, NULL);
    tlstream_pair *server = psk_server(psk_asking(TLSTREAM_TLS_1_3));
    hello *first = hello_of(client);
    hello_add_last(first, PRE_SHARED_KEY, lists[i], lengths[i]);
    CHECK_LT(tlstream_pair_feed(server, first->bytes, first->len), 0);
    CHECK_STR(take_events(server), "ERROR");
    free(first);
    tlstream_pair_free(server);
    tlstream_pair_free(client);
    tlstream_context_unref(context);
  }
}

/* It would be asked for something that is not used. */
TEST(no_question_where_tls_1_3_is_not_spoken) {
  const char *const names[] = {"one"};
  hello *first = offering(names, 1);
  tlstream_pair *server = psk_server(psk_asking(TLSTREAM_TLS_1_2));
  CHECK_LT(tlstream_pair_feed(server, first->bytes, first->len), 0);
  CHECK_STR(take_events(server), "ERROR");
  free(first);
  tlstream_pair_free(server);
}
