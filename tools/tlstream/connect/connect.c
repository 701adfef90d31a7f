/* SPDX-License-Identifier: MIT */
/* Standard input to a server, what the server says to standard output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

#include <tlstream/pair_ending.h>

#include "connect/connect.h"
#include "connect/info.h"
#include "connect/input.h"
#include "connect/output.h"
#include "connect/starttls.h"
#include "connect/target.h"
#include "credentials.h"
#include "message.h"

enum { STARTTLS_SECONDS = 30 };

typedef struct settings {
  const char *host_port;
  endpoint target; /* the same, parsed */
  const char *starttls;
  const starttls_protocol *protocol; /* the same, NULL if not given */
  const char *servername;
  const char *verify_name;
  const char *path;
  credential_settings credentials;
  bool insecure;
  bool insecure_allow_truncation;
  int idle_timeout;
  bool json;
  bool quiet;
  bool raw;
} settings;

static const option_row options[] = {
    TEXT_OPTION("starttls", "PROTOCOL",
                "smtp, imap, pop3, postgres, ldap or ftp, then TLS",
                offsetof(settings, starttls)),
    TEXT_OPTION("servername", "NAME", "ask for this name, and expect it [HOST]",
                offsetof(settings, servername)),
    TEXT_OPTION("verify-name", "NAME", "expect this name in the certificate",
                offsetof(settings, verify_name)),
    TEXT_OPTION("unix", "PATH", "connect to a Unix socket; no HOST:PORT then",
                offsetof(settings, path)),
    CREDENTIAL_OPTIONS(offsetof(settings, credentials)),
    FLAG_OPTION("insecure", "talk to anybody, whatever the certificate",
                offsetof(settings, insecure)),
    FLAG_OPTION("insecure-allow-truncation",
                "take a cut connection for the end of the data",
                offsetof(settings, insecure_allow_truncation)),
    NUMBER_OPTION("idle-timeout", "SECONDS",
                  "give up when nothing moves [0: never]",
                  offsetof(settings, idle_timeout), 0, 86400),
    FLAG_OPTION("json", "the connection's facts as a line of JSON",
                offsetof(settings, json)),
    FLAG_OPTION("quiet", "no facts", offsetof(settings, quiet)),
    FLAG_OPTION("raw", "no escaping, not even on a terminal",
                offsetof(settings, raw)),
};

/* One run of the command. */
typedef struct session {
  const settings *given;
  tlstream_context *context; /* borrowed */
  starttls plain;            /* until TLS begins, with --starttls */
  uv_loop_t *loop;
  tlstream *stream; /* NULL once it is closed */
  stdin_reader input;
  stdout_writer output;
  int status;  /* the exit status */
  bool failed; /* and why has been said */
} session;

static void fail(session *self, int status) {
  self->failed = true;
  self->status = status;
}

static void give_up(session *self, const char *what, int status) {
  print_message("%s: %s", what, uv_strerror(status));
  fail(self, EXIT_LOCAL);
  input_close(&self->input);
  if (self->stream != NULL) tlstream_destroy(self->stream);
}

static void on_input(stdin_reader *input, const char *bytes, size_t len) {
  session *self = input->data;
  /* An error is told by on_error, or was our own end. */
  if (tlstream_write(self->stream, bytes, len) > 0) input_pause(input);
}

static void on_input_end(stdin_reader *input, int status) {
  session *self = input->data;
  if (status != 0) {
    give_up(self, "cannot read standard input", status);
  } else {
    tlstream_end(self->stream);
  }
}

static void on_written(stdout_writer *output, int status) {
  session *self = output->data;
  if (status != 0) {
    give_up(self, "cannot write to standard output", status);
  } else if (self->stream != NULL) {
    tlstream_resume(self->stream);
  }
}

static void on_secure(tlstream *stream, void *data) {
  session *self = data;
  if (self->given->json) {
    print_info_json(stream);
  } else if (!self->given->quiet) {
    print_info(stream);
  }
  int status = input_start(&self->input, self->loop);
  if (status != 0) give_up(self, "cannot read standard input", status);
}

/* One piece at a time: the stream waits until standard output has taken it. */
static void on_data(tlstream *stream, const void *bytes, size_t len,
                    void *data) {
  session *self = data;
  tlstream_pause(stream);
  int status = output_write(&self->output, self->loop, bytes, len);
  if (status != 0) give_up(self, "cannot write to standard output", status);
}

static void on_end(tlstream *stream, void *data) {
  session *self = data;
  input_close(&self->input);
  tlstream_end(stream);
}

static void on_drain(tlstream *stream, void *data) {
  (void)stream;
  session *self = data;
  input_resume(&self->input);
}

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  (void)stream;
  session *self = data;
  fail(self, print_error(error));
}

