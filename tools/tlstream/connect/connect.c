/* SPDX-License-Identifier: MIT */
/* Sends standard input to a server and writes its data to standard output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

#include "connect/connect.h"
#include "connect/ending.h"
#include "connect/info.h"
#include "connect/input.h"
#include "connect/output.h"
#include "connect/report.h"
#include "connect/resume.h"
#include "connect/starttls/name.h"
#include "connect/starttls/protocols.h"
#include "connect/starttls/starttls.h"
#include "connect/target.h"
#include "connect/tlsa.h"
#include "credentials.h"
#include "leave.h"
#include "message.h"

enum { STARTTLS_SECONDS = 30, LAST_TURNS = 10 };

typedef struct settings {
  const char *host_port;
  endpoint target; /* the same, parsed */
  const char *starttls;
  const starttls_protocol *protocol; /* the same, NULL if not given */
  const char *name;
  const char *servername;
  const char *verify_name;
  texts tlsa;
  tlsa_records records; /* the same, parsed */
  const char *path;
  credential_settings credentials;
  bool require_staple;
  bool insecure;
  ending_settings ending;
  int idle_timeout;
  report_settings report;
  resume_settings resume;
  bool quiet;
  bool raw;
} settings;

static const option_row options[] = {
    TEXT_OPTION("starttls", "PROTOCOL",
                "smtp, imap, ldap, postgres, ..., then TLS",
                offsetof(settings, starttls)),
    TEXT_OPTION("name", "NAME", "the name in EHLO, or the domain for XMPP",
                offsetof(settings, name)),
    TEXT_OPTION("servername", "NAME", "send this SNI name and verify it [HOST]",
                offsetof(settings, servername)),
    TEXT_OPTION("verify-name", "NAME", "verify this name instead",
                offsetof(settings, verify_name)),
    TEXTS_OPTION("tlsa", "RECORD",
                 "judge it by this TLSA record: \"3 1 1 HEX\"",
                 offsetof(settings, tlsa)),
    TEXT_OPTION("unix", "PATH", "connect to this Unix socket, not HOST:PORT",
                offsetof(settings, path)),
    CREDENTIAL_OPTIONS(offsetof(settings, credentials)),
    FLAG_OPTION("require-staple", "refuse a server without an OCSP staple",
                offsetof(settings, require_staple)),
    FLAG_OPTION("insecure", "accept any certificate",
                offsetof(settings, insecure)),
    FLAG_OPTION("insecure-allow-truncation",
                "accept any end without close_notify",
                offsetof(settings, ending.insecure_allow_truncation)),
    FLAG_OPTION("strict-end", "fail if the server sends no close_notify",
                offsetof(settings, ending.strict)),
    FLAG_OPTION("end", "send close_notify at the end of stdin",
                offsetof(settings, ending.end)),
    NUMBER_OPTION("wait", "SECONDS",
                  "silence that ends it after stdin [30; 0: none]",
                  offsetof(settings, ending.wait), 0, 86400),
    NUMBER_OPTION("idle-timeout", "SECONDS",
                  "fail after this time without data [0: never]",
                  offsetof(settings, idle_timeout), 0, 86400),
    TEXT_OPTION("session-in", "FILE", "resume the session in this file",
                offsetof(settings, resume.in)),
    TEXT_OPTION("session-out", "FILE",
                "write the server's session to this file",
                offsetof(settings, resume.out)),
    FLAG_OPTION("json", "print the connection as JSON, and no data",
                offsetof(settings, report.json)),
    TEXT_OPTION("info", "FILE", "write the same JSON to this file, too",
                offsetof(settings, report.info)),
    FLAG_OPTION("quiet", "print nothing about the connection",
                offsetof(settings, quiet)),
    FLAG_OPTION("raw", "do not escape output to a terminal",
                offsetof(settings, raw)),
};

