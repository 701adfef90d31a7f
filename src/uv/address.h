/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_ADDRESS_H
#define TLSTREAM_UV_ADDRESS_H

/* Socket addresses as people write them. Functions return 0 or a libuv code. */
#include <stddef.h>

#include <uv.h>

#include <tlstream/stream.h>

int tlstream__address_from(const struct sockaddr *from,
                           tlstream_address *address);

int tlstream__address_of_tcp(const uv_tcp_t *tcp, tlstream_address *address);
int tlstream__address_of_peer(const uv_tcp_t *tcp, tlstream_address *address);
int tlstream__address_of_pipe(const uv_pipe_t *pipe, tlstream_address *address);
int tlstream__address_of_pipe_peer(const uv_pipe_t *pipe,
                                   tlstream_address *address);

/* "127.0.0.1:80", "[::1]:80" or a path. Returns `out`. */
char *tlstream__address_print(const tlstream_address *address, char *out,
                              size_t cap);

/* Room for what tlstream__address_print() makes. */
enum { TLSTREAM__ADDRESS_TEXT = sizeof(tlstream_address) + 16 };

#endif
