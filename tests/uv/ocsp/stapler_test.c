/* SPDX-License-Identifier: MIT */
/* Staples are fetched and read again beside the handshakes; whatever a
 * responder or a file says, the old staple stays until there is a better one.
 * A16. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>
#include <tlstream/stapler.h>

#include "support/connect.h"
#include "support/loop_guard.h"
#include "support/make_staple.h"
#include "support/peers.h"
#include "support/test.h"
#include "support/torture.h"
#include "support/uv/loopback.h"

enum { ANSWER_MAX = 64 * 1024, QUESTION_MAX = 2048 };

static made_cert root;
static made_cert leaf;
static tlstream_bytes good;
static tlstream_bytes newer;
static tlstream_bytes revoked;
static tlstream_bytes foreign;
static tlstream_bytes stale;

BEFORE_TESTS(make_some) {
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  leaf = make_cert(&(cert_plan){.name = SERVER_NAME, .by = &root});
  made_cert other = make_cert(&(cert_plan){.name = "b.test", .by = &root});
  staple_plan plan = {.of = &leaf, .by = &root};
  good = make_staple(&plan);
  plan.until = 8LL * STAPLE_DAY;
  newer = make_staple(&plan);
  plan.answer = STAPLE_REVOKED;
  revoked = make_staple(&plan);
  foreign = make_staple(&(staple_plan){.of = &other, .by = &root});
  stale = make_staple(&(staple_plan){
      .of = &leaf, .by = &root, .from = -2LL * STAPLE_DAY, .until = -1000});
  made_cert_clear(&other);
}

AFTER_TESTS(drop_them) {
  const tlstream_bytes all[] = {good, newer, revoked, foreign, stale};
  for (size_t i = 0; i < COUNT(all); i++)
    free((void *)all[i].data);
  made_cert_clear(&leaf);
  made_cert_clear(&root);
}

/* What a responder does about one question. */
typedef struct answer {
  const char *head; /* NULL: it closes, or, with `silent`, says nothing */
  tlstream_bytes body;
  bool silent;
} answer;

#define OK      "HTTP/1.1 200 OK\r\n"
#define PLAIN   OK "Content-Type: application/ocsp-response\r\n\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

typedef struct responder {
  uv_tcp_t listener;
  int port;
  const answer *answers; /* for the first, the second, ...; the last repeats */
  size_t count;
  unsigned asked;
  bool slow; /* byte by byte */
} responder;

typedef struct visit {
  uv_tcp_t tcp;
  uv_write_t write;
  responder *at;
  char question[QUESTION_MAX];
  size_t question_len;
  char out[ANSWER_MAX];
  size_t len;
  size_t sent;
  bool last;
} visit;

static void on_visit_closed(uv_handle_t *handle) {
  free(handle->data);
}

static void leave(visit *self) {
  uv_handle_t *handle = (uv_handle_t *)&self->tcp;
  if (!uv_is_closing(handle)) uv_close(handle, on_visit_closed);
}

static void send_more(visit *self);

static void on_sent(uv_write_t *write, int status) {
  visit *self = write->data;
  if (status != 0 || self->sent == self->len) {
    leave(self);
  } else {
    send_more(self);
  }
}

static void send_more(visit *self) {
  size_t n = self->at->slow ? 1 : self->len - self->sent;
  uv_buf_t some = uv_buf_init(self->out + self->sent, (unsigned)n);
  self->sent += n;
  self->write.data = self;
  CHECK_INT(
      uv_write(&self->write, (uv_stream_t *)&self->tcp, &some, 1, on_sent), 0);
}

static void reply(visit *self) {
  responder *at = self->at;
  size_t number = at->asked < at->count ? at->asked : at->count - 1;
  const answer *with = &at->answers[number];
  at->asked++;
  if (with->silent) return;
  if (with->head == NULL) {
    leave(self);
    return;
  }
  int head = snprintf(self->out, sizeof(self->out), "%s", with->head);
  if (with->body.len > 0)
    memcpy(self->out + head, with->body.data, with->body.len);
  self->len = (size_t)head + with->body.len;
  send_more(self);
}

