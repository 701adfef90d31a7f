/* SPDX-License-Identifier: MIT */
/* Pre-shared keys over sockets: a server without a certificate asks for the key
 * of each client, and is answered at once, later, or never. B9, C4. */
#include <uv.h>

#include <tlstream/client.h>
#include <tlstream/server.h>
#include <tlstream/stream_hello.h>
#include <tlstream/stream_info.h>
#include <tlstream/stream_keys.h>
#include <tlstream/stream_psk.h>

#include "support/psk.h"

enum { UNKNOWN_PSK_IDENTITY = 115, SECRET_LEN = 32 };

typedef struct scene scene;
struct scene {
  /* The test's to set. */
  tlstream_version version;
  bool in_list;       /* the server has the key itself */
  bool by_the_stream; /* asked is the stream, which has callbacks */
  bool by_nobody;     /* there is no on_psk */
  unsigned handshake_ms;
  void (*answer)(scene *at, tlstream *stream);

  uv_loop_t loop;
  uv_timer_t timer; /* for later answers */
  tlstream_server *server;
  tlstream *asking; /* a reference, for later answers */
  unsigned asked;
  unsigned connections;
  int client_code; /* of the client's error */
  int client_alert;
  int server_code;
  bool client_authorized;
  unsigned char secrets[2][SECRET_LEN]; /* that both ends export */
  tlstream *ends[2];
};

static const tlstream_bytes key = {psk_key, sizeof(psk_key) - 1};

static int accept_key(tlstream *stream) {
  return tlstream_psk_accept(stream, key, TLSTREAM_PSK_SHA256);
}

static void check_question(scene *at, tlstream *stream, const char *identity,
                           size_t len) {
  size_t known = 0;
  at->asked++;
  CHECK_INT(len, strlen(PSK_IDENTITY));
  CHECK_STR(identity, PSK_IDENTITY);
  CHECK(tlstream_psk_identity(stream, &known) == identity && known == len);
  if (at->answer != NULL) at->answer(at, stream);
}

static void on_server_psk(tlstream_server *server, tlstream *stream,
                          const char *identity, size_t len, void *data) {
  (void)server;
  check_question(data, stream, identity, len);
}

static void on_stream_psk(tlstream *stream, const char *identity, size_t len,
                          void *data) {
  check_question(data, stream, identity, len);
}

static void finish(scene *at) {
  if (at->server != NULL) tlstream_server_close(at->server, 0);
  at->server = NULL;
}

static void export_secret(scene *at, tlstream *stream, int side) {
  CHECK_ERROR(tlstream_export_keying_material(stream, "EXPERIMENTAL test", NULL,
                                              at->secrets[side], SECRET_LEN),
              0);
}

/* Names and Finished messages of the two ends. */
static void compare_ends(scene *at) {
  unsigned char one[64];
  unsigned char two[64];
  ptrdiff_t len = tlstream_channel_binding(
      at->ends[0], TLSTREAM_BINDING_EXPORTER, one, sizeof(one));
  CHECK_INT(len, 32);
  CHECK_INT(tlstream_channel_binding(at->ends[1], TLSTREAM_BINDING_EXPORTER,
                                     two, sizeof(two)),
            len);
  CHECK(memcmp(one, two, 32) == 0);
  len = tlstream_own_finished(at->ends[0], one, sizeof(one));
  CHECK_GT(len, 0);
  CHECK_INT(tlstream_peer_finished(at->ends[1], two, sizeof(two)), len);
  CHECK(memcmp(one, two, (size_t)len) == 0);
  CHECK(memcmp(at->secrets[0], at->secrets[1], SECRET_LEN) == 0);
}

static void met(scene *at, tlstream *stream, int side) {
  size_t len = 0;
  CHECK(tlstream_authorized(stream));
  CHECK_INT(tlstream_authorization_from(stream), TLSTREAM_SOURCE_PSK);
  CHECK(!tlstream_resumed(stream));
  CHECK_STR(tlstream_psk_identity(stream, &len), PSK_IDENTITY);
  export_secret(at, stream, side);
  at->ends[side] = stream;
  if (at->ends[!side] == NULL) return;
  compare_ends(at);
  tlstream_close(at->ends[0]);
  finish(at);
}

