/* SPDX-License-Identifier: MIT */
/* Fetch a page: https-get HOST PORT [CA-FILE] */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <tlstream/tlstream.h>

typedef struct fetch {
  const char *host;
  char head[8192]; /* of the answer, up to and with its empty line */
  size_t head_len;
  bool has_head;
  long long left; /* of the body; < 0: it ends with the connection */
} fetch;

static void on_secure(tlstream *stream, void *data) {
  const fetch *self = data;
  const char *protocol = tlstream_alpn_protocol(stream);
  char request[512];
  int len = snprintf(request, sizeof(request),
                     "GET / HTTP/1.0\r\nHost: %s\r\n\r\n", self->host);
  fprintf(stderr, "%s, %s\n",
          tlstream_version_name(tlstream_tls_version(stream)),
          protocol != NULL ? protocol : "no protocol agreed on");
  tlstream_write(stream, request, (size_t)len);
}

static long long body_length(const char *head) {
  static const char name[] = "\r\nContent-Length:";
  for (const char *at = head; (at = strstr(at, "\r\n")) != NULL; at += 2) {
    if (strncasecmp(at, name, sizeof(name) - 1) != 0) continue;
    return strtoll(at + sizeof(name) - 1, NULL, 10);
  }
  return -1;
}

/* Take what belongs to the head, and return how much that is. */
static size_t take_head(fetch *self, const char *bytes, size_t len) {
  size_t taken = 0;
  while (taken < len && !self->has_head &&
         self->head_len + 1 < sizeof(self->head)) {
    self->head[self->head_len++] = bytes[taken++];
    self->has_head =
        self->head_len >= 4 &&
        memcmp(self->head + self->head_len - 4, "\r\n\r\n", 4) == 0;
  }
  if (self->has_head && taken > 0) self->left = body_length(self->head);
  return taken;
}

/* The length says when the answer is whole. Close then: many servers end the
 * connection without close_notify, which would be an error before that. */
static void on_data(tlstream *stream, const void *bytes, size_t len,
                    void *data) {
  fetch *self = data;
  size_t body = len - take_head(self, bytes, len);
  fwrite(bytes, 1, len, stdout);
  if (!self->has_head || self->left < 0) return;
  self->left -= (long long)body;
  if (self->left <= 0) tlstream_close(stream);
}

static int status;

/* A server may end an answer that is not whole with close_notify, too. */
static void on_end(tlstream *stream, void *data) {
  const fetch *self = data;
  (void)stream;
  if (self->has_head && self->left <= 0) return;
  status = 1;
  fputs("the answer is not whole\n", stderr);
}

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  (void)stream, (void)data;
  status = tlstream_error_print(error, stderr);
}

static const tlstream_events events = {.on_secure = on_secure,
                                       .on_data = on_data,
                                       .on_end = on_end,
                                       .on_error = on_error};

int main(int argc, char **argv) {
  tlstream_error error;
  if (argc < 3) return fputs("https-get HOST PORT [CA-FILE]\n", stderr), 2;
  tlstream_context *context = tlstream_context_new(
      TLSTREAM_CONTEXT(.alpn = TLSTREAM_PROTOCOLS("http/1.1"),
                       .ca_file = argc > 3 ? argv[3] : NULL),
      &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);

  fetch page = {.host = argv[1]};
  uv_loop_t *loop = uv_default_loop();
  tlstream *stream =
      tlstream_connect(loop,
                       TLSTREAM_CONNECT(.context = context, .host = argv[1],
                                        .port = (int)strtol(argv[2], NULL, 10)),
                       &events, &page, &error);
  tlstream_context_unref(context);
  if (stream == NULL) return tlstream_error_print(&error, stderr);
  uv_run(loop, UV_RUN_DEFAULT);
  return status;
}