/* A question is complete with its body, which is for our certificate. */
static void check_question(const visit *self, const char *body) {
  CHECK(strncmp(self->question, "POST /ocsp?x HTTP/1.1\r\n", 23) == 0);
  CHECK_HAS(self->question, "Content-Type: application/ocsp-request\r\n");
  CHECK_HAS(self->question, "Host: 127.0.0.1:");
  CHECK_INT(body[0], 0x30);
}

static void on_room(uv_handle_t *handle, size_t hint, uv_buf_t *room) {
  visit *self = handle->data;
  (void)hint;
  room->base = self->question + self->question_len;
  room->len = QUESTION_MAX - 1 - self->question_len;
}

static void on_question(uv_stream_t *stream, ssize_t n, const uv_buf_t *room) {
  visit *self = stream->data;
  (void)room;
  if (n < 0) {
    leave(self);
    return;
  }
  self->question_len += (size_t)n;
  const char *body = strstr(self->question, "\r\n\r\n");
  const char *length = strstr(self->question, "Content-Length: ");
  if (body == NULL || length == NULL) return;
  size_t want = (size_t)strtoul(length + 16, NULL, 10);
  if (self->question + self->question_len < body + 4 + want) return;
  check_question(self, body + 4);
  reply(self);
}

static void on_visit(uv_stream_t *listener, int status) {
  responder *at = listener->data;
  visit *self = calloc(1, sizeof(*self));
  CHECK_INT(status, 0);
  self->at = at;
  uv_tcp_init(listener->loop, &self->tcp);
  self->tcp.data = self;
  CHECK_INT(uv_accept(listener, (uv_stream_t *)&self->tcp), 0);
  uv_read_start((uv_stream_t *)&self->tcp, on_room, on_question);
}

static void open_responder(responder *self, uv_loop_t *loop) {
  struct sockaddr_in any;
  int len = sizeof(any);
  uv_ip4_addr("127.0.0.1", 0, &any);
  uv_tcp_init(loop, &self->listener);
  self->listener.data = self;
  CHECK_INT(uv_tcp_bind(&self->listener, (struct sockaddr *)&any, 0), 0);
  CHECK_INT(uv_listen((uv_stream_t *)&self->listener, 8, on_visit), 0);
  uv_tcp_getsockname(&self->listener, (struct sockaddr *)&any, &len);
  self->port = ntohs(any.sin_port);
}

/* A loop with a responder, a context, and what the stapler reported. */
typedef struct scene {
  loop_guard guard;
  uv_loop_t *loop;
  responder responder;
  char url[64];
  tlstream_context *context;
  tlstream_stapler *stapler;
  unsigned stapled;
  unsigned failed;
  unsigned stop_after; /* so many reports; 0: never */
  tlstream_error error;
  char certificate[96];
  bool about_files;
} scene;

static void on_stapled(tlstream_stapler *stapler, const char *certificate,
                       const tlstream_error *error, void *data) {
  scene *self = data;
  CHECK(stapler == self->stapler);
  self->about_files = certificate == NULL;
  snprintf(self->certificate, sizeof(self->certificate), "%s",
           certificate != NULL ? certificate : "");
  if (error != NULL) self->error = *error;
  if (error != NULL) self->failed++;
  if (error == NULL) self->stapled++;
  if (self->stapled + self->failed == self->stop_after) {
    tlstream_stapler_stop(stapler);
    self->stapler = NULL;
  }
}

static tlstream_context *server_of(const made_cert *own, tlstream_bytes staple,
                                   const char *file) {
  return context_of(
      TLSTREAM_CONTEXT(.cert = own->cert_pem, .key = own->key_pem,
                       .ca = root.cert_pem, .verify_time = STAPLE_NOW,
                       .ocsp_response = staple, .ocsp_response_file = file));
}

