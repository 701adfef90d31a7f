/* SPDX-License-Identifier: MIT */
/* A step of the handshake apart from its pair: taken, run and given back. */
#include <assert.h>
#include <string.h>

#include <openssl/ssl.h>

#include <tlstream/pair_work.h>

#include "base/alloc.h"
#include "core/pair/pair.h"
#include "core/pair/state.h"

struct tlstream_work {
  /* What the step may touch. Of what it only reads, as the name that a client
   * asked for, the owner has the addresses too. */
  tlstream_pair pair;
  tlstream__outcome outcome;
  bool has_run;
};

/* OpenSSL's callbacks find this pair from now on. */
static void attach(tlstream_pair *pair) {
  pair->app_data.pair = pair;
  pair->app_data.check = &pair->check;
  SSL_set_app_data(pair->ssl, &pair->app_data);
  SSL_set_msg_callback_arg(pair->ssl, pair);
  tlstream__bio_set_link(SSL_get_rbio(pair->ssl), &pair->link);
}

/* What is queued to leave stays with the owner, as do the clock and the
 * transport. */
static void move_out(tlstream_pair *pair, tlstream_pair *out) {
  *out = *pair;
  out->context = tlstream_context_ref(pair->context);
  out->link.out = (tlstream__buf){0};
  out->cause = NULL;
  out->events = 0;
  attach(out);
  pair->link.in = pair->link.taken = (tlstream__buf){0};
  pair->check = (tlstream__check){.ask = pair->check.ask};
  pair->ssl = NULL;
  if (!pair->is_server) {
    pair->servername =
        (char *)SSL_get_servername(out->ssl, TLSEXT_NAMETYPE_host_name);
  }
  pair->work = TLSTREAM__WORK_TAKEN;
}

tlstream_work *tlstream_pair_take_work(tlstream_pair *pair) {
  if (pair->work != TLSTREAM__WORK_DUE || tlstream__pair_failed(pair) ||
      pair->reading >= TLSTREAM__READING_ENDED) {
    return NULL;
  }
  tlstream_work *work = tlstream__calloc(sizeof(*work));
  tlstream__pair_settle_input(pair);
  if (work != NULL && !tlstream__pair_failed(pair)) {
    move_out(pair, &work->pair);
    return work;
  }
  tlstream__free(work);
  tlstream__pair_fail_with(pair, TLSTREAM_ERR_NO_MEMORY, "out of memory");
  return NULL;
}

/* As far as the input allows. */
void tlstream_work_run(tlstream_work *work) {
  const tlstream__buf *in = &work->pair.link.in;
  size_t before = 0;
  assert(!work->has_run);
  do {
    before = tlstream__buf_len(in);
    work->outcome = tlstream__step_run(&work->pair);
  } while (work->outcome == TLSTREAM__AGAIN && tlstream__buf_len(in) != before);
  work->has_run = true;
}

/* What happened to the owner meanwhile. */
static void keep_own(tlstream_pair *pair, const tlstream_pair *own) {
  pair->error = own->error;
  pair->cause = own->cause;
  pair->now = own->now;
  pair->last_input = own->last_input;
  pair->last_output = own->last_output;
  pair->idle_since = own->idle_since;
  pair->timeouts = own->timeouts;
  pair->left_at = own->left_at;
  pair->failed_at = own->failed_at;
  pair->handshake_deadline = own->handshake_deadline;
  pair->read_on_deadline = own->read_on_deadline;
  pair->drained = own->drained;
  pair->data_mark = own->data_mark;
  pair->flight_mark = own->flight_mark;
  pair->unsent = own->unsent;
  pair->owner_waits = own->owner_waits;
  memcpy(pair->first, own->first, sizeof(pair->first));
  pair->first_len = own->first_len;
  pair->writing = own->writing;
  pair->reading = own->reading;
  pair->input = own->input;
  pair->failing = own->failing;
  pair->wants_drain = own->wants_drain;
  pair->in_flight = own->in_flight;
  pair->held = own->held;
  pair->check.ask = own->check.ask;
  pair->events |= own->events;
}

/* What came in behind what the step has not used, and what it made behind what
 * has yet to leave. */
static bool join(tlstream__link *link, tlstream__link *own, bool over) {
  tlstream__buf made = link->out;
  link->out = own->out;
  bool joined =
      tlstream__buf_append(&link->in, tlstream__buf_data(&own->in),
                           tlstream__buf_len(&own->in)) &&
      (over || tlstream__buf_append(&link->out, tlstream__buf_data(&made),
                                    tlstream__buf_len(&made)));
  tlstream__buf_clear(&own->in);
  tlstream__buf_clear(&made);
  return joined;
}

static bool is_over(const tlstream_pair *pair) {
  return tlstream__pair_failed(pair) ||
         pair->reading >= TLSTREAM__READING_ENDED;
}

/* Returns why the step failed, or NULL; the caller's. */
static tlstream_error *move_back(tlstream_pair *pair, tlstream_pair *back) {
  tlstream_pair own = *pair;
  tlstream_error *why = back->error;
  bool over = is_over(pair);
  if (over) back->events = 0;
  tlstream_context_unref(back->context);
  *pair = *back;
  keep_own(pair, &own);
  attach(pair);
  pair->work = TLSTREAM__WORK_NONE;
  if (!join(&pair->link, &own.link, over)) {
    tlstream__pair_fail_with(pair, TLSTREAM_ERR_NO_MEMORY, "out of memory");
  }
  return why;
}

int tlstream_pair_finish_work(tlstream_pair *pair, tlstream_work *work) {
  assert(pair->work == TLSTREAM__WORK_TAKEN);
  tlstream__outcome outcome =
      work->has_run ? work->outcome : TLSTREAM__SUSPENDED;
  tlstream_error *why = move_back(pair, &work->pair);
  tlstream__free(work);
  pair->handshake_since = pair->now;
  if (!is_over(pair) && why != NULL) tlstream__pair_fail(pair, why);
  tlstream__pair_forget_error(why);
  if (!is_over(pair) && outcome == TLSTREAM__DONE) {
    tlstream__pair_become_secure(pair);
  }
  if (!is_over(pair)) {
    tlstream__pair_advance(pair);
    tlstream__pair_look(pair);
  }
  return tlstream__pair_code(pair);
}

void tlstream_work_free(tlstream_work *work) {
  if (work == NULL) return;
  tlstream__pair_clear(&work->pair);
  tlstream__free(work);
}
