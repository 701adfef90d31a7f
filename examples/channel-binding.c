/* SPDX-License-Identifier: MIT */
/* Print what a log-in or another protocol can be bound to a connection by:
 * channel-binding HOST PORT CA-FILE */
#include <stdio.h>
#include <stdlib.h>

#include <tlstream/tlstream.h>

static void print_hex(const char *name, const unsigned char *bytes,
                      ptrdiff_t len) {
  printf("%s: ", name);
  for (ptrdiff_t i = 0; i < len; i++)
    printf("%02X", bytes[i]);
  puts(len < 0 ? tlstream_error_text((int)len) : "");
}

static void print_binding(const tlstream *stream, const char *name,
                          tlstream_binding kind) {
  unsigned char out[TLSTREAM_BINDING_MAX_LEN];
  print_hex(name, out,
            tlstream_channel_binding(stream, kind, out, sizeof(out)));
}

static void on_secure(tlstream *stream, void *data) {
  (void)data;
  unsigned char key[32];
  int code = tlstream_export_keying_material(stream, "EXPERIMENTAL example",
                                             NULL, key, sizeof(key));
  print_binding(stream, "tls-exporter", TLSTREAM_BINDING_EXPORTER);
  print_binding(stream, "tls-unique", TLSTREAM_BINDING_UNIQUE);
  print_binding(stream, "tls-server-end-point",
                TLSTREAM_BINDING_SERVER_END_POINT);
  print_hex("key", key, code == 0 ? (ptrdiff_t)sizeof(key) : code);
  tlstream_close(stream);
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
  if (argc < 4) return fputs("channel-binding HOST PORT CA-FILE\n", stderr), 2;
  tlstream_context *context =
      tlstream_context_new(TLSTREAM_CONTEXT(.ca_file = argv[3]), &error);
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
