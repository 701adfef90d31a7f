/* SPDX-License-Identifier: MIT */
/* tlstream: TLS streams on the command line. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <uv.h>

#include <tlstream/tlstream.h>

#include "cert/cert.h"
#include "command.h"
#include "connect/connect.h"
#include "leave.h"
#include "serve/serve.h"

static const command *const commands[] = {
    &serve_command,
    &connect_command,
    &cert_command,
};

static const command tlstream_command = {
    .path = "tlstream",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};

/* If the caller closed descriptor 0, 1 or 2, the next file or socket to be
 * opened would get its number. /dev/null takes the place: reading it gives the
 * end of file, and it is not open for writing. */
static void fill_standard_descriptors(void) {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) != -1) continue;
    if (open("/dev/null", O_RDONLY) == -1) return;
  }
}

static int print_version(void) {
  printf("tlstream %s (libuv %s, built with %d.%d.%d)\n", TLSTREAM_VERSION,
         uv_version_string(), UV_VERSION_MAJOR, UV_VERSION_MINOR,
         UV_VERSION_PATCH);
  return EXIT_DONE;
}

int main(int argc, char **argv) {
  fill_standard_descriptors();
  signal(SIGPIPE, SIG_IGN);
  if (argc > 1 && strcmp(argv[1], "--version") == 0) {
    return leave_status(print_version());
  }
  return leave_status(command_run(&tlstream_command, argc - 1, argv + 1));
}
