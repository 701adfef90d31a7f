/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_SOCKET_H
#define TLSTREAM_UV_SOCKET_H

/* Listening sockets, as the system has them. Functions return a descriptor that
 * is closed on exec and does not block, or a negative libuv code. */
#include <sys/socket.h>

int tlstream__socket_listen(const struct sockaddr *address, socklen_t len,
                            int backlog);

/* Take the next connection that waits. `peer` receives where it came from. */
int tlstream__socket_accept(int listening, struct sockaddr_storage *peer);

/* A descriptor that stands for nothing, and is closed when one is needed. */
int tlstream__socket_reserve(void);

#endif
