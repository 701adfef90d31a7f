/* SPDX-License-Identifier: MIT */
/* A server that answers a ClientHello asynchronously and renews its
 * certificate: ask-and-renew PORT. On SIGHUP it reads server-cert.pem and
 * server-key.pem again; if they are invalid, it prints why and keeps the old
 * ones. */
#include <stdio.h>
#include <stdlib.h>

#include <tlstream/tlstream.h>

static tlstream_context *load(void) {
  tlstream_error error;
  tlstream_context *context =
      tlstream_context_new(TLSTREAM_CONTEXT(.cert_file = "server-cert.pem",
                                            .key_file = "server-key.pem"),
                           &error);
  if (context == NULL) tlstream_error_print(&error, stderr);
  return context;
}

/* A timer stands for a lookup in a database or over the network. */
static void on_found(uv_timer_t *timer) {
  tlstream *stream = timer->data;
  /* If the client has closed meanwhile, this fails and has no effect. */
  (void)!tlstream_hello_accept(stream, NULL);
  tlstream_unref(stream);
  uv_close((uv_handle_t *)timer, (uv_close_cb)free);
}

static void on_hello(tlstream_server *server, tlstream *stream,
                     const char *servername, void *data) {
  (void)server, (void)data;
  uv_timer_t *timer = servername != NULL ? malloc(sizeof(*timer)) : NULL;
  if (timer == NULL) {
    tlstream_hello_refuse(stream, TLSTREAM_HELLO_UNKNOWN_NAME);
    return;
  }
  uv_timer_init(tlstream_loop(stream), timer);
  timer->data = tlstream_ref(stream);
  uv_timer_start(timer, on_found, 1, 0);
}

static void on_connection(tlstream_server *server, tlstream *stream,
                          void *data) {
  (void)server, (void)data;
  tlstream_pipe(stream, stream);
}

static const tlstream_server_events events = {.on_connection = on_connection,
                                              .on_hello = on_hello};

static void on_hangup(uv_signal_t *handle, int number) {
  (void)number;
  tlstream_context *fresh = load();
  if (fresh == NULL) return;
  int code = tlstream_server_set_context(handle->data, fresh, NULL);
  tlstream_context_unref(fresh);
  puts(code == 0 ? "renewed" : "not renewed");
  fflush(stdout);
}

int main(int argc, char **argv) {
  uv_signal_t hangup;
  tlstream_address at;
  tlstream_error error;
  tlstream_context *context = load();
  if (context == NULL) return 1;
  tlstream_server *server = tlstream_server_new(
      uv_default_loop(), TLSTREAM_SERVER(.context = context), &events, NULL,
      &error);
  tlstream_context_unref(context);
  if (server == NULL ||
      tlstream_server_listen(server, "localhost",
                             argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0,
                             &error) != 0) {
    return tlstream_error_print(&error, stderr);
  }
  uv_signal_init(uv_default_loop(), &hangup);
  hangup.data = server;
  uv_signal_start(&hangup, on_hangup, SIGHUP);
  tlstream_server_address(server, &at);
  printf("listening on port %d\n", at.port);
  fflush(stdout);
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
