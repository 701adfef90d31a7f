/* SPDX-License-Identifier: MIT */
#include "uv/client/dial.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "uv/address.h"
#include "uv/client/order.h"
#include "uv/transport/handle.h"
#include "uv/uv_error.h"

enum { STAGGER_MS = 250, HOST_MAX = 253, REASONS = 320 };

typedef struct tlstream__dial tlstream__dial;

/* A connection attempt to one address. */
typedef struct attempt {
  uv_connect_t request;
  tlstream__dial *dial;
  tlstream__handle *handle; /* NULL once closed or handed over */
  tlstream_address address;
  struct attempt *next;
} attempt;

/*
 * Lives until libuv has called the last callback: `pending` counts the look-up,
 * the attempts and the two timers.
 */
struct tlstream__dial {
  tlstream__connector base;
  tlstream *stream; /* NULL once it has its transport, or failed */
  uv_loop_t *uv;
  uv_getaddrinfo_t lookup;
  uv_timer_t deadline;
  uv_timer_t stagger;
  struct addrinfo *addresses;    /* owned */
  const struct addrinfo **order; /* owned: in the order in which to try */
  size_t count;
  size_t next;
  size_t trying;
  size_t pending;
  attempt *attempts; /* owned */
  int first_status;  /* of the first attempt that failed */
  bool same_status;
  bool done; /* no more attempts are made */
  unsigned timeout_ms;
  char target[HOST_MAX + 16];
  char reasons[REASONS]; /* "[::1]:443: connection refused; ..." */
};

static void release(tlstream__dial *dial) {
  while (dial->attempts != NULL) {
    attempt *first = dial->attempts;
    dial->attempts = first->next;
    tlstream__free(first);
  }
  uv_freeaddrinfo(dial->addresses);
  tlstream__free(dial->order);
  tlstream__free(dial);
}

static void pending_done(tlstream__dial *dial) {
  if (--dial->pending == 0) release(dial);
}

static void on_timer_closed(uv_handle_t *timer) {
  pending_done(timer->data);
}

/* Close all handles; pending_done() frees the memory after the last callback.
 */
static void stop(tlstream__dial *dial) {
  if (dial->done) return;
  dial->done = true;
  uv_cancel((uv_req_t *)&dial->lookup);
  uv_close((uv_handle_t *)&dial->deadline, on_timer_closed);
  uv_close((uv_handle_t *)&dial->stagger, on_timer_closed);
  for (attempt *each = dial->attempts; each != NULL; each = each->next) {
    if (each->handle != NULL) tlstream__handle_discard(each->handle);
    each->handle = NULL;
  }
}

/* The stream does not wait for what is cancelled: a resolver can take a minute
 * to come back. */
static void cancel(tlstream__connector *connector) {
  tlstream__dial *dial = (tlstream__dial *)(void *)connector;
  dial->stream->connector = NULL;
  dial->stream = NULL;
  stop(dial);
}

static void fail(tlstream__dial *dial, const tlstream_error *error) {
  tlstream *stream = dial->stream;
  stream->connector = NULL;
  dial->stream = NULL;
  stop(dial);
  tlstream__stream_fail(stream, error);
}

static void succeed(tlstream__dial *dial, attempt *winner) {
  tlstream *stream = dial->stream;
  tlstream__handle *handle = winner->handle;
  winner->handle = NULL; /* now the stream's */
  stream->connector = NULL;
  dial->stream = NULL;
  stop(dial);
  tlstream__handle_connected(handle, &winner->address);
  tlstream__stream_begin(stream, &handle->base);
}

static void note_reason(tlstream__dial *dial, const tlstream_address *address,
                        int status) {
  char where[TLSTREAM__ADDRESS_TEXT];
  char words[96];
  size_t used = strlen(dial->reasons);
  uv_strerror_r(status, words, sizeof(words));
  tlstream__address_print(address, where, sizeof(where));
  snprintf(dial->reasons + used, REASONS - used, "%s%s: %s",
           used > 0 ? "; " : "", where, words);
  if (dial->first_status == 0) dial->first_status = status;
  if (dial->first_status != status) dial->same_status = false;
}

