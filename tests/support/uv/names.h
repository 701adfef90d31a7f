/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_UV_NAMES_H
#define TESTS_SUPPORT_UV_NAMES_H

/*
 * A resolver for tests, in the place of libc's: names that end in ".test" have
 * the addresses that the test gives them, and an address stands for itself. And
 * an address that does not answer, as a host behind a firewall does.
 */
#include <stdbool.h>

#include <uv.h>

enum { ADDRESSES_MAX = 24 };

typedef struct test_names {
  const char *addresses[ADDRESSES_MAX + 1]; /* ends with NULL */
  int status;                               /* EAI_..., or 0 */
  char asked[300];
  bool stuck; /* posts `reached`, and does not answer before `gate` is */
  uv_sem_t reached;
  uv_sem_t gate;
} test_names;

extern test_names names;

/* Start afresh, with these addresses for every name. */
void resolve_to(const char *const *addresses);

#define RESOLVE_TO(...) resolve_to((const char *const[]){__VA_ARGS__, NULL})

/* Linux drops connections while the backlog is full. */
typedef struct full_host {
  int listener;
  int fillers[8];
  int count;
} full_host;

/* Port 0: the system's choice, which `port` receives. */
void full_host_open(full_host *self, const char *host, int *port);
void full_host_close(full_host *self);

#endif
