/* SPDX-License-Identifier: MIT */
/* A server that reads server-cert.pem and server-key.pem again when they are
 * replaced, and prints its counters for Prometheus on SIGUSR1:
 * renew-by-itself PORT. */
#include <stdio.h>
#include <stdlib.h>

#include <tlstream/tlstream.h>

static tlstream_server *server;
static const char *const files[] = {"server-cert.pem", "server-key.pem"};

static tlstream_context *load(void) {
  tlstream_error error;
  tlstream_context *context = tlstream_context_new(
      TLSTREAM_CONTEXT(.cert_file = files[0], .key_file = files[1]), &error);
  if (context == NULL) tlstream_error_print(&error, stderr);
  return context;
}

/* One of the files may be new and the other old: then this fails, and is called
 * again when the other has changed. */
static void on_change(tlstream_watch *watch, void *data) {
  (void)watch, (void)data;
  tlstream_context *fresh = load();
  int code =
      fresh == NULL ? -1 : tlstream_server_set_context(server, fresh, NULL);
  tlstream_context_unref(fresh);
  puts(code == 0 ? "renewed" : "not renewed");
  fflush(stdout);
}

static void on_question(uv_signal_t *handle, int number) {
  (void)handle, (void)number;
  const tlstream_label labels[] = {{"service", "echo"}};
  tlstream_labeled_counters row = {.labels = labels, .label_count = 1};
  tlstream_server_count(server, &row.counters);
  char *text = tlstream_prometheus(&row, 1, NULL);
  if (text != NULL) fputs(text, stdout);
  tlstream_free(text);
  fflush(stdout);
}

static void on_connection(tlstream_server *self, tlstream *stream, void *data) {
  (void)self, (void)data;
  tlstream_pipe(stream, stream);
}

static const tlstream_server_events events = {.on_connection = on_connection};

static tlstream_server *make_server(tlstream_error *error) {
  tlstream_context *context = load();
  if (context == NULL) exit(1);
  tlstream_server *made = tlstream_server_new(
      uv_default_loop(), TLSTREAM_SERVER(.context = context), &events, NULL,
      error);
  tlstream_context_unref(context);
  return made;
}

int main(int argc, char **argv) {
  uv_signal_t question;
  tlstream_address at;
  tlstream_error error;
  /* Before the files are read, so that no change is missed. */
  if (tlstream_watch_new(uv_default_loop(),
                         TLSTREAM_WATCH(.files = files, .file_count = 2),
                         on_change, NULL, &error) == NULL ||
      (server = make_server(&error)) == NULL ||
      tlstream_server_listen(server, "localhost",
                             argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0,
                             &error) != 0) {
    return tlstream_error_print(&error, stderr);
  }
  uv_signal_init(uv_default_loop(), &question);
  uv_signal_start(&question, on_question, SIGUSR1);
  tlstream_server_address(server, &at);
  printf("listening on port %d\n", at.port);
  fflush(stdout);
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
