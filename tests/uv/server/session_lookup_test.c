/* SPDX-License-Identifier: MIT */
/* Sessions by id that the program keeps: asked for through the server, and
 * answered in the callback, later, twice, too late, or never. OpenSSL plays the
 * client, in a thread of its own. D5. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include <tlstream/memory.h>
#include <tlstream/pair_ending.h>
#include <tlstream/server.h>
#include <tlstream/stream_hello.h>
#include <tlstream/stream_info.h>
#include <tlstream/stream_lookup.h>
#include <tlstream/stream_verify.h>
#include <tlstream/upgrade.h>

#include "support/peers.h"
#include "support/test.h"

typedef enum answer { AT_ONCE, LATER, DESTROYED, TOO_LATE } answer;

typedef struct trial {
  answer answer;
  void (*in_lookup)(tlstream *stream); /* first of all */
  void (*in_made)(tlstream *stream);
  uv_loop_t loop;
  uv_async_t left; /* the client has */
  uv_timer_t turn;
  tlstream_server *server;
  int port;
  tlstream *waiting; /* a reference, for an answer later */

  /* The store. */
  unsigned char id[32];
  unsigned char bytes[8192];
  size_t id_len;
  size_t len;

  unsigned asked;
  unsigned made;
  unsigned connections;
  unsigned resumed;  /* of them, as the server sees it */
  uv_tcp_t listener; /* without a tlstream_server */
  uv_tcp_t accepted;

  /* The client's. */
  pthread_t client;
  SSL_SESSION *session; /* owned */
  bool is_through;
  bool reused;
} trial;

/* One connection: the handshake, and a byte. */
static void talk(trial *self, SSL *ssl) {
  char byte = 0;
  SSL_set_options(ssl, SSL_OP_NO_TICKET);
  SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
  if (self->session != NULL) SSL_set_session(ssl, self->session);
  self->is_through = SSL_connect(ssl) == 1 && SSL_read(ssl, &byte, 1) == 1;
  self->reused = SSL_session_reused(ssl) == 1;
  SSL_shutdown(ssl);
  if (!self->is_through) return;
  SSL_SESSION_free(self->session);
  self->session = SSL_get1_session(ssl);
}

static void *run_client(void *data) {
  trial *self = data;
  struct sockaddr_in at = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)self->port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
  SSL *ssl = SSL_new(ctx);
  if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0) {
    SSL_set_fd(ssl, fd);
    talk(self, ssl);
  }
  SSL_free(ssl);
  SSL_CTX_free(ctx);
  close(fd);
  uv_async_send(&self->left);
  return NULL;
}

static void on_left(uv_async_t *handle) {
  trial *self = handle->data;
  pthread_join(self->client, NULL);
  if (self->server != NULL) tlstream_server_close(self->server, 0);
  uv_close((uv_handle_t *)&self->left, NULL);
  uv_close((uv_handle_t *)&self->turn, NULL);
}

static void on_connection(tlstream_server *server, tlstream *stream,
                          void *data) {
  trial *self = data;
  (void)server;
  self->connections++;
  self->resumed += tlstream_resumed(stream);
  CHECK_GE(tlstream_write(stream, "x", 1), 0);
  tlstream_close(stream);
}

static tlstream_bytes stored(const trial *self) {
  return (tlstream_bytes){self->bytes, self->len};
}

static void on_turn(uv_timer_t *handle) {
  trial *self = handle->data;
  CHECK_ERROR(tlstream_lookup_answer(self->waiting, stored(self)),
              self->answer == TOO_LATE ? TLSTREAM_ERR_CLOSED : 0);
  if (self->answer == LATER) {
    CHECK_ERROR(tlstream_lookup_answer(self->waiting, stored(self)),
                TLSTREAM_ERR_WRONG_STATE);
  }
  tlstream_unref(self->waiting);
  self->waiting = NULL;
}

static void on_session_lookup(tlstream_server *server, tlstream *stream,
                              tlstream_bytes id, void *data) {
  trial *self = data;
  (void)server;
  self->asked++;
  CHECK_INT(id.len, self->id_len);
  CHECK(memcmp(id.data, self->id, id.len) == 0);
  if (self->in_lookup != NULL) {
    self->in_lookup(stream);
    (void)!tlstream_lookup_answer(stream, stored(self));
    return;
  }
  switch (self->answer) {
    case AT_ONCE:
      CHECK_ERROR(tlstream_lookup_answer(stream, stored(self)), 0);
      CHECK_ERROR(tlstream_lookup_answer(stream, stored(self)),
                  TLSTREAM_ERR_WRONG_STATE);
      break;
    case DESTROYED: tlstream_destroy(stream); break;
    case TOO_LATE: tlstream_destroy(stream); __attribute__((fallthrough));
    case LATER:
      self->waiting = tlstream_ref(stream);
      uv_timer_start(&self->turn, on_turn, 0, 0);
      break;
  }
}

