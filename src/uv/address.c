/* SPDX-License-Identifier: MIT */
#include "uv/address.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

int tlstream__address_from(const struct sockaddr *from,
                           tlstream_address *address) {
  memset(address, 0, sizeof(*address));
  if (from->sa_family == AF_INET) {
    const struct sockaddr_in *in = (const void *)from;
    address->port = ntohs(in->sin_port);
    return uv_ip4_name(in, address->host, sizeof(address->host));
  }
  if (from->sa_family == AF_INET6) {
    const struct sockaddr_in6 *in6 = (const void *)from;
    address->port = ntohs(in6->sin6_port);
    return uv_ip6_name(in6, address->host, sizeof(address->host));
  }
  return UV_EAFNOSUPPORT;
}

typedef int (*tcp_name)(const uv_tcp_t *, struct sockaddr *, int *);

static int ask_tcp(tcp_name ask, const uv_tcp_t *tcp,
                   tlstream_address *address) {
  struct sockaddr_storage name;
  int len = sizeof(name);
  int status = ask(tcp, (struct sockaddr *)&name, &len);
  if (status != 0) return status;
  return tlstream__address_from((const struct sockaddr *)&name, address);
}

int tlstream__address_of_tcp(const uv_tcp_t *tcp, tlstream_address *address) {
  return ask_tcp(uv_tcp_getsockname, tcp, address);
}

int tlstream__address_of_peer(const uv_tcp_t *tcp, tlstream_address *address) {
  return ask_tcp(uv_tcp_getpeername, tcp, address);
}

typedef int (*pipe_name)(const uv_pipe_t *, char *, size_t *);

/* The side that connected has no name: an empty path. */
static int ask_pipe(pipe_name ask, const uv_pipe_t *pipe,
                    tlstream_address *address) {
  memset(address, 0, sizeof(*address));
  size_t len = sizeof(address->host) - 1;
  int status = ask(pipe, address->host, &len);
  if (status == 0) address->host[len] = '\0';
  return status;
}

int tlstream__address_of_pipe(const uv_pipe_t *pipe,
                              tlstream_address *address) {
  return ask_pipe(uv_pipe_getsockname, pipe, address);
}

int tlstream__address_of_pipe_peer(const uv_pipe_t *pipe,
                                   tlstream_address *address) {
  return ask_pipe(uv_pipe_getpeername, pipe, address);
}

char *tlstream__address_print(const tlstream_address *address, char *out,
                              size_t cap) {
  if (address->port == 0) {
    snprintf(out, cap, "%s", address->host);
  } else if (strchr(address->host, ':') != NULL) {
    snprintf(out, cap, "[%s]:%d", address->host, address->port);
  } else {
    snprintf(out, cap, "%s:%d", address->host, address->port);
  }
  return out;
}
