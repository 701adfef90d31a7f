/* SPDX-License-Identifier: MIT */
/* Preloaded: a resolver that does not answer for a minute. */
#include <netdb.h>
#include <unistd.h>

enum { MINUTE = 60 };

int getaddrinfo(const char *node, const char *service,
                const struct addrinfo *hints, struct addrinfo **res) {
  (void)node, (void)service, (void)hints, (void)res;
  sleep(MINUTE);
  return EAI_AGAIN;
}