static void on_session_made(tlstream_server *server, tlstream *stream,
                            tlstream_bytes id, tlstream_bytes session,
                            void *data) {
  trial *self = data;
  (void)server;
  CHECK_INT(self->connections, self->made + 1); /* after on_connection */
  self->made++;
  memcpy(self->id, id.data, id.len);
  memcpy(self->bytes, session.data, session.len);
  self->id_len = id.len;
  self->len = session.len;
  if (self->in_made != NULL) self->in_made(stream);
}

static tlstream_context *make_context(void) {
  return tlstream_context_new(
      TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                       .key = test_leaf(KEY_ECDSA)->key_pem,
                       .session_id_cache_size = TLSTREAM_NO_SESSION_IDS),
      NULL);
}

static void open_loop(trial *self) {
  uv_loop_init(&self->loop);
  uv_async_init(&self->loop, &self->left, on_left);
  uv_timer_init(&self->loop, &self->turn);
  self->left.data = self->turn.data = self;
}

static void run_loop(trial *self) {
  pthread_create(&self->client, NULL, run_client, self);
  uv_run(&self->loop, UV_RUN_DEFAULT);
  CHECK_INT(uv_loop_close(&self->loop), 0);
}

/* A client comes to a new server, which has nothing but the store. */
static void come(trial *self, answer how,
                 const tlstream_server_events *events) {
  tlstream_address at;
  self->answer = how;
  tlstream_context *context = make_context();
  open_loop(self);
  self->server = tlstream_server_new(
      &self->loop, TLSTREAM_SERVER(.context = context), events, self, NULL);
  CHECK_ERROR(tlstream_server_listen(self->server, "127.0.0.1", 0, NULL), 0);
  tlstream_server_address(self->server, &at);
  self->port = at.port;
  run_loop(self);
  tlstream_context_unref(context);
}

static const tlstream_server_events events = {
    .on_connection = on_connection,
    .on_session_lookup = on_session_lookup,
    .on_session_made = on_session_made,
};

TEST(a_session_resumes_by_an_answer_now_or_later) {
  for (answer how = AT_ONCE; how <= LATER; how++) {
    trial self = {.session = NULL};
    come(&self, how, &events);
    CHECK(self.is_through && !self.reused);
    CHECK_INT(self.asked, 0);
    CHECK_INT(self.made, 1);
    for (unsigned i = 1; i <= 3; i++) {
      come(&self, how, &events);
      CHECK(self.is_through && self.reused);
      CHECK_INT(self.asked, i);
      CHECK_INT(self.resumed, i);
      CHECK_INT(self.made, 1);
    }
    SSL_SESSION_free(self.session);
  }
}

TEST(a_store_that_has_nothing_means_a_full_handshake) {
  trial self = {.session = NULL};
  come(&self, AT_ONCE, &events);
  self.len = 0;
  come(&self, AT_ONCE, &events);
  CHECK(self.is_through && !self.reused);
  CHECK_INT(self.asked, 1);
  CHECK_INT(self.made, 2);
  SSL_SESSION_free(self.session);
}

TEST(a_stream_may_be_gone_before_its_answer) {
  for (answer how = DESTROYED; how <= TOO_LATE; how++) {
    trial self = {.session = NULL};
    come(&self, AT_ONCE, &events);
    come(&self, how, &events);
    CHECK(!self.is_through);
    CHECK_INT(self.asked, 1);
    CHECK_INT(self.connections, 1);
    SSL_SESSION_free(self.session);
  }
}

/* Storing without looking, as another server does the latter. */
TEST(without_a_callback_there_is_no_session) {
  static const tlstream_server_events only_made = {
      .on_connection = on_connection, .on_session_made = on_session_made};
  trial self = {.session = NULL};
  for (unsigned i = 1; i <= 2; i++) {
    come(&self, AT_ONCE, &only_made);
    CHECK(self.is_through && !self.reused);
    CHECK_INT(self.made, i);
  }
  SSL_SESSION_free(self.session);
}

