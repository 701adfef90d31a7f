/* SPDX-License-Identifier: MIT */
#include "write.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <uv.h>

int write_fully(int fd, const char *bytes, size_t len) {
  while (len > 0) {
    struct pollfd waiting = {.fd = fd, .events = POLLOUT};
    ssize_t n = write(fd, bytes, len);
    if (n >= 0) {
      bytes += n;
      len -= (size_t)n;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      poll(&waiting, 1, -1);
    } else if (errno != EINTR) {
      return uv_translate_sys_error(errno);
    }
  }
  return 0;
}
