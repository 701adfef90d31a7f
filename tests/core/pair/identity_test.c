/* SPDX-License-Identifier: MIT */
/* B10: the peer's identity belongs to one connection, and is set once: neither
 * the next client nor anything that this one sends later changes it. */
#include <tlstream/pair_info.h>

#include "support/handshake.h"
#include "support/test.h"

typedef enum guest { KNOWN, NAMELESS, STRANGER, GUESTS } guest;

static const int reasons[GUESTS] = {0, TLSTREAM_ERR_NO_PEER_CERTIFICATE,
                                    TLSTREAM_ERR_UNTRUSTED};

static tlstream_context *guest_context(guest peer, tlstream_version version) {
  const made_cert *const own[] = {test_leaf(KEY_ECDSA), NULL, test_stranger()};
  tlstream_context_options options = {.size = sizeof(options),
                                      .ca = test_ca()->cert_pem,
                                      .max_version = version};
  if (own[peer] != NULL) options.cert = own[peer]->cert_pem;
  if (own[peer] != NULL) options.key = own[peer]->key_pem;
  return context_of(&options);
}

/* Asks for a certificate, and accepts every client. */
static tlstream_context *host_context(void) {
  return context_of(TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                     .key = test_leaf(KEY_ECDSA)->key_pem,
                                     .ca = test_ca()->cert_pem,
                                     .request_certificate = true,
                                     .insecure_allow_unauthorized = true));
}

static void check_is(const tlstream_pair *server, guest peer) {
  const tlstream_error *why = tlstream_pair_authorization_error(server);
  tlstream_certificate *seen = tlstream_pair_peer_certificate(server);
  CHECK_INT(tlstream_pair_authorized(server), peer == KNOWN);
  CHECK_INT(why != NULL ? why->code : 0, reasons[peer]);
  CHECK_INT(seen != NULL, peer != NAMELESS);
  tlstream_certificate_unref(seen);
}

/* One server, all orders of three clients, all of them there at once. */
TEST(the_next_client_is_another_one) {
  tlstream_context *host = host_context();
  for (int order = 0; order < 2 * GUESTS * GUESTS * GUESTS; order++) {
    tlstream_version version = order % 2 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3;
    guest peer[3] = {(guest)(order / 2 % GUESTS),
                     (guest)(order / 2 / GUESTS % GUESTS),
                     (guest)(order / 2 / GUESTS / GUESTS)};
    peers met[3];
    for (int i = 0; i < 3; i++) {
      tlstream_context *client = guest_context(peer[i], version);
      met[i] = shake(client_with(client, NULL), server_with(host, false));
      tlstream_context_unref(client);
      for (int k = 0; k <= i; k++)
        check_is(met[k].side[TLSTREAM_ROLE_SERVER], peer[k]);
    }
    for (int i = 0; i < 3; i++)
      peers_free(&met[i]);
  }
  tlstream_context_unref(host);
}

/* What would begin another look at the peer: a request to renegotiate, a second
 * certificate, and a second request for one (RFC 8446, section 4.6.2). */
static const struct {
  tlstream_version version;
  tlstream_role ours;
  const char *bytes;
  size_t len;
  int code;
} messages[] = {
    {TLSTREAM_TLS_1_2, TLSTREAM_ROLE_SERVER, "\1\0\0\0", 4, 0},
    {TLSTREAM_TLS_1_2, TLSTREAM_ROLE_CLIENT, "\0\0\0\0", 4, 0},
    {TLSTREAM_TLS_1_2, TLSTREAM_ROLE_SERVER, "\x0b\0\0\3\0\0\0", 7,
     TLSTREAM_ERR_PROTOCOL},
    {TLSTREAM_TLS_1_3, TLSTREAM_ROLE_SERVER, "\1\0\0\0", 4,
     TLSTREAM_ERR_PROTOCOL},
    {TLSTREAM_TLS_1_3, TLSTREAM_ROLE_SERVER, "\x0b\0\0\4\0\0\0\0", 8,
     TLSTREAM_ERR_PROTOCOL},
    {TLSTREAM_TLS_1_3, TLSTREAM_ROLE_CLIENT, "\x0b\0\0\4\0\0\0\0", 8,
     TLSTREAM_ERR_PROTOCOL},
    {TLSTREAM_TLS_1_3, TLSTREAM_ROLE_CLIENT,
     "\x0d\0\0\x0c\1\x55\0\x08\0\x0d\0\4\0\2\4\3", 16, TLSTREAM_ERR_PROTOCOL},
};

TEST(nothing_that_is_sent_later_changes_it) {
  EACH_ROW(i, messages) {
    hostile_peer other;
    config terms = {.version = messages[i].version, .mutual = true};
    tlstream_pair *us = config_pair(&terms, messages[i].ours);
    hostile_peer_open(&other, other_role(messages[i].ours), messages[i].version,
                      us);
    hostile_peer_finish_handshake(&other);
    CHECK(tlstream_pair_authorized(us));
    (void)!hostile_peer_send(&other, HOSTILE_HANDSHAKE, messages[i].bytes,
                             messages[i].len);
    CHECK_ERROR(error_code(us), messages[i].code);
    CHECK(tlstream_pair_authorized(us));
    CHECK(was_shown(us, test_leaf(KEY_ECDSA)));
    hostile_peer_disconnect(&other);
  }
}
