/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_UV_SIM_H
#define TESTS_SUPPORT_UV_SIM_H

/*
 * A network without sockets: two ends joined by a wire in memory. An end is a
 * transport for a stream, or it is raw, and then a test plays the peer. A seed
 * decides how the bytes are cut and merged, which writes are kept, and from
 * which of the loop's handles callbacks run.
 *
 *     a stream's writes -> kept (what is on its way out)
 *                            -> the other end's inbox (on the wire)
 *                                 -> delivered, while the other end reads
 *
 * An end that closes with bytes unread resets the connection, as TCP does.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include <tlstream/transport.h>

/* Zero is ideal weather: everything is taken at once and delivered at once. */
typedef struct sim_weather {
  uint64_t seed;
  size_t max_piece; /* what is delivered at once, at most; 0: all there is */
  size_t capacity;  /* bytes on a wire before writes are kept; 0: no end */
  unsigned keep;    /* percent of the writes are kept though there is room */
  unsigned linger;  /* percent of what could happen waits for another turn */
  bool any_handle;  /* callbacks from idle, check and timer; else from check */
} sim_weather;

/* What happens to one end. Calls and bytes are counted from 1; 0 is never. */
typedef struct sim_faults {
  unsigned fail_write; /* this call of write fails ... */
  int write_status;    /* ... with this libuv code ... */
  bool write_is_kept;  /* ... but only after it was kept */
  unsigned fail_read_start;
  int read_start_status;
  size_t cut_after; /* the input ends before this byte ... */
  int cut_status;   /* ... with UV_EOF or an error */
  bool stalled;     /* nothing moves any more, either way */
} sim_faults;

typedef struct sim_net sim_net;
typedef struct sim_end sim_end;

/* The callbacks of a raw end. `status` is UV_EOF or an error. */
typedef struct sim_raw {
  void (*on_input)(sim_end *end, const void *data, size_t len);
  void (*on_stop)(sim_end *end, int status);
} sim_raw;

/* Grows at the end, shrinks at the front. */
typedef struct sim_bytes {
  unsigned char *mem;
  size_t start;
  size_t end;
  size_t cap;
} sim_bytes;

struct sim_end {
  sim_faults faults; /* a test may set and change them */

  /* To look at. */
  unsigned writes;
  unsigned read_starts;
  size_t arrived; /* bytes that were delivered to it */
  size_t sent;    /* bytes that it has put on the wire */
  bool fin_sent;  /* by shutdown, not by closing */
  bool closed;    /* and its stream knows */

  /* The network's own. */
  sim_net *net;
  sim_end *next;
  sim_end *other;
  tlstream_transport *transport; /* NULL: raw, or released */
  const sim_raw *raw;
  void *data; /* a raw end's owner's */
  sim_bytes inbox;
  sim_bytes outbox; /* what was kept */
  int stop;         /* how the inbox ends: UV_EOF, an error, or 0: not yet */
  bool stop_reported;
  bool keeping;
  bool keep_fails;
  bool broken; /* writing is of no use any more */
  bool reading;
  bool closing;
};

/* NULL weather is ideal. */
sim_net *sim_net_new(uv_loop_t *loop, const sim_weather *weather);

/* Everything must have been closed. Runs the loop until its own handles are. */
void sim_net_free(sim_net *net);

/* Two ends of a new wire; they belong to the network. */
void sim_link(sim_net *net, sim_end **a, sim_end **b);

/* For tlstream__stream_begin(): now the end is the stream's. */
tlstream_transport *sim_transport(sim_end *end);

/* What a raw end does. A reset of a stream's end stands for one by the network,
 * and both ends see it. */
void sim_listen(sim_end *end, const sim_raw *raw, void *data);
void sim_send(sim_end *end, const void *data, size_t len);
void sim_fin(sim_end *end);
void sim_reset(sim_end *end);
void sim_hang_up(sim_end *end);

/* A number below `below`, from the seed. */
size_t sim_draw(sim_net *net, size_t below);

/* True in `percent` of the cases. */
bool sim_chance(sim_net *net, unsigned percent);

#endif
