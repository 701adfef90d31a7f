/* SPDX-License-Identifier: MIT */
#include "support/returning.h"

#include <tlstream/pair_info.h>

#include "support/test.h"

/* The type and the length before a ticket; a ticket's first byte is not
 * looked at. */
static void on_message(int sent, int version, int type, const void *data,
                       size_t len, SSL *ssl, void *arg) {
  visit *self = arg;
  (void)version, (void)ssl;
  if (!sent && type == SSL3_RT_HANDSHAKE && len > 0 &&
      *(const unsigned char *)data == SSL3_MT_NEWSESSION_TICKET) {
    self->tickets++;
  }
}

static void open_client(hostile_peer *client, visit *self,
                        tlstream_pair *server) {
  hostile_peer_open(client, TLSTREAM_ROLE_CLIENT, self->version, server);
  SSL_set_msg_callback(client->ssl, on_message);
  SSL_set_msg_callback_arg(client->ssl, self);
  if (!self->shows_certificate) SSL_certs_clear(client->ssl);
  if (self->refuses_tickets) SSL_set_options(client->ssl, SSL_OP_NO_TICKET);
  if (self->offered != NULL) {
    CHECK_INT(SSL_set_session(client->ssl, self->offered), 1);
  }
}

visit come(visit self) {
  hostile_peer client;
  tlstream_pair *server = server_with(self.server, false);
  self.tickets = 0;
  open_client(&client, &self, server);
  self.secure = hostile_peer_handshake(&client) == 0;
  self.resumed = SSL_session_reused(client.ssl) == 1;
  self.authorized = tlstream_pair_authorized(server);
  const tlstream_error *error = tlstream_pair_error(server);
  self.error = error != NULL ? error->code : 0;
  self.kept = hostile_peer_session(&client);
  hostile_peer_close(&client);
  tlstream_pair_free(server);
  return self;
}

visit come_again(visit last) {
  visit next = last;
  next.offered = last.kept;
  next = come(next);
  SSL_SESSION_free(last.kept);
  next.offered = NULL;
  return next;
}

tlstream_context *server_context(tlstream_context_options more) {
  more.size = sizeof(more);
  if (more.parent == NULL) {
    more.cert = test_leaf(KEY_ECDSA)->cert_pem;
    more.key = test_leaf(KEY_ECDSA)->key_pem;
    more.ca = test_ca()->cert_pem;
  }
  return context_of(&more);
}
