/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_CONNECT_STARTTLS_H
#define TLSTREAM_TOOL_CONNECT_STARTTLS_H

/*
 * Plain text before TLS: connect to a server, and talk its protocol until it
 * says that TLS may begin. A protocol is a row of steps, each something to say
 * and what to hear in answer (starttls_protocols.c).
 */
#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include <tlstream/tlstream.h>

#include "command.h"
#include "connect/target.h"

typedef enum starttls_reply {
  REPLY_PARTIAL, /* there is more to come */
  REPLY_OK,
  REPLY_REFUSED, /* the server will not speak TLS */
  REPLY_INVALID  /* this is no answer in the protocol */
} starttls_reply;

typedef struct starttls starttls;

typedef struct starttls_step {
  const char *request; /* NULL: the server speaks first */
  size_t request_len;
  /* What is the next piece of what was received? `*used` receives its length;
   * with REPLY_PARTIAL, and a length, it is done with and another follows. */
  starttls_reply (*parse)(starttls *self, size_t *used);

  /* For answers in lines. */
  const char *good;      /* begins the last line of a good answer */
  const char *continues; /* begins a line after which the answer goes on */
  const char *offers;    /* what one of the lines must offer, or NULL */
} starttls_step;

enum { STARTTLS_STEPS_MAX = 3, STARTTLS_BUFFER_SIZE = 4096 };

typedef struct starttls_protocol {
  const char *name;
  starttls_step steps[STARTTLS_STEPS_MAX];
  size_t count;
} starttls_protocol;

/* NULL when there is none of that name, and then that has been said. */
const starttls_protocol *starttls_find(const command *self, const char *name);

/* A dialogue under way. Zeroed, with the first part set, before it starts. */
struct starttls {
  /* TLS may begin on `handle`, which is the caller's now, with its memory here;
   * `rest` is what the server said beyond that. Or it may not, the reason has
   * been said, and this is the exit status. One of them is called, once. */
  void (*on_ready)(starttls *self, uv_stream_t *handle, tlstream_bytes rest);
  void (*on_failed)(starttls *self, int status);
  void *data;
  const starttls_protocol *protocol;
  unsigned timeout_ms; /* for all of it */

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
  struct addrinfo *next;      /* to be tried */
  const char *target;         /* for messages; borrowed */
  int status;                 /* of the address that was tried last */
  bool is_over;
  size_t step;
  /* Of the answer that is being received. */
  bool offered;    /* what the step wants to be offered */
  bool continues;  /* the last line said so */
  size_t consumed; /* bytes of it that are done with */
  size_t len;      /* bytes that are not */
  char received[STARTTLS_BUFFER_SIZE];
};

/* Connect to `target`, or to the Unix socket at `path` if that is not NULL. */
void starttls_start(starttls *self, uv_loop_t *loop, const endpoint *target,
                    const char *path);

#endif
