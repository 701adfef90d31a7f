/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include <tlstream/tlstream.h>

static void on_secure(tlstream *stream, void *data) {
  (void)data;
  tlstream_write(stream, "hello\n", 6);
  tlstream_end(stream); /* data of the server is still read after this */
}

static void on_data(tlstream *stream, const void *bytes, size_t len,
                    void *data) {
  (void)stream, (void)data;
  fwrite(bytes, 1, len, stdout);
}

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  (void)stream;
  *(int *)data = tlstream_error_print(error, stderr);
}

static const tlstream_events events = {
    .on_secure = on_secure, .on_data = on_data, .on_error = on_error};

int main(int argc, char **argv) {
  int status = 0;
  int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8000;
  tlstream_error error;
  tlstream_context *context = tlstream_context_new(
      TLSTREAM_CONTEXT(.ca_file = "server-cert.pem"), &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);

  uv_loop_t *loop = uv_default_loop();
  tlstream *stream =
      tlstream_connect(loop, TLSTREAM_CONNECT(.context = context, .port = port),
                       &events, &status, &error);
  tlstream_context_unref(context); /* the stream holds a reference */
  if (stream == NULL) return tlstream_error_print(&error, stderr);
  uv_run(loop, UV_RUN_DEFAULT);
  return status;
}
