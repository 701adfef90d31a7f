/* SPDX-License-Identifier: MIT */
/*
 * The one client that loads every server of the comparison, so that what
 * differs is the server: one thread, epoll (level-triggered), TLS 1.3 only,
 * X25519, AES-128-GCM, resumed sessions only where they are the work.
 *
 *   load PORT WORK CONNECTIONS [SECONDS [SIZE]]
 *
 * SIZE is that of an echo; a message is sent whole before its answer is read,
 * so it must fit into the buffers on the way (a few hundred KiB always do).
 *
 * It opens its connections, prints `ready` and waits for a line on stdin; works
 * for SECONDS; prints what it got done as one JSON object; and keeps everything
 * open until stdin ends. The measuring script reads the server's clocks and
 * memory at the two pauses, when nothing moves.
 *
 * A connection runs its step. A step returns the epoll events it waits for, or
 * PAUSED.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

enum {
  PAUSED = 0,
  EVENTS_PER_WAIT = 256,
  OPENING_AT_ONCE = 64, /* fits any server's backlog */
  CHUNK = 64 * 1024,
  STOCK = 32 * 1024 * 1024, /* ciphertext made ahead, for each connection */
  GREETING = 1024 * 1024,   /* what bulk decrypts before the clock starts */
  DISCARD = 1024 * 1024,    /* ciphertext thrown away in one call */
};

struct client;
typedef uint32_t step_fn(struct client *client);

struct client {
  SSL *ssl;
  int fd;
  uint32_t events; /* what epoll watches for */
  step_fn *step;
  size_t unsent; /* of the message on its way */
  size_t unread; /* of its answer */
  BIO *stock;    /* for upload; the SSL's */
  size_t stock_sent;
};

struct work {
  const char *name;
  step_fn *step;    /* what a connection does when the clock runs */
  bool opens_first; /* connections are open before the clock starts */
  size_t says;      /* a greeting proves that a connection is open: */
  size_t hears;     /* so many bytes there, and so many back */
};

static step_fn step_open, step_handshake, step_resume, step_echo, step_bulk,
    step_upload;

static const struct work works[] = {
    {"handshake", step_handshake, false, .says = 1, .hears = 1},
    {"resume", step_resume, true, .says = 1, .hears = 1},
    {"echo", step_echo, true, .says = 1, .hears = 1},
    {"bulk", step_bulk, true, .says = 0, .hears = GREETING},
    {"upload", step_upload, true, .says = 1, .hears = 0},
    {"idle", NULL, true, .says = 1, .hears = 1},
};

static const struct work *work;
static int port;
static size_t connection_count;
static double seconds;
static size_t message_size = 64;

static SSL_CTX *context;
static int epoll_fd;
static struct client *clients;
static size_t started_count; /* of `clients`, from the first */
static size_t opened_count;
static SSL_SESSION *session; /* the server's latest */
static size_t empty_count;   /* connections that have sent all their stock */
static char bytes[CHUNK];

static struct { uint64_t operations, bytes, handshakes; } done;

_Noreturn static void fail(const char *what) {
  unsigned long code = ERR_peek_error();
  const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
  if (reason == NULL) reason = errno != 0 ? strerror(errno) : "closed by peer";
  fprintf(stderr, "load: %s: %s\n", what, reason);
  exit(1);
}

/* What OpenSSL waits for; no server has a reason to end a connection. */
static uint32_t awaited(struct client *client, int result) {
  switch (SSL_get_error(client->ssl, result)) {
    case SSL_ERROR_WANT_READ: return EPOLLIN;
    case SSL_ERROR_WANT_WRITE: return EPOLLOUT;
    default: fail("connection lost");
  }
}

static void watch(struct client *client, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = client};
  if (epoll_ctl(epoll_fd, operation, client->fd, &event) != 0)
    fail("epoll_ctl");
  client->events = events;
}

/* --- connections --- */

static int connect_socket(void) {
  struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons((uint16_t)port),
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
  };
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  int status = connect(fd, (struct sockaddr *)&address, sizeof(address));
  if (status != 0 && errno != EINPROGRESS) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  return fd;
}

static void start(struct client *client, step_fn *step) {
  client->fd = connect_socket();
  client->ssl = SSL_new(context);
  if (client->ssl == NULL || SSL_set_fd(client->ssl, client->fd) != 1)
    fail("SSL_new");
  SSL_set_connect_state(client->ssl);
  client->step = step;
  client->unsent = work->says;
  client->unread = work->hears;
  watch(client, EPOLL_CTL_ADD, EPOLLOUT);
}

static void stop(struct client *client) {
  SSL_shutdown(client->ssl);
  SSL_free(client->ssl);
  close(client->fd);
}

static void start_next(void) {
  if (started_count < connection_count)
    start(&clients[started_count++], step_open);
}

