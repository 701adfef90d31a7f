/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/actor.h"

enum { RECORD_HEADER = 5 };

static void send_out(wire_peer *self, const void *data, size_t len) {
  sim_send(self->end, data, len);
  tlstream_pair_consume(self->pair, len);
}

static void flush(wire_peer *self) {
  size_t len = 0;
  const void *data = tlstream_pair_peek(self->pair, &len);
  if (len > 0 && !self->silent) send_out(self, data, len);
}

void wire_peer_send_record(wire_peer *self) {
  size_t len = 0;
  const unsigned char *data = tlstream_pair_peek(self->pair, &len);
  if (!CHECK_GT(len, RECORD_HEADER)) return;
  send_out(self, data, RECORD_HEADER + (size_t)data[3] * 256 + data[4]);
}

void wire_peer_speak(wire_peer *self) {
  self->silent = false;
  flush(self);
}

static void take_data(wire_peer *self) {
  static unsigned char bytes[16 * 1024];
  static unsigned char want[sizeof(bytes)];
  ptrdiff_t len = 0;
  while ((len = tlstream_pair_read(self->pair, bytes, sizeof(bytes))) > 0) {
    pattern_fill(want, self->got, (size_t)len);
    CHECK(memcmp(bytes, want, (size_t)len) == 0);
    self->got += (size_t)len;
  }
}

static void note_events(wire_peer *self) {
  tlstream_event event = TLSTREAM_EVENT_NONE;
  while ((event = tlstream_pair_next_event(self->pair)) != 0) {
    const tlstream_error *error = tlstream_pair_error(self->pair);
    if (event == TLSTREAM_EVENT_END) self->saw_close_notify = true;
    if (event != TLSTREAM_EVENT_ERROR) continue;
    if (error->alert_side == TLSTREAM_ALERT_THEIRS) {
      self->saw_alert = error->alert;
    }
  }
}

static void on_input(sim_end *end, const void *data, size_t len) {
  wire_peer *self = end->data;
  const char *bytes = data;
  while (len > 0) {
    ptrdiff_t taken = tlstream_pair_feed(self->pair, bytes, len);
    if (taken < 0) break; /* what comes after an alert does not count */
    bytes += taken;
    len -= (size_t)taken;
    take_data(self);
    flush(self);
  }
  note_events(self);
  if (self->polite && self->saw_close_notify) {
    wire_peer_close_notify(self);
    sim_fin(end);
  }
  flush(self);
}

/* The pair is not informed: a stop without close_notify is for the test to
 * see. */
static void on_stop(sim_end *end, int status) {
  wire_peer *self = end->data;
  self->saw_stop = status;
}

static const sim_raw listener = {on_input, on_stop};

void wire_peer_open(wire_peer *self, const config *terms, tlstream_role role,
                    sim_end *end) {
  self->end = end;
  self->saw_alert = -1;
  self->pair = config_pair(terms, role);
  sim_listen(end, &listener, self);
  CHECK_ERROR(tlstream_pair_start(self->pair), 0);
  flush(self);
}

void wire_peer_free(wire_peer *self) {
  tlstream_pair_free(self->pair);
  self->pair = NULL;
}

void wire_peer_write(wire_peer *self, size_t len) {
  unsigned char bytes[1024];
  while (len > 0) {
    size_t n = len < sizeof(bytes) ? len : sizeof(bytes);
    pattern_fill(bytes, self->written, n);
    CHECK_INT(tlstream_pair_write(self->pair, bytes, n), n);
    self->written += n;
    len -= n;
    flush(self);
  }
}

void wire_peer_close_notify(wire_peer *self) {
  tlstream_pair_end(self->pair);
  flush(self);
}

void wire_peer_alert(wire_peer *self) {
  CHECK_LT(tlstream_pair_feed(self->pair, forged_record, sizeof(forged_record)),
           0);
  flush(self);
}
