/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_NODE_CONNECTION_H
#define TLSTREAM_NODE_CONNECTION_H

/*
 * One stream of the library's and the JavaScript object, its owner, that hears
 * of it. It runs on a descriptor (descriptor.c) or on whatever JavaScript
 * carries its bytes with (js_transport.c).
 */
#include <tlstream/tlstream.h>

#include "binding.h"
#include "values.h"

struct connection {
  kind kind;
  size_t refs; /* the JavaScript object, and the stream until it has closed */
  binding *binding;
  napi_ref owner; /* while the stream is open */
  napi_async_context async_context;
  tlstream *stream; /* NULL once it has closed */
  connection *next; /* in the binding's list */
  connection **link;
  tlstream_transport carrier;
  uv_timer_t closer; /* of a carrier */
};

/* How to begin, as lib/ says it. */
typedef struct opening {
  tlstream_role role;
  tlstream_context *context; /* borrowed */
  char *verify_name;
  char *servername;
  tlstream_bytes head;
  bool choose_context;
  tlstream_timeouts timeouts;
} opening;

bool define_connection(napi_env env, napi_value exports);

connection *connection_next(const connection *self);

/* The environment ends: drop all that is JavaScript's, and the connection. */
void connection_abandon(connection *self);

/* The stream has closed: the last that is heard of it. */
void connection_closed(connection *self);

void connection_unref(connection *self);

/* The table that calls the handlers: events.c. */
extern const tlstream_events connection_events;

/* Begin on a copy of the descriptor. NULL, and `error` filled in. */
tlstream *descriptor_open(connection *self, int fd, const opening *how,
                          tlstream_error *error);

/* Begin on what JavaScript carries. */
tlstream *carrier_open(connection *self, const opening *how,
                       tlstream_error *error);

/* The methods that carry: events of what is beneath. */
napi_value carrier_input(napi_env env, napi_callback_info info);
napi_value carrier_eof(napi_env env, napi_callback_info info);
napi_value carrier_failed(napi_env env, napi_callback_info info);
napi_value carrier_written(napi_env env, napi_callback_info info);

/* Writing: writing.c. */
napi_value connection_write(napi_env env, napi_callback_info info);

/* The methods that ask: info.c. */
extern const method fact_methods[];
extern const size_t fact_method_count;

#endif
