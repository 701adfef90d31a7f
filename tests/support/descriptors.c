/* SPDX-License-Identifier: MIT */
#include "support/descriptors.h"

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/test.h"

descriptors descriptors_now(void) {
  descriptors now = {0};
  struct pollfd all[DESCRIPTORS_MAX];
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  int most =
      limit.rlim_cur < DESCRIPTORS_MAX ? (int)limit.rlim_cur : DESCRIPTORS_MAX;
  for (int fd = 0; fd < most; fd++)
    all[fd] = (struct pollfd){.fd = fd};
  poll(all, (nfds_t)most, 0);
  for (int fd = 0; fd < most; fd++) {
    now.is_open[fd] = (all[fd].revents & POLLNVAL) == 0;
    now.count += now.is_open[fd];
  }
  return now;
}

static void complain(int fd) {
  char link[40];
  char path[100] = "";
  snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  ssize_t len = readlink(link, path, sizeof(path) - 1);
  path[len > 0 ? len : 0] = '\0';
  test_fail(__FILE__, __LINE__, "descriptor %d is left open: %s", fd, path);
}

void descriptors_check(const descriptors *then) {
  descriptors now = descriptors_now();
  for (int fd = 0; fd < DESCRIPTORS_MAX; fd++) {
    if (now.is_open[fd] && !then->is_open[fd]) complain(fd);
  }
}
