/* SPDX-License-Identifier: MIT */
/*
 * Bytes through the pair: the handshake, encrypted bytes in and out, cleartext
 * in and out. OpenSSL takes its input from `link.in` and leaves its output in
 * `link.out`; nothing here waits.
 */
#include <string.h>

#include <openssl/ssl.h>

#include <tlstream/pair_ending.h>

#include "base/alloc.h"
#include "core/pair/alpn.h"
#include "core/pair/ask.h"
#include "core/pair/npn.h"
#include "core/pair/pair.h"
#include "core/pair/psk.h"
#include "core/pair/resume.h"
#include "core/pair/state.h"

enum { SMALL_RECORD = 1369 };

static size_t waiting_input(const tlstream_pair *pair) {
  return tlstream__buf_len(&pair->link.in);
}

size_t tlstream_pair_pending(const tlstream_pair *pair) {
  return tlstream__pair_output_len(pair);
}

/* How much output may wait before no more is made: the room that was lent, or
 * what we are ready to keep ourselves. */
static bool output_is_full(const tlstream_pair *pair) {
  size_t mark = pair->link.out.lent ? pair->link.out.cap - TLSTREAM__RECORD_MAX
                                    : TLSTREAM__OUT_MARK;
  return tlstream__pair_output_len(pair) >= mark;
}

/* What was agreed on must be what the context allows. */
static bool settle_protocols(tlstream_pair *pair) {
  tlstream_error error;
  size_t len = 0;
  const void *name = tlstream__npn_picked(pair->ssl, &len);
  if (name != NULL && (pair->is_server || pair->npn_agreed)) {
    pair->npn = tlstream__protocols_find(&pair->context->npn, name, len);
  }
  if (tlstream__alpn_conclude(pair->ssl, pair->context, &pair->alpn, &error) ==
      0) {
    return true;
  }
  tlstream__pair_fail(pair, &error);
  return false;
}

/* A message that is not data has arrived by half: OpenSSL neither writes nor
 * shuts down before it has the rest. */
static bool in_message(const tlstream_pair *pair) {
  return SSL_in_init(pair->ssl) != 0;
}

/* What blocked writing may be over. */
static void resume_writing(tlstream_pair *pair) {
  if (!tlstream__pair_secure(pair) || tlstream__pair_failed(pair) ||
      in_message(pair))
    return;
  if (pair->wants_drain && !output_is_full(pair)) {
    pair->wants_drain = false;
    tlstream__pair_emit(pair, TLSTREAM_EVENT_DRAIN);
  }
  if (pair->writing == TLSTREAM__WRITING_END) tlstream__pair_send_end(pair);
}

/* What the client offered is of no more use: up to 60 KB, for as long as an
 * idle connection lives. */
static void forget_offer(tlstream_pair *pair) {
  tlstream__free(pair->offered);
  pair->offered = NULL;
  pair->offered_len = 0;
}

void tlstream__pair_become_secure(tlstream_pair *pair) {
  tlstream__resume_conclude(pair);
  tlstream__verify_conclude(pair->ssl, &pair->check);
  if (tlstream__verify_refuses(&pair->check)) {
    tlstream__pair_refuse(pair);
    return;
  }
  if (tlstream__ask_at_end(pair)) return;
  if (!settle_protocols(pair)) return;
  forget_offer(pair);
  tlstream__psk_wipe(pair);
  pair->life = TLSTREAM__PAIR_SECURE;
  pair->non_data_messages = 0;
  pair->last_input = pair->last_output = pair->now;
  pair->secure_at = pair->now;
  if (pair->is_server && SSL_version(pair->ssl) == TLS1_3_VERSION &&
      pair->check.source != TLSTREAM_SOURCE_PSK) {
    pair->tickets_due = pair->context->resumption.ticket_count;
  }
  tlstream__pair_emit(pair, TLSTREAM_EVENT_SECURE);
  if (pair->lookup.made != NULL)
    tlstream__pair_emit(pair, TLSTREAM_EVENT_SESSION_MADE);
  tlstream__resume_collect(pair);
  resume_writing(pair);
}

