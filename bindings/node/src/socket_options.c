/* SPDX-License-Identifier: MIT */
/*
 * The methods that stand in for Node's handle of a socket, whose descriptor the
 * engine has: addresses, options and counters. They return what Node's return:
 * 0 or the negative number of an error, UV_EBADF once the socket is closed.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlstream/stream_info.h>
#include <tlstream/stream_socket.h>

#include "connection.h"

static int descriptor_of(const connection *self) {
  return self != NULL ? tlstream_descriptor(self->stream) : -1;
}

static int status_of(int result) {
  return result == 0 ? 0 : uv_translate_sys_error(errno);
}

static int set_option(int fd, int level, int name, int value) {
  return status_of(setsockopt(fd, level, name, &value, sizeof(value)));
}

/* A method with numbers as its arguments, at most MOST_ARGUMENTS. */
enum { MOST_ARGUMENTS = 4 };
typedef int (*action)(tlstream *stream, int fd, const int32_t *arguments);

static napi_value act(napi_env env, napi_callback_info info, size_t count,
                      action run) {
  napi_value argv[MOST_ARGUMENTS];
  int32_t values[MOST_ARGUMENTS] = {0};
  connection *self = connection_this(env, info, count, argv);
  int fd = descriptor_of(self);
  if (fd < 0) return make_number(env, UV_EBADF);
  for (size_t i = 0; i < count; i++) {
    TRY(napi_get_value_int32(env, argv[i], &values[i]));
  }
  return make_number(env, run(self->stream, fd, values));
}

#define ACTION(name, count)                                       \
  static napi_value name(napi_env env, napi_callback_info info) { \
    return act(env, info, (count), run_##name);                   \
  }

static int run_descriptor(tlstream *stream, int fd, const int32_t *values) {
  (void)stream;
  (void)values;
  return fd;
}

static int run_set_no_delay(tlstream *stream, int fd, const int32_t *values) {
  (void)fd;
  return tlstream_set_nodelay(stream, values[0] != 0);
}

/* setKeepAlive(on, delay, interval, count), times in seconds; what is 0 stays
 * as it is. */
static int run_set_keep_alive(tlstream *stream, int fd, const int32_t *values) {
  static const int names[] = {TCP_KEEPINTVL, TCP_KEEPCNT};
  bool on = values[0] != 0;
  int status = tlstream_set_keep_alive(stream, on, (unsigned)values[1]);
  for (int i = 0; status == 0 && on && i < 2; i++) {
    if (values[i + 2] == 0) continue;
    status = set_option(fd, IPPROTO_TCP, names[i], values[i + 2]);
  }
  return status;
}

static bool is_version_6(int fd) {
  struct sockaddr_storage name = {0};
  socklen_t len = sizeof(name);
  return getsockname(fd, (struct sockaddr *)&name, &len) == 0 &&
         name.ss_family == AF_INET6;
}

static int run_set_type_of_service(tlstream *stream, int fd,
                                   const int32_t *values) {
  (void)stream;
  return is_version_6(fd) ? set_option(fd, IPPROTO_IPV6, IPV6_TCLASS, values[0])
                          : set_option(fd, IPPROTO_IP, IP_TOS, values[0]);
}

static int run_type_of_service(tlstream *stream, int fd,
                               const int32_t *values) {
  (void)stream;
  int value = 0;
  socklen_t len = sizeof(value);
  (void)values;
  int result = is_version_6(fd)
                   ? getsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &value, &len)
                   : getsockopt(fd, IPPROTO_IP, IP_TOS, &value, &len);
  return result == 0 ? value : uv_translate_sys_error(errno);
}

static int run_shut_down(tlstream *stream, int fd, const int32_t *values) {
  (void)stream;
  (void)values;
  return status_of(shutdown(fd, SHUT_WR));
}

/* Closing it resets the connection from now on. */
static int run_reset_on_close(tlstream *stream, int fd, const int32_t *values) {
  (void)stream;
  const struct linger none = {.l_onoff = 1, .l_linger = 0};
  (void)values;
  return status_of(setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none)));
}

ACTION(descriptor, 0)
ACTION(set_no_delay, 1)
ACTION(set_keep_alive, 4)
ACTION(set_type_of_service, 1)
ACTION(type_of_service, 0)
ACTION(shut_down, 0)
ACTION(reset_on_close, 0)

/* Fill in Node's {address, family, port}. */
static napi_value fill_in(napi_env env, napi_value out,
                          const tlstream_address *address) {
  bool six = strchr(address->host, ':') != NULL;
  set(env, out, "address", make_text(env, address->host));
  set(env, out, "family", make_text(env, six ? "IPv6" : "IPv4"));
  set(env, out, "port", make_number(env, address->port));
  return make_number(env, 0);
}

typedef int (*address_call)(const tlstream *stream, tlstream_address *address);

static napi_value name_it(napi_env env, napi_callback_info info,
                          address_call call) {
  napi_value out = NULL;
  tlstream_address address;
  connection *self = connection_this(env, info, 1, &out);
  if (self == NULL) return make_number(env, UV_EBADF);
  int status = call(self->stream, &address);
  if (status == 0) return fill_in(env, out, &address);
  return make_number(env, UV_ENOTCONN);
}

static napi_value local_address(napi_env env, napi_callback_info info) {
  return name_it(env, info, tlstream_local_address);
}

static napi_value remote_address(napi_env env, napi_callback_info info) {
  return name_it(env, info, tlstream_remote_address);
}

/* writePlain(buffer): past TLS. How many bytes the socket has taken. */
static napi_value write_plain(napi_env env, napi_callback_info info) {
  napi_value argument = NULL;
  tlstream_bytes bytes = {NULL, 0};
  connection *self = connection_this(env, info, 1, &argument);
  int fd = descriptor_of(self);
  if (fd < 0) return make_number(env, UV_EBADF);
  if (!bytes_of(env, argument, &bytes)) return NULL;
  ssize_t sent = write(fd, bytes.data, bytes.len);
  if (sent < 0 && errno == EAGAIN) sent = 0;
  return make_number(env,
                     sent < 0 ? uv_translate_sys_error(errno) : (double)sent);
}

const method socket_methods[] = {
    {"descriptor", descriptor},
    {"localAddress", local_address},
    {"remoteAddress", remote_address},
    {"resetOnClose", reset_on_close},
    {"setKeepAlive", set_keep_alive},
    {"setNoDelay", set_no_delay},
    {"setTypeOfService", set_type_of_service},
    {"shutDown", shut_down},
    {"typeOfService", type_of_service},
    {"writePlain", write_plain},
};

const size_t socket_method_count = sizeof(socket_methods) / sizeof(method);