static void fail_with_reasons(tlstream__dial *dial) {
  tlstream_error error;
  char what[HOST_MAX + REASONS + 48];
  char name[48] = "ERR_TLSTREAM_CONNECT";
  if (dial->same_status) {
    uv_err_name_r(dial->first_status, name, sizeof(name));
  }
  snprintf(what, sizeof(what), "cannot connect to %s: %s", dial->target,
           dial->reasons);
  tlstream__error_system(&error, TLSTREAM_ERR_CONNECT, dial->first_status, name,
                         "%s", what);
  fail(dial, &error);
}

static void try_next(tlstream__dial *dial);

static void on_connect(uv_connect_t *request, int status) {
  attempt *tried = request->data;
  tlstream__dial *dial = tried->dial;
  if (dial->done) {
    pending_done(dial);
    return;
  }
  dial->trying--;
  if (status == 0) {
    succeed(dial, tried);
  } else {
    note_reason(dial, &tried->address, status);
    tlstream__handle_discard(tried->handle);
    tried->handle = NULL;
    try_next(dial);
  }
  pending_done(dial);
}

static attempt *new_attempt(tlstream__dial *dial, bool is_tcp) {
  attempt *made = tlstream__calloc(sizeof(*made));
  tlstream__handle *handle =
      made != NULL ? tlstream__handle_new(dial->uv, is_tcp) : NULL;
  if (handle == NULL) {
    tlstream__free(made);
    return NULL;
  }
  made->dial = dial;
  made->handle = handle;
  made->request.data = made;
  made->next = dial->attempts;
  dial->attempts = made;
  return made;
}

/* False if it failed at once; the reason is noted. */
static bool try_address(tlstream__dial *dial, const struct sockaddr *address) {
  tlstream_address shown;
  int status = UV_ENOMEM;
  tlstream__address_from(address, &shown);
  attempt *made = new_attempt(dial, /* is_tcp = */ true);
  if (made != NULL) {
    made->address = shown;
    status = uv_tcp_connect(&made->request, (uv_tcp_t *)made->handle->uv,
                            address, on_connect);
  }
  if (status == 0) {
    dial->trying++;
    dial->pending++;
    return true;
  }
  if (made != NULL) tlstream__handle_discard(made->handle);
  if (made != NULL) made->handle = NULL;
  note_reason(dial, &shown, status);
  return false;
}

static void on_stagger(uv_timer_t *timer) {
  try_next(timer->data);
}

/* Start the next attempt: a quarter of a second after the previous one, or when
 * one has failed. */
static void try_next(tlstream__dial *dial) {
  while (dial->next < dial->count) {
    const struct addrinfo *address = dial->order[dial->next++];
    if (!try_address(dial, address->ai_addr)) continue;
    if (dial->next < dial->count) {
      uv_timer_start(&dial->stagger, on_stagger, STAGGER_MS, 0);
    }
    return;
  }
  if (dial->trying == 0) fail_with_reasons(dial);
}

static void fail_lookup(tlstream__dial *dial, int status) {
  tlstream_error error;
  char what[HOST_MAX + 48];
  snprintf(what, sizeof(what), "cannot find the address of %s", dial->target);
  tlstream__uv_error(&error, TLSTREAM_ERR_CONNECT, status, what);
  fail(dial, &error);
}

static void on_lookup(uv_getaddrinfo_t *request, int status,
                      struct addrinfo *addresses) {
  tlstream__dial *dial = request->data;
  dial->addresses = addresses;
  if (!dial->done) {
    if (status == 0) dial->order = tlstream__order(addresses, &dial->count);
    if (status == 0 && dial->order == NULL) status = UV_ENOMEM;
    if (status != 0) {
      fail_lookup(dial, status);
    } else {
      try_next(dial);
    }
  }
  pending_done(dial);
}

