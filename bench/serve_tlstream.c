/* SPDX-License-Identifier: MIT */
/*
 * tlstream's entry in the comparison: MODE CERT KEY, as every server of it (see
 * README.md). Written the way a user would: nothing here is tuned.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tlstream/tlstream.h>

static char block[64 * 1024];
static tlstream_server *server;

static void ignore(tlstream *stream, const void *bytes, size_t len,
                   void *data) {
  (void)stream, (void)bytes, (void)len, (void)data;
}

/* As fast as the client takes it. */
static void send_more(tlstream *stream, void *data) {
  (void)data;
  while (tlstream_write(stream, block, sizeof(block)) == 0)
    continue;
}

static const tlstream_events bulk = {.on_data = ignore, .on_drain = send_more};
static const tlstream_events sink = {.on_data = ignore};

static void on_connection(tlstream_server *from, tlstream *stream, void *mode) {
  (void)from;
  if (strcmp(mode, "bulk") == 0) {
    tlstream_set_events(stream, &bulk, NULL);
    send_more(stream, NULL);
  } else if (strcmp(mode, "sink") == 0) {
    tlstream_set_events(stream, &sink, NULL);
  } else {
    (void)!tlstream_pipe(stream, stream);
  }
}

static const tlstream_server_events events = {.on_connection = on_connection};

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf) {
  static char nothing[64];
  (void)handle, (void)size;
  *buf = uv_buf_init(nothing, sizeof(nothing));
}

static void on_stdin(uv_stream_t *in, ssize_t nread, const uv_buf_t *buf) {
  (void)buf;
  if (nread >= 0) return;
  uv_close((uv_handle_t *)in, NULL);
  tlstream_server_destroy(server);
}

static void stop_when_stdin_ends(uv_loop_t *loop) {
  static uv_pipe_t in;
  uv_pipe_init(loop, &in, 0);
  uv_pipe_open(&in, 0);
  uv_read_start((uv_stream_t *)&in, on_alloc, on_stdin);
}

int main(int argc, char **argv) {
  tlstream_error error;
  tlstream_address address;
  uv_loop_t *loop = uv_default_loop();
  if (argc != 4) return 2;
  tlstream_context *context = tlstream_context_new(
      TLSTREAM_CONTEXT(.cert_file = argv[2], .key_file = argv[3]), &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);
  server = tlstream_server_new(loop, TLSTREAM_SERVER(.context = context),
                               &events, argv[1], &error);
  tlstream_context_unref(context);
  if (server == NULL ||
      tlstream_server_listen(server, "127.0.0.1", 0, &error) != 0 ||
      tlstream_server_address(server, &address) != 0) {
    return tlstream_error_print(&error, stderr);
  }
  printf("port %d\n", address.port);
  fflush(stdout);
  stop_when_stdin_ends(loop);
  return uv_run(loop, UV_RUN_DEFAULT);
}
