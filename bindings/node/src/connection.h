/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_NODE_CONNECTION_H
#define TLSTREAM_NODE_CONNECTION_H

/*
 * A stream of the library and its owner, the JavaScript object whose methods
 * are called with the stream's events. The transport is a descriptor
 * (descriptor.c) or a Duplex (js_transport.c).
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
  tlstream_transport js_transport; /* without methods on a descriptor */
  int held;                        /* descriptor_hold(), or -1 */
  uv_timer_t close_timer;
} connection;

/* The options of the constructor. */
typedef struct connection_options {
  tlstream_role role;
  tlstream_context *context; /* borrowed */
  char *verify_name;
  char *servername;
  tlstream_bytes head;
  bool choose_context;
  tlstream_timeouts timeouts;
} connection_options;

/* The class: connection_class.c. */
bool define_connection(napi_env env, napi_value exports);

/* A connection that `wrapper` holds, without a stream; NULL on failure. */
connection *connection_new(napi_env env, napi_value wrapper);

/* The connection of a method's `this`, and the method's `count` arguments. NULL
 * if it has closed, or, with an exception, if it is not a connection. */
connection *connection_this(napi_env env, napi_callback_info info, size_t count,
                            napi_value *argv);

/* Reference the JavaScript object, as long as the stream is open. */
bool connection_keep_owner(connection *self, napi_value owner);
void connection_release_owner(connection *self);

/* The stream has been opened, or has closed. */
void connection_opened(connection *self);
void connection_closed(connection *self);

/* The stream's callbacks, which call the handlers: events.c. */
extern const tlstream_events connection_events;

/* Open on a copy of the descriptor; NULL with `error` filled in. */
tlstream *descriptor_open(connection *self, int fd,
                          const connection_options *options,
                          tlstream_error *error);

/* Keep the socket open until JavaScript knows that it is closed, and let it go:
 * as with Node's sockets, the peer hears of destroy() after the program. */
void descriptor_hold(connection *self);
void descriptor_let_go(connection *self);

/* Open on a Duplex; NULL with `error` filled in. */
tlstream *js_transport_open(connection *self, const connection_options *options,
                            tlstream_error *error);

/* The methods by which the Duplex's events come in. */
napi_value js_transport_input(napi_env env, napi_callback_info info);
napi_value js_transport_eof(napi_env env, napi_callback_info info);
napi_value js_transport_failed(napi_env env, napi_callback_info info);
napi_value js_transport_written(napi_env env, napi_callback_info info);

/* write(): writing.c. */
napi_value connection_write(napi_env env, napi_callback_info info);

/* The methods in place of a handle of Node's: socket_options.c. */
extern const method socket_methods[];
extern const size_t socket_method_count;

/* The methods that ask: info.c. */
extern const method info_methods[];
extern const size_t info_method_count;

#endif