static void on_secure(tlstream *stream, void *data) {
  scene *at = data;
  at->client_authorized = tlstream_authorized(stream);
  CHECK_STR(tlstream_psk_hint(stream),
            at->version == TLSTREAM_TLS_1_2 ? "hint" : NULL);
  met(at, stream, TLSTREAM_ROLE_CLIENT);
}

static void on_connection(tlstream_server *server, tlstream *stream,
                          void *data) {
  scene *at = data;
  (void)server;
  at->connections++;
  met(at, stream, TLSTREAM_ROLE_SERVER);
}

static void on_client_error(tlstream_server *server,
                            const tlstream_address *address,
                            const tlstream_error *error, void *data) {
  scene *at = data;
  (void)server, (void)address;
  at->server_code = error->code;
  finish(at);
}

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  scene *at = data;
  (void)stream;
  at->client_code = error->code;
  at->client_alert = error->alert;
}

static void on_close(tlstream *stream, tlstream_ending ending, void *data) {
  (void)stream, (void)ending;
  finish(data);
}

static const tlstream_events client_events = {
    .on_secure = on_secure, .on_error = on_error, .on_close = on_close};
static const tlstream_events own_events = {.on_psk = on_stream_psk};

static void give_events(tlstream_server *server, tlstream *stream,
                        const char *name, void *data) {
  (void)server, (void)name;
  tlstream_set_events(stream, &own_events, data);
  CHECK_ERROR(tlstream_hello_accept(stream, NULL), 0);
}

static const tlstream_server_events server_events = {
    .on_connection = on_connection,
    .on_psk = on_server_psk,
    .on_client_error = on_client_error};
static const tlstream_server_events stream_events = {
    .on_connection = on_connection,
    .on_hello = give_events,
    .on_client_error = on_client_error};
static const tlstream_server_events nobodys_events = {
    .on_connection = on_connection, .on_client_error = on_client_error};

static int serve(scene *at) {
  tlstream_address address;
  tlstream_error error;
  const tlstream_psk psk = usual_psk();
  const tlstream_server_events *events = at->by_the_stream ? &stream_events
                                         : at->by_nobody   ? &nobodys_events
                                                           : &server_events;
  tlstream_context *context = context_of(
      TLSTREAM_CONTEXT(.psks = &psk, .psk_count = at->in_list, .ask_psk = true,
                       .psk_hint = "hint", .min_version = at->version,
                       .max_version = at->version));
  at->server = tlstream_server_new(
      &at->loop,
      TLSTREAM_SERVER(.context = context,
                      .timeouts.handshake_ms = at->handshake_ms),
      events, at, &error);
  tlstream_context_unref(context);
  if (at->server == NULL) TEST_STOP("%s", error.message);
  CHECK_ERROR(tlstream_server_listen(at->server, "127.0.0.1", 0, &error), 0);
  CHECK_ERROR(tlstream_server_address(at->server, &address), 0);
  return address.port;
}

static void run(scene *at) {
  tlstream_error error;
  const tlstream_psk psk = usual_psk();
  CHECK_INT(uv_loop_init(&at->loop), 0);
  uv_timer_init(&at->loop, &at->timer);
  at->timer.data = at;
  int port = serve(at);
  tlstream_context *context = psk_context(&psk, at->version);
  CHECK(tlstream_connect(&at->loop,
                         TLSTREAM_CONNECT(.context = context,
                                          .host = "127.0.0.1", .port = port),
                         &client_events, at, &error) != NULL);
  tlstream_context_unref(context);
  uv_run(&at->loop, UV_RUN_DEFAULT);
  uv_close((uv_handle_t *)&at->timer, NULL);
  uv_run(&at->loop, UV_RUN_DEFAULT);
  CHECK_INT(uv_loop_close(&at->loop), 0);
}

static void check_met(const scene *at, unsigned asked) {
  CHECK_INT(at->asked, asked);
  CHECK_INT(at->connections, 1);
  CHECK(at->client_authorized);
  CHECK_ERROR(at->client_code, 0);
  CHECK_ERROR(at->server_code, 0);
}

static void check_refused(const scene *at, int code, int alert) {
  CHECK_INT(at->connections, 0);
  CHECK(!at->client_authorized);
  CHECK_ERROR(at->server_code, code);
  CHECK_ERROR(at->client_code, TLSTREAM_ERR_ALERT);
  CHECK_INT(at->client_alert, alert);
}