static void fail_for_flood(tlstream_pair *pair) {
  if (pair->refused_anew) {
    tlstream__pair_fail_with(
        pair, TLSTREAM_ERR_RENEGOTIATION,
        "the peer asks to renegotiate again and again, which is never done "
        "here");
  } else {
    tlstream__pair_fail_with(
        pair, TLSTREAM_ERR_FLOOD,
        "the peer sent over %d protocol messages in a row without any data",
        TLSTREAM__NON_DATA_MAX);
  }
}

/* OpenSSL wants more input. True if it used some up, so that asking again may
 * lead further; bounds what a peer can make us do without saying anything. */
static bool moved_on(tlstream_pair *pair, size_t input_before,
                     unsigned messages_before) {
  bool moved = waiting_input(pair) != input_before ||
               pair->non_data_messages != messages_before;
  if (moved && pair->non_data_messages > TLSTREAM__NON_DATA_MAX) {
    fail_for_flood(pair);
    return false;
  }
  if (!moved) tlstream__pair_judge_transport(pair);
  return moved;
}

static bool step_handshake(tlstream_pair *pair) {
  size_t before = waiting_input(pair);
  switch (tlstream__step_run(pair)) {
    case TLSTREAM__DONE: tlstream__pair_become_secure(pair); return false;
    case TLSTREAM__AGAIN:
      return moved_on(pair, before, pair->non_data_messages);
    case TLSTREAM__SUSPENDED:
      if (!tlstream__ask_is_open(pair)) tlstream__pair_judge_transport(pair);
      return false;
    default: return false;
  }
}

static bool may_step(const tlstream_pair *pair) {
  return !tlstream__pair_secure(pair) && !tlstream__pair_failed(pair) &&
         pair->reading < TLSTREAM__READING_ENDED &&
         !tlstream__ask_is_open(pair);
}

void tlstream__pair_advance(tlstream_pair *pair) {
  if (pair->life == TLSTREAM__PAIR_NEW) tlstream_pair_start(pair);
  if (tlstream__step_is_held(pair) || !tlstream__hello_prepare(pair)) return;
  while (may_step(pair) && !tlstream__step_is_held(pair)) {
    if (!tlstream__psk_prepare(pair) || !step_handshake(pair)) break;
  }
  /* The rest of the handshake, and data behind it, may be here already. */
  if (tlstream__ask_is_open(pair) && pair->input == TLSTREAM__INPUT_BROKEN) {
    tlstream__pair_judge_transport(pair);
  }
}

void tlstream__pair_begin_handshake(tlstream_pair *pair) {
  pair->hold_hello = false;
  tlstream__pair_advance(pair);
}

int tlstream_pair_start(tlstream_pair *pair) {
  if (pair->life == TLSTREAM__PAIR_NEW) {
    pair->life = TLSTREAM__PAIR_HANDSHAKING;
    pair->handshake_began_at = pair->now;
    pair->last_input = pair->last_output = pair->now;
    pair->handshake_deadline =
        pair->timeouts.handshake_ms == TLSTREAM_NO_TIMEOUT
            ? TLSTREAM_NO_DEADLINE
            : pair->now + pair->timeouts.handshake_ms;
    tlstream__resume_offer(pair);
    tlstream__pair_advance(pair);
  }
  return tlstream__pair_code(pair);
}

/* Reading may make output: answers to key updates. Once the transport is over,
 * what is left to read is bounded, and must be read to get to the end of it. */
static bool may_read(const tlstream_pair *pair) {
  bool room = !output_is_full(pair) || pair->input != TLSTREAM__INPUT_OPEN;
  return tlstream__pair_secure(pair) && !tlstream__pair_failed(pair) &&
         pair->reading < TLSTREAM__READING_ENDED && room;
}

typedef int (*read_call)(SSL *ssl, void *buf, size_t cap, size_t *len);

