/* SPDX-License-Identifier: MIT */
/* A session of one host resumes where trust, credentials and policy are equal,
 * and nowhere else: OpenSSL plays a client that keeps its sessions and offers
 * them to any server. B2, D2, P2. */
#include <tlstream/pair_hello.h>
#include <tlstream/pair_info.h>

#include "support/handshake.h"
#include "support/test.h"

enum { CERTIFICATE_REQUIRED = 116, HANDSHAKE_FAILURE = 40 };

typedef enum host_kind {
  OPEN,     /* for all names */
  TWIN,     /* the same again */
  STRICT,   /* for those with a certificate */
  ALIKE,    /* the same again */
  LENIENT,  /* asks for one, and accepts every client */
  OPTIONAL, /* asks for one, and lets those without one in */
  HEIR,     /* of OPEN, whose SSL_CTX it shares */
  PICKY,    /* the same, for those with a certificate */
  SECOND,   /* the same again */
  HOSTS
} host_kind;

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

/* Each with ticket keys of its own, or its parent's; and all with the same. */
static tlstream_context *apart[HOSTS];
static tlstream_context *together[HOSTS];
static tlstream_context **hosts = apart;

static void make_hosts(tlstream_context **out, tlstream_ticket_keys *keys) {
  for (int i = 0; i < HOSTS; i++) {
    out[i] =
        i >= HEIR
            ? context_of(TLSTREAM_CONTEXT(.parent = out[OPEN],
                                          .request_certificate = i != HEIR,
                                          .ticket_keys = keys))
            : context_of(
                  TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                   .key = test_leaf(KEY_ECDSA)->key_pem,
                                   .ca = test_ca()->cert_pem,
                                   .request_certificate = i >= STRICT,
                                   .allow_no_certificate = i == OPTIONAL,
                                   .insecure_allow_unauthorized = i == LENIENT,
                                   .ticket_keys = keys));
  }
}

BEFORE_TESTS(set_up) {
  tlstream_ticket_keys *keys = tlstream_ticket_keys_new(NULL, NULL);
  make_hosts(apart, NULL);
  make_hosts(together, keys);
  tlstream_ticket_keys_unref(keys);
}

AFTER_TESTS(tear_down) {
  for (int i = 0; i < HOSTS; i++) {
    tlstream_context_unref(apart[i]);
    tlstream_context_unref(together[i]);
  }
}

/* How a client comes, and what becomes of it. */
typedef struct visit {
  tlstream_version version;
  tlstream_context *made_with; /* the server's own context */
  tlstream_context *chosen;    /* NULL: it does not choose */
  SSL_SESSION *offered;        /* NULL: an unknown one */
  bool has_certificate;

  int outcome; /* as of hostile_peer_handshake() */
  int error;   /* the server's */
  bool resumed;
  bool authorized;
  bool knows_certificate;
  SSL_SESSION *kept; /* what the client may offer next time; owned */
} visit;

static void answer(tlstream_pair *server, tlstream_context *chosen) {
  if (chosen == NULL) return;
  CHECK_STR(take_events(server), "HELLO");
  CHECK_INT(tlstream_pair_hello_accept(server, chosen), 0);
}

static void come(visit *self) {
  hostile_peer client;
  tlstream_pair *server = server_with(self->made_with, self->chosen != NULL);
  hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, self->version, server);
  if (!self->has_certificate) SSL_certs_clear(client.ssl);
  SSL_set_tlsext_host_name(client.ssl, "a.test");
  if (self->offered != NULL) {
    CHECK_INT(SSL_set_session(client.ssl, self->offered), 1);
  }
  self->outcome = hostile_peer_handshake(&client);
  answer(server, self->chosen);
  if (self->chosen != NULL) self->outcome = hostile_peer_handshake(&client);
  self->resumed = SSL_session_reused(client.ssl) == 1;
  self->error = error_code(server);
  self->authorized = tlstream_pair_authorized(server);
  tlstream_certificate *known = tlstream_pair_peer_certificate(server);
  self->knows_certificate = known != NULL;
  tlstream_certificate_unref(known);
  self->kept = hostile_peer_session(&client);
  hostile_peer_close(&client);
  tlstream_pair_free(server);
}

/* A session with `host`; the caller's. */
static SSL_SESSION *session_with(tlstream_version version,
                                 tlstream_context *made_with,
                                 tlstream_context *chosen,
                                 bool has_certificate) {
  visit first = {.version = version,
                 .made_with = made_with,
                 .chosen = chosen,
                 .has_certificate = has_certificate};
  come(&first);
  CHECK_INT(first.outcome, 0);
  CHECK_INT(first.error, 0);
  CHECK(!first.resumed);
  return first.kept;
}

static bool asks(host_kind host) {
  return host != OPEN && host != TWIN && host != HEIR;
}

static bool may_enter(host_kind host, bool has_certificate) {
  return !asks(host) || host == LENIENT || host == OPTIONAL || has_certificate;
}

/* Trust and credentials are equal everywhere. */
static int policy_of(host_kind host) {
  switch (host) {
    case OPEN:
    case TWIN:
    case HEIR: return 0;
    case LENIENT: return 1;
    case OPTIONAL: return 2;
    default: return 3;
  }
}

