/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_PAIR_H
#define TLSTREAM_CORE_PAIR_PAIR_H

/*
 * What a stream does with its pair beyond the public calls: it lends the pair
 * the large buffers of its loop, so that bytes are not copied into queues of
 * the pair's own while both sides keep up.
 */
#include <tlstream/pair.h>

/* Let the pair read `len` bytes of input where they are. Nothing is worked on
 * yet: advance, then read. */
void tlstream__pair_lend_input(tlstream_pair *pair, const void *data,
                               size_t len);

/* Let the pair encrypt into `mem`. */
void tlstream__pair_lend_output(tlstream_pair *pair, void *mem, size_t cap);

/* Take all lent memory back; the pair keeps copies of what is left. */
void tlstream__pair_settle_input(tlstream_pair *pair);
void tlstream__pair_settle_output(tlstream_pair *pair);

/* Go on with the handshake as far as the input allows. */
void tlstream__pair_advance(tlstream_pair *pair);

/* Bytes that the pair has given away are still on their way inside the
 * transport: the connection is not over before they have left, and the
 * shutdown deadline watches them. Passing false counts as progress. */
void tlstream__pair_in_flight(tlstream_pair *pair, bool in_flight);

/* The peer is slow, but not gone: some of what is in flight has arrived. */
void tlstream__pair_progress(tlstream_pair *pair, uint64_t now_ms);

/* Work through what is not data: the peer's goodbye, alerts, key updates. For
 * an owner that takes no data at the moment. */
void tlstream__pair_look(tlstream_pair *pair);

/* The owner will end its side as soon as its own queue is empty: the shutdown
 * deadline runs from now. */
void tlstream__pair_closing(tlstream_pair *pair);

/* The owner holds the peer's input back, or no longer: while it does, the peer
 * is not to blame for the goodbye that does not come. */
void tlstream__pair_hold(tlstream_pair *pair, bool held);

/* The transport takes no more output, for `cause`. The pair reads on for a
 * moment, because what the peer said before it left is often the reason. */
void tlstream__pair_write_broken(tlstream_pair *pair,
                                 const tlstream_error *cause);

/* End the connection with an error of the owner's. */
void tlstream__pair_fail(tlstream_pair *pair, const tlstream_error *error);

/* What came after the peer's close_notify; borrowed. */
const void *tlstream__pair_trailing(const tlstream_pair *pair, size_t *len);

/* As the option of that name, but later. */
void tlstream__pair_allow_half_open(tlstream_pair *pair, bool allow);

/* Nothing more will come from the peer, be it with a goodbye or without. */
bool tlstream__pair_peer_is_over(const tlstream_pair *pair);

/* Nothing more leaves: it failed, or the transport takes no more. */
bool tlstream__pair_is_write_closed(const tlstream_pair *pair);

/* A server's: stop when the ClientHello is complete, before there is an SSL,
 * until the owner lets the handshake begin. What is not a ClientHello counts as
 * one. */
void tlstream__pair_hold_hello(tlstream_pair *pair);
bool tlstream__pair_is_held(const tlstream_pair *pair);
void tlstream__pair_begin_handshake(tlstream_pair *pair);

/* When the handshake began, or was last answered by the owner.
 * TLSTREAM_NO_DEADLINE while it is the owner's turn. */
uint64_t tlstream__pair_handshake_since(const tlstream_pair *pair);

/* May the owner write at all: secure, not ended, not broken? */
bool tlstream__pair_is_writable(const tlstream_pair *pair);

#endif
