/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_UV_ACTOR_H
#define TESTS_SUPPORT_UV_ACTOR_H

/*
 * The two kinds of peers in the tests of streams: an actor is a stream whose
 * callbacks are recorded and checked; a wire peer is a pair on a raw end of the
 * simulated network, which does only what a test calls and records what it saw.
 *
 * What either sends is a pattern that begins with its byte 0, so that the other
 * can check whether anything is missing, twice or out of place.
 */
#include <tlstream/pair_ending.h>
#include <tlstream/stream.h>

#include "support/loop_guard.h"
#include "support/peers.h"
#include "support/uv/sim.h"

typedef struct actor actor;

struct actor {
  /* A test may set these before actor_open() ... */
  const char *name;
  config config;
  tlstream_context *context; /* NULL: the config's; borrowed */
  unsigned shutdown_ms;      /* 0: the default */
  size_t high_water;         /* 0: the default */
  bool no_on_data;           /* no on_data, so it does not read */
  bool any_data;             /* what arrives is no pattern of the peer's */
  bool carries;              /* another stream, which gets its errors */
  bool chooses;              /* a server: it stops at the ClientHello */
  bool answers;              /* on_hello; else its own context is the answer */
  bool judges;               /* it has an on_verify, which accepts */
  bool waits;                /* or leaves that to the test */
  /* ... and these: called in every callback after it was recorded, and when a
   * buffer has come back. */
  void (*act)(actor *self, callback_kind kind);
  void (*released)(actor *self);
  void *data;

  /* To look at. */
  tlstream_role role;
  tlstream *stream; /* NULL after on_close, unless a reference is held */
  sim_end *end;
  callback_order order;
  tlstream_ending ending;
  tlstream_error error; /* code 0: none */
  size_t got;           /* bytes that arrived */
  size_t written;       /* bytes that were taken for writing */
  unsigned lent;        /* buffers that were lent by actor_write_owned() */
  unsigned given_back;
};

/* Put a stream on `end`. Without memory there is none. */
void actor_open(actor *self, uv_loop_t *loop, tlstream_role role, sim_end *end);

/* Without a transport yet. */
void actor_make(actor *self, uv_loop_t *loop, tlstream_role role);

/* A stream that was made elsewhere: by tlstream_connect() or a server. */
void actor_watch(actor *self, tlstream_role role, tlstream *stream);

/* Write the next bytes of the pattern. Returns what the call did. */
int actor_write(actor *self, size_t len);
int actor_write_owned(actor *self, size_t len);

void actor_destroy(actor *self);
void actor_pause(actor *self);
void actor_resume(actor *self);

/* It is over: everything came in order and everything was given back. */
void actor_done(const actor *self);

typedef struct wire_peer {
  sim_end *end;
  tlstream_pair *pair;
  /* A test may set these before wire_peer_open(). */
  bool silent; /* what it would send waits */
  bool polite; /* answers close_notify with its own, and ends */

  /* What it saw. */
  size_t got;
  size_t written;
  bool saw_close_notify; /* close_notify */
  int saw_alert;         /* a fatal one, or -1 */
  int saw_stop;          /* UV_EOF, an error, or 0 */
} wire_peer;

/* The handshake goes by itself; a client begins it. */
void wire_peer_open(wire_peer *self, const config *terms, tlstream_role role,
                    sim_end *end);
void wire_peer_free(wire_peer *self);

void wire_peer_write(wire_peer *self, size_t len);

/* close_notify, and no FIN. */
void wire_peer_close_notify(wire_peer *self);

/* A fatal alert, as if the last record had been forged. */
void wire_peer_alert(wire_peer *self);

/* Send one record of what a silent peer keeps back. */
void wire_peer_send_record(wire_peer *self);

/* Send what was kept back, and be silent no longer. */
void wire_peer_speak(wire_peer *self);

#endif
