/* SPDX-License-Identifier: MIT */
/* F2, F3: what a connection to a server holds in each of its states, OpenSSL's
 * part included. SECURITY.md has the same numbers. malloc's own part, some
 * bytes for each block, is not in them. */
#include <stdlib.h>

#include <tlstream/pair_hello.h>
#include <tlstream/pair_info.h>

#include "core/pair/hello_reader.h"
#include "support/costly_chain.h"
#include "support/handshake.h"
#include "support/hello.h"
#include "support/test.h"
#include "support/torture.h"

enum { KB = 1024, ALPN = 16, PADDING = 21, OFFER = 60000 };

static tlstream_context *plain;
static tlstream_context *asking;

/* What the server's pair holds, as far as it was metered, and the most it ever
 * did while it worked. */
typedef struct meter {
  size_t held;
  size_t most;
  size_t before;
} meter;

static void meter_start(meter *self) {
  self->before = torture_bytes();
  torture_forget_peak();
}

static void meter_stop(meter *self) {
  size_t most = self->held + torture_peak() - self->before;
  if (most > self->most) self->most = most;
  self->held += torture_bytes() - self->before;
}

static tlstream_pair *open_server(meter *self, tlstream_context *context,
                                  bool chooses) {
  meter_start(self);
  tlstream_pair *server = server_with(context, chooses);
  CHECK_ERROR(tlstream_pair_start(server), 0);
  meter_stop(self);
  return server;
}

static void feed(meter *self, tlstream_pair *server, const unsigned char *bytes,
                 size_t len) {
  meter_start(self);
  for (size_t at = 0; at < len;) {
    ptrdiff_t taken = tlstream_pair_feed(server, bytes + at, len - at);
    if (!CHECK_GT(taken, 0)) break;
    at += (size_t)taken;
  }
  meter_stop(self);
}

/* The meter was not wrong: freeing the pair gives as much back. */
static void close_server(meter *self, tlstream_pair *server) {
  size_t before = torture_bytes();
  tlstream_pair_free(server);
  CHECK_INT(before - torture_bytes(), self->held);
}

/* The numbers are those of OpenSSL 3.0. Since 3.2 records have objects of their
 * own, and so has much else since. */
static size_t allowance(void) {
  return OPENSSL_version_major() == 3 && OPENSSL_version_minor() < 2 ? 0 : 48;
}

static void check_held(const meter *self, const char *state, size_t kilobytes) {
  printf("# %s: %zu bytes held, %zu at most\n", state, self->held, self->most);
  CHECK_LE(self->held, (kilobytes + allowance()) * KB);
}

/* And never more than this on the way. */
static void check_most(const meter *self, size_t kilobytes) {
  CHECK_LE(self->most, (kilobytes + allowance()) * KB);
}

/* The client's copy is not the server's. */
static void carry_to_client(meter *self, hostile_peer *client) {
  size_t len = 0;
  const void *bytes = tlstream_pair_peek(client->pair, &len);
  if (len == 0) return;
  CHECK_INT(BIO_write(client->in, bytes, (int)len), len);
  meter_start(self);
  tlstream_pair_consume(client->pair, len);
  meter_stop(self);
}

static void carry_to_server(meter *self, hostile_peer *client) {
  static unsigned char bytes[256 * 1024];
  int len = BIO_read(client->out, bytes, sizeof(bytes));
  if (len > 0) feed(self, client->pair, bytes, (size_t)len);
}

/* What OpenSSL makes once for the process is made before anything is metered.
 */
static void warm_up(tlstream_context *context, tlstream_version version) {
  hostile_peer client;
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, version,
                    server_with(context, false));
  hostile_peer_handshake(&client);
  CHECK(tlstream_pair_is_secure(client.pair));
  hostile_peer_disconnect(&client);
}

BEFORE_TESTS(set_up) {
  unsigned char room[16];
  torture_install();
  if (!torture_install_openssl()) test_fail(__FILE__, __LINE__, "too late");
  tlstream_context_options options = {
      .size = sizeof(options),
      .cert = test_leaf(KEY_ECDSA)->cert_pem,
      .key = test_leaf(KEY_ECDSA)->key_pem,
      .ca = test_ca()->cert_pem,
      .alpn = protocol_list("h2", room),
  };
  plain = context_of(&options);
  options.request_certificate = true;
  asking = context_of(&options);
  for (int v = TLSTREAM_TLS_1_2; v <= TLSTREAM_TLS_1_3; v++) {
    warm_up(plain, (tlstream_version)v);
    warm_up(asking, (tlstream_version)v);
  }
}

AFTER_TESTS(tear_down) {
  tlstream_context_unref(asking);
  tlstream_context_unref(plain);
}

TEST(a_silent_connection) {
  meter self = {0};
  tlstream_pair *server = open_server(&self, plain, true);
  check_held(&self, "silent", 1);
  close_server(&self, server);
}

/* Nine bytes: it costs what has come, not what is to come. */
TEST(a_hello_that_was_announced) {
  static const unsigned char bytes[] = {22, 3, 1, 64, 0, 1, 0, 255, 252};
  meter self = {0};
  tlstream_pair *server = open_server(&self, plain, true);
  feed(&self, server, bytes, sizeof(bytes));
  check_held(&self, "announced hello", 2);
  close_server(&self, server);
}