static void on_deadline(uv_timer_t *timer) {
  tlstream__dial *dial = timer->data;
  tlstream_error error;
  tlstream__error_set(&error, TLSTREAM_ERR_CONNECT_TIMEOUT,
                      "no connection to %s after %u ms%s%s", dial->target,
                      dial->timeout_ms, dial->reasons[0] != '\0' ? ": " : "",
                      dial->reasons);
  fail(dial, &error);
}

static tlstream__dial *new_dial(tlstream *stream, unsigned timeout_ms,
                                tlstream_error *error) {
  tlstream__dial *dial = tlstream__calloc(sizeof(*dial));
  if (dial == NULL) {
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    return NULL;
  }
  dial->base.cancel = cancel;
  dial->stream = stream;
  dial->uv = stream->loop->uv;
  dial->same_status = true;
  dial->timeout_ms = timeout_ms;
  dial->lookup.data = dial;
  uv_timer_init(dial->uv, &dial->deadline);
  uv_timer_init(dial->uv, &dial->stagger);
  dial->deadline.data = dial->stagger.data = dial;
  dial->pending = 2; /* the timers */
  /* uv_now() is the time of the loop's last turn, which may be long ago. */
  uv_update_time(dial->uv);
  uv_timer_start(&dial->deadline, on_deadline, timeout_ms, 0);
  return dial;
}

/* It did not begin: the stream is not called. */
static int abandon(tlstream__dial *dial, int status, tlstream_error *error) {
  dial->stream = NULL;
  stop(dial);
  return tlstream__uv_error(error, TLSTREAM_ERR_CONNECT, status,
                            "cannot begin to connect");
}

int tlstream__dial_tcp(tlstream *stream, const char *host, int port,
                       unsigned timeout_ms, tlstream_error *error) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
  char service[16];
  char shown[HOST_MAX + 1];
  /* libuv truncates longer names (CVE-2024-24806). */
  if (strlen(host) > HOST_MAX || port <= 0 || port > 65535) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "host is a name of up to %d bytes and port a "
                               "number from 1 to 65535",
                               HOST_MAX);
  }
  tlstream__dial *dial = new_dial(stream, timeout_ms, error);
  if (dial == NULL) return TLSTREAM_ERR_NO_MEMORY;
  tlstream_escape(shown, sizeof(shown), host, strlen(host));
  snprintf(dial->target, sizeof(dial->target), "%s port %d", shown, port);
  snprintf(service, sizeof(service), "%d", port);
  int status =
      uv_getaddrinfo(dial->uv, &dial->lookup, on_lookup, host, service, &hints);
  if (status != 0) return abandon(dial, status, error);
  dial->pending++;
  stream->connector = &dial->base;
  return 0;
}

static int refuse_path(tlstream_error *error) {
  return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                             "the path of a Unix socket has 1 to %zu bytes",
                             sizeof(((struct sockaddr_un *)NULL)->sun_path) -
                                 1);
}

int tlstream__dial_pipe(tlstream *stream, const char *path, unsigned timeout_ms,
                        tlstream_error *error) {
  size_t len = strlen(path);
  if (len == 0 || len >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
    return refuse_path(error);
  }
  tlstream__dial *dial = new_dial(stream, timeout_ms, error);
  if (dial == NULL) return TLSTREAM_ERR_NO_MEMORY;
  tlstream_escape(dial->target, sizeof(dial->target), path, len);
  attempt *made = new_attempt(dial, /* is_tcp = */ false);
  if (made == NULL) return abandon(dial, UV_ENOMEM, error);
  snprintf(made->address.host, sizeof(made->address.host), "%s", path);
  uv_pipe_connect(&made->request, (uv_pipe_t *)made->handle->uv, path,
                  on_connect);
  dial->trying++;
  dial->pending++;
  stream->connector = &dial->base;
  return 0;
}
