/* SPDX-License-Identifier: MIT */
/* The socket beneath a stream, and its options. */
#include <tlstream/stream_socket.h>

#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "uv/socket.h"
#include "uv/stream/state.h"

int tlstream_descriptor(const tlstream *stream) {
  tlstream_transport *transport = stream->transport;
  if (transport == NULL || !tlstream__stream_is_open(stream) ||
      transport->methods->descriptor == NULL) {
    return TLSTREAM_ERR_WRONG_STATE;
  }
  int fd = transport->methods->descriptor(transport);
  return fd >= 0 ? fd : TLSTREAM_ERR_WRONG_STATE;
}

static int set_tcp(const tlstream *stream, int option, int value) {
  int fd = tlstream_descriptor(stream);
  return fd < 0 ? fd : tlstream__socket_set(fd, IPPROTO_TCP, option, value);
}

/* Seconds or milliseconds as sockets take them. */
static int bounded(unsigned value) {
  return value > INT_MAX ? INT_MAX : (int)value;
}

int tlstream_set_nodelay(tlstream *stream, bool on) {
  return set_tcp(stream, TCP_NODELAY, on);
}

#ifdef TCP_KEEPIDLE
enum { KEEP_IDLE = TCP_KEEPIDLE };
#else
enum { KEEP_IDLE = TCP_KEEPALIVE }; /* macOS */
#endif

int tlstream_set_keep_alive(tlstream *stream, bool on, unsigned idle_s) {
  int code = 0;
  if (on && idle_s > 0) code = set_tcp(stream, KEEP_IDLE, bounded(idle_s));
  if (code != 0) return code;
  int fd = tlstream_descriptor(stream);
  return fd < 0 ? fd : tlstream__socket_set(fd, SOL_SOCKET, SO_KEEPALIVE, on);
}

int tlstream_set_user_timeout(tlstream *stream, unsigned timeout_ms) {
#ifdef TCP_USER_TIMEOUT
  return set_tcp(stream, TCP_USER_TIMEOUT, bounded(timeout_ms));
#else
  (void)stream, (void)timeout_ms;
  return TLSTREAM_ERR_UNSUPPORTED;
#endif
}
