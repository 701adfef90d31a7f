/* SPDX-License-Identifier: MIT */
#include "command.h"

static const command commands[] = {
    {"self-signed", cert_self_signed_run,
     "a new key, and a certificate signed with it"},
};

int cert_run(int argc, char **argv) {
  return command_dispatch("tlstream cert", commands,
                          sizeof(commands) / sizeof(commands[0]), argc, argv);
}
