/* SPDX-License-Identifier: MIT */
/* A mail server of sorts, which insists on TLS: starttls-server [PORT] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <tlstream/tlstream.h>

typedef struct client {
  uv_tcp_t tcp;     /* the first: the handle is the client */
  tlstream *stream; /* NULL before TLS */
  char line[512];
  size_t len;
} client;

static tlstream_server *server;

static void on_released(uv_stream_t *handle) {
  free(handle);
}

static void on_closed(uv_handle_t *handle) {
  free(handle);
}

static void say(client *self, const char *text) {
  uv_buf_t buf = uv_buf_init((char *)text, (unsigned)strlen(text));
  if (self->stream != NULL) {
    tlstream_write(self->stream, buf.base, buf.len);
  } else {
    uv_try_write((uv_stream_t *)&self->tcp, &buf, 1);
  }
}

static void leave(client *self) {
  if (self->stream != NULL) {
    tlstream_end(self->stream);
  } else {
    uv_close((uv_handle_t *)&self->tcp, on_closed);
  }
}

/* `rest` is what the client sent behind STARTTLS. It was not encrypted, so it
 * is no command; TLS gets it, and fails if it is not TLS. */
static void begin_tls(client *self, tlstream_bytes rest) {
  tlstream_error error;
  say(self, "220 go ahead\r\n");
  if (tlstream_server_adopt(server, (uv_stream_t *)&self->tcp, rest,
                            on_released, &error) == 0) {
    return;
  }
  tlstream_error_print(&error, stderr);
  leave(self);
}

static bool is(const client *self, const char *command) {
  return strncasecmp(self->line, command, strlen(command)) == 0;
}

static void answer(client *self) {
  if (self->stream != NULL) {
    say(self, "250 ok\r\n");
  } else if (is(self, "EHLO")) {
    say(self, "250-hello\r\n250 STARTTLS\r\n");
  } else {
    say(self, "530 STARTTLS first\r\n");
  }
}

static void hear(client *self, const char *bytes, size_t len) {
  bool is_secure = self->stream != NULL;
  for (size_t i = 0; i < len; i++) {
    self->line[self->len++] = bytes[i];
    if (bytes[i] != '\n' && self->len < sizeof(self->line)) continue;
    self->len = 0;
    if (is(self, "QUIT")) {
      say(self, "221 bye\r\n");
      leave(self);
      return;
    }
    if (!is_secure && is(self, "STARTTLS")) {
      begin_tls(self, (tlstream_bytes){bytes + i + 1, len - i - 1});
      return;
    }
    answer(self);
  }
}

static void on_data(tlstream *stream, const void *bytes, size_t len,
                    void *data) {
  (void)stream;
  hear(data, bytes, len);
}

static const tlstream_events events = {.on_data = on_data};

static void on_secure(tlstream_server *from, tlstream *stream, void *data) {
  client *self = tlstream_data(stream); /* the handle's data */
  (void)from, (void)data;
  self->stream = stream;
  tlstream_set_events(stream, &events, self);
}

static void on_client_error(tlstream_server *from,
                            const tlstream_address *address,
                            const tlstream_error *error, void *data) {
  (void)from, (void)data;
  fprintf(stderr, "%s: %s: %s\n", address->host, error->name, error->message);
}

static const tlstream_server_events server_events = {
    .on_connection = on_secure, .on_client_error = on_client_error};

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  static char room[4096];
  (void)handle, (void)suggested;
  *buf = uv_buf_init(room, sizeof(room));
}

static void on_read(uv_stream_t *tcp, ssize_t nread, const uv_buf_t *buf) {
  if (nread >= 0) {
    hear(tcp->data, buf->base, (size_t)nread);
  } else {
    leave(tcp->data);
  }
}

static void on_connection(uv_stream_t *listener, int status) {
  client *self = status == 0 ? calloc(1, sizeof(*self)) : NULL;
  if (self == NULL) return;
  uv_tcp_init(listener->loop, &self->tcp);
  self->tcp.data = self;
  if (uv_accept(listener, (uv_stream_t *)&self->tcp) == 0) {
    say(self, "220 ready\r\n");
    uv_read_start((uv_stream_t *)&self->tcp, on_alloc, on_read);
  } else {
    leave(self);
  }
}

int main(int argc, char **argv) {
  struct sockaddr_in address;
  int len = sizeof(address);
  uv_tcp_t listener;
  tlstream_error error;
  tlstream_context *context =
      tlstream_context_new(TLSTREAM_CONTEXT(.key_file = "server-key.pem",
                                            .cert_file = "server-cert.pem"),
                           &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);
  uv_loop_t *loop = uv_default_loop();
  server = tlstream_server_new(loop, TLSTREAM_SERVER(.context = context),
                               &server_events, NULL, &error);
  tlstream_context_unref(context);
  if (server == NULL) return tlstream_error_print(&error, stderr);

  uv_ip4_addr("127.0.0.1", argc > 1 ? (int)strtol(argv[1], NULL, 10) : 2525,
              &address);
  uv_tcp_init(loop, &listener);
  uv_tcp_bind(&listener, (struct sockaddr *)&address, 0);
  if (uv_listen((uv_stream_t *)&listener, 128, on_connection) != 0) return 1;
  uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &len);
  printf("listening on port %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return uv_run(loop, UV_RUN_DEFAULT);
}
