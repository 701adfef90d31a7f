/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_STREAM_QUEUE_H
#define TLSTREAM_UV_STREAM_QUEUE_H

/*
 * Cleartext that waits to be encrypted: a list of chunks, some copied, some
 * lent by the user until they are used up. Small copies share a chunk, so that
 * the small writes of one turn leave in one record.
 *
 *     first -> [copied 12 KiB] -> [the user's 1 MiB] -> [copied 64 bytes]
 *
 * Chunks of the user's that are used up go to a second list, because giving
 * them back calls the user, and that is only done from the loop.
 */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/bytes.h>
#include <tlstream/stream.h>

typedef struct tlstream__chunk tlstream__chunk;

typedef struct tlstream__queue {
  tlstream__chunk *first;
  tlstream__chunk *last;
  tlstream__chunk *used;   /* to be given back */
  tlstream__chunk **spare; /* where a shared chunk waits to be used again */
  size_t bytes;
} tlstream__queue;

/* Release a spare chunk; NULL is a no-op. */
void tlstream__chunk_free(tlstream__chunk *chunk);

/* False when memory is out, and then nothing was taken. */
bool tlstream__queue_copy(tlstream__queue *queue, const void *data, size_t len);
bool tlstream__queue_copy_all(tlstream__queue *queue,
                              const tlstream_bytes *pieces, size_t count,
                              size_t total);
bool tlstream__queue_lend(tlstream__queue *queue, void *data, size_t len,
                          tlstream_release_cb release, void *arg);

/* The bytes at the front; NULL when the queue is empty. */
const void *tlstream__queue_front(const tlstream__queue *queue, size_t *len);

void tlstream__queue_consume(tlstream__queue *queue, size_t len);

/* Drop everything; the user's chunks move to the used ones. */
void tlstream__queue_drop(tlstream__queue *queue);

/* Give used chunks back: calls the user. */
void tlstream__queue_give_back(tlstream__queue *queue);

#endif
