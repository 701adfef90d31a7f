/* SPDX-License-Identifier: MIT */
/*
 * Both ends on real sockets, and between them a proxy that cuts the bytes into
 * small segments, or keeps them until nothing more comes and sends all at once.
 * What each side reports must not depend on how the bytes were cut.
 *
 *     client -> near | relay | far -> server     and back
 */
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/loopback.h"

enum {
  ROOM = 64 * 1024,
  QUIET_TURNS = 4, /* before what was kept is sent */
  EVERYTHING = 0
};

/* One direction. */
typedef struct lane {
  uv_tcp_t *from;
  uv_tcp_t *to;
  uv_shutdown_t shutdown;
  char bytes[ROOM];
  size_t len;
  unsigned quiet;
  bool ended;     /* `from` has */
  bool passed_on; /* and `to` knows */
} lane;

typedef struct relay {
  uv_tcp_t listener;
  uv_tcp_t near;
  uv_tcp_t far;
  uv_connect_t connect;
  uv_idle_t turn; /* moves a piece in every turn of the loop */
  lane there;
  lane back;
  size_t piece; /* EVERYTHING: merge */
  size_t pieces;
  int port;
  tlstream_address at; /* the server */
} relay;

static relay *of(const void *handle) {
  return ((const uv_handle_t *)handle)->data;
}

static lane *lane_from(relay *self, const void *stream) {
  return self->there.from == stream ? &self->there : &self->back;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  lane *path = lane_from(of(handle), handle);
  (void)suggested;
  *buf = uv_buf_init(path->bytes + path->len, (unsigned)(ROOM - path->len));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf) {
  lane *path = lane_from(of(stream), stream);
  (void)buf;
  if (len == UV_ENOBUFS) return; /* it is full: later */
  path->quiet = 0;
  if (len > 0) path->len += (size_t)len;
  if (len >= 0) return;
  CHECK_ERROR(len, UV_EOF);
  path->ended = true;
  uv_read_stop(stream);
}

/* How many bytes are to leave now. */
static size_t next_piece(const relay *self, lane *path) {
  if (self->piece != EVERYTHING) {
    return path->len < self->piece ? path->len : self->piece;
  }
  bool wait = ++path->quiet < QUIET_TURNS && path->len < ROOM && !path->ended;
  return wait ? 0 : path->len;
}

static void move(relay *self, lane *path) {
  size_t len = next_piece(self, path);
  if (len > 0) {
    uv_buf_t buf = uv_buf_init(path->bytes, (unsigned)len);
    int sent = uv_try_write((uv_stream_t *)path->to, &buf, 1);
    if (sent == UV_EAGAIN) return;
    if (!CHECK_GT(sent, 0)) sent = (int)len;
    self->pieces++;
    path->len -= (size_t)sent;
    memmove(path->bytes, path->bytes + sent, path->len);
  }
  if (path->len == 0 && path->ended && !path->passed_on) {
    path->passed_on = true;
    uv_shutdown(&path->shutdown, (uv_stream_t *)path->to, NULL);
  }
}

static void on_turn(uv_idle_t *idle) {
  relay *self = of(idle);
  move(self, &self->there);
  move(self, &self->back);
  if (!self->there.passed_on || !self->back.passed_on) return;
  uv_close((uv_handle_t *)&self->near, NULL);
  uv_close((uv_handle_t *)&self->far, NULL);
  uv_close((uv_handle_t *)idle, NULL);
}

static void on_connect(uv_connect_t *request, int status) {
  relay *self = of(request->handle);
  CHECK_INT(status, 0);
  uv_tcp_nodelay(&self->near, 1);
  uv_tcp_nodelay(&self->far, 1);
  uv_read_start((uv_stream_t *)&self->near, on_alloc, on_read);
  uv_read_start((uv_stream_t *)&self->far, on_alloc, on_read);
  uv_idle_start(&self->turn, on_turn);
}

