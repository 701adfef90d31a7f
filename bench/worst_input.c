/* SPDX-License-Identifier: MIT */
/*
 * The cost of bytes from a peer that is not yet verified: microseconds of our
 * CPU time for each KB received, and how many times those of an ordinary
 * message of the same type, and of an ordinary ClientHello, that is.
 *
 *   worst_input [ROUNDS]
 *
 * The peer is OpenSSL, or bytes that were put together; its own work is not
 * measured. A row is the mean of some rounds.
 */
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <tlstream/pair_info.h>

#include "support/chain.h"
#include "support/costly_chain.h"
#include "support/handshake.h"
#include "support/hello.h"

enum { ROUNDS = 20, LIST = 60000, IN_A_ROW = 32, BATCH = 300 };

static int rounds = ROUNDS;

/* What our side has done since the row began. */
static double spent; /* microseconds */
static size_t received;

static double now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Feed, and read what comes of it. */
static void take(tlstream_pair *pair, const unsigned char *bytes, size_t len) {
  static char got[32 * 1024];
  double start = now_us();
  for (size_t at = 0; at < len;) {
    ptrdiff_t taken = tlstream_pair_feed(pair, bytes + at, len - at);
    if (taken <= 0) break;
    at += (size_t)taken;
    while (tlstream_pair_read(pair, got, sizeof(got)) > 0)
      continue;
  }
  spent += now_us() - start;
  received += len;
}

static double hello_each; /* of an ordinary one */

static void begin_row(void) {
  spent = 0;
  received = 0;
}

/* `usual` is 0 for the ordinary message, which is what the others are compared
 * to. Returns microseconds for each KB. */
static double end_row(const char *type, const char *what, double usual) {
  double each = spent / ((double)received / 1024);
  if (hello_each == 0) hello_each = each; /* that row is the first */
  printf("%-12s %-40s %7.1f %7.0f %8.2f %8.2f\n", type, what,
         (double)received / rounds / 1024, each, usual > 0 ? each / usual : 1.0,
         each / hello_each);
  return each;
}

/* ClientHello. */

static tlstream_context *hello_server;

static double measure_hello(const char *type, const char *what,
                            const hello *said, double usual) {
  begin_row();
  for (int i = 0; i < rounds; i++) {
    double start = now_us();
    tlstream_pair *server = server_with(hello_server, false);
    spent += now_us() - start;
    take(server, said->bytes, said->len);
    tlstream_pair_free(server);
  }
  return end_row(type, what, usual);
}

/* What OpenSSL says at first, with a share of one group. */
static hello *hello_with_group(const char *group) {
  hostile_peer client;
  hello *said = calloc(1, sizeof(*said));
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, TLSTREAM_TLS_1_3, NULL);
  SSL_set1_groups_list(client.ssl, group);
  SSL_do_handshake(client.ssl);
  int len = BIO_read(client.out, said->bytes, sizeof(said->bytes));
  said->len = len > 0 ? (size_t)len : 0;
  hostile_peer_close(&client);
  return said;
}

static hello *ordinary_hello(void) {
  return hello_with_group("X25519:P-256");
}

static void measure_group(const char *group, double usual) {
  hello *said = hello_with_group(group);
  char what[64];
  snprintf(what, sizeof(what), "a share of %s alone", group);
  if (said->len > 0) measure_hello("ClientHello", what, said, usual);
  free(said);
}

static void measure_lists(double usual) {
  static const struct {
    const char *what;
    hello_lists lists;
  } rows[] = {
      {"60 KB of suites", {.suites = LIST / 2}},
      {"60 KB of groups", {.groups = LIST / 2}},
      {"60 KB of signature algorithms", {.signatures = LIST / 2}},
      {"groups times shares", {.groups = LIST / 4, .shares = LIST / 10}},
      {"groups times shares, as many as may be",
       {.groups = 1024, .shares = LIST / 5}},
      {"as many of each as may be",
       {.suites = 1024, .groups = 1024, .signatures = 1024}},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    hello *said = hello_made(&rows[i].lists);
    measure_hello("ClientHello", rows[i].what, said, usual);
    free(said);
  }
}

/* Tickets that begin as the server's own do. */
static void measure_tickets_offered(double usual) {
  hostile_peer client;
  char byte = 0;
  const unsigned char *ticket = NULL;
  size_t len = 0;
  tlstream_pair *server = server_with(hello_server, false);
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, TLSTREAM_TLS_1_3, server);
  hostile_peer_finish_handshake(&client);
  CHECK_INT(tlstream_pair_write(server, "x", 1), 1);
  hostile_peer_pull(&client);
  CHECK_INT(SSL_read(client.ssl, &byte, 1), 1);
  SSL_SESSION_get0_ticket(SSL_get_session(client.ssl), &ticket, &len);
  hello *said =
      hello_made(&(hello_lists){.tickets = LIST / 86, .ticket_start = ticket});
  measure_hello("ClientHello", "60 KB of tickets", said, usual);
  free(said);
  hostile_peer_disconnect(&client);
}

