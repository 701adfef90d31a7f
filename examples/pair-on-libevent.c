/* SPDX-License-Identifier: MIT */
/* A pair on libevent. Sends "hello" to an echo server:
 * pair-on-libevent PORT CA-FILE */
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include <tlstream/context.h>
#include <tlstream/pair.h>
#include <tlstream/pair_ending.h>

static struct event_base *base;
static struct bufferevent *tcp;
static struct event *timer;
static tlstream_pair *pair;

static uint64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void handle_events(void) {
  tlstream_event event = TLSTREAM_EVENT_NONE;
  while ((event = tlstream_pair_next_event(pair)) != TLSTREAM_EVENT_NONE) {
    if (event != TLSTREAM_EVENT_SECURE) continue;
    if (tlstream_pair_write(pair, "hello\n", 6) == 6) tlstream_pair_end(pair);
  }
}

static void send_pending(void) {
  size_t len = 0;
  const void *bytes = tlstream_pair_peek(pair, &len);
  bufferevent_write(tcp, bytes, len);
  tlstream_pair_consume(pair, len);
}

static void arm_timer(void) {
  uint64_t deadline = tlstream_pair_next_deadline(pair);
  uint64_t now = now_ms();
  uint64_t left = deadline > now ? deadline - now : 0;
  struct timeval when = {.tv_sec = (time_t)(left / 1000),
                         .tv_usec = (suseconds_t)(left % 1000 * 1000)};
  if (deadline != TLSTREAM_NO_DEADLINE) evtimer_add(timer, &when);
}

/* After any event: handle the events of the pair, send its output, set the
 * timer. What a peer does not take any more is not waited for. */
static void update(void) {
  handle_events();
  send_pending();
  arm_timer();
  bool sent = evbuffer_get_length(bufferevent_get_output(tcp)) == 0;
  bool failed = tlstream_pair_error(pair) != NULL;
  if (sent && tlstream_pair_wants_shutdown(pair)) {
    shutdown(bufferevent_getfd(tcp), SHUT_WR);
  }
  if (tlstream_pair_is_finished(pair) && (sent || failed)) {
    event_base_loopbreak(base);
  }
}

static void print_data(void) {
  char text[4096];
  ptrdiff_t len = 0;
  while ((len = tlstream_pair_read(pair, text, sizeof(text))) > 0)
    fwrite(text, 1, (size_t)len, stdout);
}

static void on_readable(struct bufferevent *from, void *data) {
  struct evbuffer *input = bufferevent_get_input(from);
  (void)data;
  tlstream_pair_tick(pair, now_ms());
  for (size_t len; (len = evbuffer_get_length(input)) > 0;) {
    ptrdiff_t taken = tlstream_pair_feed(pair, evbuffer_pullup(input, -1), len);
    print_data();
    if (taken <= 0) break;
    evbuffer_drain(input, (size_t)taken);
  }
  update();
}

static void on_written(struct bufferevent *from, void *data) {
  (void)from, (void)data;
  update();
}

static void fail(void) {
  const char *why = strerror(EVUTIL_SOCKET_ERROR());
  tlstream_error error = {.code = TLSTREAM_ERR_SYSTEM};
  snprintf(error.name, sizeof(error.name), "ERR_TLSTREAM_SYSTEM");
  snprintf(error.message, sizeof(error.message), "the socket failed: %s", why);
  tlstream_pair_feed_error(pair, &error);
}

static void on_event(struct bufferevent *from, short what, void *data) {
  (void)from, (void)data;
  tlstream_pair_tick(pair, now_ms());
  if ((what & BEV_EVENT_ERROR) != 0) fail();
  if ((what & BEV_EVENT_EOF) != 0) tlstream_pair_feed_eof(pair);
  print_data();
  update();
}

static void on_timer(evutil_socket_t fd, short what, void *data) {
  (void)fd, (void)what, (void)data;
  tlstream_pair_tick(pair, now_ms());
  update();
}

int main(int argc, char **argv) {
  tlstream_error error;
  if (argc < 3) return fputs("pair-on-libevent PORT CA-FILE\n", stderr), 2;
  struct sockaddr_in to = {
      .sin_family = AF_INET,
      .sin_port = htons((unsigned short)(int)strtol(argv[1], NULL, 10)),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  tlstream_context *context =
      tlstream_context_new(TLSTREAM_CONTEXT(.ca_file = argv[2]), &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);
  pair = tlstream_pair_new(TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT,
                                         .context = context,
                                         .verify_name = "localhost"),
                           now_ms(), &error);
  tlstream_context_unref(context);
  if (pair == NULL) return tlstream_error_print(&error, stderr);

  signal(SIGPIPE, SIG_IGN); /* writing to a closed connection is an error */
  base = event_base_new();
  timer = evtimer_new(base, on_timer, NULL);
  tcp = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
  bufferevent_setcb(tcp, on_readable, on_written, on_event, NULL);
  bufferevent_enable(tcp, EV_READ | EV_WRITE);
  /* Its deadline is over connecting too; the first message waits for that. */
  tlstream_pair_start(pair);
  if (bufferevent_socket_connect(tcp, (struct sockaddr *)&to, sizeof(to)) ==
      0) {
    update();
    event_base_dispatch(base);
  }

  int status = tlstream_pair_error(pair) != NULL
                   ? tlstream_error_print(tlstream_pair_error(pair), stderr)
                   : 0;
  tlstream_pair_free(pair);
  bufferevent_free(tcp);
  event_free(timer);
  event_base_free(base);
  return status;
}
