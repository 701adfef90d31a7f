/* SPDX-License-Identifier: MIT */
#include "uv/address.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static int from_path(const struct sockaddr_un *un, tlstream_address *address) {
  /* sun_path need not end in a NUL; `host` is longer and zeroed. */
  memcpy(address->host, un->sun_path, sizeof(un->sun_path));
  return 0;
}

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
  if (from->sa_family == AF_UNIX) return from_path((const void *)from, address);
  return UV_EAFNOSUPPORT;
}

bool tlstream__address_with_zone(const char *host, int port,
                                 struct sockaddr_in6 *address) {
  return strchr(host, '%') != NULL && uv_ip6_addr(host, port, address) == 0 &&
         address->sin6_scope_id != 0;
}

typedef int (*naming_call)(int fd, struct sockaddr *name, socklen_t *len);

static int ask(naming_call call, int fd, tlstream_address *address) {
  struct sockaddr_storage name = {0};
  socklen_t len = sizeof(name);
  if (call(fd, (struct sockaddr *)&name, &len) != 0) {
    return uv_translate_sys_error(errno);
  }
  return tlstream__address_from((const struct sockaddr *)&name, address);
}

int tlstream__address_of(int fd, tlstream_address *address) {
  return ask(getsockname, fd, address);
}

int tlstream__address_of_peer(int fd, tlstream_address *address) {
  return ask(getpeername, fd, address);
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