static void measure_hellos(void) {
  static const char *const groups[] = {"P-256", "P-384",     "P-521",
                                       "X448",  "ffdhe2048", "ffdhe8192"};
  static unsigned char zeros[LIST];
  hello *usual = ordinary_hello();
  double each = measure_hello("ClientHello", "ordinary", usual, 0);
  for (size_t i = 0; i < COUNT(groups); i++)
    measure_group(groups[i], each);
  hello *bytewise = hello_in_records(usual, 1);
  measure_hello("ClientHello", "in records of one byte", bytewise, each);
  free(bytewise);
  measure_lists(each);
  measure_tickets_offered(each);
  hello_add(usual, 21, zeros, sizeof(zeros));
  hello *padded = hello_in_records(usual, 16384);
  measure_hello("ClientHello", "60 KB of padding", padded, each);
  free(padded);
  free(usual);
}

/* ALPN: lists in the hello. */

static double measure_offer(const char *what, const void *list, size_t len,
                            double usual) {
  hello *said = ordinary_hello();
  static unsigned char extension[LIST + 2];
  extension[0] = (unsigned char)(len >> 8);
  extension[1] = (unsigned char)len;
  memcpy(extension + 2, list, len);
  hello_add(said, 16, extension, len + 2);
  hello *cut = hello_in_records(said, 16384);
  double each = measure_hello("ALPN", what, cut, usual);
  free(cut);
  free(said);
  return each;
}

static void measure_offers(void) {
  static char many[LIST - 1];
  memset(many, 1, sizeof(many));
  for (size_t i = 1; i < sizeof(many); i += 2)
    many[i] = 'x';
  memcpy(many + sizeof(many) - 3, "\2h2", 3);
  double each = measure_offer("ordinary", "\2h2\x08http/1.1", 12, 0);
  measure_offer("60 KB of names, the last one is ours", many, sizeof(many),
                each);
}

/* Certificate. */

static void carry(hostile_peer *other) {
  static unsigned char bytes[1024 * 1024];
  int len = BIO_read(other->out, bytes, sizeof(bytes));
  if (len > 0) take(other->pair, bytes, (size_t)len);
}

/* Without what our own side sends first. */
static void shake_measured(hostile_peer *other) {
  (void)!tlstream_pair_start(other->pair);
  for (int i = 0; i < 4; i++) {
    hostile_peer_pull(other);
    SSL_do_handshake(other->ssl);
    carry(other);
  }
}

static double measure_certificate(const char *what, tlstream_role role,
                                  bool lenient, const costly_chain *sent,
                                  double usual) {
  tlstream_context *judge = judge_of(test_ca(), role, lenient);
  begin_row();
  for (int i = 0; i < rounds; i++) {
    hostile_peer other;
    tlstream_pair *pair = role == TLSTREAM_ROLE_CLIENT
                              ? client_with(judge, NULL)
                              : server_with(judge, false);
    hostile_peer_open(&other, other_role(role), TLSTREAM_TLS_1_3, pair);
    SSL_set_security_level(other.ssl, 0);
    if (sent != NULL) {
      SSL_use_cert_and_key(other.ssl, sent->leaf.cert, sent->leaf.key,
                           sent->above, 1);
    }
    shake_measured(&other);
    hostile_peer_disconnect(&other);
  }
  tlstream_context_unref(judge);
  return end_row("Certificate", what, usual);
}

static void measure_chain(const char *what, const costly_plan *plan,
                          const double usual[2]) {
  costly_chain *sent = costly_chain_new(plan);
  for (int i = 0; i < 4; i++) {
    char title[64];
    tlstream_role role = (tlstream_role)(i % 2);
    snprintf(title, sizeof(title), "%s, %s%s", what,
             role == TLSTREAM_ROLE_CLIENT ? "server's" : "client's",
             i / 2 != 0 ? ", let in" : "");
    measure_certificate(title, role, i / 2 != 0, sent, usual[role]);
  }
  costly_chain_free(sent);
}

static void measure_certificates(void) {
  double usual[2];
  usual[0] = measure_certificate("ordinary, server's", TLSTREAM_ROLE_CLIENT,
                                 false, NULL, 0);
  usual[1] = measure_certificate("ordinary, client's", TLSTREAM_ROLE_SERVER,
                                 false, NULL, 0);
  measure_chain("limits",
                &(costly_plan){.between = 13, .names = 500, .limits = 350},
                usual);
  measure_chain(
      "limits, CA",
      &(costly_plan){
          .between = 13, .names = 500, .limits = 350, .impostor = "CA"},
      usual);
  measure_chain("limits within bounds",
                &(costly_plan){.names = 254, .limits = 256}, usual);
  measure_chain("80 authorities", &(costly_plan){.between = 80}, usual);
  measure_chain("8 authorities", &(costly_plan){.between = 8}, usual);
  measure_chain("slow keys", &(costly_plan){.between = 8, .slow = true}, usual);
}