static void on_close(tlstream *stream, tlstream_ending ending, void *data) {
  (void)stream;
  session *self = data;
  self->stream = NULL;
  input_close(&self->input);
  if (ending != TLSTREAM_ENDING_TRUNCATED || self->failed) return;
  if (self->given->insecure_allow_truncation) return;
  /* We were done, but what came after may have been cut short. */
  print_message(
      "%s: the other side left without saying goodbye (close_notify); what it "
      "said may not be all",
      tlstream_error_name(TLSTREAM_ERR_TRUNCATED));
  fail(self, EXIT_PEER);
}

static const tlstream_events events = {
    .on_secure = on_secure,
    .on_data = on_data,
    .on_end = on_end,
    .on_drain = on_drain,
    .on_error = on_error,
    .on_close = on_close,
};

/* The server may take its time to answer after our end, so it is not given
 * only the few seconds that a goodbye takes: allow_half_open. */
static tlstream *connect_with_tls(session *self, tlstream_error *error) {
  const settings *given = self->given;
  return tlstream_connect(
      self->loop,
      TLSTREAM_CONNECT(.context = self->context, .path = given->path,
                       .host = given->path == NULL ? self->given->target.host
                                                   : NULL,
                       .port = self->given->target.port,
                       .servername = given->servername,
                       .verify_name = given->verify_name,
                       .timeouts.idle_ms = (unsigned)given->idle_timeout * 1000,
                       .allow_half_open = true),
      &events, self, error);
}

/* As tlstream_connect() has it. */
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
                       .servername = given->servername, .head = rest,
                       .timeouts.idle_ms = (unsigned)given->idle_timeout * 1000,
                       .allow_half_open = true),
      &events, self, &error);
  if (self->stream != NULL) return;
  fail(self, print_error(&error));
  uv_close((uv_handle_t *)handle, NULL);
}

static void on_plain_failed(starttls *plain, int status) {
  fail(plain->data, status);
}

static void connect_in_plain_text(session *self) {
  int seconds = self->given->idle_timeout;
  self->plain = (starttls){
      .on_ready = on_plain_ready,
      .on_failed = on_plain_failed,
      .data = self,
      .protocol = self->given->protocol,
      .timeout_ms = 1000u * (unsigned)(seconds ? seconds : STARTTLS_SECONDS)};
  starttls_start(&self->plain, self->loop, &self->given->target,
                 self->given->path);
}

static int talk(const settings *given, tlstream_context *context) {
  static session self; /* large, for its buffer */
  tlstream_error error;
  self.given = given;
  self.context = context;
  self.loop = uv_default_loop();
  self.input = (stdin_reader){
      .on_bytes = on_input, .on_end = on_input_end, .data = &self};
  self.output = (stdout_writer){
      .on_written = on_written,
      .data = &self,
      .is_escaped = !given->raw && uv_guess_handle(STDOUT_FILENO) == UV_TTY};
  if (given->protocol != NULL) {
    connect_in_plain_text(&self);
  } else {
    self.stream = connect_with_tls(&self, &error);
    if (self.stream == NULL) return print_error(&error);
  }
  uv_run(self.loop, UV_RUN_DEFAULT);
  return self.status;
}

static tlstream_context *make_context(const settings *given) {
  tlstream_context_options wanted =
      *TLSTREAM_CONTEXT(.insecure_allow_unauthorized = given->insecure,
                        .insecure_allow_truncation =
                            given->insecure_allow_truncation);
  if (given->insecure) {
    print_message(
        "INSECURE: nobody checks who the other side is, as --insecure says");
  }
  return credentials_context(&given->credentials, &wanted);
}

static bool check_target(settings *given) {
  const char *word = given->host_port;
  if (given->path == NULL && word == NULL) {
    return command_error(&connect_command,
                         "where to? HOST:PORT, or --unix PATH");
  }
  if (given->path != NULL && word != NULL) {
    return command_error(&connect_command, "HOST:PORT or --unix, not both");
  }
  if (given->path != NULL && given->servername == NULL &&
      given->verify_name == NULL && !given->insecure) {
    return command_error(&connect_command,
                         "--unix needs --servername: whom to expect there?");
  }
  return word == NULL || target_parse(&connect_command, word, &given->target);
}

static bool check(void *data) {
  settings *given = data;
  if (!check_target(given)) return false;
  if (given->starttls == NULL) return true;
  given->protocol = starttls_find(&connect_command, given->starttls);
  return given->protocol != NULL;
}

static int run(void *data) {
  const settings *given = data;
  tlstream_context *context = make_context(given);
  if (context == NULL) return EXIT_LOCAL;
  int status = talk(given, context);
  tlstream_context_unref(context);
  return status;
}

const command connect_command = {
    .path = "tlstream connect",
    .summary = "stdin to a server, what it says to stdout",
    .argument = "HOST:PORT",
    .argument_offset = offsetof(settings, host_port),
    .description = "Send stdin to a server and print what it says to stdout; "
                   "everything else goes to\nstderr. The server must prove who "
                   "it is: exit status 1 if not.",
    .options = options,
    .option_count = COUNT_OF(options),
    .settings_size = sizeof(settings),
    .check = check,
    .run = run,
};
