/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_STARTTLS_H
#define TLSTREAM_TOOL_CONNECT_STARTTLS_H

/*
 * The dialogue in plain text before TLS: connect to a server and follow its
 * protocol until it agrees to TLS. A protocol is a list of steps, each a
 * request and a description of its reply (protocols.c).
 */
#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include <tlstream/tlstream.h>

#include "command.h"
#include "connect/target.h"

typedef enum starttls_reply {
  REPLY_PARTIAL, /* incomplete */
  REPLY_OK,
  REPLY_REFUSED, /* the server does not offer TLS */
  REPLY_INVALID  /* not a reply in this protocol */
} starttls_reply;

typedef struct starttls starttls;

typedef struct starttls_step {
  const char *request; /* NULL: the server begins */
  size_t request_len;
  /* Parse the start of `received` and set `*used` to the length of that part.
   * REPLY_PARTIAL: if `*used` is not 0, consume the part and parse the next. */
  starttls_reply (*parse)(starttls *self, size_t *used);

  /* For replies in lines. */
  const char *good;      /* prefix of the last line of a positive reply */
  const char *continues; /* prefix of a line that is not the last */
  const char *offers; /* a word that one of the lines must contain, or NULL */
} starttls_step;

enum { STARTTLS_STEPS_MAX = 3, STARTTLS_BUFFER_SIZE = 4096 };

typedef struct starttls_protocol {
  const char *name;
  starttls_step steps[STARTTLS_STEPS_MAX];
  size_t count;
} starttls_protocol;

/* Find a protocol by name. NULL after printing an error of the command. */
const starttls_protocol *starttls_find(const command *self, const char *name);

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
  unsigned timeout_ms; /* for the whole dialogue */

  uv_loop_t *loop;
  union {
    uv_handle_t any;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } uv;
  uv_getaddrinfo_t lookup;
  uv_connect_t connect;
  uv_write_t write;
  uv_timer_t deadline;
  struct addrinfo *addresses; /* owned */
  struct addrinfo *next;      /* the next one to try */
  const char *target;         /* for messages; borrowed */
  int status;                 /* of the last attempt to connect */
  bool is_over;
  size_t step;
  /* Of the reply that is being received. */
  bool offered;    /* the word of the step was found */
  bool continues;  /* the last line was not the end */
  size_t consumed; /* bytes that have been parsed */
  size_t len;      /* bytes in `received` */
  char received[STARTTLS_BUFFER_SIZE];
};

/* Connect to `target`, or to the Unix socket at `path` if that is not NULL. */
void starttls_start(starttls *self, uv_loop_t *loop, const endpoint *target,
                    const char *path);

#endif
