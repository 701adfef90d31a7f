/* SPDX-License-Identifier: MIT */
#include "thread.h"

#include <pthread.h>
#include <signal.h>

#include <uv.h>

int thread_start(void *(*work)(void *), void *argument) {
  pthread_t thread;
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int number = pthread_create(&thread, NULL, work, argument);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (number != 0) return uv_translate_sys_error(number);
  pthread_detach(thread);
  return 0;
}