/* One run of the command. */
typedef struct session {
  const settings *given;
  tlstream_context *context; /* borrowed */
  tlstream_session *offered; /* of --session-in; borrowed, or NULL */
  bool has_session;          /* --session-out has been written */
  starttls plain;            /* the dialogue before TLS, with --starttls */
  uv_loop_t *loop;
  tlstream *stream; /* NULL once it is closed */
  stdin_reader input;
  stdout_writer output;
  ending ending;
  int status;  /* the exit status */
  bool failed; /* the reason has been printed */
} session;

static void fail(session *self, int status) {
  self->failed = true;
  self->status = status;
}

/* A look-up of a name may still run: the exit does not wait for it. */
static void stop_if_over(session *self) {
  if (self->stream == NULL && !self->output.is_busy) uv_stop(self->loop);
}

static void give_up(session *self, const char *what, int status) {
  print_message("%s: %s", what, uv_strerror(status));
  fail(self, EXIT_LOCAL);
  input_close(&self->input);
  if (self->stream != NULL) tlstream_destroy(self->stream);
}

static void on_input(stdin_reader *input, const char *bytes, size_t len) {
  session *self = input->data;
  /* Errors are reported by on_error. A write after our own end fails, too, and
   * may be ignored. */
  int status = tlstream_write(self->stream, bytes, len);
  if (status >= 0) ending_wrote(&self->ending);
  if (status > 0) input_pause(input);
}

static void on_input_end(stdin_reader *input, int status) {
  session *self = input->data;
  if (status != 0) {
    give_up(self, "cannot read standard input", status);
  } else {
    ending_input_over(&self->ending);
  }
}

static void on_written(stdout_writer *output, int status) {
  session *self = output->data;
  if (status != 0) {
    give_up(self, "cannot write to standard output", status);
  } else if (self->stream != NULL) {
    ending_printed(&self->ending);
    tlstream_resume(self->stream);
  }
  stop_if_over(self);
}

static void on_session(tlstream *stream, tlstream_session *given, void *data) {
  session *self = data;
  if (self->given->resume.out == NULL) return;
  self->has_session = true;
  if (resume_write(&self->given->resume, given)) return;
  fail(self, EXIT_LOCAL);
  tlstream_destroy(stream);
}

/* One of TLS 1.2 stays what it is, unless the server gives another. */
static void keep_resumed(session *self, tlstream *stream) {
  if (tlstream_resumed(stream) && self->offered != NULL &&
      !tlstream_session_is_single_use(self->offered)) {
    on_session(stream, self->offered, self);
  }
}

static void on_secure(tlstream *stream, void *data) {
  session *self = data;
  report_connection(stream);
  keep_resumed(self, stream);
  if (self->given->report.json) {
    /* The peer may still refuse our certificate (RFC 8446, 4.4.2.4). */
    tlstream_close(stream);
    return;
  }
  if (!self->given->quiet) print_info(stream);
  ending_start(&self->ending, stream);
  int status = input_start(&self->input, self->loop);
  if (status != 0) give_up(self, "cannot read standard input", status);
}

/* A script that waits for the file wants to know. */
static void judge_session(session *self) {
  if (self->given->resume.out == NULL || self->has_session || self->failed)
    return;
  print_message("%s was not written: the server gave no session",
                escaped(self->given->resume.out));
}

/* One chunk at a time: the stream is paused until standard output took it. */
static void on_data(tlstream *stream, const void *bytes, size_t len,
                    void *data) {
  session *self = data;
  tlstream_pause(stream);
  ending_received(&self->ending);
  int status = output_write(&self->output, self->loop, bytes, len);
  if (status != 0) give_up(self, "cannot write to standard output", status);
}

static void on_end(tlstream *stream, void *data) {
  (void)stream;
  session *self = data;
  input_close(&self->input);
  ending_peer_over(&self->ending);
}

static void on_flushed(tlstream *stream, void *data) {
  (void)stream;
  session *self = data;
  ending_flushed(&self->ending);
}

static void on_drain(tlstream *stream, void *data) {
  (void)stream;
  session *self = data;
  input_resume(&self->input);
}

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  session *self = data;
  report_connection(stream);
  fail(self, error->code == TLSTREAM_ERR_TRUNCATED
                 ? ending_judge_error(&self->ending, error)
                 : print_error(error));
}

