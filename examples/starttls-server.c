/* SPDX-License-Identifier: MIT */
/* A minimal mail server that requires TLS: starttls-server [PORT] */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <tlstream/tlstream.h>

typedef struct client {
  uv_tcp_t tcp;
  char line[512];
  size_t len;
} client;

static tlstream_context *context;
static const tlstream_events events;

static void on_plain_close(uv_handle_t *tcp) {
  free(tcp->data);
}

static void disconnect(client *self, tlstream *stream) {
  if (stream != NULL) {
    tlstream_end(stream);
  } else {
    uv_close((uv_handle_t *)&self->tcp, on_plain_close);
  }
}

static void send_text(client *self, tlstream *stream, const char *text) {
  uv_buf_t buf = uv_buf_init((char *)text, (unsigned)strlen(text));
  if (stream != NULL) {
    tlstream_write(stream, buf.base, buf.len);
  } else {
    uv_try_write((uv_stream_t *)&self->tcp, &buf, 1);
  }
}

/* `rest` is what the client sent after STARTTLS. It was not encrypted, so it is
 * not a command: it is passed to TLS, which fails if it is not TLS. */
static void begin_tls(client *self, tlstream_bytes rest) {
  tlstream_error error;
  tlstream *stream =
      tlstream_upgrade((uv_stream_t *)&self->tcp,
                       TLSTREAM_UPGRADE(.role = TLSTREAM_ROLE_SERVER,
                                        .context = context, .head = rest),
                       &events, self, &error);
  if (stream != NULL) return;
  tlstream_error_print(&error, stderr);
  disconnect(self, NULL);
}

static bool is(const client *self, const char *command) {
  return strncasecmp(self->line, command, strlen(command)) == 0;
}

/* Each line is a command; `stream` is NULL before TLS. */
static void on_data(tlstream *stream, const void *bytes, size_t len,
                    void *data) {
  client *self = data;
  for (const char *at = bytes, *end = at + len; at < end;) {
    self->line[self->len++] = *at;
    if (*at++ != '\n' && self->len < sizeof(self->line)) continue;
    self->len = 0;
    if (is(self, "QUIT")) {
      send_text(self, stream, "221 bye\r\n");
      disconnect(self, stream);
      return;
    }
    if (stream == NULL && is(self, "STARTTLS")) {
      send_text(self, stream, "220 go ahead\r\n");
      begin_tls(self, (tlstream_bytes){at, (size_t)(end - at)});
      return;
    }
    send_text(self, stream,
              stream != NULL     ? "250 ok\r\n"
              : is(self, "EHLO") ? "250-hello\r\n250 STARTTLS\r\n"
                                 : "530 STARTTLS first\r\n");
  }
}

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  (void)stream, (void)data;
  tlstream_error_print(error, stderr);
}

static void on_close(tlstream *stream, tlstream_ending ending, void *data) {
  (void)stream, (void)ending;
  free(data);
}

static const tlstream_events events = {
    .on_data = on_data, .on_error = on_error, .on_close = on_close};

static void on_alloc(uv_handle_t *tcp, size_t suggested, uv_buf_t *buf) {
  static char room[4096];
  (void)tcp, (void)suggested;
  *buf = uv_buf_init(room, sizeof(room));
}

static void on_read(uv_stream_t *tcp, ssize_t nread, const uv_buf_t *buf) {
  if (nread >= 0) {
    on_data(NULL, buf->base, (size_t)nread, tcp->data);
  } else {
    disconnect(tcp->data, NULL);
  }
}

static void on_connection(uv_stream_t *listener, int status) {
  client *self = status == 0 ? calloc(1, sizeof(*self)) : NULL;
  if (self == NULL) return;
  uv_tcp_init(listener->loop, &self->tcp);
  self->tcp.data = self;
  uv_accept(listener, (uv_stream_t *)&self->tcp);
  send_text(self, NULL, "220 ready\r\n");
  if (uv_read_start((uv_stream_t *)&self->tcp, on_alloc, on_read) != 0) {
    disconnect(self, NULL);
  }
}

int main(int argc, char **argv) {
  struct sockaddr_in address;
  int len = sizeof(address);
  signal(SIGPIPE, SIG_IGN); /* there is plain text before the first stream */
  uv_tcp_t listener;
  tlstream_error error;
  context =
      tlstream_context_new(TLSTREAM_CONTEXT(.key_file = "server-key.pem",
                                            .cert_file = "server-cert.pem"),
                           &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);

  uv_ip4_addr("127.0.0.1", argc > 1 ? (int)strtol(argv[1], NULL, 10) : 2525,
              &address);
  uv_tcp_init(uv_default_loop(), &listener);
  uv_tcp_bind(&listener, (struct sockaddr *)&address, 0);
  if (uv_listen((uv_stream_t *)&listener, 128, on_connection) != 0) return 1;
  uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &len);
  printf("listening on port %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
