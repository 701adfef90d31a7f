/* SPDX-License-Identifier: MIT */
/* What of ours has left, what waits, and what would be lost. */
#include "core/pair/pair.h"
#include "core/pair/state.h"

void tlstream__pair_drop_output(tlstream_pair *pair) {
  size_t len = tlstream__pair_output_len(pair);
  if (len > 0) tlstream__buf_consume(&pair->link.out, len);
  pair->in_flight = false;
  pair->unsent = 0;
}

bool tlstream__pair_plain_alert(tlstream_pair *pair, int alert) {
  const unsigned char record[] = {21, 3, 3, 0, 2, 2, (unsigned char)alert};
  if (!tlstream__buf_append(&pair->link.out, record, sizeof(record))) {
    pair->link.out_of_memory = true;
    return false;
  }
  pair->alert_sent = alert;
  return true;
}

bool tlstream__pair_output_is_gone(const tlstream_pair *pair) {
  return tlstream__pair_output_len(pair) == 0 && !pair->in_flight;
}

bool tlstream__pair_data_has_left(const tlstream_pair *pair) {
  uint64_t gone = pair->in_flight ? pair->flight_mark : pair->drained;
  if (pair->writing == TLSTREAM__WRITING_BROKEN) return true;
  return pair->writing >= TLSTREAM__WRITING_END &&
         pair->writing != TLSTREAM__WRITING_LOST && gone >= pair->data_mark;
}

bool tlstream__pair_loses_data(const tlstream_pair *pair) {
  if (pair->writing == TLSTREAM__WRITING_LOST) return true;
  if (!tlstream__pair_secure(pair)) return false;
  if (pair->writing >= TLSTREAM__WRITING_END) {
    return !tlstream__pair_data_has_left(pair);
  }
  return !tlstream__pair_output_is_gone(pair);
}

size_t tlstream__pair_lost(const tlstream_pair *pair) {
  return tlstream__pair_output_len(pair) + pair->unsent + pair->owner_waits;
}

/* While half a message of the peer's stands in the way of close_notify, nothing
 * of ours waits for the transport. */
bool tlstream__pair_has_left(const tlstream_pair *pair) {
  return pair->writing >= TLSTREAM__WRITING_END &&
         tlstream__pair_output_is_gone(pair) && pair->unsent == 0;
}

/* When the alert has left, the peer still has to take it: a socket that is
 * closed with unread input resets, and the reset overtakes the alert. */
static void note_alert_left(tlstream_pair *pair) {
  if (pair->failing != TLSTREAM__FAILING_OUTPUT ||
      !tlstream__pair_output_is_gone(pair)) {
    return;
  }
  bool lingers = pair->alert_sent >= 0 && pair->input == TLSTREAM__INPUT_OPEN &&
                 !tlstream__pair_output_broken(pair);
  pair->failing = lingers ? TLSTREAM__FAILING_LINGER : TLSTREAM__FAILING_DONE;
  pair->left_at = pair->now;
}

void tlstream__pair_note_left(tlstream_pair *pair) {
  if (tlstream__pair_failed(pair)) {
    note_alert_left(pair);
  } else if (tlstream__pair_has_left(pair)) {
    pair->left_at = pair->now;
  }
}