static void open_scene(scene *self, const answer *answers, size_t count) {
  self->loop = loop_guard_open(&self->guard);
  self->responder.answers = answers;
  self->responder.count = count;
  open_responder(&self->responder, self->loop);
  snprintf(self->url, sizeof(self->url), "http://127.0.0.1:%d/ocsp?x",
           self->responder.port);
  if (self->context == NULL) {
    self->context = server_of(&leaf, (tlstream_bytes){NULL, 0}, NULL);
  }
}

static void start(scene *self) {
  tlstream_error error;
  self->stapler = tlstream_stapler_start(
      self->loop,
      TLSTREAM_STAPLER(.context = self->context, .url = self->url,
                       .retry_ms = 1, .file_ms = 1, .timeout_ms = 10000,
                       .on_stapled = on_stapled, .data = self),
      &error);
  if (self->stapler == NULL) TEST_STOP("%s", error.message);
}

/* Until the stapler has reported so often. */
static void run(scene *self, unsigned stapled, unsigned failed) {
  while (self->stapled < stapled || self->failed < failed)
    uv_run(self->loop, UV_RUN_ONCE);
}

static void close_scene(scene *self) {
  tlstream_stapler_stop(self->stapler);
  uv_close((uv_handle_t *)&self->responder.listener, NULL);
  loop_guard_run(&self->guard);
  tlstream_context_unref(self->context);
  loop_guard_close(&self->guard);
}

static bool is_sent(tlstream_context *server, const tlstream_bytes *staple) {
  size_t len = 0;
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.ca = root.cert_pem, .verify_time = STAPLE_NOW));
  connection both = connect_pairs(client, server, SERVER_NAME);
  const void *got = tlstream_pair_ocsp_response(both.client, &len);
  bool same = staple == NULL ? got == NULL
                             : got != NULL && len == staple->len &&
                                   memcmp(got, staple->data, len) == 0;
  CHECK(tlstream_pair_is_secure(both.client));
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  return same;
}

TEST(a_staple_is_fetched_at_once) {
  static answer with = {.head = PLAIN};
  with.body = good;
  scene self = {0};
  open_scene(&self, &with, 1);
  CHECK(is_sent(self.context, NULL));
  start(&self);
  CHECK_INT(self.stapled + self.failed, 0); /* never from the call */
  run(&self, 1, 0);
  CHECK(is_sent(self.context, &good));
  CHECK_STR(self.certificate, SERVER_NAME);
  CHECK_INT(self.failed, 0);
  close_scene(&self);
  CHECK_INT(self.responder.asked, 1);
}

static tlstream_bytes in_chunks(tlstream_bytes whole) {
  char *out = malloc(whole.len + 64);
  int first = snprintf(out, 16, "10\r\n");
  memcpy(out + first, whole.data, 16);
  int second = snprintf(out + first + 16, 32, "\r\n%zX\r\n", whole.len - 16);
  char *at = out + first + 16 + second;
  memcpy(at, (const char *)whole.data + 16, whole.len - 16);
  memcpy(at + whole.len - 16, "\r\n0\r\n\r\n", 7);
  return (tlstream_bytes){out, (size_t)(at - out) + whole.len - 16 + 7};
}

TEST(an_answer_may_come_slowly_and_in_chunks) {
  static answer with = {.head = CHUNKED};
  scene self = {.responder.slow = true};
  with.body = in_chunks(good);
  open_scene(&self, &with, 1);
  start(&self);
  run(&self, 1, 0);
  CHECK(is_sent(self.context, &good));
  close_scene(&self);
  free((void *)with.body.data);
}

