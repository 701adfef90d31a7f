/* SPDX-License-Identifier: MIT */
#include "support/uv/names.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/test.h"
#include "support/uv/loopback.h"

test_names names;

static struct addrinfo *make_entry(const char *host, const char *service) {
  struct addrinfo *entry = calloc(1, sizeof(*entry));
  struct sockaddr_storage *address = calloc(1, sizeof(*address));
  int port = atoi(service);
  entry->ai_socktype = SOCK_STREAM;
  entry->ai_addr = (struct sockaddr *)address;
  if (uv_ip4_addr(host, port, (struct sockaddr_in *)address) == 0) {
    entry->ai_addrlen = sizeof(struct sockaddr_in);
  } else {
    uv_ip6_addr(host, port, (struct sockaddr_in6 *)address);
    entry->ai_addrlen = sizeof(struct sockaddr_in6);
  }
  entry->ai_family = address->ss_family;
  return entry;
}

/* Before libc's function when libuv's call is bound. Addresses stand for
 * themselves. */
int getaddrinfo(const char *node, const char *service,
                const struct addrinfo *hints, struct addrinfo **out) {
  const char *itself[] = {node, NULL};
  bool is_name = strstr(node, ".test") != NULL;
  const char *const *each = is_name ? names.addresses : itself;
  (void)hints;
  if (is_name) snprintf(names.asked, sizeof(names.asked), "%s", node);
  if (is_name && names.stuck) {
    uv_sem_post(&names.reached);
    uv_sem_wait(&names.gate);
  }
  if (is_name && names.status != 0) return names.status;
  for (; *each != NULL; each++) {
    *out = make_entry(*each, service);
    out = &(*out)->ai_next;
  }
  return 0;
}

void freeaddrinfo(struct addrinfo *list) {
  while (list != NULL) {
    struct addrinfo *gone = list;
    list = list->ai_next;
    free(gone->ai_addr);
    free(gone);
  }
}

void resolve_to(const char *const *addresses) {
  memset(&names, 0, sizeof(names));
  for (int i = 0; addresses[i] != NULL; i++)
    names.addresses[i] = addresses[i];
}

static bool knock(int fd, const char *host, int port) {
  struct sockaddr_in to;
  struct pollfd wait = {.fd = fd, .events = POLLOUT};
  uv_ip4_addr(host, port, &to);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0) return true;
  return poll(&wait, 1, 20) == 1;
}

void full_host_open(full_host *self, const char *host, int *port) {
  bool answered = true;
  self->listener = raw_listen(host, 0, port);
  self->count = 0;
  while (answered && CHECK_LT(self->count, 8)) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    self->fillers[self->count++] = fd;
    answered = knock(fd, host, *port);
  }
}

void full_host_close(full_host *self) {
  for (int i = 0; i < self->count; i++)
    close(self->fillers[i]);
  close(self->listener);
}
