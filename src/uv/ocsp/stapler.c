/* SPDX-License-Identifier: MIT */
/*
 * When to ask and when to read: one timer that looks at everything, at least
 * once an hour, because the clock that staples go by may be set.
 */
#include <tlstream/stapler.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/options.h"
#include "core/context/staples.h"
#include "uv/ocsp/exchange.h"

enum {
  TIMEOUT_MS = 15 * 1000,
  RETRY_MS = 60 * 1000,
  FILE_MS = 60 * 1000,
  HOUR_MS = 60 * 60 * 1000,
  TITLE = 96
};

/* A certificate of the context. */
typedef struct subject {
  tlstream_stapler *stapler;
  size_t index;
  bool has_url;
  tlstream__url url;
  tlstream__exchange *exchange; /* under way; NULL: none */
  uint64_t not_before;          /* the loop's time */
  unsigned wait_ms;             /* after the next failure */
} subject;

struct tlstream_stapler {
  tlstream_stapler_options options; /* without `url` */
  tlstream_context *context;        /* a reference */
  uv_timer_t timer;
  uv_work_t work; /* reading files */
  bool working;
  bool timer_open;
  bool stopped;
  uint64_t files_at; /* when to look at them again */
  int work_code;     /* of tlstream_context_reload_staples() */
  tlstream_error work_error;
  tlstream_error file_error; /* the last that was reported */
  size_t count;
  subject subjects[];
};

static void release(tlstream_stapler *stapler) {
  if (!stapler->stopped || stapler->working || stapler->timer_open) return;
  tlstream_context_unref(stapler->context);
  tlstream__free(stapler);
}

static uint64_t now_ms(const tlstream_stapler *stapler) {
  return uv_now(stapler->timer.loop);
}

static void report(tlstream_stapler *stapler, const char *certificate,
                   const tlstream_error *error) {
  const tlstream_stapler_options *options = &stapler->options;
  if (stapler->stopped || options->on_stapled == NULL) return;
  options->on_stapled(stapler, certificate, error, options->data);
}

static void schedule(tlstream_stapler *stapler);

static unsigned twice(unsigned ms) {
  return ms < HOUR_MS / 2 ? 2 * ms : HOUR_MS;
}

/* Also what has led to a staple is not asked at once again, if that one is
 * almost over. */
static void settle(subject *of, const tlstream_error *error) {
  char title[TITLE];
  tlstream_stapler *stapler = of->stapler;
  of->exchange = NULL;
  if (error == NULL) of->wait_ms = stapler->options.retry_ms;
  of->not_before = now_ms(stapler) + of->wait_ms;
  if (error != NULL) of->wait_ms = twice(of->wait_ms);
  schedule(stapler);
  tlstream__staples_title(stapler->context, of->index, title, sizeof(title));
  report(stapler, title, error);
}

static void on_answer(const void *body, size_t len, const tlstream_error *error,
                      void *data) {
  subject *of = data;
  tlstream_error refusal;
  if (error == NULL && tlstream_context_set_staple(of->stapler->context, body,
                                                   len, &refusal) != 0) {
    error = &refusal;
  }
  settle(of, error);
}

static tlstream__exchange *begin(subject *of, tlstream_error *error) {
  size_t len = 0;
  tlstream_stapler *stapler = of->stapler;
  unsigned char *request =
      tlstream__staples_request(stapler->context, of->index, &len);
  if (request == NULL) {
    tlstream__error_set(error, TLSTREAM_ERR_OCSP_RESPONSE,
                        "a responder is asked by the certificate's issuer: put "
                        "it into the chain behind the certificate");
    return NULL;
  }
  return tlstream__exchange_start(stapler->timer.loop, &of->url, request, len,
                                  stapler->options.timeout_ms, on_answer, of,
                                  error);
}

/* The loop's time for what is due at `due`, seconds since 1970. */
static uint64_t time_of(const tlstream_stapler *stapler, long long due) {
  long long seconds = due - tlstream__staples_now(stapler->context);
  if (seconds <= 0) return now_ms(stapler);
  if (seconds > HOUR_MS / 1000) seconds = HOUR_MS / 1000;
  return now_ms(stapler) + (uint64_t)seconds * 1000;
}

/* When to ask for it next. */
static uint64_t next_of(const subject *of) {
  uint64_t due = time_of(
      of->stapler, tlstream__staples_due(of->stapler->context, of->index));
  return due > of->not_before ? due : of->not_before;
}

static bool is_due(const subject *of) {
  return of->has_url && of->exchange == NULL &&
         next_of(of) <= now_ms(of->stapler);
}

static void ask(subject *of) {
  tlstream_error error;
  of->exchange = begin(of, &error);
  if (of->exchange == NULL) settle(of, &error);
}

static void read_files(uv_work_t *work) {
  tlstream_stapler *stapler = work->data;
  stapler->work_code =
      tlstream_context_reload_staples(stapler->context, &stapler->work_error);
}

static bool is_news(const tlstream_stapler *stapler) {
  return strcmp(stapler->work_error.message, stapler->file_error.message) != 0;
}

static void on_files_read(uv_work_t *work, int status) {
  tlstream_stapler *stapler = work->data;
  bool failed = stapler->work_code < 0;
  (void)status;
  stapler->working = false;
  if (stapler->stopped) {
    release(stapler);
    return;
  }
  bool news = failed ? is_news(stapler) : stapler->work_code > 0;
  stapler->file_error = stapler->work_error;
  schedule(stapler);
  if (news) report(stapler, NULL, failed ? &stapler->work_error : NULL);
}

static bool reads_files(const tlstream_stapler *stapler) {
  return tlstream__staples_has_files(stapler->context);
}

