/* SPDX-License-Identifier: MIT */
#include "command.h"

static const command commands[] = {
    {"key", cert_key_run, "a new private key"},
    {"request", cert_request_run, "a request, for an authority to sign"},
    {"self-signed", cert_self_signed_run,
     "a new key, and a certificate signed with it"},
    {"ca", cert_ca_run, "a certificate authority of one's own"},
    {"sign", cert_sign_run, "make a certificate of a request"},
    {"show", cert_show_run, "what certificates and requests say"},
};

int cert_run(int argc, char **argv) {
  return command_dispatch("tlstream cert", commands,
                          sizeof(commands) / sizeof(commands[0]), argc, argv);
}