/* While a staple is in force, nothing is asked before half its time is over. */
TEST(a_fresh_staple_is_left_alone_and_the_loop_may_end) {
  static answer with = {.head = PLAIN};
  scene self = {0};
  self.context = server_of(&leaf, good, NULL);
  with.body = newer;
  open_scene(&self, &with, 1);
  start(&self);
  uv_unref((uv_handle_t *)&self.responder.listener);
  uv_run(self.loop, UV_RUN_DEFAULT); /* returns: nothing else lives */
  CHECK_INT(self.responder.asked, 0);
  CHECK_INT(self.stapled, 0);
  close_scene(&self);
}

TEST(the_certificate_names_its_responder) {
  static answer with = {.head = PLAIN};
  char access[96];
  scene self = {0};
  open_scene(&self, &with, 1);
  snprintf(access, sizeof(access), "OCSP;URI:%s", self.url);
  made_cert naming = make_cert(
      &(cert_plan){.name = SERVER_NAME, .by = &root, .access = access});
  with.body = make_staple(&(staple_plan){.of = &naming, .by = &root});
  tlstream_context_unref(self.context);
  self.context = server_of(&naming, (tlstream_bytes){NULL, 0}, NULL);
  tlstream_error error;
  self.stapler = tlstream_stapler_start(
      self.loop,
      TLSTREAM_STAPLER(.context = self.context, .on_stapled = on_stapled,
                       .data = &self),
      &error);
  CHECK(self.stapler != NULL);
  run(&self, 1, 0);
  CHECK(is_sent(self.context, &with.body));
  close_scene(&self);
  free((void *)with.body.data);
  made_cert_clear(&naming);
}

typedef struct row {
  const char *title;
  answer first;
  int code;
  const char *words;
} row;

static void check_row(const row *how) {
  const answer answers[] = {how->first, {.head = PLAIN, .body = newer}};
  scene self = {0};
  self.context = server_of(&leaf, (tlstream_bytes){NULL, 0}, NULL);
  open_scene(&self, answers, 2);
  start(&self);
  run(&self, 0, 1);
  CHECK_ERROR(self.error.code, how->code);
  CHECK_HAS(self.error.message, how->words);
  CHECK_STR(self.certificate, SERVER_NAME);
  CHECK(is_sent(self.context, NULL));
  run(&self, 1, 1); /* it is tried again */
  CHECK(is_sent(self.context, &newer));
  close_scene(&self);
  CHECK_GE(self.responder.asked, 2);
}