static void on_client(uv_stream_t *listener, int status) {
  relay *self = of(listener);
  struct sockaddr_in to;
  CHECK_INT(status, 0);
  CHECK_ERROR(uv_accept(listener, (uv_stream_t *)&self->near), 0);
  uv_ip4_addr(self->at.host, self->at.port, &to);
  CHECK_ERROR(uv_tcp_connect(&self->connect, &self->far, (struct sockaddr *)&to,
                             on_connect),
              0);
  uv_close((uv_handle_t *)listener, NULL);
}

static void relay_open(relay *self, loopback *net, size_t piece) {
  struct sockaddr_in at;
  int len = sizeof(at);
  self->piece = piece;
  self->at = net->at;
  self->there.from = self->back.to = &self->near;
  self->there.to = self->back.from = &self->far;
  self->listener.data = self->near.data = self->far.data = self;
  self->turn.data = self;
  uv_tcp_init(net->loop, &self->listener);
  uv_tcp_init(net->loop, &self->near);
  uv_tcp_init(net->loop, &self->far);
  uv_idle_init(net->loop, &self->turn);
  uv_ip4_addr("127.0.0.1", 0, &at);
  CHECK_ERROR(uv_tcp_bind(&self->listener, (struct sockaddr *)&at, 0), 0);
  CHECK_ERROR(uv_listen((uv_stream_t *)&self->listener, 1, on_client), 0);
  uv_tcp_getsockname(&self->listener, (struct sockaddr *)&at, &len);
  self->port = ntohs(at.sin_port);
}

/* The client: it sends first, and ends when all has come back. */
typedef struct talk {
  tlstream_role speaker;
  size_t len;
} talk;

static void speak(actor *self, callback_kind kind) {
  const talk *part = self->data;
  if (kind == CAME_SECURE) {
    if (self->role == part->speaker) {
      CHECK_GE(actor_write(self, part->len), 0);
    } else {
      CHECK_ERROR(tlstream_pipe(self->stream, self->stream), 0);
    }
  }
  if (kind == CAME_DATA && self->got == part->len) tlstream_end(self->stream);
}

static void on_connection(loopback *net, actor *guest) {
  guest->act = speak;
  guest->data = net->data;
  speak(guest, CAME_SECURE);
}

static void talk_through(size_t piece, tlstream_version version, talk part) {
  static relay between;
  loopback net = {
      .config.version = version, .on_connection = on_connection, .data = &part};
  actor client = {.act = speak, .data = &part};
  between = (relay){0};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  relay_open(&between, &net, piece);
  loopback_connect(&net, &client, TLSTREAM_CONNECT(.port = between.port));
  loopback_run(&net);
  actor *speaker =
      part.speaker == TLSTREAM_ROLE_CLIENT ? &client : &net.guests[0];
  actor_done(&client);
  CHECK_INT(speaker->got, part.len);
  CHECK_STR(client.error.message, "");
  CHECK_STR(net.guests[0].error.message, "");
  CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
  CHECK_INT(net.guests[0].ending, TLSTREAM_ENDING_CLEAN);
  if (piece != EVERYTHING) CHECK_GE(between.pieces, 2 * part.len / piece);
  loopback_close(&net);
}

static void talk_in_every_way(size_t piece, size_t len) {
  for (int i = 0; i < 4; i++) {
    tlstream_version version = i < 2 ? TLSTREAM_TLS_1_2 : TLSTREAM_TLS_1_3;
    tlstream_role speaker =
        i % 2 == 0 ? TLSTREAM_ROLE_CLIENT : TLSTREAM_ROLE_SERVER;
    IN_CASE("%s, the %s sends", tlstream_version_name(version),
            speaker == TLSTREAM_ROLE_CLIENT ? "client" : "server");
    talk_through(piece, version, (talk){.speaker = speaker, .len = len});
  }
}

TEST(byte_by_byte) {
  talk_in_every_way(1, 5000);
}

TEST(seven_bytes_at_a_time) {
  talk_in_every_way(7, 50000);
}

TEST(one_segment_at_a_time) {
  talk_in_every_way(1400, 1000 * 1000);
}

TEST(all_at_once) {
  talk_in_every_way(EVERYTHING, 1000 * 1000);
}
