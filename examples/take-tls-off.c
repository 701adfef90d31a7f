/* SPDX-License-Identifier: MIT */
/* A proxy that takes TLS off: take-tls-off BACKEND-HOST BACKEND-PORT [PORT].
 * It listens on PORT, or on the socket that systemd passes to it. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <tlstream/tlstream.h>

enum { FIRST_PASSED = 3 }; /* descriptor, of systemd's */

static const char *host;
static int port;

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  (void)stream, (void)data;
  tlstream_error_print(error, stderr);
}

static const tlstream_events events = {.on_error = on_error};

static void release(uv_stream_t *backend) {
  free(backend);
}

static void give_up(uv_handle_t *backend) {
  free(backend);
}

static void join(tlstream *stream, int fd) {
  tlstream_error error;
  uv_tcp_t *backend = malloc(sizeof(*backend));
  if (backend == NULL) {
    close(fd);
    tlstream_destroy(stream);
    return;
  }
  uv_tcp_init(tlstream_loop(stream), backend);
  uv_tcp_open(backend, fd);
  if (tlstream_pipe_handle(stream, (uv_stream_t *)backend, release, &error) !=
      0) { /* the client has gone meanwhile, for example */
    uv_close((uv_handle_t *)backend, give_up);
    tlstream_destroy(stream);
  }
}

static void on_dialed(int fd, const tlstream_address *peer,
                      const tlstream_error *error, void *data) {
  tlstream *stream = data;
  (void)peer;
  if (error == NULL) {
    join(stream, fd);
  } else {
    tlstream_error_print(error, stderr);
    tlstream_destroy(stream);
  }
  tlstream_unref(stream);
}

/* What the client says before the backend is connected waits in the kernel: a
 * stream without on_data is not read. */
static void on_connection(tlstream_server *server, tlstream *stream,
                          void *data) {
  tlstream_error error;
  (void)server, (void)data;
  tlstream_set_events(stream, &events, NULL);
  if (tlstream_dial(tlstream_loop(stream),
                    TLSTREAM_DIAL(.host = host, .port = port), on_dialed,
                    tlstream_ref(stream), &error) == NULL) {
    tlstream_error_print(&error, stderr);
    tlstream_destroy(stream);
    tlstream_unref(stream);
  }
}

static const tlstream_server_events server_events = {.on_connection =
                                                         on_connection};

static int listen_somewhere(tlstream_server *server, const char *own_port,
                            tlstream_error *error) {
  const char *pid = getenv("LISTEN_PID");
  if (pid != NULL && strtol(pid, NULL, 10) == (long)getpid()) {
    return tlstream_server_listen_descriptor(server, FIRST_PASSED, error);
  }
  return tlstream_server_listen(server, "localhost",
                                (int)strtol(own_port, NULL, 10), error);
}

int main(int argc, char **argv) {
  tlstream_address at;
  tlstream_error error;
  if (argc < 3) return fputs("take-tls-off HOST PORT [PORT]\n", stderr), 2;
  host = argv[1];
  port = (int)strtol(argv[2], NULL, 10);
  tlstream_context *context =
      tlstream_context_new(TLSTREAM_CONTEXT(.cert_file = "server-cert.pem",
                                            .key_file = "server-key.pem"),
                           &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);
  /* Either side's end is passed on, and does not end the other direction. */
  tlstream_server *server = tlstream_server_new(
      uv_default_loop(),
      TLSTREAM_SERVER(.context = context, .allow_half_open = true),
      &server_events, NULL, &error);
  tlstream_context_unref(context);
  if (server == NULL ||
      listen_somewhere(server, argc > 3 ? argv[3] : "0", &error) != 0) {
    return tlstream_error_print(&error, stderr);
  }
  tlstream_server_address(server, &at);
  printf("listening on port %d\n", at.port);
  fflush(stdout);
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
