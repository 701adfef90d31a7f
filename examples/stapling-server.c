/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include <tlstream/tlstream.h>

static void on_connection(tlstream_server *server, tlstream *stream,
                          void *data) {
  (void)server, (void)data;
  tlstream_write(stream, "welcome!\n", 9);
  tlstream_pipe(stream, stream);
}

static const tlstream_server_events events = {.on_connection = on_connection};

/* It goes on by itself: this is for the log. */
static void on_stapled(tlstream_stapler *stapler, const char *certificate,
                       const tlstream_error *error, void *data) {
  (void)stapler, (void)data;
  if (error != NULL) {
    tlstream_error_print(error, stderr);
  } else {
    fprintf(stderr, "a new staple for %s\n", certificate);
  }
}

int main(int argc, char **argv) {
  int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8000;
  tlstream_error error;
  tlstream_context *context =
      tlstream_context_new(TLSTREAM_CONTEXT(.key_file = "server-key.pem",
                                            .cert_file = "server-cert.pem",
                                            .ca_file = "ca-cert.pem"),
                           &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);

  uv_loop_t *loop = uv_default_loop();
  tlstream_server *server = tlstream_server_new(
      loop, TLSTREAM_SERVER(.context = context), &events, NULL, &error);
  if (server == NULL || tlstream_server_listen(server, NULL, port, &error)) {
    return tlstream_error_print(&error, stderr);
  }
  /* The responder is the one that the certificate names. */
  tlstream_stapler *stapler = tlstream_stapler_start(
      loop, TLSTREAM_STAPLER(.context = context, .on_stapled = on_stapled),
      &error);
  if (stapler == NULL) return tlstream_error_print(&error, stderr);
  tlstream_context_unref(context); /* both hold a reference */
  return uv_run(loop, UV_RUN_DEFAULT);
}