/* One SSL_read or SSL_peek. False when there is no use in another. */
static bool step_read(tlstream_pair *pair, read_call call, void *buf,
                      size_t cap, size_t *len) {
  size_t before = waiting_input(pair);
  unsigned messages_before = pair->non_data_messages;
  bool was_empty = tlstream_pair_pending(pair) == 0;
  tlstream__ossl_clear();
  int result = call(pair->ssl, buf, cap, len);
  /* An answer of OpenSSL's begins to wait. */
  if (was_empty && tlstream_pair_pending(pair) > 0) {
    pair->last_output = pair->now;
  }
  switch (tlstream__ossl_outcome(pair->ssl, result)) {
    case TLSTREAM__DONE:
      pair->non_data_messages = 0;
      pair->refused_anew = false; /* it took that, and went on */
      return true;
    case TLSTREAM__AGAIN:
      resume_writing(pair);
      return moved_on(pair, before, messages_before);
    case TLSTREAM__ENDED: tlstream__pair_note_peer_end(pair); return false;
    default: tlstream__pair_fail_ossl(pair); return false;
  }
}

/* Fill `buf` from as many records as there are. */
static size_t read_records(tlstream_pair *pair, unsigned char *buf,
                           size_t cap) {
  size_t total = 0;
  bool more = true;
  while (more && total < cap && may_read(pair)) {
    size_t len = 0;
    more = step_read(pair, SSL_read_ex, buf + total, cap - total, &len);
    total += len;
  }
  return total;
}

/* The owner has closed: only the peer's close_notify is of interest. */
static void discard(tlstream_pair *pair) {
  unsigned char scratch[4096];
  size_t len = 0;
  bool more = true;
  while (more && may_read(pair)) {
    more = step_read(pair, SSL_read_ex, scratch, sizeof(scratch), &len);
  }
}

void tlstream__pair_look(tlstream_pair *pair) {
  unsigned char byte = 0;
  size_t len = 0;
  bool more = true;
  if (pair->reading == TLSTREAM__READING_DISCARD) {
    discard(pair);
    return;
  }
  while (more && len == 0 && may_read(pair)) {
    more = step_read(pair, SSL_peek_ex, &byte, 1, &len);
  }
  if (len > 0) tlstream__pair_emit(pair, TLSTREAM_EVENT_DATA);
}

ptrdiff_t tlstream_pair_read(tlstream_pair *pair, void *buf, size_t cap) {
  tlstream__pair_advance(pair);
  if (pair->reading == TLSTREAM__READING_DISCARD) {
    discard(pair);
    return tlstream__pair_code(pair);
  }
  size_t len = read_records(pair, buf, cap);
  if (len > 0) {
    /* What the owner takes late is not the peer's silence. */
    pair->last_input = pair->now;
    pair->received_last = true;
    pair->bytes_read += len;
    return (ptrdiff_t)len;
  }
  return tlstream__pair_code(pair);
}

/* The first bytes are remembered: if they turn out not to be TLS, they show
 * what the peer speaks instead. */
static void remember_first(tlstream_pair *pair, const unsigned char *data,
                           size_t len) {
  size_t room = TLSTREAM__FIRST_BYTES - pair->first_len;
  size_t n = len < room ? len : room;
  if (n == 0) return;
  memcpy(pair->first + pair->first_len, data, n);
  pair->first_len = (unsigned char)(pair->first_len + n);
}

static bool ignores_input(const tlstream_pair *pair) {
  return pair->reading == TLSTREAM__READING_TRUNCATED ||
         (pair->reading == TLSTREAM__READING_ENDED && !pair->keep_trailing);
}

void tlstream__pair_lend_input(tlstream_pair *pair, const void *data,
                               size_t len) {
  tlstream__buf *in = &pair->link.in;
  if (len == 0 || tlstream__pair_failed(pair)) return;
  pair->taken += len;
  if (!tlstream__pair_secure(pair)) remember_first(pair, data, len);
  /* After close_notify nothing that comes has a meaning to TLS. */
  if (ignores_input(pair)) return;
  if (pair->reading != TLSTREAM__READING_ENDED) pair->last_input = pair->now;
  if (tlstream__buf_len(in) == 0) {
    tlstream__buf_clear(in);
    tlstream__buf_lend(in, (void *)data, len, len);
  } else if (!tlstream__buf_append(in, data, len)) {
    tlstream__pair_fail_with(pair, TLSTREAM_ERR_NO_MEMORY, "out of memory");
  }
}