TEST(a_bad_answer_is_reported_and_the_question_repeated) {
  static char large[ANSWER_MAX - 512];
  const row rows[] = {
      {"an error",
       {.head = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"},
       TLSTREAM_ERR_OCSP_RESPONSE,
       "/ocsp?x answers with HTTP status 503"},
      {"elsewhere",
       {.head = "HTTP/1.1 301 Moved\r\nLocation: http://b.test/\r\n"
                "Content-Length: 0\r\n\r\n"},
       TLSTREAM_ERR_OCSP_RESPONSE,
       "HTTP status 301"},
      {"no HTTP",
       {.head = "220 mail.test ESMTP\r\n\r\n"},
       TLSTREAM_ERR_OCSP_RESPONSE,
       "does not speak HTTP"},
      {"nothing",
       {.head = NULL},
       TLSTREAM_ERR_OCSP_RESPONSE,
       "ends in the middle"},
      {"a part",
       {.head = OK "Content-Length: 9999\r\n\r\n", .body = good},
       TLSTREAM_ERR_OCSP_RESPONSE,
       "ends in the middle"},
      {"too much",
       {.head = PLAIN, .body = {large, sizeof(large)}},
       TLSTREAM_ERR_OCSP_RESPONSE,
       "more than 40 KiB"},
      {"garbage",
       {.head = PLAIN, .body = {"<html>", 6}},
       TLSTREAM_ERR_OCSP_RESPONSE,
       "it is no OCSP response"},
      {"another certificate",
       {.head = PLAIN, .body = foreign},
       TLSTREAM_ERR_OCSP_RESPONSE,
       "none of the certificates"},
      {"stale",
       {.head = PLAIN, .body = stale},
       TLSTREAM_ERR_OCSP_RESPONSE,
       "its time is over"},
      {"revoked",
       {.head = PLAIN, .body = revoked},
       TLSTREAM_ERR_OCSP_RESPONSE,
       "\"server.test\": it says of it: it was revoked"},
  };
  EACH_ROW_NAMED(i, rows, title)
    check_row(&rows[i]);
}

TEST(a_responder_that_says_nothing_is_left) {
  static const answer silent = {.silent = true};
  scene self = {0};
  open_scene(&self, &silent, 1);
  self.stapler = tlstream_stapler_start(
      self.loop,
      TLSTREAM_STAPLER(.context = self.context, .url = self.url,
                       .timeout_ms = 20, .on_stapled = on_stapled,
                       .data = &self),
      NULL);
  run(&self, 0, 1);
  CHECK(self.error.code == TLSTREAM_ERR_OCSP_RESPONSE ||
        self.error.code == TLSTREAM_ERR_CONNECT_TIMEOUT);
  close_scene(&self);
}

TEST(a_responder_that_is_not_there_is_reported) {
  static const answer silent = {.silent = true};
  scene self = {0};
  open_scene(&self, &silent, 1);
  int port = 0;
  close(raw_listen("127.0.0.1", 1, &port));
  snprintf(self.url, sizeof(self.url), "http://127.0.0.1:%d/", port);
  start(&self);
  run(&self, 0, 2);
  CHECK_STR(self.error.name, "ECONNREFUSED");
  close_scene(&self);
}

/* At any moment: nothing is called any more, and nothing is left. */
TEST(it_can_be_stopped_at_any_time) {
  static answer with[] = {{.head = NULL}, {.head = PLAIN}, {.silent = true}};
  for (unsigned turns = 0; turns < 12; turns++) {
    for (size_t from = 0; from < 3; from++) {
      scene self = {0};
      with[1].body = good;
      open_scene(&self, with + from, 3 - from);
      start(&self);
      for (unsigned i = 0; i < turns; i++)
        uv_run(self.loop, UV_RUN_NOWAIT);
      unsigned reports = self.stapled + self.failed;
      tlstream_stapler_stop(self.stapler);
      self.stapler = NULL;
      close_scene(&self);
      CHECK_INT(self.stapled + self.failed, reports);
    }
  }
}

TEST(it_can_be_stopped_by_its_callback) {
  static answer with[] = {{.head = NULL}, {.head = PLAIN}};
  for (unsigned reports = 1; reports < 3; reports++) {
    scene self = {.stop_after = reports};
    with[1].body = good;
    open_scene(&self, with, 2);
    start(&self);
    while (self.stapler != NULL)
      uv_run(self.loop, UV_RUN_ONCE);
    close_scene(&self);
    CHECK_INT(self.stapled + self.failed, reports);
  }
}

static void write_file(const char *path, tlstream_bytes bytes) {
  char draft[80];
  snprintf(draft, sizeof(draft), "%s.new", path);
  FILE *file = fopen(draft, "wb");
  CHECK(file != NULL && fwrite(bytes.data, 1, bytes.len, file) == bytes.len);
  fclose(file);
  CHECK_INT(rename(draft, path), 0);
}

static void start_files(scene *self) {
  self->stapler = tlstream_stapler_start(
      self->loop,
      TLSTREAM_STAPLER(.context = self->context, .files_only = true,
                       .file_ms = 1, .on_stapled = on_stapled, .data = self),
      NULL);
  CHECK(self->stapler != NULL);
}

TEST(a_file_is_read_again_when_it_has_changed) {
  char path[] = "stapler-XXXXXX";
  static const answer silent = {.silent = true};
  scene self = {0};
  close(mkstemp(path));
  write_file(path, good);
  self.context = server_of(&leaf, (tlstream_bytes){NULL, 0}, path);
  open_scene(&self, &silent, 1);
  uv_ref((uv_handle_t *)&self.responder.listener); /* it keeps the loop alive */
  start_files(&self);
  write_file(path, newer);
  run(&self, 1, 0);
  CHECK(is_sent(self.context, &newer));
  CHECK(self.about_files);
  write_file(path, revoked);
  run(&self, 1, 1);
  CHECK_ERROR(self.error.code, TLSTREAM_ERR_OCSP_RESPONSE);
  unlink(path);
  run(&self, 1, 2); /* another reason is another report */
  CHECK_ERROR(self.error.code, TLSTREAM_ERR_FILE);
  CHECK(is_sent(self.context, &newer));
  for (int i = 0; i < 20; i++)
    uv_run(self.loop, UV_RUN_ONCE);
  CHECK_INT(self.failed, 2); /* and the same one is not */
  write_file(path, good);
  run(&self, 2, 2);
  CHECK(is_sent(self.context, &good));
  close_scene(&self);
  CHECK_INT(self.responder.asked, 0);
  unlink(path);
}

static void check_refused(uv_loop_t *loop,
                          const tlstream_stapler_options *options, int code,
                          const char *words) {
  tlstream_error error;
  CHECK(tlstream_stapler_start(loop, options, &error) == NULL);
  CHECK_ERROR(error.code, code);
  CHECK_HAS(error.message, words);
}

TEST(what_cannot_work_does_not_start) {
  loop_guard guard;
  uv_loop_t *loop = loop_guard_open(&guard);
  tlstream_context *server = server_of(&leaf, good, NULL);
  tlstream_context *client = context_of(TLSTREAM_CONTEXT(.ca = root.cert_pem));
  check_refused(loop, NULL, TLSTREAM_ERR_INVALID_ARGUMENT, "`context`");
  check_refused(loop, TLSTREAM_STAPLER(.context = client),
                TLSTREAM_ERR_NO_CERTIFICATE, "with a certificate");
  check_refused(loop, TLSTREAM_STAPLER(.context = server),
                TLSTREAM_ERR_INVALID_ARGUMENT, "names a responder");
  check_refused(loop, TLSTREAM_STAPLER(.context = server, .files_only = true),
                TLSTREAM_ERR_INVALID_ARGUMENT, "names a responder");
  check_refused(loop,
                TLSTREAM_STAPLER(.context = server, .url = "https://a.test/"),
                TLSTREAM_ERR_INVALID_ARGUMENT, "no https");
  tlstream_stapler_stop(NULL);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
  loop_guard_close(&guard);
}

/* Whatever is missing, it is reported, tried again, and cleaned up. */
static void fetch(void *data) {
  static answer with = {.head = PLAIN};
  (void)data;
  scene self = {
      .context = tlstream_context_new(
          TLSTREAM_CONTEXT(.cert = leaf.cert_pem, .key = leaf.key_pem,
                           .ca = root.cert_pem, .verify_time = STAPLE_NOW),
          NULL)};
  CHECK(self.context != NULL || torture_struck());
  if (self.context == NULL) return;
  with.body = good;
  open_scene(&self, &with, 1);
  tlstream_error error;
  self.stapler = tlstream_stapler_start(
      self.loop,
      TLSTREAM_STAPLER(.context = self.context, .url = self.url, .retry_ms = 1,
                       .on_stapled = on_stapled, .data = &self),
      &error);
  CHECK(self.stapler != NULL || error.code == TLSTREAM_ERR_NO_MEMORY);
  CHECK(self.stapler != NULL || torture_struck());
  if (self.stapler != NULL) run(&self, 1, 0);
  CHECK(self.failed == 0 || torture_struck());
  close_scene(&self);
}

TEST(memory_may_run_out) {
  torture_install();
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, fetch, NULL), 10);
}
