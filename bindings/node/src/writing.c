/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "connection.h"

/*
 * JavaScript can detach a Buffer's memory (ArrayBuffer's transfer()) whenever
 * it runs, and with a Duplex as the transport it runs in the middle of a write:
 * the bytes are copied first. A write to a descriptor runs no JavaScript, and
 * the library copies what it does not send at once.
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
  if (bytes.len == 0 || self->js_transport.methods == NULL) {
    return tlstream_write(self->stream, bytes.data, bytes.len);
  }
  return write_copy(self->stream, bytes);
}

/* write(buffer, more): unless more follows, the bytes are sent now, so that a
 * destroy() right after it does not drop them (as in Node), and onFlushed is
 * called once they have left. Returns 0, 1 above the high-water mark, or the
 * negative number of an error. */
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