void tlstream__pair_settle_input(tlstream_pair *pair) {
  if (tlstream__pair_failed(pair) || ignores_input(pair))
    tlstream__buf_clear(&pair->link.in);
  if (!tlstream__buf_settle(&pair->link.in)) {
    tlstream__pair_fail_with(pair, TLSTREAM_ERR_NO_MEMORY, "out of memory");
  }
}

void tlstream__pair_lend_output(tlstream_pair *pair, void *mem, size_t cap) {
  tlstream__buf *out = &pair->link.out;
  if (out->mem != NULL && tlstream__buf_len(out) > 0) return;
  tlstream__buf_clear(out);
  tlstream__buf_lend(out, mem, 0, cap);
}

void tlstream__pair_settle_output(tlstream_pair *pair) {
  if (!tlstream__buf_settle(&pair->link.out)) {
    tlstream__pair_fail_with(pair, TLSTREAM_ERR_NO_MEMORY, "out of memory");
  }
}

ptrdiff_t tlstream_pair_feed(tlstream_pair *pair, const void *data,
                             size_t len) {
  if (tlstream__pair_failed(pair)) return pair->error->code;
  size_t waiting = waiting_input(pair);
  size_t room = waiting < TLSTREAM__IN_MAX ? TLSTREAM__IN_MAX - waiting : 0;
  if (len > room) len = room;
  tlstream__pair_lend_input(pair, data, len);
  tlstream__pair_advance(pair);
  tlstream__pair_look(pair);
  tlstream__pair_settle_input(pair);
  return tlstream__pair_failed(pair) ? pair->error->code : (ptrdiff_t)len;
}

/* Work through what is left in the input, then judge. A reader that is behind
 * comes to the judgement by reading. */
static void judge_soon(tlstream_pair *pair) {
  (void)!tlstream_pair_feed(pair, "", 0);
}

void tlstream_pair_feed_eof(tlstream_pair *pair) {
  if (tlstream__pair_note_eof(pair)) judge_soon(pair);
}

void tlstream_pair_feed_error(tlstream_pair *pair,
                              const tlstream_error *cause) {
  if (tlstream__pair_note_read_error(pair, cause)) judge_soon(pair);
}

int tlstream_pair_close(tlstream_pair *pair) {
  int code = tlstream_pair_end(pair);
  if (code != 0) return code;
  tlstream__pair_discard(pair);
  tlstream__pair_look(pair);
  return tlstream__pair_code(pair);
}

const void *tlstream_pair_peek(const tlstream_pair *pair, size_t *len) {
  *len = tlstream_pair_pending(pair);
  return tlstream__buf_data(&pair->link.out);
}

void tlstream_pair_consume(tlstream_pair *pair, size_t len) {
  bool was_full = output_is_full(pair);
  if (len > tlstream_pair_pending(pair)) len = tlstream_pair_pending(pair);
  if (len == 0) return;
  pair->last_output = pair->now;
  if (pair->drained < pair->write_mark) pair->received_last = false;
  pair->drained += len;
  tlstream__buf_consume(&pair->link.out, len);
  resume_writing(pair);
  tlstream__pair_left(pair);
  /* What waited in the input for room in the output can go on. */
  if (was_full && waiting_input(pair) > 0 && !pair->link.in.lent) {
    tlstream__pair_look(pair);
  }
}

size_t tlstream_pair_drain(tlstream_pair *pair, void *buf, size_t cap) {
  size_t len = 0;
  const void *data = tlstream_pair_peek(pair, &len);
  if (len > cap) len = cap;
  if (len == 0) return 0;
  memcpy(buf, data, len);
  tlstream_pair_consume(pair, len);
  return len;
}

const void *tlstream__pair_trailing(const tlstream_pair *pair, size_t *len) {
  bool kept = pair->reading == TLSTREAM__READING_ENDED && pair->keep_trailing;
  *len = kept ? waiting_input(pair) : 0;
  return *len > 0 ? tlstream__buf_data(&pair->link.in) : NULL;
}

