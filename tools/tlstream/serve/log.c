/* SPDX-License-Identifier: MIT */
#include "serve/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "lines.h"
#include "message.h"

enum { FINISH_MS = 1000 };

/* For good: the threads of the writers may outlast everything else. */
static line_writer messages;
static line_writer connections;

static struct {
  void (*on_failed)(void *data);
  void *data;
  bool has_failed;
} owner;

static void put_message(const char *text, size_t len) {
  lines_put(&messages, text, len);
}

static void tell_lost_messages(size_t lost) {
  print_message("%zu line%s of this log could not be written", lost,
                lost == 1 ? "" : "s");
}

/* Of a stderr that fails nothing can be said. */
static void on_message_trouble(line_writer *lines, size_t lost, int status) {
  (void)lines, (void)status;
  if (lost > 0) tell_lost_messages(lost);
}

static void tell_lost_json(size_t lost) {
  print_message("%zu line%s of JSON could not be written to standard output",
                lost, lost == 1 ? "" : "s");
}

static void on_json_trouble(line_writer *lines, size_t lost, int status) {
  (void)lines;
  if (lost > 0) tell_lost_json(lost);
  if (status == 0 || owner.has_failed) return;
  owner.has_failed = true;
  print_message("cannot write to standard output: %s", uv_strerror(status));
  if (owner.on_failed != NULL) owner.on_failed(owner.data);
}

void log_on_failed(void (*on_failed)(void *data), void *data) {
  owner.on_failed = on_failed;
  owner.data = data;
}

int log_start(uv_loop_t *loop) {
  messages.on_trouble = on_message_trouble;
  connections.on_trouble = on_json_trouble;
  int status = lines_start(&messages, loop, STDERR_FILENO);
  if (status == 0) status = lines_start(&connections, loop, STDOUT_FILENO);
  if (status == 0) message_redirect(put_message);
  return status;
}

void log_json(const char *json) {
  size_t len = strlen(json);
  char *line = malloc(len + 1);
  if (line == NULL) return;
  memcpy(line, json, len);
  line[len] = '\n';
  lines_put(&connections, line, len + 1);
  free(line);
}

/* Of what cannot be written even now nothing can be said. */
static void finish_messages(void) {
  if (!lines_wait(&messages, FINISH_MS)) return;
  size_t lost = lines_take_lost(&messages);
  if (lost == 0) return;
  tell_lost_messages(lost);
  lines_wait(&messages, FINISH_MS);
}

int log_finish(uv_loop_t *loop) {
  lines_wait(&connections, FINISH_MS);
  size_t lost = lines_take_lost(&connections);
  if (lost > 0 && !owner.has_failed) tell_lost_json(lost);
  finish_messages();
  message_redirect(NULL);
  lines_stop(&connections);
  lines_stop(&messages);
  uv_run(loop, UV_RUN_NOWAIT); /* lets go of their handles */
  return lost > 0 || owner.has_failed ? EXIT_LOCAL : EXIT_DONE;
}