static void answer_now(scene *at, tlstream *stream) {
  (void)at;
  CHECK_ERROR(tlstream_psk_accept(stream, (tlstream_bytes){psk_key, 3},
                                  TLSTREAM_PSK_SHA256),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_ERROR(accept_key(stream), 0);
  CHECK_ERROR(accept_key(stream), TLSTREAM_ERR_WRONG_STATE);
  CHECK_ERROR(tlstream_psk_refuse(stream), TLSTREAM_ERR_WRONG_STATE);
}

static void at_once(tlstream_version version) {
  for (int by_the_stream = 0; by_the_stream < 2; by_the_stream++) {
    scene at = {.version = version,
                .answer = answer_now,
                .by_the_stream = by_the_stream != 0};
    run(&at);
    check_met(&at, 1);
  }
}

TEST(the_answer_may_come_at_once) {
  each_version(at_once);
}

static void on_timer(uv_timer_t *timer) {
  scene *at = timer->data;
  CHECK_ERROR(accept_key(at->asking), 0);
  tlstream_unref(at->asking);
}

static void answer_later(scene *at, tlstream *stream) {
  at->asking = tlstream_ref(stream);
  uv_timer_start(&at->timer, on_timer, 1, 0);
}

static void later(tlstream_version version) {
  scene at = {.version = version, .answer = answer_later};
  run(&at);
  check_met(&at, 1);
}

TEST(the_answer_may_come_later) {
  each_version(later);
}

static void without_a_question(tlstream_version version) {
  scene at = {.version = version, .in_list = true};
  run(&at);
  check_met(&at, 0);
}

TEST(what_the_server_has_itself_is_no_question) {
  each_version(without_a_question);
}

static void answer_no(scene *at, tlstream *stream) {
  (void)at;
  CHECK_ERROR(tlstream_psk_refuse(stream), 0);
  CHECK_ERROR(accept_key(stream), TLSTREAM_ERR_CLOSED);
}

static void refused(tlstream_version version) {
  scene at = {.version = version, .answer = answer_no};
  run(&at);
  CHECK_INT(at.asked, 1);
  check_refused(&at, TLSTREAM_ERR_UNKNOWN_PSK, UNKNOWN_PSK_IDENTITY);
  scene unasked = {.version = version, .by_nobody = true};
  run(&unasked);
  CHECK_INT(unasked.asked, 0);
  check_refused(&unasked, TLSTREAM_ERR_UNKNOWN_PSK, UNKNOWN_PSK_IDENTITY);
}

TEST(an_unknown_identity_is_refused_and_so_it_is_without_a_callback) {
  each_version(refused);
}

static void answer_wrong(scene *at, tlstream *stream) {
  (void)at;
  const tlstream_bytes wrong = {psk_other_key, key.len};
  (void)!tlstream_psk_accept(stream, wrong, TLSTREAM_PSK_SHA256);
}

static void mismatch(tlstream_version version) {
  scene at = {.version = version, .answer = answer_wrong};
  run(&at);
  check_refused(&at, TLSTREAM_ERR_PSK_MISMATCH, psk_mismatch_alert(version));
}

TEST(another_key_is_the_clients_error) {
  each_version(mismatch);
}

static void no_answer(scene *at, tlstream *stream) {
  (void)at, (void)stream;
}

static void never(tlstream_version version) {
  scene at = {.version = version, .answer = no_answer, .handshake_ms = 50};
  run(&at);
  CHECK_INT(at.connections, 0);
  CHECK_ERROR(at.server_code, TLSTREAM_ERR_HANDSHAKE_TIMEOUT);
}

TEST(without_an_answer_the_deadline_ends_it) {
  each_version(never);
}

static void destroy(scene *at, tlstream *stream) {
  tlstream_destroy(stream);
  CHECK_ERROR(accept_key(stream), TLSTREAM_ERR_CLOSED);
  CHECK_ERROR(tlstream_psk_refuse(stream), TLSTREAM_ERR_CLOSED);
  finish(at);
}

static void destroyed(tlstream_version version) {
  scene at = {.version = version, .answer = destroy};
  run(&at);
  CHECK_INT(at.asked, 1);
  CHECK_INT(at.connections, 0);
  CHECK(at.client_code != 0);
}

TEST(a_stream_may_be_destroyed_by_its_question) {
  each_version(destroyed);
}
