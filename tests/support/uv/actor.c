/* SPDX-License-Identifier: MIT */
#include "support/uv/actor.h"

#include <stdlib.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_hello.h>
#include <tlstream/stream_info.h>
#include <tlstream/stream_psk.h>
#include <tlstream/stream_verify.h>

#include "support/psk_key.h"
#include "support/test.h"
#include "uv/stream/state.h"

enum { CHUNK = 64 * 1024 };

static void came(actor *self, callback_kind kind) {
  callback_came(&self->order, kind);
  if (self->act != NULL) self->act(self, kind);
}

static void on_secure(tlstream *stream, void *data) {
  CHECK(tlstream_is_secure(stream));
  came(data, CAME_SECURE);
}

static void check_pattern(actor *self, const unsigned char *bytes, size_t len) {
  static unsigned char want[CHUNK];
  for (size_t done = 0; done < len && !self->any_data;) {
    size_t n = len - done < CHUNK ? len - done : CHUNK;
    pattern_fill(want, self->got + done, n);
    if (!CHECK(memcmp(bytes + done, want, n) == 0)) self->any_data = true;
    done += n;
  }
}

static void on_data(tlstream *stream, const void *bytes, size_t len,
                    void *data) {
  actor *self = data;
  (void)stream;
  CHECK_GT(len, 0);
  check_pattern(self, bytes, len);
  self->got += len;
  came(self, CAME_DATA);
}

static void on_end(tlstream *stream, void *data) {
  (void)stream;
  came(data, CAME_END);
}

static void on_drain(tlstream *stream, void *data) {
  (void)stream;
  came(data, CAME_DRAIN);
}

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  actor *self = data;
  (void)stream;
  CHECK_LT(error->code, 0);
  CHECK(error->name[0] != '\0' && error->message[0] != '\0');
  self->error = *error;
  came(self, CAME_ERROR);
}

static void on_close(tlstream *stream, tlstream_ending ending, void *data) {
  actor *self = data;
  (void)stream;
  self->ending = ending;
  if (!self->carries) {
    CHECK_INT(ending == TLSTREAM_ENDING_FAILED, self->error.code != 0);
  }
  came(self, CAME_CLOSE);
  self->stream = NULL;
}

static void on_hello(tlstream *stream, const char *servername, void *data) {
  actor *self = data;
  (void)servername;
  CHECK(!tlstream_is_secure(stream));
  came(self, CAME_HELLO);
  if (!self->answers) (void)!tlstream_hello_accept(stream, NULL);
}

static void on_psk(tlstream *stream, const char *identity, size_t len,
                   void *data) {
  const tlstream_bytes key = {psk_key, sizeof(psk_key) - 1};
  CHECK(!tlstream_is_secure(stream));
  CHECK_STR(identity, PSK_IDENTITY);
  CHECK_INT(len, strlen(identity));
  came(data, CAME_PSK);
  (void)!tlstream_psk_accept(stream, key, TLSTREAM_PSK_SHA256);
}

static void on_verify(tlstream *stream, void *data) {
  actor *self = data;
  tlstream_certificate *peer = tlstream_peer_certificate(stream);
  CHECK(!tlstream_is_secure(stream));
  CHECK(peer != NULL);
  tlstream_certificate_unref(peer);
  came(self, CAME_VERIFY);
  if (!self->waits) (void)!tlstream_verify_accept(stream);
}

static void on_session(tlstream *stream, tlstream_session *session,
                       void *data) {
  (void)stream;
  CHECK(session != NULL);
  came(data, CAME_SESSION);
}

static void on_flushed(tlstream *stream, void *data) {
  CHECK(tlstream__stream_is_flushed(stream));
  came(data, CAME_FLUSHED);
}

static const tlstream_events talkative = {
    .on_secure = on_secure,
    .on_data = on_data,
    .on_end = on_end,
    .on_drain = on_drain,
    .on_error = on_error,
    .on_close = on_close,
    .on_hello = on_hello,
    .on_psk = on_psk,
    .on_flushed = on_flushed,
    .on_session = on_session,
};