static void on_close(tlstream *stream, tlstream_ending how, void *data) {
  (void)stream;
  session *self = data;
  bool is_relayed = !self->given->report.json;
  if (!self->failed && is_relayed) {
    self->status = ending_judge(&self->ending, how);
  }
  judge_session(self);
  ending_stop(&self->ending);
  input_close(&self->input);
  self->stream = NULL;
  stop_if_over(self);
}

static const tlstream_events events = {
    .on_secure = on_secure,
    .on_data = on_data,
    .on_end = on_end,
    .on_drain = on_drain,
    .on_flushed = on_flushed,
    .on_session = on_session,
    .on_error = on_error,
    .on_close = on_close,
};

static tlstream_timeouts timeouts(const settings *given) {
  return (tlstream_timeouts){.idle_ms = (unsigned)given->idle_timeout * 1000,
                             .half_closed_ms =
                                 ending_half_closed_ms(&given->ending)};
}

/* allow_half_open: the end of the server's data ends ours by on_end. */
static tlstream *connect_with_tls(session *self, tlstream_error *error) {
  const settings *given = self->given;
  return tlstream_connect(
      self->loop,
      TLSTREAM_CONNECT(
              .context = self->context, .path = given->path,
              .host = given->path == NULL ? self->given->target.host : NULL,
              .port = self->given->target.port, .servername = given->servername,
              .verify_name = given->verify_name, .tlsa = given->records.items,
              .tlsa_count = given->records.count, .session = self->offered,
              .timeouts = timeouts(given), .allow_half_open = true),
      &events, self, error);
}

/* The same rule as in tlstream_connect(). */
static const char *name_to_verify(const session *self) {
  const settings *given = self->given;
  if (given->verify_name != NULL) return given->verify_name;
  if (given->servername != NULL && given->servername[0] != '\0') {
    return given->servername;
  }
  return given->path == NULL ? self->given->target.host : NULL;
}

static void on_plain_ready(starttls *plain, uv_stream_t *handle,
                           tlstream_bytes rest) {
  session *self = plain->data;
  const settings *given = self->given;
  tlstream_error error;
  self->stream = tlstream_upgrade(
      handle,
      TLSTREAM_UPGRADE(.role = TLSTREAM_ROLE_CLIENT, .context = self->context,
                       .verify_name = name_to_verify(self),
                       .servername = given->servername,
                       .session = self->offered, .head = rest,
                       .tlsa = given->records.items,
                       .tlsa_count = given->records.count,
                       .timeouts = timeouts(given), .allow_half_open = true),
      &events, self, &error);
  if (self->stream != NULL) return;
  fail(self, print_error(&error));
  uv_close((uv_handle_t *)handle, NULL);
}

static void on_plain_failed(starttls *plain, int status) {
  session *self = plain->data;
  fail(self, status);
  stop_if_over(self);
}

static void connect_in_plain_text(session *self) {
  int seconds = self->given->idle_timeout;
  self->plain = (starttls){
      .on_ready = on_plain_ready,
      .on_failed = on_plain_failed,
      .data = self,
      .protocol = self->given->protocol,
      .name = self->given->name,
      .domain = name_to_verify(self),
      .timeout_ms = 1000u * (unsigned)(seconds ? seconds : STARTTLS_SECONDS)};
  starttls_start(&self->plain, self->loop, &self->given->target,
                 self->given->path);
}

static int talk(const settings *given, tlstream_context *context,
                tlstream_session *offered) {
  static session self; /* large, for its buffer */
  tlstream_error error;
  self.given = given;
  self.ending.given = &given->ending;
  self.context = context;
  self.offered = offered;
  self.loop = uv_default_loop();
  self.input = (stdin_reader){
      .on_bytes = on_input, .on_end = on_input_end, .data = &self};
  self.output =
      (stdout_writer){.on_written = on_written,
                      .data = &self,
                      .is_escaped = !given->raw && isatty(STDOUT_FILENO),
                      .is_utf8 = utf8_is_shown()};
  if (given->protocol != NULL) {
    connect_in_plain_text(&self);
  } else {
    self.stream = connect_with_tls(&self, &error);
    if (self.stream == NULL) return print_error(&error);
  }
  uv_run(self.loop, UV_RUN_DEFAULT);
  output_finish(&self.output);
  return self.status;
}

