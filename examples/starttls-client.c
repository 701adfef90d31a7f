/* SPDX-License-Identifier: MIT */
/* Ask for TLS in plain text, then continue with it:
 * starttls-client smtp|imap|postgres HOST PORT NAME CA-FILE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tlstream/tlstream.h>

/* Requests, and how the last line of each positive reply begins. */
static const struct protocol {
  const char *name;
  struct {
    const char *request;
    size_t len;
    const char *good;
  } steps[4];
  const char *last; /* to send inside TLS */
} protocols[] = {
    {"smtp",
     {{"", 0, "220 "},
      {"EHLO [127.0.0.1]\r\n", 18, "250 "},
      {"STARTTLS\r\n", 10, "220 "}},
     "QUIT\r\n"},
    {"imap", {{"", 0, "* OK"}, {"a STARTTLS\r\n", 12, "a OK"}}, "b LOGOUT\r\n"},
    {"postgres", {{"\0\0\0\10\4\322\26\57", 8, "S"}}, NULL}};

static const struct protocol *protocol;
static const char *name;
static tlstream_context *context;
static uv_tcp_t tcp;
static uv_timer_t deadline;
static char received[4096];
static size_t len, step;
static int status;

static void on_secure(tlstream *stream, void *data) {
  (void)data;
  printf("secure: %s\n", tlstream_version_name(tlstream_tls_version(stream)));
  if (protocol->last == NULL) {
    tlstream_end(stream);
  } else {
    tlstream_write(stream, protocol->last, strlen(protocol->last));
  }
}

static void on_data(tlstream *stream, const void *bytes, size_t count,
                    void *data) {
  (void)stream, (void)data;
  fwrite(bytes, 1, count, stdout);
}

static void on_error(tlstream *stream, const tlstream_error *error,
                     void *data) {
  (void)stream, (void)data;
  status = tlstream_error_print(error, stderr);
}

static const tlstream_events events = {
    .on_secure = on_secure, .on_data = on_data, .on_error = on_error};

static void give_up(const char *why) {
  fprintf(stderr, "%s\n", why);
  status = 1;
  uv_close((uv_handle_t *)&tcp, NULL);
  uv_timer_stop(&deadline);
}

/* The server agreed to TLS. `rest` is what it sent after that; it must be
 * empty, because it may have been injected: the upgrade refuses it. */
static void begin_tls(const char *rest) {
  tlstream_error error;
  uv_timer_stop(&deadline); /* the handshake has its own deadline */
  tlstream *stream = tlstream_upgrade(
      (uv_stream_t *)&tcp,
      TLSTREAM_UPGRADE(.role = TLSTREAM_ROLE_CLIENT, .context = context,
                       .verify_name = name, .head = {rest, strlen(rest)}),
      &events, NULL, &error);
  if (stream == NULL) give_up(error.message);
}

static void send_request(void) {
  uv_buf_t buf = uv_buf_init((char *)protocol->steps[step].request,
                             (unsigned)protocol->steps[step].len);
  if (buf.len > 0) uv_try_write((uv_stream_t *)&tcp, &buf, 1);
}

/* The end of the reply, or NULL while it is incomplete. */
static const char *end_of_reply(void) {
  const char *good = protocol->steps[step].good;
  const char *line = received;
  if (strlen(good) == 1) return received[0] == good[0] ? received + 1 : NULL;
  for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
    if (strncmp(line, good, strlen(good)) == 0) return end + 1;
  }
  return NULL;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  (void)handle, (void)suggested;
  *buf = uv_buf_init(received + len, (unsigned)(sizeof(received) - 1 - len));
}

static void on_read(uv_stream_t *stream, ssize_t nread, const uv_buf_t *buf) {
  (void)stream, (void)buf;
  if (nread < 0) {
    give_up("the server closed, or its reply was too long");
    return;
  }
  len += (size_t)nread;
  received[len] = '\0';
  const char *rest = end_of_reply();
  if (rest == NULL) return;
  if (protocol->steps[++step].good == NULL) {
    begin_tls(rest);
  } else {
    received[len = 0] = '\0';
    send_request();
  }
}

static void on_late(uv_timer_t *timer) {
  (void)timer;
  give_up("the server did not offer TLS in time");
}

/* The connection is ours now, and what happens on it until TLS begins. */
static void on_dialed(int fd, const tlstream_address *peer,
                      const tlstream_error *error, void *data) {
  uv_loop_t *loop = data;
  (void)peer;
  if (error != NULL) {
    status = tlstream_error_print(error, stderr);
    return;
  }
  uv_tcp_init(loop, &tcp);
  uv_tcp_open(&tcp, fd);
  uv_read_start((uv_stream_t *)&tcp, on_alloc, on_read);
  uv_timer_init(loop, &deadline);
  uv_timer_start(&deadline, on_late, 10000, 0);
  send_request();
}

int main(int argc, char **argv) {
  tlstream_error error;
  for (size_t i = 0; argc == 6 && i < 3; i++) {
    if (strcmp(argv[1], protocols[i].name) == 0) protocol = &protocols[i];
  }
  if (protocol == NULL) {
    return fputs("smtp|imap|postgres HOST PORT NAME CA-FILE\n", stderr), 2;
  }
  name = argv[4];
  context = tlstream_context_new(TLSTREAM_CONTEXT(.ca_file = argv[5]), &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);

  uv_loop_t *loop = uv_default_loop();
  if (tlstream_dial(loop,
                    TLSTREAM_DIAL(.host = argv[2],
                                  .port = (int)strtol(argv[3], NULL, 10)),
                    on_dialed, loop, &error) == NULL) {
    return tlstream_error_print(&error, stderr);
  }
  uv_run(loop, UV_RUN_DEFAULT);
  tlstream_context_unref(context);
  return status;
}
