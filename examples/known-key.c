/* SPDX-License-Identifier: MIT */
/* Connect to a server whose certificate is trusted and is also a known one:
 * known-key HOST PORT CA-FILE SHA-256-FINGERPRINT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tlstream/tlstream.h>

static const char *known;
static int status;

/* The chain and the name have been found good. */
static void on_verify(tlstream *stream, void *data) {
  (void)data;
  tlstream_certificate *peer = tlstream_peer_certificate(stream);
  const char *shown =
      peer != NULL ? tlstream_certificate_fingerprint(peer, TLSTREAM_SHA256)
                   : NULL;
  if (shown != NULL && strcmp(shown, known) == 0) {
    (void)!tlstream_verify_accept(stream);
  } else {
    tlstream_verify_refuse(stream, TLSTREAM_VERIFY_UNACCEPTABLE,
                           "it is not the known one");
  }
  tlstream_certificate_unref(peer);
}

static void on_secure(tlstream *stream, void *data) {
  (void)data;
  puts("the known certificate");
  tlstream_close(stream);
}

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  (void)stream, (void)data;
  status = tlstream_error_print(error, stderr);
}

static const tlstream_events events = {
    .on_verify = on_verify, .on_secure = on_secure, .on_error = on_error};

int main(int argc, char **argv) {
  tlstream_error error;
  if (argc < 5) {
    return fputs("known-key HOST PORT CA-FILE FINGERPRINT\n", stderr), 2;
  }
  known = argv[4];
  tlstream_context *context =
      tlstream_context_new(TLSTREAM_CONTEXT(.ca_file = argv[3]), &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);
  tlstream *stream =
      tlstream_connect(uv_default_loop(),
                       TLSTREAM_CONNECT(.context = context, .host = argv[1],
                                        .port = (int)strtol(argv[2], NULL, 10)),
                       &events, NULL, &error);
  tlstream_context_unref(context);
  if (stream == NULL) return tlstream_error_print(&error, stderr);
  uv_run(uv_default_loop(), UV_RUN_DEFAULT);
  return status;
}