/* A hello as large as may be. */
static hello *largest_hello(void) {
  static const unsigned char zeros[TLSTREAM__HELLO_MAX];
  enum { HEADERS = 5 + 4, EXTENSION = 4 };
  hostile_peer client;
  hello *said = calloc(1, sizeof(*said));
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, TLSTREAM_TLS_1_3, NULL);
  SSL_do_handshake(client.ssl);
  said->len = (size_t)BIO_read(client.out, said->bytes, sizeof(said->bytes));
  hello_add(said, PADDING, zeros,
            TLSTREAM__HELLO_MAX - (said->len - HEADERS + 4) - EXTENSION);
  hello *cut = hello_in_records(said, 16384);
  free(said);
  hostile_peer_close(&client);
  return cut;
}

TEST(a_hello_of_which_the_end_is_missing) {
  meter self = {0};
  hello *said = largest_hello();
  tlstream_pair *server = open_server(&self, plain, true);
  feed(&self, server, said->bytes, said->len / 2);
  feed(&self, server, said->bytes + said->len / 2,
       said->len - said->len / 2 - 1);
  check_held(&self, "64 KB of hello", 98);
  close_server(&self, server);
  free(said);
}

TEST(a_suspended_hello) {
  meter self = {0};
  hello *said = largest_hello();
  tlstream_pair *server = open_server(&self, plain, true);
  feed(&self, server, said->bytes, said->len / 2);
  feed(&self, server, said->bytes + said->len / 2, said->len - said->len / 2);
  CHECK_STR(take_events(server), "HELLO");
  check_held(&self, "suspended hello", 340);
  check_most(&self, 460);
  close_server(&self, server);
  free(said);
}

static void offer_much(SSL *ssl) {
  static unsigned char list[OFFER];
  memset(list, 1, sizeof(list));
  for (size_t i = 1; i < sizeof(list); i += 2)
    list[i] = 'x';
  memcpy(list + sizeof(list) - 4, "\1x\1x", 4);
  memcpy(list + sizeof(list) - 3 - 3, "\2h2\2h2", 6);
  CHECK_INT(SSL_set_alpn_protos(ssl, list, sizeof(list)), 0);
}

typedef struct limits {
  size_t asked; /* KB, each */
  size_t flight;
  size_t secure;
  size_t moment;
} limits;

/* Once through a handshake, with a look at each state. */
static void check_states(tlstream_version version, tlstream_context *context,
                         bool much, const limits *most) {
  meter self = {0};
  hostile_peer client;
  IN_CASE("%s, %s", tlstream_version_name(version),
          much ? "60 KB of ALPN" : "ordinary");
  tlstream_pair *server = open_server(&self, context, true);
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, version, server);
  if (much) offer_much(client.ssl);
  if (!much) SSL_set_alpn_protos(client.ssl, (const unsigned char *)"\2h2", 3);
  SSL_do_handshake(client.ssl);
  carry_to_server(&self, &client);
  CHECK_STR(take_events(server), "HELLO");
  check_held(&self, "  hello", most->asked);
  meter_start(&self);
  CHECK_ERROR(tlstream_pair_hello_accept(server, context), 0);
  meter_stop(&self);
  check_held(&self, "  first flight", most->flight);
  for (int i = 0; i < 2; i++) {
    carry_to_client(&self, &client);
    SSL_do_handshake(client.ssl);
    carry_to_server(&self, &client);
  }
  CHECK(tlstream_pair_is_secure(server));
  carry_to_client(&self, &client);
  check_held(&self, "  secure", most->secure);
  check_most(&self, most->moment);
  close_server(&self, server);
  hostile_peer_close(&client);
}

TEST(an_ordinary_connection) {
  static const limits most = {
      .asked = 60, .flight = 46, .secure = 15, .moment = 75};
  check_states(TLSTREAM_TLS_1_2, plain, false, &most);
  check_states(TLSTREAM_TLS_1_3, plain, false, &most);
}

TEST(a_client_that_offers_much) {
  static const limits most = {
      .asked = 320, .flight = 222, .secure = 75, .moment = 320};
  check_states(TLSTREAM_TLS_1_2, plain, true, &most);
  check_states(TLSTREAM_TLS_1_3, plain, true, &most);
}

/* A Certificate message of 100 KB at most, which OpenSSL collects; its last
 * byte is missing, and then it comes. */
static void check_certificate(tlstream_version version,
                              const costly_chain *sent) {
  static unsigned char bytes[256 * 1024];
  meter self = {0};
  hostile_peer client;
  IN_CASE("%s", tlstream_version_name(version));
  tlstream_pair *server = open_server(&self, asking, false);
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, version, server);
  SSL_set_security_level(client.ssl, 0);
  SSL_use_cert_and_key(client.ssl, sent->leaf.cert, sent->leaf.key, sent->above,
                       1);
  SSL_do_handshake(client.ssl);
  carry_to_server(&self, &client);
  carry_to_client(&self, &client);
  SSL_do_handshake(client.ssl);
  int len = BIO_read(client.out, bytes, sizeof(bytes));
  CHECK_GT(len, sent->size);
  feed(&self, server, bytes, sent->size);
  check_held(&self, "  100 KB of certificates", 170);
  meter_start(&self);
  (void)!tlstream_pair_feed(server, bytes + sent->size,
                            (size_t)len - sent->size);
  meter_stop(&self);
  CHECK_ERROR(error_code(server), TLSTREAM_ERR_UNTRUSTED);
  check_held(&self, "  refused", 1450);
  check_most(&self, 1450);
  close_server(&self, server);
  hostile_peer_close(&client);
}

TEST(certificates_as_large_as_may_be) {
  costly_chain *sent = costly_chain_new(
      &(costly_plan){.between = 13, .names = 520, .limits = 440});
  printf("# %zu bytes of certificates\n", sent->size);
  check_certificate(TLSTREAM_TLS_1_2, sent);
  check_certificate(TLSTREAM_TLS_1_3, sent);
  costly_chain_free(sent);
}