/* --- steps --- */

static uint32_t shake_hands(struct client *client) {
  if (SSL_is_init_finished(client->ssl)) return PAUSED;
  int result = SSL_do_handshake(client->ssl);
  if (result != 1) return awaited(client, result);
  done.handshakes++;
  return PAUSED;
}

/* Sends `unsent` bytes and reads `unread`; PAUSED when all are through. */
static uint32_t ping_pong(struct client *client) {
  while (client->unsent > 0) {
    size_t len = client->unsent < CHUNK ? client->unsent : CHUNK;
    int sent = SSL_write(client->ssl, bytes, (int)len);
    if (sent <= 0) return awaited(client, sent);
    client->unsent -= (size_t)sent;
    /* No answer can be here yet. */
    if (client->unsent == 0 && client->unread > 0) return EPOLLIN;
  }
  while (client->unread > 0) {
    size_t len = client->unread < CHUNK ? client->unread : CHUNK;
    int got = SSL_read(client->ssl, bytes, (int)len);
    if (got <= 0) return awaited(client, got);
    client->unread -= (size_t)got;
  }
  return PAUSED;
}

static uint32_t step_open(struct client *client) {
  uint32_t events = shake_hands(client);
  if (events == PAUSED) events = ping_pong(client);
  if (events != PAUSED) return events;
  opened_count++;
  start_next();
  return PAUSED;
}

static uint32_t step_handshake(struct client *client) {
  uint32_t events = shake_hands(client);
  if (events == PAUSED) events = ping_pong(client);
  if (events != PAUSED) return events;
  done.operations++;
  stop(client);
  start(client, step_handshake);
  return client->events;
}

static int on_session(SSL *ssl, SSL_SESSION *given) {
  (void)ssl;
  SSL_SESSION_free(session);
  session = SSL_SESSION_dup(given);
  if (session == NULL) fail("SSL_SESSION_dup");
  return 0;
}

/* A copy each time: OpenSSL uses a session of TLS 1.3 once. */
static void offer_session(struct client *client) {
  SSL_SESSION *copy = session != NULL ? SSL_SESSION_dup(session) : NULL;
  if (copy == NULL || SSL_set_session(client->ssl, copy) != 1)
    fail("no session");
  SSL_SESSION_free(copy);
}

/* The connections that were open before the clock ran end first. */
static uint32_t step_resume(struct client *client) {
  uint32_t events = shake_hands(client);
  if (events == PAUSED) events = ping_pong(client);
  if (events != PAUSED) return events;
  if (done.operations++ >= connection_count && !SSL_session_reused(client->ssl))
    fail("a full handshake");
  stop(client);
  start(client, step_resume);
  offer_session(client);
  return client->events;
}

static uint32_t step_echo(struct client *client) {
  for (;;) {
    uint32_t events = ping_pong(client);
    if (events != PAUSED) return events;
    done.operations++;
    done.bytes += message_size;
    client->unsent = client->unread = message_size;
  }
}

/* The client must not be the slower side: on loopback a sender that waits for
 * room has part of its work done on the receiver's CPU, by the acknowledgements
 * that make room. So once the greeting has shown that proper TLS arrives, the
 * kernel drops the rest without copying it here (that is MSG_TRUNC on TCP).
 * What is counted is ciphertext, 0.1 % more than the plaintext of full records.
 */
static uint32_t step_bulk(struct client *client) {
  static char never_written[DISCARD];
  ssize_t got = recv(client->fd, never_written, DISCARD, MSG_TRUNC);
  if (got == 0 || (got < 0 && errno != EAGAIN)) fail("recv");
  if (got > 0) done.bytes += (uint64_t)got;
  return EPOLLIN;
}

static void stock_up(struct client *client) {
  if (client->stock == NULL) {
    client->stock = BIO_new(BIO_s_mem());
    if (client->stock == NULL) fail("BIO_s_mem");
    SSL_set0_wbio(client->ssl, client->stock);
  }
  (void)BIO_reset(client->stock);
  client->stock_sent = 0;
  while (BIO_ctrl_pending(client->stock) < STOCK)
    if (SSL_write(client->ssl, bytes, CHUNK) <= 0) fail("SSL_write");
}

static void stock_up_all(void) {
  for (size_t i = 0; i < connection_count; i++)
    stock_up(&clients[i]);
  for (size_t i = 0; i < connection_count; i++)
    watch(&clients[i], EPOLL_CTL_MOD, EPOLLOUT);
  empty_count = 0;
}

/* Encrypting while sending would make the client the slower side again: it
 * encrypts for all connections, then sends as fast as the server reads. */
