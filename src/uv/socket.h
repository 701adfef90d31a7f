/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_SOCKET_H
#define TLSTREAM_UV_SOCKET_H

/* Listening sockets. Functions return a descriptor that is closed on exec and
 * does not block, or a negative libuv code. */
#include <sys/socket.h>

int tlstream__socket_listen(const struct sockaddr *address, socklen_t len,
                            int backlog);

/* Accept the next connection. `peer` receives its address. */
int tlstream__socket_accept(int listening, struct sockaddr_storage *peer);

/* A descriptor without a use, to be closed when descriptors run out. */
int tlstream__socket_reserve(void);

#endif