static const tlstream_events judging = {
    .on_secure = on_secure,
    .on_data = on_data,
    .on_end = on_end,
    .on_drain = on_drain,
    .on_error = on_error,
    .on_close = on_close,
    .on_hello = on_hello,
    .on_verify = on_verify,
    .on_flushed = on_flushed,
    .on_session = on_session,
};

static const tlstream_events silent = {
    .on_secure = on_secure,
    .on_end = on_end,
    .on_drain = on_drain,
    .on_error = on_error,
    .on_close = on_close,
    .on_hello = on_hello,
    .on_flushed = on_flushed,
    .on_session = on_session,
};

static tlstream_pair *make_pair(const actor *self, tlstream_role role) {
  bool is_client = role == TLSTREAM_ROLE_CLIENT;
  tlstream_context *context = self->context != NULL
                                  ? tlstream_context_ref(self->context)
                                  : config_context(&self->config, role);
  tlstream_pair *pair = tlstream_pair_new(
      TLSTREAM_PAIR(.role = role, .context = context,
                    .verify_name = is_client ? SERVER_NAME : NULL,
                    .timeouts = {.send_ms = self->shutdown_ms,
                                 .half_closed_ms = self->shutdown_ms,
                                 .shutdown_ms = self->shutdown_ms,
                                 .idle_ms = self->config.idle_ms},
                    .choose_context = self->chooses),
      0, NULL);
  tlstream_context_unref(context);
  return pair;
}

void actor_watch(actor *self, tlstream_role role, tlstream *stream) {
  self->role = role;
  self->order.name = self->name;
  self->stream = stream;
  tlstream_set_events(stream,
                      self->no_on_data ? &silent
                      : self->judges   ? &judging
                                       : &talkative,
                      self);
}

void actor_make(actor *self, uv_loop_t *loop, tlstream_role role) {
  tlstream_pair *pair = make_pair(self, role);
  tlstream *stream =
      pair != NULL ? tlstream__stream_new(loop, pair, NULL, NULL) : NULL;
  if (stream == NULL) {
    tlstream_pair_free(pair);
    return;
  }
  if (self->high_water != 0) stream->high_water = self->high_water;
  stream->allow_half_open = self->config.half_open;
  actor_watch(self, role, stream);
}

void actor_open(actor *self, uv_loop_t *loop, tlstream_role role,
                sim_end *end) {
  actor_make(self, loop, role);
  self->end = end;
  if (self->stream == NULL) {
    sim_hang_up(end);
  } else {
    tlstream__stream_begin(self->stream, sim_transport(end));
  }
}

int actor_write(actor *self, size_t len) {
  unsigned char *bytes = malloc(len + 1); /* one too many, for the empty one */
  if (bytes == NULL) abort();
  pattern_fill(bytes, self->written, len);
  int status = tlstream_write(self->stream, bytes, len);
  if (status >= 0) self->written += len;
  memset(bytes, 0, len); /* it was copied */
  free(bytes);
  return status;
}

static void give_back(void *bytes, size_t len, void *arg) {
  actor *self = arg;
  memset(bytes, 0, len);
  free(bytes);
  self->given_back++;
  if (self->released != NULL) self->released(self);
}

int actor_write_owned(actor *self, size_t len) {
  unsigned char *bytes = malloc(len + 1);
  if (bytes == NULL) abort();
  pattern_fill(bytes, self->written, len);
  int status = tlstream_write_owned(self->stream, bytes, len, give_back, self);
  if (status < 0) {
    free(bytes);
    return status;
  }
  self->written += len;
  self->lent++;
  return status;
}

void actor_destroy(actor *self) {
  if (self->stream == NULL) return;
  self->order.destroyed = true;
  tlstream_destroy(self->stream);
}

void actor_pause(actor *self) {
  if (self->stream == NULL) return;
  self->order.paused = true;
  tlstream_pause(self->stream);
}

void actor_resume(actor *self) {
  if (self->stream == NULL) return;
  self->order.paused = false;
  tlstream_resume(self->stream);
}

void actor_done(const actor *self) {
  callback_order_done(&self->order);
  CHECK_INT(self->given_back, self->lent);
}
