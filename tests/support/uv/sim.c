/* SPDX-License-Identifier: MIT */
#include "support/uv/sim.h"

#include <stdlib.h>
#include <string.h>

#include "support/test.h"

/* What a loop reads at once, and how often a stream may reasonably call its
 * transport in one turn of the loop. */
enum { READ_MAX = 64 * 1024, CALLS_MAX = 2000, HANDLES = 3 };

struct sim_net {
  sim_weather weather;
  uint64_t random;
  uv_idle_t idle; /* keeps the loop awake while there is something to do */
  uv_check_t check;
  uv_timer_t timer;
  sim_end *ends;
  unsigned calls;  /* of our methods in this turn */
  bool is_calling; /* a call into a stream is under way */
};

/* The transport's memory is its own, so that using it late is found out. */
typedef struct sim_transport_memory {
  tlstream_transport base;
  sim_end *end;
} sim_transport_memory;

static uint64_t next_random(sim_net *net) {
  uint64_t mixed = net->random += 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
  return mixed ^ mixed >> 31;
}

size_t sim_draw(sim_net *net, size_t below) {
  return (size_t)(next_random(net) % below);
}

bool sim_chance(sim_net *net, unsigned percent) {
  return percent > 0 && sim_draw(net, 100) < percent;
}

static size_t held(const sim_bytes *bytes) {
  return bytes->end - bytes->start;
}

static void put(sim_bytes *bytes, const void *data, size_t len) {
  if (len == 0) return;
  if (bytes->cap - bytes->end < len) {
    size_t needed = held(bytes) + len;
    size_t cap = needed * 2 + 512;
    unsigned char *mem = malloc(cap);
    if (mem == NULL) abort();
    if (held(bytes) > 0) memcpy(mem, bytes->mem + bytes->start, held(bytes));
    free(bytes->mem);
    *bytes = (sim_bytes){.mem = mem, .end = needed - len, .cap = cap};
  }
  memcpy(bytes->mem + bytes->end, data, len);
  bytes->end += len;
}

static void drop(sim_bytes *bytes, size_t len) {
  bytes->start += len;
  if (bytes->start == bytes->end) bytes->start = bytes->end = 0;
}

static void stop_input(sim_end *end, int status) {
  if (end->stop == 0) end->stop = status;
}

static void break_wire(sim_end *end) {
  end->broken = true;
  stop_input(end, UV_ECONNRESET);
}

static void put_on_wire(sim_end *end, const void *data, size_t len) {
  end->sent += len;
  if (end->other->closing) {
    if (len > 0) break_wire(end); /* there is nothing to take it */
    return;
  }
  put(&end->other->inbox, data, len);
}

static size_t room_on_wire(const sim_end *end) {
  size_t capacity = end->net->weather.capacity;
  size_t used = held(&end->other->inbox);
  if (end->faults.stalled) return 0;
  if (capacity == 0 || end->other->closing) return SIZE_MAX;
  return used < capacity ? capacity - used : 0;
}

/* What can happen at an end, and whether it can happen now. */

static bool can_close(const sim_end *end) {
  return end->closing && !end->closed;
}

static bool can_finish_write(const sim_end *end) {
  if (!end->keeping || end->closing) return false;
  if (end->broken || end->keep_fails) return true;
  return !end->faults.stalled && room_on_wire(end) > 0;
}

static bool can_deliver(const sim_end *end) {
  if (!end->reading || end->closing || end->stop_reported) return false;
  if (end->faults.stalled) return false;
  return held(&end->inbox) > 0 || end->stop != 0;
}

static bool has_work(const sim_net *net) {
  for (const sim_end *end = net->ends; end != NULL; end = end->next) {
    if (can_close(end) || can_finish_write(end) || can_deliver(end)) {
      return true;
    }
  }
  return false;
}

static void on_idle(uv_idle_t *idle);

static void wake(sim_net *net) {
  if (uv_is_closing((uv_handle_t *)&net->idle)) return;
  uv_idle_start(&net->idle, on_idle);
}

/* What streams do with their transport. */

static sim_end *called(tlstream_transport *transport) {
  sim_end *end = ((sim_transport_memory *)(void *)transport)->end;
  CHECK(!end->closing);
  if (++end->net->calls == CALLS_MAX) {
    test_fail(__FILE__, __LINE__, "one turn, %d calls: going in circles",
              CALLS_MAX);
  }
  wake(end->net);
  return end;
}

static bool is_unlucky(const sim_end *end) {
  return end->writes == end->faults.fail_write;
}

/* How much of a write leaves at once. */
static size_t leaves_at_once(sim_end *end, size_t len) {
  size_t room = room_on_wire(end);
  if (is_unlucky(end)) return 0;
  if (room < len) return room;
  return sim_chance(end->net, end->net->weather.keep) ? sim_draw(end->net, len)
                                                      : len;
}

/* Like a socket: the first call gets the error, whether it reads or writes;
 * after that writing is EPIPE and reading is the end. */
