/* SPDX-License-Identifier: MIT */
#include "support/handshake.h"

#include <stdint.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include <tlstream/pair_info.h>

#include "support/shuttle.h"
#include "support/test.h"

enum { ROUNDS = 8 };

static void must(bool held, const tlstream_error *error) {
  if (!held) TEST_STOP("%s", error->message);
}

tlstream_pair *client_with(tlstream_context *context, const char *servername) {
  tlstream_error error;
  tlstream_pair *made = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT, .context = context,
                    .verify_name = SERVER_NAME, .servername = servername),
      0, &error);
  must(made != NULL, &error);
  return made;
}

tlstream_pair *server_with(tlstream_context *context, bool chooses) {
  tlstream_error error;
  tlstream_pair *made = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = context,
                    .choose_context = chooses),
      0, &error);
  must(made != NULL, &error);
  return made;
}

tlstream_protocols protocol_list(const char *names, unsigned char *room) {
  unsigned char *out = room;
  if (names == NULL) return (tlstream_protocols){.count = 0};
  for (const char *at = names; at != NULL;) {
    size_t len = strcspn(at, ",");
    *out++ = (unsigned char)len;
    memcpy(out, at, len);
    out += len;
    at = at[len] == ',' ? at + len + 1 : NULL;
  }
  return (tlstream_protocols){.wire = {room, (size_t)(out - room)}};
}

peers shake(tlstream_pair *client, tlstream_pair *server) {
  peers both;
  both.side[TLSTREAM_ROLE_CLIENT] = client;
  both.side[TLSTREAM_ROLE_SERVER] = server;
  (void)!tlstream_pair_start(client);
  shuttle(client, server, SIZE_MAX);
  return both;
}

bool was_shown(const tlstream_pair *client, const made_cert *leaf) {
  unsigned char *want = NULL;
  size_t len = 0;
  tlstream_certificate *shown = tlstream_pair_peer_certificate(client);
  int want_len = i2d_X509(leaf->cert, &want);
  const void *der =
      shown != NULL ? tlstream_certificate_der(shown, &len) : NULL;
  bool same = len == (size_t)want_len && memcmp(der, want, len) == 0;
  OPENSSL_free(want);
  tlstream_certificate_unref(shown);
  return same;
}

/* OpenSSL's reason for an alert that it got is the alert's number and this. */
static int alert_in_queue(void) {
  int reason = ERR_GET_REASON(ERR_peek_last_error());
  return reason >= SSL_AD_REASON_OFFSET ? reason - SSL_AD_REASON_OFFSET : -1;
}

static int step(SSL *ssl) {
  char byte = 0;
  ERR_clear_error();
  if (SSL_do_handshake(ssl) == 1) SSL_peek(ssl, &byte, 1);
  int alert = alert_in_queue();
  if (alert > 0) return alert;
  return SSL_is_init_finished(ssl) ? 0 : -1;
}

int hostile_peer_handshake(hostile_peer *self) {
  int outcome = -1;
  (void)!tlstream_pair_start(self->pair);
  for (int round = 0; round < ROUNDS && outcome <= 0; round++) {
    hostile_peer_pull(self);
    outcome = step(self->ssl);
    hostile_peer_push(self);
  }
  ERR_clear_error();
  return outcome;
}

SSL_SESSION *hostile_peer_session(hostile_peer *self) {
  char byte = 0;
  if (!tlstream_pair_is_secure(self->pair)) return NULL;
  CHECK_INT(tlstream_pair_write(self->pair, "x", 1), 1);
  hostile_peer_pull(self);
  CHECK_INT(SSL_read(self->ssl, &byte, 1), 1);
  /* A copy: OpenSSL spoils the session of a connection that is just dropped. */
  return SSL_SESSION_dup(SSL_get_session(self->ssl));
}