/* Handles that are closed need a turn or two of the loop. */
static bool is_loop_over(uv_loop_t *loop) {
  for (int i = 0; i < LAST_TURNS && uv_loop_alive(loop); i++)
    uv_run(loop, UV_RUN_NOWAIT);
  return !uv_loop_alive(loop);
}

static tlstream_context *make_context(const settings *given) {
  tlstream_context_options wanted =
      *TLSTREAM_CONTEXT(.require_staple = given->require_staple,
                        .insecure_allow_unauthorized = given->insecure);
  if (given->insecure) {
    print_message(
        "INSECURE: the certificate of the peer is not verified (--insecure)");
  }
  credentials_warn(&given->credentials);
  return credentials_context(&given->credentials, &wanted);
}

static bool check_target(settings *given) {
  const char *word = given->host_port;
  if (given->path == NULL && word == NULL) {
    return command_error(&connect_command,
                         "missing HOST[:PORT] or --unix PATH");
  }
  if (given->path != NULL && word != NULL) {
    return command_error(&connect_command, "HOST[:PORT] or --unix, not both");
  }
  if (given->path != NULL && given->servername == NULL &&
      given->verify_name == NULL && !given->insecure &&
      given->credentials.psk == NULL) {
    return command_error(&connect_command,
                         "--unix needs --servername, the name to verify");
  }
  const char *service = given->starttls != NULL ? given->starttls : "https";
  return word == NULL ||
         target_parse(&connect_command, word, service, &given->target);
}

static bool check_name(const settings *given) {
  if (given->name == NULL) return true;
  if (given->starttls == NULL) {
    return command_error(&connect_command, "--name needs --starttls");
  }
  return starttls_name_is_valid(given->name) ||
         command_error(&connect_command, "--name '%s' is no name of a host",
                       escaped(given->name));
}

static bool check(void *data) {
  settings *given = data;
  if (given->ending.strict && given->ending.insecure_allow_truncation) {
    return command_error(&connect_command,
                         "--strict-end and --insecure-allow-truncation exclude "
                         "each other");
  }
  if (given->starttls != NULL) {
    given->protocol = starttls_find(&connect_command, given->starttls);
    if (given->protocol == NULL) return false;
  }
  return check_target(given) && check_name(given) &&
         tlsa_parse(&connect_command, &given->tlsa, &given->records);
}

static int run(void *data) {
  const settings *given = data;
  const char *host = given->path == NULL ? given->target.host : given->path;
  if (!report_open(&given->report, host, given->target.port)) return EXIT_LOCAL;
  tlstream_session *offered = NULL;
  tlstream_context *context =
      resume_read(&given->resume, &offered) ? make_context(given) : NULL;
  int status = context != NULL ? talk(given, context, offered) : EXIT_LOCAL;
  tlstream_context_unref(context);
  tlstream_session_unref(offered);
  status = report_close(status);
  if (!is_loop_over(uv_default_loop())) leave_now(status);
  return status;
}

const command connect_command = {
    .path = "tlstream connect",
    .summary = "send stdin to a server, print its data to stdout",
    .argument = "HOST[:PORT]",
    .argument_offset = offsetof(settings, host_port),
    .description = "Send stdin to a server and print its data to stdout; "
                   "messages go to stderr.\nThe certificate of the server is "
                   "verified: exit status 1 if it is not trusted.",
    .options = options,
    .option_count = COUNT_OF(options),
    .settings_size = sizeof(settings),
    .defaults = &(const settings){.ending.wait = WAIT_DEFAULT},
    .check = check,
    .run = run,
};