static int take_error(sim_end *end) {
  int status = end->stop;
  if (end->stop_reported || status == 0 || status == UV_EOF) return UV_EPIPE;
  end->stop = UV_EOF;
  return status;
}

static int sim_write(tlstream_transport *transport, const void *data,
                     size_t len) {
  sim_end *end = called(transport);
  CHECK_GT(len, 0);
  CHECK(!end->keeping);
  CHECK(!end->fin_sent);
  end->writes++;
  if (is_unlucky(end) && !end->faults.write_is_kept) {
    end->broken = true;
    return end->faults.write_status;
  }
  if (end->broken) return take_error(end);
  size_t now = leaves_at_once(end, len);
  put_on_wire(end, data, now);
  if (now == len) return 0;
  end->keeping = true;
  end->keep_fails = is_unlucky(end);
  put(&end->outbox, (const char *)data + now, len - now);
  return 1;
}

static int sim_read_start(tlstream_transport *transport) {
  sim_end *end = called(transport);
  CHECK(!end->reading);
  if (++end->read_starts == end->faults.fail_read_start) {
    return end->faults.read_start_status;
  }
  end->reading = true;
  return 0;
}

static void sim_read_stop(tlstream_transport *transport) {
  sim_end *end = called(transport);
  CHECK(end->reading);
  end->reading = false;
}

static void send_fin(sim_end *end) {
  end->fin_sent = true;
  if (!end->faults.stalled) stop_input(end->other, UV_EOF);
}

static void sim_shutdown(tlstream_transport *transport) {
  sim_end *end = called(transport);
  CHECK(!end->fin_sent);
  CHECK(!end->keeping);
  send_fin(end);
}

static void close_end(sim_end *end) {
  bool unread = held(&end->inbox) > 0 || end->keeping;
  end->closing = true;
  if (end->other->closing || end->faults.stalled) return;
  if (unread) {
    break_wire(end->other);
  } else {
    stop_input(end->other, UV_EOF);
  }
}

static void sim_close(tlstream_transport *transport) {
  close_end(called(transport));
}

static void sim_release(tlstream_transport *transport) {
  sim_end *end = ((sim_transport_memory *)(void *)transport)->end;
  CHECK(end->closed);
  end->transport = NULL;
  free(transport);
}

static int sim_address(tlstream_transport *transport,
                       tlstream_address *address) {
  (void)transport;
  *address = (tlstream_address){.host = "192.0.2.1", .port = 4433};
  return 0;
}

static size_t sim_unsent(tlstream_transport *transport) {
  const sim_end *end = called(transport);
  return held(&end->outbox) + held(&end->other->inbox);
}

static const tlstream_transport_methods methods = {
    .write = sim_write,
    .read_start = sim_read_start,
    .read_stop = sim_read_stop,
    .shutdown = sim_shutdown,
    .close = sim_close,
    .release = sim_release,
    .remote_address = sim_address,
    .local_address = sim_address,
    .unsent = sim_unsent,
};

/* What the network reports to streams and raw ends. */

static void finish_close(sim_end *end) {
  end->closed = true;
  if (end->transport != NULL) {
    tlstream_transport_closed(end->transport);
  }
}

static int write_outcome(sim_end *end) {
  if (end->keep_fails) return end->faults.write_status;
  return end->broken ? take_error(end) : 0;
}

static void finish_write(sim_end *end) {
  int status = write_outcome(end);
  size_t len = held(&end->outbox);
  size_t room = room_on_wire(end);
  if (status == 0) {
    if (len > room) len = room;
    put_on_wire(end, end->outbox.mem + end->outbox.start, len);
  } else {
    end->broken = true;
  }
  drop(&end->outbox, len);
  if (held(&end->outbox) > 0) return;
  end->keeping = end->keep_fails = false;
  tlstream_transport_written(end->transport, status);
}

static void report_input(sim_end *end, const void *data, size_t len) {
  if (end->transport != NULL) {
    tlstream_transport_input(end->transport, data, len);
  } else {
    end->raw->on_input(end, data, len);
  }
}

static void report_stop(sim_end *end) {
  end->stop_reported = true;
  end->reading = false;
  if (end->transport == NULL) {
    end->raw->on_stop(end, end->stop);
  } else if (end->stop == UV_EOF) {
    tlstream_transport_eof(end->transport);
  } else {
    tlstream_transport_failed(end->transport, end->stop);
  }
}

static size_t piece_of(sim_end *end) {
  size_t most = held(&end->inbox);
  size_t max_piece = end->net->weather.max_piece;
  size_t cut = end->faults.cut_after;
  if (most > READ_MAX) most = READ_MAX;
  if (max_piece != 0 && most > max_piece) most = max_piece;
  if (most > 0 && max_piece != 0) most = 1 + sim_draw(end->net, most);
  if (cut != 0 && end->arrived + most >= cut) most = cut - 1 - end->arrived;
  return most;
}

/* The rest never arrives. */
static void cut_input(sim_end *end) {
  drop(&end->inbox, held(&end->inbox));
  end->stop = end->faults.cut_status;
  if (end->stop != UV_EOF) end->broken = true;
}

