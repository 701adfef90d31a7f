/* SPDX-License-Identifier: MIT */
/* H7: memory runs out while a client resumes: the handshake is a full one, or
 * the pair fails; no peer is authorized that is not. */
#include <stdint.h>
#include <stdlib.h>

#include <tlstream/memory.h>

#include "support/shuttle.h"
#include "support/test.h"
#include "support/torture.h"
#include "support/visit.h"

BEFORE_TESTS(take_over) {
  torture_install();
  if (!torture_install_openssl()) test_fail(__FILE__, __LINE__, "too late");
}

typedef struct trial {
  tlstream_context *server;
  void *bytes; /* of a session of it */
  size_t len;
  size_t secure;
  size_t resumed;
} trial;

static trial trial_of(tlstream_version version) {
  trial made = {.server = visit_server(version)};
  tlstream_context *client = visit_client();
  tlstream_session *session = visit_session(client, made.server);
  made.bytes = tlstream_session_serialize(session, &made.len);
  tlstream_session_unref(session);
  tlstream_context_unref(client);
  return made;
}

static void trial_clear(trial *made) {
  tlstream_free_secret(made->bytes, made->len);
  tlstream_context_unref(made->server);
}

static void take_sessions(tlstream_pair *client) {
  tlstream_session *next = NULL;
  while ((next = tlstream_pair_take_session(client)) != NULL)
    tlstream_session_unref(next);
}

static void talk(trial *self, tlstream_pair *client, tlstream_pair *server) {
  (void)!tlstream_pair_start(client);
  shuttle(client, server, SIZE_MAX);
  bool secure = tlstream_pair_is_secure(client);
  CHECK_INT(tlstream_pair_authorized(client), secure);
  self->secure += secure;
  self->resumed += tlstream_pair_resumed(client);
  (void)!tlstream_pair_write(server, "x", 1);
  shuttle(server, client, SIZE_MAX);
  take_sessions(client);
}

/* The context has a cache, which gets what the server sends. */
static void resume(void *data) {
  trial *self = data;
  tlstream_session *offered =
      tlstream_session_parse(self->bytes, self->len, NULL);
  tlstream_context *context = tlstream_context_new(
      TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem, .session_cache_size = 2),
      NULL);
  tlstream_pair *client =
      context == NULL
          ? NULL
          : tlstream_pair_new(
                TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT, .context = context,
                              .verify_name = SERVER_NAME, .session = offered,
                              .keep_sessions = true),
                0, NULL);
  tlstream_pair *server = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = self->server), 0,
      NULL);
  if (client != NULL && server != NULL) talk(self, client, server);
  tlstream_pair_free(client);
  tlstream_pair_free(server);
  tlstream_context_unref(context);
  tlstream_session_unref(offered);
}

static void endure(tlstream_version version) {
  IN_CASE("%s", tlstream_version_name(version));
  trial made = trial_of(version);
  resume(&made);
  CHECK_INT(made.resumed, 1);
  for (int mode = TORTURE_ONCE; mode <= TORTURE_FOREVER; mode++)
    torture_each(TORTURE_LIBRARY, (torture_mode)mode, resume, &made);
  CHECK_GT(made.resumed, 1);
  CHECK_GT(made.secure, made.resumed); /* a full handshake instead */
  torture_some(TORTURE_OPENSSL, TORTURE_ONCE, 29, resume, &made);
  trial_clear(&made);
}

TEST(a_client_that_resumes_survives) {
  endure(TLSTREAM_TLS_1_2);
  endure(TLSTREAM_TLS_1_3);
}