static void look_at_files(tlstream_stapler *stapler) {
  if (!reads_files(stapler) || stapler->working ||
      now_ms(stapler) < stapler->files_at) {
    return;
  }
  stapler->files_at = now_ms(stapler) + stapler->options.file_ms;
  stapler->work.data = stapler;
  stapler->working = uv_queue_work(stapler->timer.loop, &stapler->work,
                                   read_files, on_files_read) == 0;
}

static void on_timer(uv_timer_t *timer) {
  tlstream_stapler *stapler = timer->data;
  look_at_files(stapler);
  for (size_t i = 0; i < stapler->count && !stapler->stopped; i++) {
    if (is_due(&stapler->subjects[i])) ask(&stapler->subjects[i]);
  }
  schedule(stapler);
}

static uint64_t earlier(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

/* The next time that there is something to do. */
static void schedule(tlstream_stapler *stapler) {
  uint64_t now = now_ms(stapler);
  uint64_t next = now + HOUR_MS;
  if (stapler->stopped) return;
  if (reads_files(stapler) && !stapler->working) {
    next = earlier(next, stapler->files_at);
  }
  for (size_t i = 0; i < stapler->count; i++) {
    const subject *each = &stapler->subjects[i];
    if (each->has_url && each->exchange == NULL) {
      next = earlier(next, next_of(each));
    }
  }
  uv_timer_start(&stapler->timer, on_timer, next > now ? next - now : 0, 0);
}

static bool find_url(subject *of, const tlstream_stapler_options *options) {
  if (options->files_only) return false;
  if (options->url != NULL) return tlstream__url_parse(&of->url, options->url);
  char *url = tlstream__staples_url(options->context, of->index);
  bool found = url != NULL && tlstream__url_parse(&of->url, url);
  tlstream__free(url);
  return found;
}

static bool add_subjects(tlstream_stapler *stapler,
                         const tlstream_stapler_options *options) {
  bool any = false;
  for (size_t i = 0; i < stapler->count; i++) {
    subject *each = &stapler->subjects[i];
    *each = (subject){
        .stapler = stapler, .index = i, .wait_ms = stapler->options.retry_ms};
    each->has_url = find_url(each, options);
    any = any || each->has_url;
  }
  return any || tlstream__staples_has_files(options->context);
}

static unsigned or_default(unsigned given, unsigned otherwise) {
  return given != 0 ? given : otherwise;
}

static tlstream_stapler *make(const tlstream_stapler_options *options) {
  size_t count = tlstream__staples_count(options->context);
  tlstream_stapler *stapler =
      tlstream__calloc(sizeof(*stapler) + count * sizeof(subject));
  if (stapler == NULL) return NULL;
  stapler->count = count;
  stapler->options = *options;
  stapler->options.url = NULL;
  stapler->options.timeout_ms = or_default(options->timeout_ms, TIMEOUT_MS);
  stapler->options.retry_ms = or_default(options->retry_ms, RETRY_MS);
  stapler->options.file_ms = or_default(options->file_ms, FILE_MS);
  return stapler;
}

static int check(const tlstream_stapler_options *options,
                 tlstream_error *error) {
  tlstream__url url;
  if (options->context == NULL) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "a stapler needs a `context`");
  }
  if (options->url != NULL && !tlstream__url_parse(&url, options->url)) {
    return tlstream__error_set(
        error, TLSTREAM_ERR_INVALID_ARGUMENT,
        "url: not of the kind \"http://ocsp.example.org/path\" (a responder's "
        "answers are signed, and need no https)");
  }
  if (tlstream__staples_count(options->context) > 0) return 0;
  return tlstream__error_set(error, TLSTREAM_ERR_NO_CERTIFICATE,
                             "a stapler needs a context with a certificate");
}

static int refuse_idle(tlstream_error *error) {
  return tlstream__error_set(
      error, TLSTREAM_ERR_INVALID_ARGUMENT,
      "there is nothing to staple: no certificate of the context names a "
      "responder (give `url`, if it has one), and there is no "
      "`ocsp_response_file`");
}

static void begin_timer(tlstream_stapler *stapler, uv_loop_t *loop) {
  uv_timer_init(loop, &stapler->timer);
  stapler->timer.data = stapler;
  stapler->timer_open = true;
  stapler->files_at = uv_now(loop);
  uv_unref((uv_handle_t *)&stapler->timer);
  uv_timer_start(&stapler->timer, on_timer, 0, 0);
}

tlstream_stapler *
tlstream_stapler_start(uv_loop_t *loop, const tlstream_stapler_options *options,
                       tlstream_error *error) {
  tlstream_stapler_options known = {0};
  tlstream__error_clear(error);
  if (tlstream__options_copy(&known, sizeof(known), options, "stapler",
                             error) != 0 ||
      check(&known, error) != 0) {
    return NULL;
  }
  tlstream_stapler *stapler = make(&known);
  if (stapler == NULL) {
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  } else if (!add_subjects(stapler, &known)) {
    refuse_idle(error);
    tlstream__free(stapler);
    stapler = NULL;
  } else {
    stapler->context = tlstream_context_ref(known.context);
    begin_timer(stapler, loop);
  }
  return stapler;
}

static void on_timer_closed(uv_handle_t *handle) {
  tlstream_stapler *stapler = handle->data;
  stapler->timer_open = false;
  release(stapler);
}

void tlstream_stapler_stop(tlstream_stapler *stapler) {
  if (stapler == NULL || stapler->stopped) return;
  stapler->stopped = true;
  for (size_t i = 0; i < stapler->count; i++) {
    subject *each = &stapler->subjects[i];
    if (each->exchange != NULL) tlstream__exchange_cancel(each->exchange);
    each->exchange = NULL;
  }
  uv_close((uv_handle_t *)&stapler->timer, on_timer_closed);
}
