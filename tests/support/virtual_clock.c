/* SPDX-License-Identifier: MIT */
#include "support/virtual_clock.h"

#include <stdbool.h>
#include <stdio.h>

#include "support/test.h"

static bool runs;
static bool blind;
static uint64_t now_ms;

/* A loop takes 0 for a clock that has not been read yet. */
enum { FIRST_MS = 1000 };

void virtual_clock_start(void) {
  runs = true;
  blind = false;
  now_ms = FIRST_MS;
}

void virtual_clock_without_descriptors(void) {
  blind = true;
}

void virtual_clock_stop(void) {
  runs = false;
}

void virtual_clock_advance(uint64_t ms) {
  now_ms += ms;
}

uint64_t virtual_clock_now(void) {
  return now_ms;
}

#ifdef __linux__
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The program's own functions come before those of libc when libuv's calls are
 * bound. */
int clock_gettime(clockid_t clock, struct timespec *now) {
  if (!runs || (clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_COARSE)) {
    return (int)syscall(SYS_clock_gettime, clock, now);
  }
  now->tv_sec = (time_t)(now_ms / 1000);
  now->tv_nsec = (long)(now_ms % 1000) * 1000000;
  return 0;
}

static int wait_for(int epoll, struct epoll_event *events, int count,
                    int timeout_ms, const sigset_t *signals) {
  int real_ms = runs ? 0 : timeout_ms;
  int ready = runs && blind ? 0
                            : (int)syscall(SYS_epoll_pwait, epoll, events,
                                           count, real_ms, signals, _NSIG / 8);
  if (!runs || ready != 0 || timeout_ms == 0) return ready;
  if (timeout_ms < 0) TEST_STOP("a loop sleeps for ever");
  virtual_clock_advance((uint64_t)timeout_ms);
  return 0;
}

/* Versions of libuv differ in which of the two they call. */
int epoll_wait(int epoll, struct epoll_event *events, int count,
               int timeout_ms) {
  return wait_for(epoll, events, count, timeout_ms, NULL);
}

int epoll_pwait(int epoll, struct epoll_event *events, int count,
                int timeout_ms, const sigset_t *signals) {
  return wait_for(epoll, events, count, timeout_ms, signals);
}
#endif