/* What comes after the handshake. */

typedef struct after {
  const char *what;
  tlstream_version version;
  tlstream_role ours;
  int type;
  const char *bytes;
  size_t len;
  bool new_keys;
} after;

/* As many in a row as are taken, then a byte of data. */
static double measure_after(const after *kind, double usual) {
  static unsigned char batch[BATCH * 2048];
  begin_row();
  for (int i = 0; i < rounds; i++) {
    hostile_peer other;
    size_t len = 0;
    tlstream_pair *pair =
        hostile_peer_connect(&other, kind->version, kind->ours);
    for (int j = 0; j < BATCH; j++) {
      bool data = j % IN_A_ROW == IN_A_ROW - 1;
      len +=
          data ? hostile_peer_record(&other, batch + len, HOSTILE_DATA, "x", 1)
               : hostile_peer_record(&other, batch + len, kind->type,
                                     kind->bytes, kind->len);
      if (!data && kind->new_keys) hostile_peer_next_keys(&other);
    }
    take(pair, batch, len);
    if (tlstream_pair_error(pair) != NULL) {
      printf("# %s: %s\n", kind->what, tlstream_pair_error(pair)->message);
    }
    hostile_peer_disconnect(&other);
  }
  return end_row("after", kind->what, usual);
}

static double measure_tickets(double usual) {
  begin_row();
  for (int i = 0; i < rounds; i++) {
    hostile_peer other;
    hostile_peer_connect(&other, TLSTREAM_TLS_1_3, TLSTREAM_ROLE_CLIENT);
    for (int j = 0; j < BATCH; j++) {
      SSL_new_session_ticket(other.ssl);
      SSL_do_handshake(other.ssl);
      if (j % IN_A_ROW == IN_A_ROW - 1) SSL_write(other.ssl, "x", 1);
      carry(&other);
    }
    hostile_peer_disconnect(&other);
  }
  return end_row("after", "tickets", usual);
}

static void measure_afters(void) {
  static const char kilobyte[1024];
  static const after rows[] = {
      {"data, one byte each", TLSTREAM_TLS_1_3, TLSTREAM_ROLE_SERVER,
       HOSTILE_DATA, "x", 1, false},
      {"empty records", TLSTREAM_TLS_1_3, TLSTREAM_ROLE_SERVER, HOSTILE_DATA,
       "", 0, false},
      {"requests for key updates", TLSTREAM_TLS_1_3, TLSTREAM_ROLE_SERVER,
       HOSTILE_HANDSHAKE, "\x18\0\0\1\1", 5, true},
      {"key updates", TLSTREAM_TLS_1_3, TLSTREAM_ROLE_SERVER, HOSTILE_HANDSHAKE,
       "\x18\0\0\1\0", 5, true},
      {"requests to renegotiate, to a client", TLSTREAM_TLS_1_2,
       TLSTREAM_ROLE_CLIENT, HOSTILE_HANDSHAKE, "\0\0\0\0", 4, false},
      {"requests to renegotiate, to a server", TLSTREAM_TLS_1_2,
       TLSTREAM_ROLE_SERVER, HOSTILE_HANDSHAKE, "\1\0\0\0", 4, false},
  };
  double each = measure_after(&(after){"ordinary: data, 1 KB each",
                                       TLSTREAM_TLS_1_3, TLSTREAM_ROLE_SERVER,
                                       HOSTILE_DATA, kilobyte, 1024, false},
                              0);
  for (size_t i = 0; i < COUNT(rows); i++)
    measure_after(&rows[i], each);
  measure_tickets(each);
}

int main(int argc, char **argv) {
  unsigned char room[32];
  if (argc > 1) rounds = (int)strtol(argv[1], NULL, 10);
  if (rounds < 1) {
    fprintf(stderr, "usage: worst_input [ROUNDS]\n");
    return 2;
  }
  hello_server =
      context_of(TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                  .key = test_leaf(KEY_ECDSA)->key_pem,
                                  .alpn = protocol_list("h2,http/1.1", room)));
  printf("%-12s %-40s %7s %7s %8s %8s\n", "message", "what", "KB", "us/KB",
         "its kind", "a hello");
  measure_hellos();
  measure_offers();
  measure_certificates();
  measure_afters();
  tlstream_context_unref(hello_server);
  return 0;
}
