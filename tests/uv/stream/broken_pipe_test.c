/* SPDX-License-Identifier: MIT */
/*
 * H3: a peer is killed while we write to it. Each test is a process of its own,
 * because the signal's effect is the process's, and because it may be killed.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/test.h"
#include "support/uv/loopback.h"

enum { PIECE = 100 * 1000 };

static bool pass(int fd, tlstream_pair *pair) {
  char bytes[4096];
  size_t len = 0;
  const void *data = tlstream_pair_peek(pair, &len);
  if (len > 0) {
    if (send(fd, data, len, MSG_NOSIGNAL) != (ssize_t)len) return false;
    tlstream_pair_consume(pair, len);
    return true;
  }
  ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
  return got > 0 && tlstream_pair_feed(pair, bytes, (size_t)got) >= 0;
}

/* Shakes hands, and then does nothing until it is killed. */
static void be_victim(int address_pipe) {
  loopback net = {0};
  if (read(address_pipe, &net.at, sizeof(net.at)) != sizeof(net.at)) _exit(1);
  int fd = raw_connect(&net);
  tlstream_pair *pair = config_pair(&net.config, TLSTREAM_ROLE_CLIENT);
  if (tlstream_pair_start(pair) != 0) _exit(1);
  while (!tlstream_pair_is_secure(pair) && pass(fd, pair))
    continue;
  while (tlstream_pair_pending(pair) > 0 && pass(fd, pair))
    continue;
  for (;;)
    pause();
}

static pid_t start_victim(int *to_it) {
  int ends[2];
  config usual = {.mutual = false};
  /* Both sides need the same. */
  tlstream_context_unref(config_context(&usual, TLSTREAM_ROLE_CLIENT));
  tlstream_context_unref(config_context(&usual, TLSTREAM_ROLE_SERVER));
  CHECK_INT(pipe(ends), 0);
  pid_t victim = fork();
  if (victim == 0) be_victim(ends[0]);
  close(ends[0]);
  *to_it = ends[1];
  return victim;
}

/* Until nothing more is taken; then the reading process is killed. */
static void write_until_it_dies(actor *self, callback_kind kind) {
  pid_t *victim = self->data;
  if (kind == CAME_SECURE) {
    while (actor_write(self, PIECE) == 0)
      continue;
    CHECK_INT(kill(*victim, SIGKILL), 0);
    CHECK_INT(waitpid(*victim, NULL, 0), *victim);
  }
  if (kind == CAME_ERROR) {
    CHECK_ERROR(actor_write(self, 1), TLSTREAM_ERR_CLOSED);
  }
}

static void welcome(loopback *net, actor *guest) {
  guest->act = write_until_it_dies;
  guest->data = net->data;
  write_until_it_dies(guest, CAME_SECURE);
}

static void write_to_a_victim(const char *host) {
  int to_it = -1;
  pid_t victim = start_victim(&to_it);
  loopback net = {.on_connection = welcome, .data = &victim};
  loopback_open(&net);
  loopback_serve(&net, host);
  CHECK_INT(write(to_it, &net.at, sizeof(net.at)), sizeof(net.at));
  loopback_run(&net);
  const actor *guest = &net.guests[0];
  CHECK_INT(net.connections, 1);
  CHECK_INT(guest->ending, TLSTREAM_ENDING_FAILED);
  CHECK(guest->error.system == UV_EPIPE ||
        guest->error.system == UV_ECONNRESET);
  loopback_close(&net);
  close(to_it);
}

static void (*handler_now(void))(int) {
  struct sigaction action;
  CHECK_INT(sigaction(SIGPIPE, NULL, &action), 0);
  return action.sa_handler;
}

static void over_tcp(void) {
  signal(SIGPIPE, SIG_DFL);
  write_to_a_victim(NULL);
  CHECK(handler_now() == SIG_IGN);
}

static void over_a_unix_socket(void) {
  char folder[] = "/tmp/tlstream-XXXXXX";
  char path[64];
  signal(SIGPIPE, SIG_DFL);
  CHECK(mkdtemp(folder) != NULL);
  snprintf(path, sizeof(path), "%s/socket", folder);
  write_to_a_victim(path);
  CHECK(handler_now() == SIG_IGN);
  CHECK_INT(rmdir(folder), 0);
}

static void on_signal(int number) {
  (void)number;
}

static void with_a_handler_of_the_users(void) {
  signal(SIGPIPE, on_signal);
  write_to_a_victim(NULL);
  CHECK(handler_now() == on_signal);
}

static void survive(void (*body)(void)) {
  int status = 0;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    body();
    fflush(stdout);
    _exit(test_failures > 0 ? 1 : 0);
  }
  CHECK_INT(waitpid(child, &status, 0), child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  if (WIFSIGNALED(status)) printf("# killed by %d\n", WTERMSIG(status));
}

TEST(a_killed_peer_over_tcp_is_an_error) {
  survive(over_tcp);
}

TEST(a_killed_peer_over_a_unix_socket_is_an_error) {
  survive(over_a_unix_socket);
}

TEST(a_handler_of_the_users_stays) {
  survive(with_a_handler_of_the_users);
}
