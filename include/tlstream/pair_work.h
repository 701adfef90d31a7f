/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_PAIR_WORK_H
#define TLSTREAM_PAIR_WORK_H

/* A step of the handshake that may take its time, because a key that is
 * elsewhere signs in it: it can run on another thread. Streams do this by
 * themselves.
 *
 *     case TLSTREAM_EVENT_WORK:
 *       work = tlstream_pair_take_work(pair);
 *       ...on another thread: tlstream_work_run(work);
 *       ...and back on the pair's: tlstream_pair_finish_work(pair, work); */
#include <tlstream/pair.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A step of a handshake, apart from its pair.
 *
 * It and the pair have nothing in common that changes: while the step runs, all
 * calls on the pair are legal, also those that end it. What is fed meanwhile is
 * kept, deadlines run and end the connection, and a pair that has ended sets
 * the step's result aside.
 */
typedef struct tlstream_work tlstream_work;

/**
 * After TLSTREAM_EVENT_WORK: return the step that is to be run, or NULL if
 * there is none: it has been taken, or the connection is over.
 *
 * Ownership: the caller's, to be given back with tlstream_pair_finish_work().
 * Errors: without memory for it the pair fails, and the result is NULL.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream_work *
tlstream_pair_take_work(tlstream_pair *pair);

/**
 * Run the step, once. It returns when the handshake needs more of the peer, is
 * done, or has failed.
 *
 * Callbacks: the `sign` of a tlstream_signer.
 * Thread: any; one at a time.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_work_run(tlstream_work *work);

/**
 * Give a step back to its pair, which goes on with what came of it: drain, and
 * ask for its events. A step that has not been run is offered again.
 *
 * Returns 0 or the pair's error.
 *
 * Ownership: takes the work.
 * Errors: those of a handshake; SIGNER_FAILED.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_pair_finish_work(tlstream_pair *pair,
                                           tlstream_work *work);

/**
 * Release a step whose pair has been freed, and which does not run any more.
 * NULL is a no-op.
 *
 * Since: 0.1
 */
TLSTREAM_API void tlstream_work_free(tlstream_work *work);

#ifdef __cplusplus
}
#endif

#endif
