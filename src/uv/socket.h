/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_SOCKET_H
#define TLSTREAM_UV_SOCKET_H

/* Sockets that listen or connect. Functions return a descriptor that is closed
 * on exec and does not block, or a negative libuv code. */
#include <stdbool.h>
#include <sys/socket.h>

#include <uv.h>

int tlstream__socket_listen(const struct sockaddr *address, socklen_t len,
                            int backlog, bool reuse_port);

/* Prepare a listening socket that was made elsewhere. Returns its family, or a
 * negative libuv code if it is none, and then it is unchanged. */
int tlstream__socket_take_listening(int fd);

/* Begin to connect. Unless it is `connected` at once, the socket is writable
 * when the outcome is known: 0 or a negative libuv code. */
int tlstream__socket_connect(const struct sockaddr *address, socklen_t len,
                             bool *connected);
int tlstream__socket_outcome(int fd);

/* Have uv_close() reset a TCP connection. uv_tcp_close_reset() refuses to where
 * a shutdown waits behind writes, which are lost then. */
void tlstream__socket_reset_on_close(const uv_stream_t *handle);

/* What has come of a handle that libuv reads the end of: UV_EOF, or why it was
 * cut. When data and a reset come together libuv calls it an end
 * (uv__stream_io, 1.44); the socket still knows. */
int tlstream__socket_end(const uv_stream_t *handle);

/* Set an option that is a number. Returns 0 or a negative libuv code. */
int tlstream__socket_set(int fd, int level, int option, int value);

/* Accept the next connection. `peer` receives its address. */
int tlstream__socket_accept(int listening, struct sockaddr_storage *peer);

/* A descriptor without a use, to be closed when descriptors run out. */
int tlstream__socket_reserve(void);

#endif
