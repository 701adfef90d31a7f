/* SPDX-License-Identifier: MIT */
#include "support/visit.h"

#include <stdint.h>

#include "support/shuttle.h"
#include "support/test.h"

static tlstream_pair *make_client(const visit *self) {
  tlstream_error error;
  tlstream_pair *made = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT, .context = self->client,
                    .verify_name =
                        self->name != NULL ? self->name : SERVER_NAME,
                    .servername = self->servername, .port = self->port,
                    .session = self->offered, .keep_sessions = true),
      0, &error);
  if (made == NULL) TEST_STOP("%s", error.message);
  return made;
}

static size_t chain_len(const tlstream_pair *pair) {
  tlstream_certificate *first = tlstream_pair_peer_certificate(pair);
  size_t len = 0;
  for (const tlstream_certificate *at = first; at != NULL;
       at = tlstream_certificate_issuer_certificate(at))
    len++;
  tlstream_certificate_unref(first);
  return len;
}

static void note_outcome(visit *self, const tlstream_pair *client) {
  const tlstream_error *why = tlstream_pair_authorization_error(client);
  self->resumed = tlstream_pair_resumed(client);
  self->authorized = tlstream_pair_authorized(client);
  self->source = tlstream_pair_authorization_from(client);
  self->error = error_code(client);
  self->reason = why != NULL ? why->code : 0;
  (void)tlstream_pair_authorization_errors(client, &self->reasons);
  self->chain_len = chain_len(client);
}

static void take_sessions(visit *self, tlstream_pair *client) {
  for (;;) {
    tlstream_session *next = tlstream_pair_take_session(client);
    if (next == NULL) return;
    tlstream_session_unref(self->kept);
    self->kept = next;
    self->given++;
  }
}

/* In TLS 1.3 the ticket comes with the first data. */
static void talk(visit *self, peers *both) {
  tlstream_pair *client = both->side[TLSTREAM_ROLE_CLIENT];
  tlstream_pair *server = both->side[TLSTREAM_ROLE_SERVER];
  char byte = 0;
  CHECK_INT(tlstream_pair_write(server, "x", 1), 1);
  shuttle(server, client, SIZE_MAX);
  CHECK_INT(tlstream_pair_read(client, &byte, 1), 1);
  take_sessions(self, client);
  CHECK_INT(tlstream_pair_close(client), 0);
  CHECK_INT(tlstream_pair_close(server), 0);
  shuttle(client, server, SIZE_MAX);
  CHECK_INT(tlstream_pair_ending(client), TLSTREAM_ENDING_CLEAN);
}

visit visit_run(visit self) {
  self.kept = NULL;
  self.given = 0;
  peers both = shake(make_client(&self), server_with(self.server, false));
  note_outcome(&self, both.side[TLSTREAM_ROLE_CLIENT]);
  self.secure = tlstream_pair_is_secure(both.side[TLSTREAM_ROLE_CLIENT]) &&
                tlstream_pair_is_secure(both.side[TLSTREAM_ROLE_SERVER]);
  if (self.secure) {
    CHECK_INT(tlstream_pair_resumed(both.side[TLSTREAM_ROLE_SERVER]),
              self.resumed);
    talk(&self, &both);
  }
  peers_free(&both);
  return self;
}

visit visit_again(visit last) {
  visit next = last;
  next.offered = last.kept;
  next = visit_run(next);
  tlstream_session_unref(last.kept);
  next.offered = NULL;
  return next;
}

tlstream_session *visit_session(tlstream_context *client,
                                tlstream_context *server) {
  visit first = visit_run((visit){.client = client, .server = server});
  CHECK(first.secure && !first.resumed);
  if (first.kept == NULL) TEST_STOP("the server gave no session");
  return first.kept;
}

tlstream_context *visit_server(tlstream_version version) {
  return context_of(TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                     .key = test_leaf(KEY_ECDSA)->key_pem,
                                     .max_version = version));
}

tlstream_context *visit_client(void) {
  return context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem));
}
