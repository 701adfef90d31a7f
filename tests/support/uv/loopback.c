/* SPDX-License-Identifier: MIT */
#include "support/uv/loopback.h"

#include <errno.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/test.h"

/* Far more than any test takes, sanitizers and slow machines included. */
enum { TIME_LIMIT_MS = 60000 };

static void on_drowsy(uv_timer_t *watchdog) {
  (void)watchdog;
  TEST_STOP("the loop still runs after %d ms", TIME_LIMIT_MS);
}

static void one_more(loopback *net) {
  unsigned expected = net->expects != 0 ? net->expects : 1;
  if (net->connections + net->client_errors != expected) return;
  tlstream_server_close(net->server, TIME_LIMIT_MS);
}

static void welcome(loopback *net, actor *guest) {
  if (net->on_connection != NULL) {
    net->on_connection(net, guest);
  } else {
    CHECK_ERROR(tlstream_pipe(guest->stream, guest->stream), 0);
  }
}

static void on_connection(tlstream_server *server, tlstream *stream,
                          void *data) {
  loopback *net = data;
  CHECK(server == net->server);
  if (net->connections < GUESTS_MAX) {
    actor *guest = &net->guests[net->connections++];
    guest->name = "guest";
    actor_watch(guest, TLSTREAM_ROLE_SERVER, stream);
    callback_came(&guest->order, CAME_SECURE);
    welcome(net, guest);
  } else {
    net->connections++;
    CHECK_ERROR(tlstream_pipe(stream, stream), 0);
  }
  one_more(net);
}

static void on_client_error(tlstream_server *server,
                            const tlstream_address *address,
                            const tlstream_error *error, void *data) {
  loopback *net = data;
  CHECK(server == net->server);
  net->client_errors++;
  net->client_error = *error;
  net->client = *address;
  if (net->on_client_error != NULL) net->on_client_error(net);
  one_more(net);
}

static void on_error(tlstream_server *server, const tlstream_error *error,
                     void *data) {
  loopback *net = data;
  CHECK(server == net->server);
  net->errors++;
  net->error = *error;
  if (net->on_server_error != NULL) net->on_server_error(net);
}

static void on_close(tlstream_server *server, void *data) {
  loopback *net = data;
  CHECK(server == net->server);
  CHECK_INT(tlstream_server_connections(server), 0);
  for (unsigned i = 0; i < net->connections && i < GUESTS_MAX; i++)
    actor_done(&net->guests[i]); /* on_close is the last that is heard */
  net->server = NULL;
}

static void on_hello(tlstream_server *server, tlstream *stream,
                     const char *servername, void *data) {
  loopback *net = data;
  CHECK(server == net->server);
  net->on_hello(net, stream, servername);
}

static const tlstream_server_events events = {
    .on_connection = on_connection,
    .on_client_error = on_client_error,
    .on_error = on_error,
    .on_close = on_close,
};

static const tlstream_server_events asking_events = {
    .on_connection = on_connection,
    .on_hello = on_hello,
    .on_client_error = on_client_error,
    .on_error = on_error,
    .on_close = on_close,
};

static void on_verify(tlstream_server *server, tlstream *stream, void *data) {
  loopback *net = data;
  CHECK(server == net->server);
  net->on_verify(net, stream);
}

static const tlstream_server_events judging_events = {
    .on_connection = on_connection,
    .on_verify = on_verify,
    .on_client_error = on_client_error,
    .on_error = on_error,
    .on_close = on_close,
};

static const tlstream_server_events *events_of(const loopback *net) {
  if (net->on_verify != NULL) return &judging_events;
  return net->on_hello != NULL ? &asking_events : &events;
}

void loopback_open(loopback *net) {
  net->loop = loop_guard_open(&net->guard);
}

static void must(bool held, const tlstream_error *error) {
  if (!held) TEST_STOP("%s", error->message);
}

static int listen_somewhere(loopback *net, const char *host,
                            tlstream_error *error) {
  if (host == NULL) host = "127.0.0.1";
  if (strchr(host, '/') != NULL) {
    return tlstream_server_listen_path(net->server, host, error);
  }
  if (host[0] == '*') host = NULL;
  return tlstream_server_listen(net->server, host, 0, error);
}

void loopback_serve(loopback *net, const char *host) {
  tlstream_error error;
  tlstream_server_options options = net->options;
  tlstream_context *context =
      config_context(&net->config, TLSTREAM_ROLE_SERVER);
  options.size = sizeof(options);
  if (options.context == NULL) options.context = context;
  net->server =
      tlstream_server_new(net->loop, &options, events_of(net), net, &error);
  tlstream_context_unref(context);
  must(net->server != NULL, &error);
  must(listen_somewhere(net, host, &error) == 0, &error);
  CHECK_ERROR(tlstream_server_address(net->server, &net->at), 0);
}

