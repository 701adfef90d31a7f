/* SPDX-License-Identifier: MIT */
#include "uv/stream/queue.h"

#include <string.h>

#include "base/alloc.h"

/* A shared chunk, with its header, fits one record of TLS. */
enum { SHARED_ROOM = 16 * 1024 };

struct tlstream__chunk {
  tlstream__chunk *next;
  char *data;
  size_t start;
  size_t len;
  size_t room; /* behind `len`, for more copies; 0 for the user's */
  tlstream_release_cb release; /* NULL: copied, the bytes follow the header */
  void *arg;
};

static void give_up(tlstream__queue *queue, tlstream__chunk *chunk) {
  chunk->next = queue->used;
  queue->used = chunk;
}

static void append(tlstream__queue *queue, tlstream__chunk *chunk) {
  if (queue->last != NULL) {
    queue->last->next = chunk;
  } else {
    queue->first = chunk;
  }
  queue->last = chunk;
  queue->bytes += chunk->len;
}

static size_t room_for(size_t len) {
  size_t room = 256;
  while (room < len && room < SHARED_ROOM)
    room *= 4;
  return len > room ? len : room;
}

/* The spare saves an allocation a turn where little is written often. */
static tlstream__chunk *take_spare(tlstream__queue *queue, size_t len) {
  tlstream__chunk *chunk = queue->spare != NULL ? *queue->spare : NULL;
  if (chunk == NULL || len > SHARED_ROOM) return NULL;
  *queue->spare = NULL;
  return chunk;
}

static bool keep_spare(tlstream__queue *queue, tlstream__chunk *chunk) {
  if (queue->spare == NULL || *queue->spare != NULL) return false;
  if (chunk->len + chunk->room != SHARED_ROOM) return false;
  *queue->spare = chunk;
  return true;
}

void tlstream__chunk_free(tlstream__chunk *chunk) {
  tlstream__free(chunk);
}

/* An empty one with room for `len` bytes, at least. */
static tlstream__chunk *new_chunk(tlstream__queue *queue, size_t len) {
  tlstream__chunk *chunk = take_spare(queue, len);
  bool wants_spare = queue->spare != NULL && *queue->spare == NULL;
  size_t room = chunk != NULL || wants_spare ? SHARED_ROOM : 0;
  if (len > room) room = room_for(len);
  if (chunk == NULL) chunk = tlstream__malloc(sizeof(*chunk) + room);
  if (chunk == NULL) return NULL;
  *chunk = (tlstream__chunk){.data = (char *)(chunk + 1), .room = room};
  return chunk;
}

bool tlstream__queue_copy_all(tlstream__queue *queue,
                              const tlstream_bytes *pieces, size_t count,
                              size_t total) {
  tlstream__chunk *last = queue->last;
  if (last == NULL || last->room < total) {
    last = new_chunk(queue, total);
    if (last == NULL) return false;
    append(queue, last);
  }
  for (size_t i = 0; i < count; i++) {
    if (pieces[i].len == 0) continue;
    memcpy(last->data + last->len, pieces[i].data, pieces[i].len);
    last->len += pieces[i].len;
  }
  last->room -= total;
  queue->bytes += total;
  return true;
}

bool tlstream__queue_copy(tlstream__queue *queue, const void *data,
                          size_t len) {
  const tlstream_bytes piece = {data, len};
  return tlstream__queue_copy_all(queue, &piece, 1, len);
}

bool tlstream__queue_lend(tlstream__queue *queue, void *data, size_t len,
                          tlstream_release_cb release, void *arg) {
  tlstream__chunk *chunk = tlstream__calloc(sizeof(*chunk));
  if (chunk == NULL) return false;
  chunk->data = data;
  chunk->len = len;
  chunk->release = release;
  chunk->arg = arg;
  if (len > 0) {
    append(queue, chunk);
  } else {
    give_up(queue, chunk); /* there is nothing to wait for */
  }
  return true;
}

const void *tlstream__queue_front(const tlstream__queue *queue, size_t *len) {
  tlstream__chunk *chunk = queue->first;
  *len = chunk != NULL ? chunk->len - chunk->start : 0;
  return chunk != NULL ? chunk->data + chunk->start : NULL;
}

static void retire_first(tlstream__queue *queue) {
  tlstream__chunk *chunk = queue->first;
  queue->first = chunk->next;
  if (queue->first == NULL) queue->last = NULL;
  queue->bytes -= chunk->len - chunk->start;
  if (chunk->release == NULL) {
    if (!keep_spare(queue, chunk)) tlstream__free(chunk);
  } else {
    give_up(queue, chunk);
  }
}

void tlstream__queue_consume(tlstream__queue *queue, size_t len) {
  while (len > 0) {
    tlstream__chunk *chunk = queue->first;
    size_t left = chunk->len - chunk->start;
    if (len < left) {
      chunk->start += len;
      queue->bytes -= len;
      return;
    }
    len -= left;
    retire_first(queue);
  }
}

void tlstream__queue_drop(tlstream__queue *queue) {
  while (queue->first != NULL)
    retire_first(queue);
}

static tlstream__chunk *reversed(tlstream__chunk *list) {
  tlstream__chunk *result = NULL;
  while (list != NULL) {
    tlstream__chunk *next = list->next;
    list->next = result;
    result = list;
    list = next;
  }
  return result;
}

void tlstream__queue_give_back(tlstream__queue *queue) {
  tlstream__chunk *list = reversed(queue->used);
  queue->used = NULL;
  while (list != NULL) {
    tlstream__chunk *chunk = list;
    list = chunk->next;
    chunk->release(chunk->data, chunk->len, chunk->arg);
    tlstream__free(chunk);
  }
}
