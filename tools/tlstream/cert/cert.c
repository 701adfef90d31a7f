/* SPDX-License-Identifier: MIT */
#include "cert/cert.h"

static const command *const commands[] = {
    &cert_key_command, &cert_request_command, &cert_self_signed_command,
    &cert_ca_command,  &cert_sign_command,    &cert_show_command,
};

const command cert_command = {
    .path = "tlstream cert",
    .summary = "make keys and certificates",
    .commands = commands,
    .command_count = COUNT_OF(commands),
};
