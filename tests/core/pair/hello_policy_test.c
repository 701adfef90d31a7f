/* SPDX-License-Identifier: MIT */
/*
 * All of the chosen context's policy holds, and nothing of the first one's. For
 * each setting there are two servers that differ in it alone. What a client
 * sees of a server that was made with the one and chose the other must be what
 * it sees of a server that was made with the other. B1, P1.
 */
#include <stdint.h>
#include <stdlib.h>

#include <openssl/x509.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_hello.h>
#include <tlstream/pair_info.h>

#include "core/pair/state.h"
#include "support/handshake.h"
#include "support/shuttle.h"
#include "support/test.h"

typedef tlstream_context_options options;

static const tlstream_protocols new_first =
    TLSTREAM_PROTOCOLS("h2", "http/1.1");
static const tlstream_protocols old_first =
    TLSTREAM_PROTOCOLS("http/1.1", "h2");
static const tlstream_protocols only_new = TLSTREAM_PROTOCOLS("h2");
static const tlstream_protocols unheard_of = TLSTREAM_PROTOCOLS("x");

static made_cert other_ca;
static made_cert other_leaf; /* for the same name, by the same authority */
static made_cert middle;     /* an authority below it */
static made_cert far_client; /* a client's, by the middle */
static tlstream_bytes far_chain;

BEFORE_TESTS(set_up) {
  other_ca = make_cert(&(cert_plan){.name = "Other CA", .basic = CERT_CA});
  other_leaf = make_cert(&(cert_plan){.name = SERVER_NAME, .by = test_ca()});
  middle = make_cert(
      &(cert_plan){.name = "Middle", .by = test_ca(), .basic = CERT_CA});
  far_client = make_cert(&(cert_plan){.name = "client.test", .by = &middle});
  far_chain =
      join_pem((tlstream_bytes[]){far_client.cert_pem, middle.cert_pem}, 2);
}

AFTER_TESTS(tear_down) {
  made_cert_clear(&other_ca);
  made_cert_clear(&other_leaf);
  made_cert_clear(&middle);
  made_cert_clear(&far_client);
  free((void *)far_chain.data);
}

static void present(options *to, const made_cert *leaf) {
  to->cert = leaf->cert_pem;
  to->key = leaf->key_pem;
}

static void ask(options *to) {
  to->request_certificate = true;
  to->ca = test_ca()->cert_pem;
}

/* Each setting as a function of which of the two servers it is for. */
static void certificate(options *to, bool second) {
  present(to, second ? &other_leaf : test_leaf(KEY_ECDSA));
}

static void kind_of_key(options *to, bool second) {
  present(to, test_leaf(second ? KEY_RSA : KEY_ECDSA));
}

static void more_identities(options *to, bool second) {
  static tlstream_identity rsa;
  rsa.cert = test_leaf(KEY_RSA)->cert_pem;
  rsa.key = test_leaf(KEY_RSA)->key_pem;
  to->identities = &rsa;
  to->identity_count = second;
}

static void trust(options *to, bool second) {
  ask(to);
  if (second) to->ca = other_ca.cert_pem;
}

static void partial_chain(options *to, bool second) {
  ask(to);
  to->ca = middle.cert_pem;
  to->allow_partial_chain = second;
}

static void request_certificate(options *to, bool second) {
  ask(to);
  to->request_certificate = second;
}

static void request_and_allow(options *to, bool second) {
  ask(to);
  to->request_certificate = second;
  to->insecure_allow_unauthorized = true;
}

static void no_certificate(options *to, bool second) {
  ask(to);
  to->allow_no_certificate = second;
}

static void no_certificate_or_anyone(options *to, bool second) {
  ask(to);
  to->allow_no_certificate = !second;
  to->insecure_allow_unauthorized = second;
}

static void is_refused(options *to, bool second) {
  ask(to);
  to->insecure_allow_unauthorized = second;
}

static void verify_time(options *to, bool second) {
  ask(to);
  to->verify_time = second ? 4133980800 : 0; /* the year 2101 */
}

static void min_version(options *to, bool second) {
  to->min_version = second ? TLSTREAM_TLS_1_3 : TLSTREAM_TLS_1_2;
}

static void max_version(options *to, bool second) {
  to->max_version = second ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3;
}

static void ciphers(options *to, bool second) {
  to->ciphers = second ? "ECDHE+CHACHA20" : "ECDHE+AES256";
}