size_t tlstream_pair_take_trailing(tlstream_pair *pair, void *buf, size_t cap) {
  size_t len = 0;
  const void *data = tlstream__pair_trailing(pair, &len);
  if (len > cap) len = cap;
  if (len == 0) return 0;
  memcpy(buf, data, len);
  tlstream__buf_consume(&pair->link.in, len);
  return len;
}

uint64_t tlstream__pair_handshake_since(const tlstream_pair *pair) {
  bool ours = pair->hello == TLSTREAM__HELLO_HELD ||
              pair->hello == TLSTREAM__HELLO_ASKED ||
              pair->lookup.state == TLSTREAM__LOOKUP_ASKED ||
              tlstream__psk_is_asked(pair) || tlstream__ask_is_open(pair) ||
              pair->work != TLSTREAM__WORK_NONE;
  return ours ? TLSTREAM_NO_DEADLINE : pair->handshake_since;
}

bool tlstream__pair_is_write_closed(const tlstream_pair *pair) {
  return tlstream__pair_failed(pair) || tlstream__pair_output_broken(pair);
}

bool tlstream__pair_is_writable(const tlstream_pair *pair) {
  return tlstream__pair_secure(pair) && !tlstream__pair_failed(pair) &&
         pair->writing < TLSTREAM__WRITING_END;
}

static size_t record_size(const tlstream_pair *pair) {
  size_t max = pair->context->max_send_fragment;
  return pair->small_left > 0 && max > SMALL_RECORD ? SMALL_RECORD : max;
}

/* Tickets for resumption leave with the first bytes of data, never alone into a
 * socket that the client may have closed already. */
static void request_tickets(tlstream_pair *pair) {
  if (pair->tickets_due == 0) return;
  tlstream__ossl_clear();
  for (; pair->tickets_due > 0; pair->tickets_due--)
    SSL_new_session_ticket(pair->ssl); /* no ticket is no fault */
}

/* Encrypt one record; returns how much went into it. */
static size_t write_record(tlstream_pair *pair, const unsigned char *data,
                           size_t len) {
  size_t written = 0;
  request_tickets(pair);
  tlstream__ossl_clear();
  int result = SSL_write_ex(pair->ssl, data, len, &written);
  if (tlstream__ossl_outcome(pair->ssl, result) != TLSTREAM__DONE) {
    if (!tlstream__pair_failed(pair)) tlstream__pair_fail_ossl(pair);
    return 0;
  }
  pair->non_data_messages =
      0; /* a peer that receives for hours may update its keys, too */
  pair->bytes_written += written;
  pair->write_mark = pair->drained + tlstream_pair_pending(pair);
  pair->small_left -=
      written < pair->small_left ? (unsigned)written : pair->small_left;
  return written;
}

static int refuse_write(const tlstream_pair *pair) {
  if (tlstream__pair_failed(pair)) return pair->error->code;
  switch (pair->writing) {
    case TLSTREAM__WRITING_OPEN:
    case TLSTREAM__WRITING_CLOSING: return 0;
    case TLSTREAM__WRITING_END:
    case TLSTREAM__WRITING_ENDED: return TLSTREAM_ERR_WRITE_AFTER_END;
    default: return TLSTREAM_ERR_CLOSED;
  }
}

ptrdiff_t tlstream_pair_write(tlstream_pair *pair, const void *data,
                              size_t len) {
  const unsigned char *bytes = data;
  size_t done = 0;
  int refusal = refuse_write(pair);
  if (refusal != 0) return refusal;
  if (len > 0 && tlstream_pair_pending(pair) == 0) {
    pair->last_output = pair->now;
  }
  while (tlstream__pair_secure(pair) && !tlstream__pair_failed(pair) &&
         done < len && !output_is_full(pair) && !in_message(pair)) {
    size_t size = record_size(pair);
    if (size > len - done) size = len - done;
    done += write_record(pair, bytes + done, size);
  }
  if (done < len) pair->wants_drain = true;
  return tlstream__pair_failed(pair) ? pair->error->code : (ptrdiff_t)done;
}
