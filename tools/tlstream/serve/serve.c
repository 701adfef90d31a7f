/* SPDX-License-Identifier: MIT */
/* A server that sends "welcome!" to each client and then echoes its data. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include <tlstream/stream_info.h>

#include "message.h"
#include "serve/connection.h"
#include "serve/contexts.h"
#include "serve/ephemeral_cert.h"
#include "serve/log.h"
#include "serve/serve.h"
#include "serve/settings.h"
#include "serve/tickets.h"

enum { PORT = 8000, PORT_MAX = 65535, DRAIN_MS = 3000, SIGNALS = 3 };

typedef serve_settings settings;

static const option_row options[] = {
    TEXT_OPTION("host", "HOST", "listen on this address [127.0.0.1]",
                offsetof(settings, host)),
    NUMBER_OPTION("port", "PORT", "listen on this port; 0: any free one [8000]",
                  offsetof(settings, port), 0, PORT_MAX),
    TEXT_OPTION("unix", "PATH", "listen on a Unix socket instead",
                offsetof(settings, path)),
    CREDENTIAL_OPTIONS(offsetof(settings, credentials)),
    TEXTS_OPTION("context", "NAME=CERT,KEY",
                 "for clients with this SNI name; * is a label",
                 offsetof(settings, contexts)),
    TEXT_OPTION("ticket-keys", "FILE",
                "keys for session tickets, 80 bytes each",
                offsetof(settings, ticket_keys)),
    FLAG_OPTION("request-cert",
                "request client certificates and log the result",
                offsetof(settings, request_cert)),
    FLAG_OPTION("require-cert", "require client certificates signed by --ca",
                offsetof(settings, require_cert)),
    FLAG_OPTION("verify-if-given",
                "the same, but clients without one are let in",
                offsetof(settings, verify_if_given)),
    TEXT_OPTION("ocsp", "FILE", "staple this OCSP response (DER)",
                offsetof(settings, ocsp)),
    FLAG_OPTION("watch", "read the files again when they change",
                offsetof(settings, watch)),
    NUMBER_OPTION("max-connections", "N",
                  "refuse connections beyond N [0: no limit]",
                  offsetof(settings, max_connections), 0, 1000000),
    FLAG_OPTION("json", "print each connection as JSON on stdout",
                offsetof(settings, json)),
    FLAG_OPTION("quiet", "log failures only", offsetof(settings, quiet)),
};

/* One run of the command. */
typedef struct service {
  uv_loop_t *loop;
  tlstream_server *server;   /* NULL before it is made and once it is closed */
  tlstream_watch *watch;     /* with --watch */
  tlstream_stapler *stapler; /* with --ocsp */
  const server_material *from;
  bool json;
  bool quiet;
  uv_signal_t signals[SIGNALS];
  bool closing;
} service;

static void print_json(const tlstream *stream) {
  char *json = tlstream_json(stream);
  if (json != NULL) log_json(json);
  tlstream_free(json);
}

static void on_connection(tlstream_server *server, tlstream *stream,
                          void *data) {
  (void)server;
  service *self = data;
  if (self->json) print_json(stream);
  connection_start(stream, self->quiet);
}

static void on_client_error(tlstream_server *server,
                            const tlstream_address *address,
                            const tlstream_error *error, void *data) {
  (void)server, (void)data;
  if (error->quiet) return;
  print_message("%s %s: %s", address_text(address), error->name,
                error_text(error));
}

static void on_error(tlstream_server *server, const tlstream_error *error,
                     void *data) {
  (void)server, (void)data;
  print_error(error);
}

static void on_close(tlstream_server *server, void *data) {
  (void)server;
  service *self = data;
  self->server = NULL;
  tlstream_watch_close(self->watch);
  self->watch = NULL;
  tlstream_stapler_stop(self->stapler);
  for (int i = 0; i < SIGNALS; i++) {
    uv_close((uv_handle_t *)&self->signals[i], NULL);
  }
}

static const tlstream_server_events events = {
    .on_connection = on_connection,
    .on_client_error = on_client_error,
    .on_error = on_error,
    .on_close = on_close,
};

/* The first signal closes the server gracefully, the second at once. */
static void on_signal(uv_signal_t *handle, int number) {
  (void)number;
  service *self = handle->data;
  if (self->server == NULL) return;
  if (self->closing) {
    tlstream_server_destroy(self->server);
    return;
  }
  size_t open = tlstream_server_connections(self->server);
  if (open > 0) {
    print_message(
        "closing: %zu connection%s may finish, for up to %d s; signal again "
        "to stop now",
        open, open == 1 ? "" : "s", DRAIN_MS / 1000);
  }
  self->closing = true;
  tlstream_server_close(self->server, DRAIN_MS);
}