static host_kind keys_of(host_kind host) {
  if (hosts == together || host >= HEIR) return OPEN;
  return host;
}

static bool resumes(host_kind from, host_kind to) {
  return policy_of(from) == policy_of(to) && keys_of(from) == keys_of(to);
}

static void check_second(visit *second, host_kind from, host_kind to) {
  bool welcome = may_enter(to, second->has_certificate) || resumes(from, to);
  come(second);
  CHECK_INT(second->error, welcome ? 0 : TLSTREAM_ERR_NO_PEER_CERTIFICATE);
  CHECK_INT(second->outcome, welcome ? 0
                             : second->version == TLSTREAM_TLS_1_3
                                 ? CERTIFICATE_REQUIRED
                                 : HANDSHAKE_FAILURE);
  CHECK_INT(second->resumed, resumes(from, to));
  if (welcome) {
    CHECK_INT(second->authorized, asks(to) && second->has_certificate);
    CHECK_INT(second->knows_certificate, asks(to) && second->has_certificate);
  }
  SSL_SESSION_free(second->kept);
}

/* A host is reached by a context of its own, or chosen from another's. */
static void check_way(tlstream_version version, host_kind from, host_kind to,
                      bool has_certificate, bool first_chooses,
                      bool second_chooses) {
  if (!may_enter(from, has_certificate)) return;
  SSL_SESSION *kept =
      session_with(version, first_chooses ? hosts[OPEN] : hosts[from],
                   first_chooses ? hosts[from] : NULL, has_certificate);
  visit second = {.version = version,
                  .made_with = second_chooses ? hosts[OPEN] : hosts[to],
                  .chosen = second_chooses ? hosts[to] : NULL,
                  .offered = kept,
                  .has_certificate = has_certificate};
  check_second(&second, from, to);
  SSL_SESSION_free(kept);
}

static void check_all_ways(void) {
  for (unsigned i = 0; i < 2u * HOSTS * HOSTS * 8; i++) {
    unsigned way = i % 8;
    host_kind from = (host_kind)(i / 8 % HOSTS);
    host_kind to = (host_kind)(i / 8 / HOSTS % HOSTS);
    tlstream_version version = versions[i / 8 / HOSTS / HOSTS];
    IN_CASE("%s, from %d to %d, way %u", tlstream_version_name(version), from,
            to, way);
    check_way(version, from, to, (way & 1) != 0, (way & 2) != 0,
              (way & 4) != 0);
  }
}

TEST(a_session_resumes_at_hosts_of_equal_policy_and_the_same_keys) {
  check_all_ways();
}

TEST(with_the_same_keys_everywhere_policy_alone_decides) {
  hosts = together;
  check_all_ways();
}

/* The same by another name, and answered with "your own". */
TEST(an_answer_of_null_resumes_too) {
  for (int i = 0; i < 2; i++) {
    hostile_peer client;
    SSL_SESSION *kept = session_with(versions[i], hosts[OPEN], NULL, false);
    tlstream_pair *server = server_with(hosts[OPEN], true);
    hostile_peer_open(&client, TLSTREAM_ROLE_CLIENT, versions[i], server);
    SSL_set_session(client.ssl, kept);
    hostile_peer_handshake(&client);
    CHECK_STR(take_events(server), "HELLO");
    CHECK_INT(tlstream_pair_hello_accept(server, NULL), 0);
    CHECK_INT(hostile_peer_handshake(&client), 0);
    CHECK_INT(SSL_session_reused(client.ssl), 1);
    hostile_peer_close(&client);
    tlstream_pair_free(server);
    SSL_SESSION_free(kept);
  }
}

/* The client had a certificate when the session was made; it need not show it
 * again, and is still known by it. */
TEST(a_resumed_client_is_still_known) {
  for (int i = 0; i < 2; i++) {
    SSL_SESSION *kept = session_with(versions[i], hosts[STRICT], NULL, true);
    visit again = {.version = versions[i],
                   .made_with = hosts[OPEN],
                   .chosen = hosts[STRICT],
                   .offered = kept};
    come(&again);
    CHECK_INT(again.outcome, 0);
    CHECK(again.resumed);
    CHECK(again.authorized);
    CHECK(again.knows_certificate);
    SSL_SESSION_free(again.kept);
    SSL_SESSION_free(kept);
  }
}

/* Nor does a client that came in without one become one that has. */
TEST(a_resumed_stranger_is_still_one) {
  for (int i = 0; i < 2; i++) {
    SSL_SESSION *kept = session_with(versions[i], hosts[LENIENT], NULL, false);
    visit again = {.version = versions[i],
                   .made_with = hosts[OPEN],
                   .chosen = hosts[LENIENT],
                   .offered = kept,
                   .has_certificate = true};
    come(&again);
    CHECK_INT(again.outcome, 0);
    CHECK(again.resumed);
    CHECK(!again.authorized);
    CHECK(!again.knows_certificate);
    SSL_SESSION_free(again.kept);
    SSL_SESSION_free(kept);
  }
}
