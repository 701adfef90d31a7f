/* SPDX-License-Identifier: MIT */
/* Fetch a page: https-get HOST PORT [CA-FILE] */
#include <stdio.h>
#include <stdlib.h>

#include <tlstream/tlstream.h>

static void on_secure(tlstream *stream, void *data) {
  const char *host = data;
  const char *protocol = tlstream_alpn_protocol(stream);
  char request[512];
  int len =
      snprintf(request, sizeof(request),
               "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
  fprintf(stderr, "%s, %s\n",
          tlstream_version_name(tlstream_tls_version(stream)),
          protocol != NULL ? protocol : "no protocol agreed on");
  tlstream_write(stream, request, (size_t)len);
}

static void on_data(tlstream *stream, const void *bytes, size_t len,
                    void *data) {
  (void)stream, (void)data;
  fwrite(bytes, 1, len, stdout);
}

static int status;

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  (void)stream, (void)data;
  status = tlstream_error_print(error, stderr);
}

static const tlstream_events events = {
    .on_secure = on_secure, .on_data = on_data, .on_error = on_error};

int main(int argc, char **argv) {
  tlstream_error error;
  if (argc < 3) return fputs("https-get HOST PORT [CA-FILE]\n", stderr), 2;
  tlstream_context *context = tlstream_context_new(
      TLSTREAM_CONTEXT(.alpn = TLSTREAM_PROTOCOLS("http/1.1"),
                       .ca_file = argc > 3 ? argv[3] : NULL),
      &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);

  uv_loop_t *loop = uv_default_loop();
  tlstream *stream =
      tlstream_connect(loop,
                       TLSTREAM_CONNECT(.context = context, .host = argv[1],
                                        .port = (int)strtol(argv[2], NULL, 10)),
                       &events, argv[1], &error);
  tlstream_context_unref(context);
  if (stream == NULL) return tlstream_error_print(&error, stderr);
  uv_run(loop, UV_RUN_DEFAULT);
  return status;
}