/* Never ends the server, so that it can be sent at any time. */
static void on_hangup(uv_signal_t *handle, int number) {
  (void)number;
  service *self = handle->data;
  if (self->server == NULL || self->closing) return;
  contexts_reload(self->from, self->server, self->loop, &self->stapler,
                  "SIGHUP");
}

static void on_files_changed(tlstream_watch *watch, void *data) {
  service *self = data;
  (void)watch;
  if (self->server == NULL || self->closing) return;
  contexts_reload(self->from, self->server, self->loop, &self->stapler,
                  "--watch");
}

/* A connection that cannot be reported is not accepted. */
static void on_log_failed(void *data) {
  service *self = data;
  if (self->server == NULL || self->closing) return;
  self->closing = true;
  tlstream_server_close(self->server, DRAIN_MS);
}

/* nohup(1) starts programs with SIGHUP ignored, which must stay so. */
static bool is_ignored(int number) {
  struct sigaction now;
  return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/* Before it is watched it would end the server. */
static void hold_hangups(bool held) {
  sigset_t hangup;
  sigemptyset(&hangup);
  sigaddset(&hangup, SIGHUP);
  sigprocmask(held ? SIG_BLOCK : SIG_UNBLOCK, &hangup, NULL);
}

static void watch_signals(service *self) {
  static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
  for (int i = 0; i < SIGNALS; i++) {
    uv_signal_init(self->loop, &self->signals[i]);
    self->signals[i].data = self;
    bool is_hangup = numbers[i] == SIGHUP;
    if (is_hangup && is_ignored(SIGHUP)) continue;
    uv_signal_start(&self->signals[i], is_hangup ? on_hangup : on_signal,
                    numbers[i]);
  }
  hold_hangups(false);
}

static int start_listening(service *self, const settings *given,
                           tlstream_error *error) {
  if (given->path != NULL) {
    return tlstream_server_listen_path(self->server, given->path, error);
  }
  return tlstream_server_listen(self->server, given->host, given->port, error);
}

/* Print a word, quoted for a shell if necessary. */
static void print_word(FILE *out, const char *word) {
  bool plain = word[strspn(word, "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789./:_-")] == '\0';
  fprintf(out, plain ? " %s" : " '%s'", escaped(word));
}

static bool is_any_address(const char *host) {
  return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

static void print_target(FILE *out, const settings *given, int port) {
  char place[300];
  const char *host = is_any_address(given->host) ? "localhost" : given->host;
  bool is_ipv6 = strchr(host, ':') != NULL;
  if (given->path != NULL) {
    fputs(" --unix", out);
    print_word(out, given->path);
    fputs(" --servername localhost", out);
  } else {
    snprintf(place, sizeof(place), is_ipv6 ? "[%s]:%d" : "%s:%d", host, port);
    print_word(out, place);
  }
}

static void print_connect_command(const settings *given, int port,
                                  const ephemeral_cert *made) {
  FILE *out = message_begin();
  fprintf(out, "the certificate is signed by an ephemeral CA, %s\n",
          escaped(made->ca_path));
  fputs("try it: tlstream connect", out);
  print_target(out, given, port);
  fputs(" --end --ca", out);
  print_word(out, made->ca_path);
  fputc('\n', out);
  message_end(out);
}

/* Clears `contexts`: after a reload nothing holds the old ones. */
static int serve(service *self, server_contexts *contexts,
                 const ephemeral_cert *made) {
  const settings *given = self->from->given;
  tlstream_address address = {0};
  tlstream_error error;
  self->server = tlstream_server_new(
      self->loop,
      TLSTREAM_SERVER(.context = contexts->others,
                      .max_connections = (size_t)given->max_connections),
      &events, self, &error);
  if (self->server == NULL) return print_error(&error);
  log_on_failed(on_log_failed, self);
  watch_signals(self);
  bool is_used = contexts_use(contexts, self->server) &&
                 contexts_staple(given, contexts, self->loop, &self->stapler);
  int status = is_used ? EXIT_DONE : EXIT_LOCAL;
  contexts_clear(contexts);
  if (status == EXIT_DONE && start_listening(self, given, &error) != 0) {
    status = print_error(&error);
  }
  if (status != EXIT_DONE) {
    tlstream_server_destroy(self->server);
  } else {
    tlstream_server_address(self->server, &address);
    if (made->ca_path[0] != '\0')
      print_connect_command(given, address.port, made);
    print_message("listening on %s", address_text(&address));
  }
  uv_run(self->loop, UV_RUN_DEFAULT);
  return status;
}

static int serve_and_log(service *self, server_contexts *contexts,
                         const ephemeral_cert *made) {
  int status = log_start(self->loop);
  if (status != 0) {
    print_message("cannot begin to log: %s", uv_strerror(status));
    return EXIT_LOCAL;
  }
  status = serve(self, contexts, made);
  int logged = log_finish(self->loop);
  return status != EXIT_DONE ? status : logged;
}

static bool check_client_certificates(const settings *given) {
  int modes =
      given->request_cert + given->require_cert + given->verify_if_given;
  if (modes > 1) {
    return command_error(&serve_command,
                         "--request-cert, --require-cert and --verify-if-given "
                         "exclude each other");
  }
  if ((given->require_cert || given->verify_if_given) &&
      given->credentials.ca == NULL) {
    return command_error(&serve_command,
                         "--%s needs --ca FILE, the authority whose "
                         "certificates are valid",
                         given->require_cert ? "require-cert"
                                             : "verify-if-given");
  }
  if (modes == 0 && given->credentials.crls.count > 0) {
    return command_error(&serve_command,
                         "--crl is for the certificates of clients: it needs "
                         "--require-cert, --verify-if-given or --request-cert");
  }
  return true;
}

static bool has_certificate(const settings *given) {
  const credential_settings *credentials = &given->credentials;
  return credentials->key != NULL || credentials->cert != NULL ||
         credentials->pfx != NULL;
}

static bool check_certificates(const settings *given) {
  const credential_settings *credentials = &given->credentials;
  if ((credentials->key == NULL) != (credentials->cert == NULL)) {
    return command_error(&serve_command, "--key and --cert go together");
  }
  if (given->ocsp != NULL && !has_certificate(given)) {
    return command_error(
        &serve_command, "--ocsp is about a certificate: give --cert and --key, "
                        "or --pfx");
  }
  return check_client_certificates(given);
}

static bool check(void *data) {
  settings *given = data;
  if (!check_certificates(given)) return false;
  if (given->path != NULL && given->host != NULL) {
    return command_error(&serve_command, "--host or --unix, not both");
  }
  if (given->host == NULL) given->host = "127.0.0.1";
  return true;
}

/* Before the files are read the first time, so that no change is missed. */
static bool start_watching(service *self) {
  const settings *given = self->from->given;
  if (!given->watch) return true;
  self->watch = contexts_watch(given, self->loop, on_files_changed, self);
  return self->watch != NULL;
}

/* Where the server has not come to its end, or to its beginning. */
static void stop_watching(service *self) {
  if (self->watch == NULL) return;
  tlstream_watch_close(self->watch);
  uv_run(self->loop, UV_RUN_NOWAIT);
}

static int run(void *data) {
  const settings *given = data;
  const char *host = is_any_address(given->host) ? NULL : given->host;
  ephemeral_cert made = {0};
  server_contexts contexts = {0};
  hold_hangups(true);
  credentials_warn(&given->credentials);
  bool needs_one = !has_certificate(given) && given->credentials.psk == NULL;
  if (needs_one && !ephemeral_cert_make(&made, host)) {
    return EXIT_LOCAL;
  }
  server_material from = {.given = given,
                          .made = &made.leaf,
                          .ticket_keys = tickets_load(NULL, false)};
  service self = {.loop = uv_default_loop(),
                  .from = &from,
                  .json = given->json,
                  .quiet = given->quiet};
  int status = EXIT_LOCAL;
  if (from.ticket_keys != NULL && start_watching(&self) &&
      contexts_make(&from, /* again = */ false, &contexts)) {
    status = serve_and_log(&self, &contexts, &made);
  }
  stop_watching(&self);
  contexts_clear(&contexts);
  tlstream_ticket_keys_unref(from.ticket_keys);
  ephemeral_cert_clear(&made);
  return status;
}

const command serve_command = {
    .path = "tlstream serve",
    .summary = "send \"welcome!\" to each client, then echo",
    .description =
        "Send \"welcome!\" to each client, then echo its data. Listens on "
        "127.0.0.1 unless\n--host is given. Without --cert, --pfx and --psk, "
        "makes "
        "an ephemeral certificate\nfor localhost and a CA to trust it by.",
    .options = options,
    .option_count = COUNT_OF(options),
    .settings_size = sizeof(settings),
    .defaults = &(const settings){.port = PORT},
    .check = check,
    .run = run,
};