static uint32_t step_upload(struct client *client) {
  char *data = NULL;
  long len = BIO_get_mem_data(client->stock, &data);
  size_t rest = (size_t)len - client->stock_sent;
  ssize_t sent = send(client->fd, data + client->stock_sent, rest, 0);
  if (sent < 0 && errno != EAGAIN) fail("send");
  if (sent < 0) return EPOLLOUT;
  done.bytes += (uint64_t)sent;
  client->stock_sent += (size_t)sent;
  if ((size_t)sent < rest) return EPOLLOUT;
  if (++empty_count < connection_count) return PAUSED;
  stock_up_all();
  return EPOLLOUT;
}

static void advance(struct client *client) {
  ERR_clear_error();
  uint32_t events = client->step(client);
  if (events != client->events) watch(client, EPOLL_CTL_MOD, events);
}

/* --- the run --- */

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void turn(int timeout_ms) {
  struct epoll_event events[EVENTS_PER_WAIT];
  int count = epoll_wait(epoll_fd, events, EVENTS_PER_WAIT, timeout_ms);
  if (count < 0 && errno != EINTR) fail("epoll_wait");
  for (int i = 0; i < count; i++)
    advance(events[i].data.ptr);
}

static void open_connections(void) {
  if (!work->opens_first) return;
  for (int i = 0; i < OPENING_AT_ONCE; i++)
    start_next();
  while (opened_count < connection_count)
    turn(-1);
}

static void start_working(void) {
  if (work->step == step_upload) stock_up_all();
  for (size_t i = 0; i < connection_count; i++) {
    if (!work->opens_first) {
      start(&clients[i], work->step);
      continue;
    }
    clients[i].step = work->step;
    clients[i].unsent = clients[i].unread = message_size;
    advance(&clients[i]);
  }
}

/* Returns how long it really was. */
static double run(void) {
  memset(&done, 0, sizeof(done));
  if (work->step == NULL) return 0;
  double begin = now();
  start_working();
  double elapsed = now() - begin;
  while (elapsed < seconds) {
    turn((int)((seconds - elapsed) * 1000) + 1);
    elapsed = now() - begin;
  }
  return elapsed;
}

static void wait_for_line(void) {
  char line[16];
  while (fgets(line, sizeof(line), stdin) != NULL && strchr(line, '\n') == NULL)
    continue;
}

static void wait_for_end(void) {
  while (getchar() != EOF)
    continue;
}

static void report(double elapsed) {
  printf("{\"work\": \"%s\", \"connections\": %zu, \"seconds\": %.6f, "
         "\"operations\": %llu, \"bytes\": %llu, \"handshakes\": %llu}\n",
         work->name, connection_count, elapsed,
         (unsigned long long)done.operations, (unsigned long long)done.bytes,
         (unsigned long long)done.handshakes);
  fflush(stdout);
}

/* --- setting up --- */

_Noreturn static void usage(void) {
  fputs("usage: load PORT handshake|resume|echo|bulk|upload CONNECTIONS "
        "SECONDS\n"
        "       load PORT echo CONNECTIONS SECONDS SIZE\n"
        "       load PORT idle CONNECTIONS\n",
        stderr);
  exit(2);
}

static const struct work *find_work(const char *name) {
  for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++)
    if (strcmp(works[i].name, name) == 0) return &works[i];
  usage();
}

static void read_arguments(int argc, char **argv) {
  if (argc < 4 || argc > 6) usage();
  port = atoi(argv[1]);
  work = find_work(argv[2]);
  connection_count = strtoul(argv[3], NULL, 10);
  if (argc > 4) seconds = strtod(argv[4], NULL);
  if (argc > 5) message_size = strtoul(argv[5], NULL, 10);
  bool has_time = seconds > 0 || work->step == NULL;
  if (port <= 0 || connection_count == 0 || message_size == 0 || !has_time)
    usage();
}

static void make_context(void) {
  context = SSL_CTX_new(TLS_client_method());
  if (context == NULL) fail("SSL_CTX_new");
  if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") != 1 ||
      SSL_CTX_set1_groups_list(context, "X25519") != 1)
    fail("SSL_CTX settings");
  SSL_CTX_set_session_cache_mode(context, work->step == step_resume
                                              ? SSL_SESS_CACHE_CLIENT |
                                                    SSL_SESS_CACHE_NO_INTERNAL
                                              : SSL_SESS_CACHE_OFF);
  SSL_CTX_sess_set_new_cb(context, on_session);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS |
                                SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
}

static void allow_many_files(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv) {
  read_arguments(argc, argv);
  make_context();
  allow_many_files();
  signal(SIGPIPE, SIG_IGN);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  clients = calloc(connection_count, sizeof(*clients));
  if (epoll_fd < 0 || clients == NULL) fail("setting up");

  open_connections();
  puts("ready");
  fflush(stdout);
  wait_for_line();
  report(run());
  wait_for_end();
  return 0;
}
