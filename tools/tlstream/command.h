/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_COMMAND_H
#define TLSTREAM_TOOL_COMMAND_H

#include <stddef.h>

#include <tlstream/tlstream.h>

/*
 * Exit status of every command. stdout is data, stderr is talk.
 */
enum {
  EXIT_DONE = 0,
  EXIT_PEER = 1, /* the other side's fault: refused, untrusted, truncated */
  EXIT_LOCAL = 2 /* ours: usage, a file, the terminal */
};

/*
 * One row of a table of commands. `run` gets what comes after the command's
 * name and returns an exit status.
 */
typedef struct command {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *summary;
} command;

/* Run the command that argv[0] names. `path` is how the user got here:
 * "tlstream" or "tlstream cert". Without a name, or with "help", print the
 * table. */
int command_dispatch(const char *path, const command *table, size_t count,
                     int argc, char **argv);

int serve_run(int argc, char **argv);
int connect_run(int argc, char **argv);
int cert_run(int argc, char **argv);
int cert_key_run(int argc, char **argv);
int cert_request_run(int argc, char **argv);
int cert_self_signed_run(int argc, char **argv);
int cert_ca_run(int argc, char **argv);
int cert_sign_run(int argc, char **argv);
int cert_show_run(int argc, char **argv);

#endif
