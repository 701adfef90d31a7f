/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "connection.h"

/*
 * A Buffer can lose its memory to somebody else (ArrayBuffer's transfer())
 * whenever JavaScript runs, which a carrier's methods make it do in the middle
 * of a write: what goes there is copied first. A descriptor's write runs no
 * JavaScript, and the library copies what it does not send at once.
 */
static int write_copy(tlstream *stream, tlstream_bytes bytes) {
  void *copy = malloc(bytes.len);
  if (copy == NULL) return TLSTREAM_ERR_NO_MEMORY;
  memcpy(copy, bytes.data, bytes.len);
  int result = tlstream_write(stream, copy, bytes.len);
  free(copy);
  return result;
}

static int write_bytes(connection *self, tlstream_bytes bytes) {
  if (self->stream == NULL) return TLSTREAM_ERR_CLOSED;
  if (bytes.len == 0 || self->carrier.methods == NULL) {
    return tlstream_write(self->stream, bytes.data, bytes.len);
  }
  return write_copy(self->stream, bytes);
}

/* write(buffer, more): unless more follows it is sent now, as Node does it, so
 * that a destroy() right behind it finds it gone; onFlushed comes once. Returns
 * 0, or 1 above the high-water mark, or the number of an error. */
napi_value connection_write(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  napi_value wrapper = NULL;
  tlstream_bytes bytes = {NULL, 0};
  bool more = false;
  if (!arguments(env, info, 2, argv, &wrapper)) return failed(env);
  connection *self = held_or_throw(env, wrapper, KIND_CONNECTION);
  if (self == NULL || !bytes_of(env, argv[0], &bytes)) return NULL;
  TRY(napi_get_value_bool(env, argv[1], &more));
  int result = write_bytes(self, bytes);
  if (result >= 0 && !more) {
    tlstream_request_flushed(self->stream);
    tlstream_flush(self->stream);
  }
  return make_number(env, result);
}
