/* SPDX-License-Identifier: MIT */
/* A connection of `tlstream serve`. */
#include "serve/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tlstream/pair_ending.h>
#include <tlstream/stream_info.h>
#include <tlstream/stream_psk.h>

#include "message.h"
#include "print.h"

static const char greeting[] = "welcome!\n";

/* Lives as long as its stream. If it cannot be allocated, the connection works
 * without log lines. */
typedef struct connection {
  char peer[128];
  bool quiet;
  bool failed;
} connection;

static void print_protocol(FILE *out, const tlstream *stream) {
  const char *alpn = tlstream_alpn_protocol(stream);
  const char *npn = tlstream_npn_protocol(stream);
  if (alpn != NULL) fprintf(out, ", protocol %s", escaped(alpn));
  if (npn != NULL) fprintf(out, ", protocol %s (NPN)", escaped(npn));
}

/* Prints nothing if no certificate was requested. */
static void print_authorization(FILE *out, const tlstream *stream) {
  size_t len = 0;
  const tlstream_error *why = tlstream_authorization_error(stream);
  const char *identity = tlstream_psk_identity(stream, &len);
  bool authorized = tlstream_authorized(stream);
  if (!authorized && why == NULL) return;
  fprintf(out, ", authorized %s", authorized ? "yes" : "no");
  tlstream_certificate *certificate = tlstream_peer_certificate(stream);
  if (certificate != NULL) {
    fputs(" as ", out);
    print_subject(out, certificate);
  }
  tlstream_certificate_unref(certificate);
  if (identity != NULL) fprintf(out, " as \"%s\" (PSK)", escaped(identity));
  if (why != NULL) fprintf(out, " (%s)", why->name);
}

static void print_connected(const connection *self, const tlstream *stream) {
  const char *servername = tlstream_servername(stream);
  FILE *out = message_begin();
  fprintf(out, "%s connected: %s %s", self->peer,
          tlstream_version_name(tlstream_tls_version(stream)),
          tlstream_cipher_standard_name(stream));
  if (tlstream_resumed(stream)) fputs(", resumed", out);
  if (servername != NULL) {
    fprintf(out, ", asked for %s", escaped(servername));
  }
  print_protocol(out, stream);
  print_authorization(out, stream);
  fputc('\n', out);
  message_end(out);
}

static const char *ending_text(tlstream_ending ending) {
  switch (ending) {
    case TLSTREAM_ENDING_CLEAN: return "both sides sent close_notify";
    case TLSTREAM_ENDING_TRUNCATED:
      return "the peer closed without close_notify";
    case TLSTREAM_ENDING_FAILED: return "failed";
    case TLSTREAM_ENDING_DESTROYED: return "dropped";
  }
  return "";
}

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  (void)stream;
  connection *self = data;
  if (self == NULL) return;
  self->failed = true;
  print_message("%s %s: %s", self->peer, error->name, error_text(error));
}

static void on_close(tlstream *stream, tlstream_ending ending, void *data) {
  connection *self = data;
  if (self == NULL) return;
  if (!self->quiet && !self->failed) {
    print_message("%s closed: %llu bytes in, %llu out; %s", self->peer,
                  (unsigned long long)tlstream_bytes_read(stream),
                  (unsigned long long)tlstream_bytes_written(stream),
                  ending_text(ending));
  }
  free(self);
}

static const tlstream_events events = {
    .on_error = on_error,
    .on_close = on_close,
};

void connection_start(tlstream *stream, bool quiet) {
  tlstream_address address = {0};
  connection *self = calloc(1, sizeof(*self));
  if (self != NULL) {
    tlstream_remote_address(stream, &address);
    snprintf(self->peer, sizeof(self->peer), "%s", address_text(&address));
    self->quiet = quiet;
    if (!self->quiet) print_connected(self, stream);
  }
  tlstream_set_events(stream, &events, self);
  tlstream_write(stream, greeting, strlen(greeting));
  tlstream_pipe(stream, stream);
}
