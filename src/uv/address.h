/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_ADDRESS_H
#define TLSTREAM_UV_ADDRESS_H

/* Socket addresses as text. Functions return 0 or a libuv code. */
#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include <tlstream/stream.h>

/* A Unix socket without a name has an empty path. */
int tlstream__address_from(const struct sockaddr *from,
                           tlstream_address *address);

/* "::1%lo": an IPv6 address with the name of an interface, which the system's
 * resolver takes with link-local addresses only. False if `host` is none. */
bool tlstream__address_with_zone(const char *host, int port,
                                 struct sockaddr_in6 *address);

/* The socket's own address. */
int tlstream__address_of(int fd, tlstream_address *address);

/* The address of the socket's peer. */
int tlstream__address_of_peer(int fd, tlstream_address *address);

/* "127.0.0.1:80", "[::1]:80" or a path. Returns `out`. */
char *tlstream__address_print(const tlstream_address *address, char *out,
                              size_t cap);

/* Room for what tlstream__address_print() writes. */
enum { TLSTREAM__ADDRESS_TEXT = sizeof(tlstream_address) + 16 };

#endif
