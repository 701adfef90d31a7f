/* SPDX-License-Identifier: MIT */
/* A pair on epoll, without libuv. Sends "hello" to an echo server:
 * pair-on-epoll PORT CA-FILE */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <tlstream/context.h>
#include <tlstream/pair.h>
#include <tlstream/pair_ending.h>

static uint64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int dial(int port) {
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons((unsigned short)port),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int status = connect(fd, (struct sockaddr *)&to, sizeof(to));
  return status == 0 || errno == EINPROGRESS ? fd : -1;
}

static void fail(tlstream_pair *pair) {
  tlstream_error error = {.code = TLSTREAM_ERR_SYSTEM, .system = -errno};
  snprintf(error.name, sizeof(error.name), "ERR_TLSTREAM_SYSTEM");
  snprintf(error.message, sizeof(error.message), "the socket failed: %s",
           strerror(errno));
  tlstream_pair_feed_error(pair, &error);
}

static void print_data(tlstream_pair *pair) {
  char text[4096];
  ptrdiff_t len = 0;
  while ((len = tlstream_pair_read(pair, text, sizeof(text))) > 0)
    fwrite(text, 1, (size_t)len, stdout);
}

/* Everything is accepted, because the output is read after each step. */
static void receive(int fd, tlstream_pair *pair) {
  char bytes[4096];
  ssize_t len = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
  for (ssize_t done = 0; done < len;) {
    ptrdiff_t taken =
        tlstream_pair_feed(pair, bytes + done, (size_t)(len - done));
    print_data(pair);
    if (taken <= 0) return;
    done += taken;
  }
  if (len == 0) tlstream_pair_feed_eof(pair);
  if (len < 0 && errno != EAGAIN) fail(pair);
}

static void send_pending(int fd, tlstream_pair *pair) {
  size_t len = 0;
  const void *bytes = tlstream_pair_peek(pair, &len);
  ssize_t sent =
      len > 0 ? send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
  if (sent > 0) tlstream_pair_consume(pair, (size_t)sent);
  if (sent < 0 && errno != EAGAIN) fail(pair);
  if (tlstream_pair_wants_shutdown(pair)) shutdown(fd, SHUT_WR);
}

static int time_left(const tlstream_pair *pair) {
  uint64_t deadline = tlstream_pair_next_deadline(pair);
  uint64_t now = now_ms();
  if (deadline == TLSTREAM_NO_DEADLINE) return -1;
  return deadline > now ? (int)(deadline - now) : 0;
}

static void wait_for_socket(int epoll, int fd, tlstream_pair *pair) {
  struct epoll_event event = {
      .events = (tlstream_pair_wants_input(pair) ? EPOLLIN : 0u) |
                (tlstream_pair_pending(pair) > 0 ? EPOLLOUT : 0u)};
  epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
  int count = epoll_wait(epoll, &event, 1, time_left(pair));
  tlstream_pair_tick(pair, now_ms());
  if (count > 0 && (event.events & ~(unsigned)EPOLLOUT) != 0) receive(fd, pair);
}

static void handle_events(tlstream_pair *pair) {
  tlstream_event event = TLSTREAM_EVENT_NONE;
  while ((event = tlstream_pair_next_event(pair)) != TLSTREAM_EVENT_NONE) {
    if (event != TLSTREAM_EVENT_SECURE) continue;
    if (tlstream_pair_write(pair, "hello\n", 6) == 6) tlstream_pair_end(pair);
  }
}

int main(int argc, char **argv) {
  tlstream_error error;
  if (argc < 3) return fputs("pair-on-epoll PORT CA-FILE\n", stderr), 2;
  tlstream_context *context =
      tlstream_context_new(TLSTREAM_CONTEXT(.ca_file = argv[2]), &error);
  tlstream_pair *pair =
      context != NULL
          ? tlstream_pair_new(TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT,
                                            .context = context,
                                            .verify_name = "localhost"),
                              now_ms(), &error)
          : NULL;
  tlstream_context_unref(context);
  if (pair == NULL) return tlstream_error_print(&error, stderr);

  int fd = dial((int)strtol(argv[1], NULL, 10));
  int epoll = epoll_create1(0);
  if (fd < 0 || epoll < 0) return perror("pair-on-epoll"), 1;
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &(struct epoll_event){0});
  tlstream_pair_start(pair); /* its deadline is over connecting too */
  send_pending(fd, pair);
  while (!tlstream_pair_is_finished(pair)) {
    wait_for_socket(epoll, fd, pair);
    handle_events(pair);
    send_pending(fd, pair); /* the last output may be an alert */
  }
  int status = tlstream_pair_error(pair) != NULL
                   ? tlstream_error_print(tlstream_pair_error(pair), stderr)
                   : 0;
  tlstream_pair_free(pair);
  close(fd);
  close(epoll);
  return status;
}