static void ciphersuites(options *to, bool second) {
  to->ciphersuites =
      second ? "TLS_CHACHA20_POLY1305_SHA256" : "TLS_AES_128_GCM_SHA256";
}

static void alpn_order(options *to, bool second) {
  to->alpn = second ? old_first : new_first;
}

static void alpn_at_all(options *to, bool second) {
  if (second) to->alpn = only_new;
}

static void alpn_required(options *to, bool second) {
  to->alpn = only_new;
  to->require_alpn = second;
}

static void alpn_mismatch(options *to, bool second) {
  to->alpn = only_new;
  to->insecure_allow_alpn_mismatch = second;
}

static void npn_order(options *to, bool second) {
  to->npn = second ? old_first : new_first;
}

static void npn_at_all(options *to, bool second) {
  if (second) to->npn = only_new;
}

static void truncation(options *to, bool second) {
  to->insecure_allow_truncation = second;
}

#define SETTING(function) \
  { #function, function }

static const struct setting {
  const char *name;
  void (*apply)(options *to, bool second);
} settings[] = {
    SETTING(certificate),       SETTING(kind_of_key),
    SETTING(more_identities),   SETTING(trust),
    SETTING(partial_chain),     SETTING(request_certificate),
    SETTING(request_and_allow), SETTING(is_refused),
    SETTING(verify_time),       SETTING(min_version),
    SETTING(max_version),       SETTING(ciphers),
    SETTING(ciphersuites),      SETTING(alpn_order),
    SETTING(alpn_at_all),       SETTING(alpn_required),
    SETTING(alpn_mismatch),     SETTING(npn_order),
    SETTING(npn_at_all),        SETTING(truncation),
    SETTING(no_certificate),    SETTING(no_certificate_or_anyone),
};

/* Clients that see different settings, each in both versions. */
static void plain(options *to) {
  to->alpn = to->npn = old_first;
}

static void with_a_certificate(options *to) {
  present(to, test_leaf(KEY_ECDSA));
}

static void with_a_far_certificate(options *to) {
  to->cert = far_chain;
  to->key = far_client.key_pem;
}

static void with_a_strange_certificate(options *to) {
  present(to, test_stranger());
}

static void speaks_something_else(options *to) {
  to->alpn = to->npn = unheard_of;
}

static void takes_rsa_alone(options *to) {
  to->ciphers = "aRSA+ECDHE+AESGCM";
}

static void (*const clients[])(options *to) = {
    plain,
    with_a_certificate,
    with_a_far_certificate,
    with_a_strange_certificate,
    speaks_something_else,
    takes_rsa_alone,
};

enum { CLIENTS = 2 * COUNT(clients) };

static tlstream_context *make_client(size_t number) {
  options made = {.size = sizeof(made), .ca = test_ca()->cert_pem};
  made.min_version = number % 2 == 0 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3;
  made.max_version = made.min_version;
  clients[number / 2](&made);
  return context_of(&made);
}

static tlstream_context *make_host(const struct setting *setting, bool second) {
  options made = {.size = sizeof(made)};
  present(&made, test_leaf(KEY_ECDSA));
  setting->apply(&made, second);
  return context_of(&made);
}

/* All that can be seen of a connection. */
typedef struct sight {
  char text[4096]; /* two errors and two verdicts fit */
  size_t len;
} sight;

static void see(sight *of, const char *what, const char *value) {
  of->len += (size_t)snprintf(of->text + of->len, sizeof(of->text) - of->len,
                              "%s=%s ", what, value != NULL ? value : "-");
  CHECK_LT(of->len, sizeof(of->text));
}

static void see_what_it_trusts(sight *of, const tlstream_pair *client) {
  char name[80] = "";
  const STACK_OF(X509_NAME) *list = SSL_get0_peer_CA_list(client->ssl);
  for (int i = 0; i < sk_X509_NAME_num(list); i++) {
    X509_NAME_oneline(sk_X509_NAME_value(list, i), name, sizeof(name));
    see(of, "asks-for", name);
  }
}

static void see_certificate(sight *of, const tlstream_pair *pair) {
  tlstream_certificate *shown = tlstream_pair_peer_certificate(pair);
  see(of, "certificate",
      shown != NULL ? tlstream_certificate_serial(shown) : NULL);
  tlstream_certificate_unref(shown);
}

static void see_side(sight *of, const tlstream_pair *pair) {
  const tlstream_error *error = tlstream_pair_error(pair);
  const tlstream_error *why = tlstream_pair_authorization_error(pair);
  see(of, "version", tlstream_version_name(tlstream_pair_tls_version(pair)));
  see(of, "cipher", tlstream_pair_cipher(pair));
  see(of, "alpn", tlstream_pair_alpn_protocol(pair));
  see(of, "npn", tlstream_pair_npn_protocol(pair));
  see(of, "authorized", tlstream_pair_authorized(pair) ? "yes" : "no");
  see(of, "because", why != NULL ? why->message : NULL);
  see(of, "error", error != NULL ? error->message : NULL);
  see_certificate(of, pair);
}

/* What becomes of a client of `host`, or of `chosen` if that is not NULL. */
static sight visit(tlstream_context *client, tlstream_context *host,
                   tlstream_context *chosen) {
  sight seen = {.text = ""};
  tlstream_pair *server = server_with(host, chosen != NULL);
  peers both = shake(client_with(client, NULL), server);
  if (chosen != NULL) {
    CHECK_STR(take_events(server), "HELLO");
    (void)!tlstream_pair_hello_accept(server, chosen);
    shuttle(both.side[TLSTREAM_ROLE_CLIENT], server, SIZE_MAX);
  }
  see_what_it_trusts(&seen, both.side[TLSTREAM_ROLE_CLIENT]);
  see_side(&seen, both.side[TLSTREAM_ROLE_CLIENT]);
  tlstream_pair_feed_eof(server);
  see_side(&seen, server);
  see(&seen, "events", take_events(server));
  peers_free(&both);
  return seen;
}

/* Returns whether this client notices the difference at all. */
static bool check_client(size_t number, tlstream_context *const host[2]) {
  IN_CASE("client %zu", number);
  tlstream_context *client = make_client(number);
  sight made[2] = {visit(client, host[0], NULL), visit(client, host[1], NULL)};
  sight chosen[2] = {visit(client, host[1], host[0]),
                     visit(client, host[0], host[1])};
  CHECK_STR(chosen[0].text, made[0].text);
  CHECK_STR(chosen[1].text, made[1].text);
  tlstream_context_unref(client);
  return strcmp(made[0].text, made[1].text) != 0;
}

TEST(the_chosen_policy_holds_whole) {
  EACH_ROW_NAMED(i, settings, name) {
    unsigned noticed = 0;
    tlstream_context *host[2] = {make_host(&settings[i], false),
                                 make_host(&settings[i], true)};
    for (size_t number = 0; number < CLIENTS; number++)
      noticed += check_client(number, host);
    CHECK_GT(noticed, 0);
    tlstream_context_unref(host[0]);
    tlstream_context_unref(host[1]);
  }
}

/* P1: what SSL_set_SSL_CTX() in the servername callback was measured to do. */
TEST(a_required_certificate_is_always_required) {
  for (size_t number = 0; number < CLIENTS; number++) {
    bool has_one = number / 2 == 1 || number / 2 == 2;
    tlstream_context *client = make_client(number);
    tlstream_context *open = make_host(&settings[0], false);
    options strict = {.size = sizeof(strict)};
    present(&strict, test_leaf(KEY_ECDSA));
    more_identities(&strict, true);
    ask(&strict);
    tlstream_context *closed = context_of(&strict);
    tlstream_pair *server = server_with(open, true);
    peers both = shake(client_with(client, NULL), server);
    CHECK_INT(tlstream_pair_next_event(server), TLSTREAM_EVENT_HELLO);
    CHECK_INT(tlstream_pair_hello_accept(server, closed), 0);
    shuttle(both.side[TLSTREAM_ROLE_CLIENT], server, SIZE_MAX);
    CHECK_STR(take_events(server), has_one ? "SECURE" : "ERROR");
    CHECK_INT(tlstream_pair_authorized(server), has_one);
    CHECK_ERROR(error_code(server), has_one ? 0
                                    : number / 2 == 3
                                        ? TLSTREAM_ERR_UNTRUSTED
                                        : TLSTREAM_ERR_NO_PEER_CERTIFICATE);
    peers_free(&both);
    tlstream_context_unref(client);
    tlstream_context_unref(open);
    tlstream_context_unref(closed);
  }
}
