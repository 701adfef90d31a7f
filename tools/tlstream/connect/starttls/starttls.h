/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_STARTTLS_H
#define TLSTREAM_TOOL_CONNECT_STARTTLS_H

/*
 * The dialogue in plain text before TLS: connect to a server and follow its
 * protocol until it agrees to TLS.
 */
#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include <tlstream/tlstream.h>

#include "connect/starttls/name.h"
#include "connect/starttls/reply.h"
#include "connect/target.h"

enum {
  STARTTLS_BUFFER_SIZE = 4096,
  STARTTLS_REQUEST_MAX = 2 * STARTTLS_NAME_MAX
};

typedef struct starttls starttls;

/* A running dialogue. Zero it and set the first part before the start. */
struct starttls {
  /* Exactly one of them is called, once. on_ready: the server agreed to TLS;
   * the caller has to close `handle`, whose memory stays part of this struct;
   * `rest` is what the server sent after its reply. on_failed: `status` is the
   * exit status; the reason has been printed. */
  void (*on_ready)(starttls *self, uv_stream_t *handle, tlstream_bytes rest);
  void (*on_failed)(starttls *self, int status);
  void *data;
  const starttls_protocol *protocol;
  unsigned timeout_ms; /* for the dialogue, and at most for connecting */
  /* For the requests that have a name in them; borrowed. `name` is what the
   * user wants there, or NULL. `domain` is the name that the server's
   * certificate has to be for, or NULL. */
  const char *name;
  const char *domain;

  uv_loop_t *loop;
  union {
    uv_handle_t any;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } uv;
  uv_write_t write;
  uv_timer_t deadline;
  const char *target; /* for messages; borrowed */
  const char *path;   /* of a Unix socket, or NULL; borrowed */
  bool is_over;
  size_t step;
  reply reply;     /* that is being received */
  size_t consumed; /* bytes of it that have been parsed */
  size_t len;      /* bytes in `received` */
  char request[STARTTLS_REQUEST_MAX];
  char received[STARTTLS_BUFFER_SIZE];
};

/* Connect to `target`, or to the Unix socket at `path` if that is not NULL. */
void starttls_start(starttls *self, uv_loop_t *loop, const endpoint *target,
                    const char *path);

#endif
