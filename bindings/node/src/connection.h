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

typedef struct connection {
  kind kind;
  size_t refs; /* the JavaScript object, and the stream until it has closed */
  binding *binding;
  napi_ref owner; /* while the stream is open */
  napi_async_context async_context;
  tlstream *stream;  /* NULL once it has closed */
  binding_node node; /* in the binding's list while the stream is open */
  tlstream_transport carrier;
  uv_timer_t closer; /* of a carrier */
} connection;

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

/* The class: connection_class.c. */
bool define_connection(napi_env env, napi_value exports);

/* A connection that `wrapper` holds, without a stream; NULL on failure. */
connection *connection_new(napi_env env, napi_value wrapper);

/* The connection that `this` holds, or NULL if it is none, with an exception,
 * or has closed. */
connection *connection_this(napi_env env, napi_callback_info info);

/* Reference the JavaScript object, as long as the stream is open. */
bool connection_keep_owner(connection *self, napi_value owner);
void connection_release_owner(connection *self);

/* The stream has been opened, or has closed. */
void connection_opened(connection *self);
void connection_closed(connection *self);

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
