/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_WIRE_H
#define TESTS_SUPPORT_WIRE_H

/*
 * A network between two pairs that a test can damage at any byte, and a short
 * connection to damage: the handshake, a message each way, and close_notify
 * each way.
 */
#include <stdint.h>

#include "support/peers.h"

enum { MESSAGE_LEN = 40 };

typedef struct wire {
  size_t passed;      /* how many bytes have passed */
  size_t cut_at;      /* no byte from here on goes over it */
  size_t first;       /* how long the first piece is at most */
  size_t stride;      /* and how long the others are; no piece is longer */
  size_t flip_at;     /* the byte here is changed... */
  unsigned char flip; /* ...in these bits */
} wire;

#define WIRE_WHOLE ((wire){.cut_at = SIZE_MAX, .stride = SIZE_MAX})

/* One piece, as large as may be; returns how many bytes moved. */
size_t wire_carry(wire *over, tlstream_pair *from, tlstream_pair *to);

/* One side: what it did, the data it got and its events. */
typedef struct talker {
  tlstream_pair *pair;
  size_t pattern; /* where in the pattern its message begins */
  size_t expects; /* where the other's does */
  size_t sent;
  size_t got;
  bool wrong; /* got what was never sent */
  bool ended;
  unsigned emitted[TLSTREAM_EVENT_ERROR + 1]; /* how often, by tlstream_event */
} talker;

typedef struct talk {
  peers both;
  talker side[2];
  wire from[2]; /* from[TLSTREAM_ROLE_CLIENT] carries what the client sends */
} talk;

/* Two pairs, started, and whole wires; nothing has been sent. The pairs of
 * talk_between() stay the caller's. */
talk talk_new(const config *terms);
talk talk_between(peers both);

/* What one side can do now: write its message, read, and when it has the
 * other's, end. */
void talk_act(talker *self);

/* Go on until nothing moves any more. */
void talk_on(talk *self);

/* The network is silent for ever: move the clock from deadline to deadline,
 * taking (or not) what is to be sent. False if there is none and the pair is
 * not finished either. */
bool talk_wait(talker *self, bool takes_output);

void talk_free(talk *self);

#endif