/* In memory of its own and of just this size, so that keeping it or reading
 * past its end is found out. */
static void deliver_piece(sim_end *end, size_t len) {
  unsigned char *piece = malloc(len);
  if (piece == NULL) abort();
  memcpy(piece, end->inbox.mem + end->inbox.start, len);
  drop(&end->inbox, len);
  end->arrived += len;
  report_input(end, piece, len);
  free(piece);
}

static void deliver(sim_end *end) {
  size_t cut = end->faults.cut_after;
  size_t len = piece_of(end);
  if (len > 0) {
    deliver_piece(end, len);
    return;
  }
  if (cut != 0 && end->arrived == cut - 1) cut_input(end);
  report_stop(end);
}

static bool may_happen(sim_end *end, bool possible) {
  return possible && !sim_chance(end->net, end->net->weather.linger);
}

static void step_end(sim_end *end) {
  if (may_happen(end, can_finish_write(end))) finish_write(end);
  if (may_happen(end, can_deliver(end))) deliver(end);
  if (may_happen(end, can_close(end))) finish_close(end);
}

static void step(sim_net *net) {
  CHECK(!net->is_calling); /* a stream must not run the loop */
  net->is_calling = true;
  for (sim_end *end = net->ends; end != NULL; end = end->next)
    step_end(end);
  net->is_calling = false;
}

static bool is_turn_of(sim_net *net, bool check) {
  if (!net->weather.any_handle) return check;
  return sim_draw(net, HANDLES) == 0;
}

static void on_idle(uv_idle_t *idle) {
  sim_net *net = idle->data;
  net->calls = 0;
  if (is_turn_of(net, false)) step(net);
  if (!has_work(net)) uv_idle_stop(idle);
}

static void on_timer(uv_timer_t *timer) {
  sim_net *net = timer->data;
  if (is_turn_of(net, false)) step(net);
}

static void on_check(uv_check_t *check) {
  sim_net *net = check->data;
  if (is_turn_of(net, true)) step(net);
  /* Not from the timer itself, which would be due again at once. */
  if (has_work(net) && net->weather.any_handle) {
    uv_timer_start(&net->timer, on_timer, 0, 0);
  }
}

sim_net *sim_net_new(uv_loop_t *loop, const sim_weather *weather) {
  sim_net *net = calloc(1, sizeof(*net));
  if (net == NULL) abort();
  if (weather != NULL) net->weather = *weather;
  net->random = net->weather.seed;
  uv_idle_init(loop, &net->idle);
  uv_check_init(loop, &net->check);
  uv_timer_init(loop, &net->timer);
  net->idle.data = net->check.data = net->timer.data = net;
  uv_check_start(&net->check, on_check);
  uv_unref((uv_handle_t *)&net->check);
  return net;
}

static void free_end(sim_end *end) {
  CHECK(end->transport == NULL); /* every stream has let go of its own */
  free(end->inbox.mem);
  free(end->outbox.mem);
  free(end);
}

void sim_net_free(sim_net *net) {
  uv_loop_t *loop = net->idle.loop;
  uv_close((uv_handle_t *)&net->idle, NULL);
  uv_close((uv_handle_t *)&net->check, NULL);
  uv_close((uv_handle_t *)&net->timer, NULL);
  uv_run(loop, UV_RUN_DEFAULT);
  while (net->ends != NULL) {
    sim_end *end = net->ends;
    net->ends = end->next;
    free_end(end);
  }
  free(net);
}

static sim_end *new_end(sim_net *net) {
  sim_end *end = calloc(1, sizeof(*end));
  if (end == NULL) abort();
  end->net = net;
  end->next = net->ends;
  net->ends = end;
  return end;
}

void sim_link(sim_net *net, sim_end **a, sim_end **b) {
  *a = new_end(net);
  *b = new_end(net);
  (*a)->other = *b;
  (*b)->other = *a;
}

tlstream_transport *sim_transport(sim_end *end) {
  sim_transport_memory *made = calloc(1, sizeof(*made));
  if (made == NULL) abort();
  made->base.methods = &methods;
  made->end = end;
  end->transport = &made->base;
  return &made->base;
}

void sim_listen(sim_end *end, const sim_raw *raw, void *data) {
  end->raw = raw;
  end->data = data;
  end->reading = true;
  wake(end->net);
}

void sim_send(sim_end *end, const void *data, size_t len) {
  if (!end->closing && !end->broken) put_on_wire(end, data, len);
  wake(end->net);
}

void sim_fin(sim_end *end) {
  if (!end->fin_sent && !end->closing) send_fin(end);
  wake(end->net);
}

void sim_reset(sim_end *end) {
  if (end->transport != NULL) {
    break_wire(end);
  } else {
    end->closing = true;
  }
  if (!end->other->closing) break_wire(end->other);
  wake(end->net);
}

void sim_hang_up(sim_end *end) {
  if (!end->closing) close_end(end);
  wake(end->net);
}
