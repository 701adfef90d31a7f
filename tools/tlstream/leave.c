/* SPDX-License-Identifier: MIT */
#include "leave.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "message.h"

int leave_status(int status) {
  if (fflush(stdout) == 0 && ferror(stdout) == 0) return status;
  print_message("cannot write to standard output: %s", strerror(errno));
  return EXIT_LOCAL;
}

void leave_now(int status) {
  status = leave_status(status);
  fflush(stderr);
  _exit(status);
}
