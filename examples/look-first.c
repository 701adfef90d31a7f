/* SPDX-License-Identifier: MIT */
/* Accept any certificate, then print whether it is trusted:
 * look-first HOST PORT */
#include <stdio.h>
#include <stdlib.h>

#include <tlstream/tlstream.h>

static void print_reasons(const tlstream *stream) {
  size_t count = 0;
  const tlstream_error *list = tlstream_authorization_errors(stream, &count);
  for (size_t i = 0; i < count; i++) {
    printf("  %s (certificate %d): %s\n", list[i].name, list[i].depth,
           list[i].message);
  }
}

static void on_secure(tlstream *stream, void *data) {
  (void)data;
  printf("authorized: %s\n", tlstream_authorized(stream) ? "yes" : "no");
  print_reasons(stream);
  /* The peer is not authenticated: send nothing secret. */
  tlstream_end(stream);
}

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  (void)stream;
  *(int *)data = tlstream_error_print(error, stderr);
}

static const tlstream_events events = {.on_secure = on_secure,
                                       .on_error = on_error};

int main(int argc, char **argv) {
  int status = 0;
  tlstream_error error;
  if (argc < 3) return fputs("look-first HOST PORT\n", stderr), 2;
  tlstream_context *context = tlstream_context_new(
      TLSTREAM_CONTEXT(.insecure_allow_unauthorized = true), &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);

  uv_loop_t *loop = uv_default_loop();
  tlstream *stream =
      tlstream_connect(loop,
                       TLSTREAM_CONNECT(.context = context, .host = argv[1],
                                        .port = (int)strtol(argv[2], NULL, 10)),
                       &events, &status, &error);
  tlstream_context_unref(context);
  if (stream == NULL) return tlstream_error_print(&error, stderr);
  uv_run(loop, UV_RUN_DEFAULT);
  return status;
}