static void do_write(tlstream *stream) {
  (void)!tlstream_write(stream, "y", 1);
  tlstream_flush(stream);
}

static void do_pause(tlstream *stream) {
  tlstream_pause(stream);
  tlstream_resume(stream);
}

static void do_answer(tlstream *stream) {
  (void)!tlstream_lookup_answer(stream, (tlstream_bytes){NULL, 0});
  CHECK_LT(tlstream_hello_accept(stream, NULL), 0);
  CHECK_LT(tlstream_verify_accept(stream), 0);
}

static void do_describe(tlstream *stream) {
  tlstream_free(tlstream_json(stream));
}

static void do_forget(tlstream *stream) {
  static const tlstream_events none = {.on_data = NULL};
  tlstream_set_events(stream, &none, NULL);
}

static void do_destroy_twice(tlstream *stream) {
  tlstream_destroy(stream);
  tlstream_destroy(stream);
}

/* C4, H1 */
TEST(every_call_is_legal_in_both_callbacks) {
  static const struct {
    const char *name;
    void (*run)(tlstream *stream);
  } actions[] = {
      {"write", do_write},          {"pause and resume", do_pause},
      {"answer", do_answer},        {"describe", do_describe},
      {"set no events", do_forget}, {"end", tlstream_end},
      {"close", tlstream_close},    {"destroy", do_destroy_twice},
  };
  EACH_ROW(i, actions) {
    IN_CASE("%s", actions[i].name);
    trial self = {.in_lookup = actions[i].run, .in_made = actions[i].run};
    come(&self, AT_ONCE, &events);
    CHECK_INT(self.made, 1);
    self.in_made = NULL;
    come(&self, AT_ONCE, &events);
    /* A client whose connection was cut may have dropped its session. */
    if (self.in_lookup != do_destroy_twice) CHECK_INT(self.asked, 1);
    SSL_SESSION_free(self.session);
  }
}

/* The same for a stream that no server made. */
static void on_stream_secure(tlstream *stream, void *data) {
  on_connection(NULL, stream, data);
}

static void on_stream_lookup(tlstream *stream, tlstream_bytes id, void *data) {
  on_session_lookup(NULL, stream, id, data);
}

static void on_stream_made(tlstream *stream, tlstream_bytes id,
                           tlstream_bytes session, void *data) {
  on_session_made(NULL, stream, id, session, data);
}

static const tlstream_events stream_events = {
    .on_secure = on_stream_secure,
    .on_session_lookup = on_stream_lookup,
    .on_session_made = on_stream_made,
};

static void on_accepted(uv_stream_t *listener, int status) {
  trial *self = listener->data;
  tlstream_context *context = make_context();
  CHECK_INT(status, 0);
  uv_tcp_init(&self->loop, &self->accepted);
  CHECK_INT(uv_accept(listener, (uv_stream_t *)&self->accepted), 0);
  tlstream *stream = tlstream_upgrade(
      (uv_stream_t *)&self->accepted,
      TLSTREAM_UPGRADE(.role = TLSTREAM_ROLE_SERVER, .context = context,
                       .external_sessions = true),
      &stream_events, self, NULL);
  CHECK(stream != NULL);
  tlstream_context_unref(context);
  uv_close((uv_handle_t *)listener, NULL);
}

static void come_without_server(trial *self, answer how) {
  struct sockaddr_in at;
  int len = sizeof(at);
  self->answer = how;
  self->server = NULL;
  open_loop(self);
  uv_ip4_addr("127.0.0.1", 0, &at);
  uv_tcp_init(&self->loop, &self->listener);
  self->listener.data = self;
  uv_tcp_bind(&self->listener, (struct sockaddr *)&at, 0);
  CHECK_INT(uv_listen((uv_stream_t *)&self->listener, 1, on_accepted), 0);
  uv_tcp_getsockname(&self->listener, (struct sockaddr *)&at, &len);
  self->port = ntohs(at.sin_port);
  run_loop(self);
}

TEST(a_stream_without_a_server_asks_its_own_callbacks) {
  for (answer how = AT_ONCE; how <= LATER; how++) {
    trial self = {.session = NULL};
    come_without_server(&self, how);
    CHECK(self.is_through && !self.reused);
    CHECK_INT(self.made, 1);
    come_without_server(&self, how);
    CHECK(self.is_through && self.reused);
    CHECK_INT(self.asked, 1);
    CHECK_INT(self.resumed, 1);
    SSL_SESSION_free(self.session);
  }
}
