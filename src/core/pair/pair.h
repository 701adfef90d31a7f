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
 * transport: the connection is not over before they have left. Each call
 * counts as progress. */
void tlstream__pair_in_flight(tlstream_pair *pair, bool in_flight);

/* How much cleartext waits in the owner's queue, and how many bytes beyond the
 * pair have not arrived at the peer, as far as is known. Fewer of these than
 * before is progress. */
void tlstream__pair_set_waiting(tlstream_pair *pair, size_t owner_waits,
                                size_t unsent);

/* Set the pair's time, without expiring its deadlines: what has arrived is to
 * be read first. */
void tlstream__pair_set_time(tlstream_pair *pair, uint64_t now_ms);

/* The process stood still for `ms`: that was not the peer's time. */
void tlstream__pair_stalled(tlstream_pair *pair, uint64_t ms);

/* Work through what is not data: the peer's close_notify, alerts, key updates.
 * For an owner that takes no data at the moment. */
void tlstream__pair_look(tlstream_pair *pair);

/* The owner will end its side as soon as its own queue is empty: the send
 * deadline runs from now. */
void tlstream__pair_closing(tlstream_pair *pair);

/* Give up a handshake that nothing waits for: the pair is finished, without an
 * error. Does nothing once it is secure. */
void tlstream__pair_abandon(tlstream_pair *pair);

/* The owner reads no more: from the next look on, what comes is discarded, and
 * only the peer's close_notify is awaited. */
void tlstream__pair_discard(tlstream_pair *pair);

/* The owner holds the peer's input back, or no longer: while it does, the peer
 * is not to blame for its silence. */
void tlstream__pair_hold(tlstream_pair *pair, bool held);

/* The transport takes no more output, for `cause`. The pair reads on for a
 * moment, because what the peer sent before it left is often the reason; if
 * what it reads goes into a pipe, for as long as that may take. */
void tlstream__pair_write_broken(tlstream_pair *pair,
                                 const tlstream_error *cause, bool piped);

/* Is data of the owner's lost if the connection ends now? */
bool tlstream__pair_loses_data(const tlstream_pair *pair);

/* End the connection with an error of the owner's. */
void tlstream__pair_fail(tlstream_pair *pair, const tlstream_error *error);

/* What came after the peer's close_notify; borrowed. */
const void *tlstream__pair_trailing(const tlstream_pair *pair, size_t *len);

/* Nothing more will come from the peer, be it with close_notify or without. */
bool tlstream__pair_peer_is_over(const tlstream_pair *pair);

/* Nothing more leaves: it failed, or the transport takes no more. */
bool tlstream__pair_is_write_closed(const tlstream_pair *pair);

/* A server's: stop when the ClientHello is complete, before there is an SSL,
 * until the owner lets the handshake begin. What is not a ClientHello counts as
 * one. */
void tlstream__pair_hold_hello(tlstream_pair *pair);
bool tlstream__pair_is_held(const tlstream_pair *pair);
void tlstream__pair_begin_handshake(tlstream_pair *pair);

/* Whether the peer's certificate is asked about, as `ask_verify`. Does nothing
 * once it has been. */
void tlstream__pair_ask_verify(tlstream_pair *pair, bool ask);

/* When the handshake began, or was last answered by the owner.
 * TLSTREAM_NO_DEADLINE while it is the owner's turn. */
uint64_t tlstream__pair_handshake_since(const tlstream_pair *pair);

/* Keep new sessions for the owner from now on, or do not; a client's. */
void tlstream__pair_keep_sessions(tlstream_pair *pair, bool wanted);

/* May the owner write at all: secure, not ended, not broken? */
bool tlstream__pair_is_writable(const tlstream_pair *pair);

#endif
