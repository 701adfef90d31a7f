/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_UV_PLAIN_H
#define TESTS_SUPPORT_UV_PLAIN_H

/*
 * A connection in plain text between two libuv handles of one loop, as a
 * program has it before it begins with TLS: it reads, it has writes under way,
 * and the handle's `data` is its own. Each handle is a block of its own, so
 * that using it late is found out.
 */
#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include <tlstream/pair.h>
#include <tlstream/upgrade.h>

typedef enum plain_kind { PLAIN_TCP, PLAIN_PIPE, PLAIN_KINDS } plain_kind;

typedef struct plain_end plain_end;

struct plain_end {
  /* Called for what was read, after it was noted, and when reading ended. */
  void (*on_bytes)(plain_end *self, const char *bytes, size_t len);
  void (*on_stop)(plain_end *self, int status);
  void *data;

  uv_stream_t *handle; /* NULL once its memory is released */
  char *heard;         /* all that was read; ends in a NUL */
  size_t heard_len;
  size_t heard_cap;
  int stop; /* how reading ended, or 0 */
  unsigned writes;
  unsigned written; /* callbacks that have come ... */
  unsigned failed;  /* ... with an error */
  unsigned released;
};

/* Zeroed ends, or with callbacks set. */
void plain_link(uv_loop_t *loop, plain_kind kind, plain_end *a, plain_end *b);

/* A handle that is not connected. */
void plain_make(uv_loop_t *loop, plain_kind kind, plain_end *self);

void plain_read(plain_end *self);
void plain_write(plain_end *self, const void *bytes, size_t len);
void plain_say(plain_end *self, const char *text);
void plain_close(plain_end *self);

/* Closed or released; forget what it heard. */
void plain_done(plain_end *self);

/* For an upgrade: the memory of the plain_end's handle can go. */
void plain_released(uv_stream_t *handle);

/* TLS by hand on a plain end: a pair that the test commands. */
typedef struct plain_peer {
  plain_end end;
  tlstream_pair *pair;
  bool hold; /* what it has to send waits */
  bool rude; /* it does not answer close_notify with its own */
  bool saw_end;
  size_t got_len; /* bytes of cleartext, of which these are the first */
  char got[4096];
} plain_peer;

/* The peer's end must be linked. It reads TLS from now on; `head` comes
 * first. */
void plain_peer_open(plain_peer *self, tlstream_pair *pair);
void plain_peer_feed(plain_peer *self, const void *data, size_t len);
void plain_peer_flush(plain_peer *self);

/* The pair's, and the end's, which must be closed. */
void plain_peer_done(plain_peer *self);

#endif
