/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_TRANSPORT_H
#define TLSTREAM_UV_TRANSPORT_H

/*
 * What carries a stream's encrypted bytes: a handful of functions. A TCP
 * connection or a pipe of libuv's is one; the simulated one of the tests,
 * which cuts and splits as a seed tells it, another.
 *
 * A transport calls back through tlstream__transport_... only from the loop,
 * never inside one of its methods.
 */
#include <stdbool.h>
#include <stddef.h>

#include <tlstream/stream.h>

typedef struct tlstream__transport tlstream__transport;

typedef struct tlstream__transport_methods {
  /* Send `data`, all of it: what cannot leave now is copied and kept. Returns
   * 0 when it has left; 1 when some is kept, and then
   * tlstream__transport_written() follows, and write is not called before; or
   * a negative libuv code. */
  int (*write)(tlstream__transport *transport, const void *data, size_t len);

  /* Let input flow, or hold it back. Start returns 0 or a libuv code. */
  int (*read_start)(tlstream__transport *transport);
  void (*read_stop)(tlstream__transport *transport);

  /* Send the end (FIN) after what was written. Reading goes on. A failure
   * is of no consequence: reading will tell. */
  void (*shutdown)(tlstream__transport *transport);

  /* Close at once; tlstream__transport_closed() follows. What is kept is
   * dropped. */
  void (*close)(tlstream__transport *transport);

  /* Release its memory; after it has closed. */
  void (*release)(tlstream__transport *transport);

  /* Where the two ends are. Return 0 or a libuv code. */
  int (*remote_address)(tlstream__transport *transport,
                        tlstream_address *address);
  int (*local_address)(tlstream__transport *transport,
                       tlstream_address *address);
} tlstream__transport_methods;

/* The first member of every transport. */
struct tlstream__transport {
  const tlstream__transport_methods *methods;
  tlstream *stream; /* whom to tell; borrowed */
  void *owner;      /* of a listening handle: its server */
};

/* What a transport tells its stream. */
void tlstream__transport_input(tlstream *stream, const void *data, size_t len);
void tlstream__transport_eof(tlstream *stream);
void tlstream__transport_read_failed(tlstream *stream, int status);
void tlstream__transport_written(tlstream *stream, int status);
void tlstream__transport_closed(tlstream *stream);

/* A large buffer to read into, lent by the stream's loop, or NULL; goes back
 * when the input has been told. */
void *tlstream__transport_borrow(tlstream *stream);
void tlstream__transport_return(tlstream *stream, void *buffer);

#endif
