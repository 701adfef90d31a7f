/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CERT_CERT_H
#define TLSTREAM_TOOL_CERT_CERT_H

#include "command.h"

extern const command cert_command;

/* The commands of that group. */
extern const command cert_key_command;
extern const command cert_request_command;
extern const command cert_self_signed_command;
extern const command cert_ca_command;
extern const command cert_sign_command;
extern const command cert_show_command;

#endif
