/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_SERVE_LOG_H
#define TLSTREAM_TOOL_SERVE_LOG_H

/*
 * What a server prints while it runs. A terminal, a pipe or a disk that takes
 * no more must not stop it: all messages, on stderr, and the connections as
 * JSON, on stdout, go through queues.
 */
#include <uv.h>

/* Begin. Returns 0 or a libuv error. */
int log_start(uv_loop_t *loop);

/* Call `on_failed`, once, when a line of JSON cannot be written; the reason has
 * been printed. */
void log_on_failed(void (*on_failed)(void *data), void *data);

/* Print a line of JSON. */
void log_json(const char *json);

/* Wait a moment for what is still to be written, and go back to messages that
 * wait. Returns an exit status: whether all of the JSON was written. */
int log_finish(uv_loop_t *loop);

#endif
