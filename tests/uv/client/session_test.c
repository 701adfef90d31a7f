/* SPDX-License-Identifier: MIT */
/* Streams get the server's sessions and resume them; and a context with a cache
 * does it by itself. */
#include <tlstream/memory.h>
#include <tlstream/session.h>
#include <tlstream/stream_info.h>
#include <tlstream/upgrade.h>

#include "support/connect.h"
#include "support/test.h"
#include "support/uv/loopback.h"

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

/* A client that says something, and closes when it has been answered. */
typedef struct caller {
  tlstream_context *context;
  tlstream_session *offered; /* borrowed */
  int port;                  /* of tlstream_upgrade() */
  bool destroys;             /* in on_session */

  tlstream_session *kept; /* owned; the latest */
  unsigned given;
  bool secure;
  bool resumed;
  tlstream_authorization_source source;
  bool over;
} caller;

static void on_secure(tlstream *stream, void *data) {
  caller *self = data;
  self->secure = tlstream_authorized(stream);
  self->resumed = tlstream_resumed(stream);
  self->source = tlstream_authorization_from(stream);
  char *json = tlstream_json(stream);
  CHECK_HAS(json, self->resumed ? "\"sessionReused\":true"
                                : "\"sessionReused\":false");
  tlstream_free(json);
  CHECK_INT(self->given, 0);
  CHECK_ERROR(tlstream_write(stream, "", 1), 0);
}

static void on_session(tlstream *stream, tlstream_session *session,
                       void *data) {
  caller *self = data;
  CHECK(self->secure && !self->over);
  tlstream_session_unref(self->kept);
  self->kept = tlstream_session_ref(session);
  self->given++;
  if (self->destroys) tlstream_destroy(stream);
}

static void on_data(tlstream *stream, const void *bytes, size_t len,
                    void *data) {
  (void)bytes, (void)len, (void)data;
  tlstream_close(stream);
}

static void on_close(tlstream *stream, tlstream_ending ending, void *data) {
  (void)stream, (void)ending;
  ((caller *)data)->over = true;
}

static const tlstream_events events = {.on_secure = on_secure,
                                       .on_session = on_session,
                                       .on_data = on_data,
                                       .on_close = on_close};
static const tlstream_events without_session = {
    .on_secure = on_secure, .on_data = on_data, .on_close = on_close};

static bool is_over(loopback *net) {
  return ((caller *)net->data)->over;
}

static void call_with(loopback *net, caller *self,
                      const tlstream_events *with) {
  tlstream_error error;
  self->over = self->secure = self->resumed = false;
  self->given = 0;
  tlstream *stream = tlstream_connect(
      net->loop,
      TLSTREAM_CONNECT(.context = self->context, .host = "127.0.0.1",
                       .port = net->at.port, .verify_name = SERVER_NAME,
                       .session = self->offered),
      with, self, &error);
  if (stream == NULL) TEST_STOP("%s", error.message);
  net->data = self;
  loopback_until(net, is_over);
}

static void call(loopback *net, caller *self) {
  call_with(net, self, &events);
}

static void serve(loopback *net, tlstream_version version) {
  net->config.version = version;
  net->expects = ANY_NUMBER;
  loopback_open(net);
  loopback_serve(net, NULL);
}

static void end(loopback *net, caller *self) {
  tlstream_session_unref(self->kept);
  tlstream_context_unref(self->context);
  tlstream_server_close(net->server, 0);
  loopback_run(net);
  loopback_close(net);
}

TEST(a_session_of_one_stream_is_resumed_by_the_next) {
  for (int v = 0; v < 2; v++) {
    loopback net = {0};
    serve(&net, versions[v]);
    caller self = {.context =
                       config_context(&net.config, TLSTREAM_ROLE_CLIENT)};
    call(&net, &self);
    CHECK(self.secure && !self.resumed);
    CHECK_GE(self.given, 1);
    tlstream_session *kept = self.kept;
    self.kept = NULL;
    self.offered = kept;
    call(&net, &self);
    CHECK(self.secure && self.resumed);
    CHECK_INT(self.source, TLSTREAM_SOURCE_SESSION);
    tlstream_session_unref(kept);
    end(&net, &self);
  }
}

TEST(a_context_with_a_cache_resumes_by_itself) {
  for (int v = 0; v < 2; v++) {
    loopback net = {0};
    serve(&net, versions[v]);
    caller self = {.context =
                       context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                                   .session_cache_size = 4))};
    for (int i = 0; i < 3; i++) {
      call_with(&net, &self, &without_session);
      CHECK(self.secure);
      CHECK_INT(self.resumed, i > 0);
    }
    end(&net, &self);
  }
}

static uv_tcp_t plain;

static void on_plain(uv_connect_t *request, int status) {
  tlstream_error error;
  caller *self = request->data;
  CHECK_ERROR(status, 0);
  tlstream *stream = tlstream_upgrade(
      request->handle,
      TLSTREAM_UPGRADE(.role = TLSTREAM_ROLE_CLIENT, .context = self->context,
                       .verify_name = SERVER_NAME, .session = self->offered,
                       .port = self->port),
      &events, self, &error);
  if (stream == NULL) TEST_STOP("%s", error.message);
}

static void upgrade(loopback *net, caller *self) {
  struct sockaddr_in address;
  uv_connect_t request = {.data = self};
  self->over = self->secure = self->resumed = false;
  self->given = 0;
  CHECK_ERROR(uv_ip4_addr("127.0.0.1", net->at.port, &address), 0);
  CHECK_ERROR(uv_tcp_init(net->loop, &plain), 0);
  CHECK_ERROR(uv_tcp_connect(&request, &plain,
                             (const struct sockaddr *)&address, on_plain),
              0);
  net->data = self;
  loopback_until(net, is_over);
}

/* By the port that it is told, which a handle that is in use does not show. */
TEST(tls_on_a_connection_in_use_resumes_too) {
  loopback net = {0};
  serve(&net, TLSTREAM_TLS_1_3);
  caller self = {.context =
                     context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                                 .session_cache_size = 9)),
                 .port = 25};
  for (int i = 0; i < 3; i++) {
    upgrade(&net, &self);
    CHECK(self.secure);
    CHECK_INT(self.resumed, i > 0);
  }
  self.port = 587;
  upgrade(&net, &self);
  CHECK(self.secure && !self.resumed);
  tlstream_session *kept = self.kept;
  self.kept = NULL;
  self.offered = kept;
  self.port = 465;
  upgrade(&net, &self);
  CHECK(self.secure && self.resumed);
  tlstream_session_unref(kept);
  end(&net, &self);
}

TEST(a_stream_may_be_destroyed_where_its_session_comes) {
  for (int v = 0; v < 2; v++) {
    loopback net = {0};
    serve(&net, versions[v]);
    caller self = {.context = config_context(&net.config, TLSTREAM_ROLE_CLIENT),
                   .destroys = true};
    call(&net, &self);
    CHECK(self.secure);
    CHECK_INT(self.given, 1);
    tlstream_session *kept = self.kept;
    self.kept = NULL;
    self.offered = kept;
    self.destroys = false;
    call(&net, &self);
    CHECK(self.secure && self.resumed); /* it was not spoilt by that */
    tlstream_session_unref(kept);
    end(&net, &self);
  }
}