static void fill_in(const loopback *net, tlstream_connect_options *options) {
  options->size = sizeof(*options);
  if (options->host == NULL && options->path == NULL) {
    bool is_path = net->at.port == 0;
    *(is_path ? &options->path : &options->host) = net->at.host;
  }
  if (options->port == 0) options->port = net->at.port;
  if (options->verify_name == NULL) options->verify_name = SERVER_NAME;
}

void loopback_connect(loopback *net, actor *client,
                      const tlstream_connect_options *given) {
  tlstream_error error;
  tlstream_connect_options options = {0};
  tlstream_context *context =
      config_context(&net->config, TLSTREAM_ROLE_CLIENT);
  if (given != NULL) options = *given;
  fill_in(net, &options);
  if (options.context == NULL) options.context = context;
  tlstream *stream = tlstream_connect(net->loop, &options, NULL, NULL, &error);
  tlstream_context_unref(context);
  must(stream != NULL, &error);
  if (client->name == NULL) client->name = "client";
  actor_watch(client, TLSTREAM_ROLE_CLIENT, stream);
}

static bool never(loopback *net) {
  (void)net;
  return false;
}

void loopback_until(loopback *net, bool (*done)(loopback *net)) {
  uv_timer_t watchdog;
  uv_timer_init(net->loop, &watchdog);
  uv_update_time(net->loop);
  uv_timer_start(&watchdog, on_drowsy, TIME_LIMIT_MS, 0);
  uv_unref((uv_handle_t *)&watchdog);
  while (!done(net) && uv_run(net->loop, UV_RUN_ONCE) != 0)
    continue;
  CHECK(done == never || done(net));
  uv_close((uv_handle_t *)&watchdog, NULL);
  uv_run(net->loop, UV_RUN_NOWAIT);
}

void loopback_run(loopback *net) {
  loopback_until(net, never);
}

static bool is_secure(loopback *net) {
  return net->awaited->order.count[CAME_SECURE] > 0;
}

static bool is_over(loopback *net) {
  return net->awaited->order.count[CAME_CLOSE] > 0;
}

void loopback_until_secure(loopback *net, actor *client) {
  net->awaited = client;
  loopback_until(net, is_secure);
}

void loopback_until_over(loopback *net, actor *client) {
  net->awaited = client;
  loopback_until(net, is_over);
}

void loopback_close(loopback *net) {
  CHECK(net->server == NULL);
  loop_guard_close(&net->guard);
}

static int sockaddr_of(const tlstream_address *at,
                       struct sockaddr_storage *out) {
  if (at->port != 0) {
    return uv_ip4_addr(at->host, at->port, (struct sockaddr_in *)out) == 0
               ? 0
               : uv_ip6_addr(at->host, at->port, (struct sockaddr_in6 *)out);
  }
  struct sockaddr_un *un = (struct sockaddr_un *)out;
  un->sun_family = AF_UNIX;
  memcpy(un->sun_path, at->host, sizeof(un->sun_path));
  return 0;
}

static socklen_t length_of(const struct sockaddr_storage *address) {
  switch (address->ss_family) {
    case AF_INET: return sizeof(struct sockaddr_in);
    case AF_INET6: return sizeof(struct sockaddr_in6);
    default: return sizeof(struct sockaddr_un);
  }
}

int raw_connect(const loopback *net) {
  struct sockaddr_storage to = {0};
  CHECK_INT(sockaddr_of(&net->at, &to), 0);
  int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK_INT(connect(fd, (struct sockaddr *)&to, length_of(&to)), 0);
  return fd;
}

int raw_hello(const loopback *net) {
  int fd = raw_connect(net);
  size_t len = 0;
  tlstream_pair *client = config_pair(&net->config, TLSTREAM_ROLE_CLIENT);
  CHECK_INT(tlstream_pair_start(client), 0);
  const void *hello = tlstream_pair_peek(client, &len);
  CHECK_INT(send(fd, hello, len, MSG_NOSIGNAL), len);
  tlstream_pair_free(client);
  return fd;
}

void raw_reset(int fd) {
  struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close(fd);
}

raw_state raw_look(int fd) {
  char bytes[4096];
  ssize_t len = 0;
  do {
    len = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
  } while (len > 0);
  if (len == 0) return RAW_ENDED;
  return errno == EAGAIN ? RAW_OPEN : RAW_RESET;
}

int raw_listen(const char *host, int backlog, int *port) {
  struct sockaddr_storage at = {0};
  tlstream_address address = {.port = 1};
  socklen_t len = sizeof(at);
  snprintf(address.host, sizeof(address.host), "%s", host);
  CHECK_INT(sockaddr_of(&address, &at), 0);
  ((struct sockaddr_in *)&at)->sin_port = htons((unsigned short)*port);
  int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK_INT(bind(fd, (struct sockaddr *)&at, length_of(&at)), 0);
  if (backlog >= 0) CHECK_INT(listen(fd, backlog), 0);
  CHECK_INT(getsockname(fd, (struct sockaddr *)&at, &len), 0);
  *port = ntohs(((struct sockaddr_in *)&at)->sin_port);
  return fd;
}
