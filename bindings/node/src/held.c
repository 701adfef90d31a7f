/* SPDX-License-Identifier: MIT */
/* One more descriptor of a socket, which outlives its stream for a moment. */
#include <fcntl.h>
#include <unistd.h>

#include <tlstream/stream_socket.h>

#include "connection.h"

void descriptor_hold(connection *self) {
  int fd = tlstream_descriptor(self->stream);
  if (fd >= 0 && self->held < 0) self->held = fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

void descriptor_let_go(connection *self) {
  if (self->held >= 0) close(self->held);
  self->held = -1;
}
