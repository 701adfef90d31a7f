/* SPDX-License-Identifier: MIT */
#include "uv/client/dial.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/options.h"
#include "base/text.h"
#include "core/x509/idn.h"
#include "uv/address.h"
#include "uv/client/order.h"
#include "uv/socket.h"
#include "uv/uv_error.h"

enum {
  CONNECT_MS = 10000,
  STAGGER_MS = 250,
  HOST_MAX = 253,
  PATH_MAX_LEN = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1,
  REASONS = 320
};

/* A connection attempt to one address. */
typedef struct attempt {
  uv_poll_t poll;
  tlstream_dialer *dialer;
  int fd; /* owned; -1 once closed or handed over */
  tlstream_address address;
  struct attempt *next;
} attempt;

/*
 * Lives until libuv has called the last callback: `pending` counts the look-up,
 * the attempts and the two timers.
 */
struct tlstream_dialer {
  tlstream__connector connector;
  tlstream_dialed_cb on_dialed; /* NULL once called, or not to be called */
  void *data;
  uv_loop_t *uv;
  tlstream__loop *loop; /* for what it does to SIGPIPE */
  uv_getaddrinfo_t lookup;
  uv_timer_t deadline;
  uv_timer_t stagger;
  struct addrinfo *addresses; /* owned */
  struct addrinfo only;       /* instead, where nothing is to be looked up */
  union {
    struct sockaddr base;
    struct sockaddr_un path;
    struct sockaddr_in6 zoned;
  } only_address;
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
  char target[2 * HOST_MAX + 24];
  char reasons[REASONS]; /* "[::1]:443: connection refused; ..." */
};

static void release(tlstream_dialer *dialer) {
  while (dialer->attempts != NULL) {
    attempt *first = dialer->attempts;
    dialer->attempts = first->next;
    tlstream__free(first);
  }
  uv_freeaddrinfo(dialer->addresses);
  tlstream__free(dialer->order);
  tlstream__loop_leave(dialer->loop);
  tlstream__free(dialer);
}

static void pending_done(tlstream_dialer *dialer) {
  if (--dialer->pending == 0) release(dialer);
}

static void on_attempt_closed(uv_handle_t *poll) {
  const attempt *closed = poll->data;
  pending_done(closed->dialer);
}

static void end_attempt(attempt *ended) {
  uv_handle_t *poll = (uv_handle_t *)&ended->poll;
  if (uv_is_closing(poll)) return;
  uv_close(poll, on_attempt_closed);
  if (ended->fd >= 0) close(ended->fd);
  ended->fd = -1;
}

static void call(tlstream_dialer *dialer, int fd, const tlstream_address *peer,
                 const tlstream_error *error) {
  tlstream_dialed_cb on_dialed = dialer->on_dialed;
  dialer->on_dialed = NULL;
  on_dialed(fd, peer, error, dialer->data);
}

/* If nothing has been reported by now, it was canceled. */
static void on_deadline_closed(uv_handle_t *timer) {
  tlstream_dialer *dialer = timer->data;
  tlstream_error error;
  if (dialer->on_dialed != NULL) {
    tlstream__error_set(&error, TLSTREAM_ERR_CANCELED,
                        "connecting to %s was canceled", dialer->target);
    call(dialer, -1, NULL, &error);
  }
  pending_done(dialer);
}

static void on_stagger_closed(uv_handle_t *timer) {
  pending_done(timer->data);
}

/* Close all handles; pending_done() frees the memory after the last callback.
 */
static void stop(tlstream_dialer *dialer) {
  if (dialer->done) return;
  dialer->done = true;
  uv_cancel((uv_req_t *)&dialer->lookup);
  uv_close((uv_handle_t *)&dialer->deadline, on_deadline_closed);
  uv_close((uv_handle_t *)&dialer->stagger, on_stagger_closed);
  for (attempt *each = dialer->attempts; each != NULL; each = each->next)
    end_attempt(each);
}

void tlstream_dialer_cancel(tlstream_dialer *dialer) {
  stop(dialer);
}

/* The stream does not wait for what is cancelled: a resolver can take a minute
 * to come back. */
static void cancel(tlstream__connector *connector) {
  tlstream_dialer *dialer = (tlstream_dialer *)(void *)connector;
  dialer->on_dialed = NULL;
  stop(dialer);
}

tlstream__connector *tlstream__dialer_connector(tlstream_dialer *dialer) {
  return &dialer->connector;
}

static void fail(tlstream_dialer *dialer, const tlstream_error *error) {
  stop(dialer);
  call(dialer, -1, NULL, error);
}

/* After stop() nothing watches the socket any more, so that it can be used on
 * the same loop. */
static void succeed(tlstream_dialer *dialer, attempt *winner) {
  int fd = winner->fd;
  winner->fd = -1; /* now the callee's */
  stop(dialer);
  call(dialer, fd, &winner->address, NULL);
}

static void note_reason(tlstream_dialer *dialer,
                        const tlstream_address *address, int status) {
  char where[TLSTREAM__ADDRESS_TEXT];
  char words[96];
  size_t used = strlen(dialer->reasons);
  uv_strerror_r(status, words, sizeof(words));
  tlstream__address_print(address, where, sizeof(where));
  snprintf(dialer->reasons + used, REASONS - used, "%s%s: %s",
           used > 0 ? "; " : "", where, words);
  if (dialer->first_status == 0) dialer->first_status = status;
  if (dialer->first_status != status) dialer->same_status = false;
}

static void fail_with_reasons(tlstream_dialer *dialer) {
  tlstream_error error;
  char what[2 * HOST_MAX + REASONS + 64];
  char name[48] = "ERR_TLSTREAM_CONNECT";
  if (dialer->same_status) {
    uv_err_name_r(dialer->first_status, name, sizeof(name));
  }
  snprintf(what, sizeof(what), "cannot connect to %s: %s", dialer->target,
           dialer->reasons);
  tlstream__error_system(&error, TLSTREAM_ERR_CONNECT, dialer->first_status,
                         name, "%s", what);
  fail(dialer, &error);
}

static void try_next(tlstream_dialer *dialer);

/* What libuv passes of a socket that has failed is not the reason. */
static void on_writable(uv_poll_t *poll, int poll_status, int events) {
  attempt *tried = poll->data;
  tlstream_dialer *dialer = tried->dialer;
  int status = tlstream__socket_outcome(tried->fd);
  (void)events;
  if (status == 0) status = poll_status;
  dialer->trying--;
  if (status == 0) {
    succeed(dialer, tried);
  } else {
    note_reason(dialer, &tried->address, status);
    end_attempt(tried);
    try_next(dialer);
  }
}

static attempt *new_attempt(tlstream_dialer *dialer, int fd,
                            const tlstream_address *address, int *status) {
  attempt *made = tlstream__calloc(sizeof(*made));
  *status =
      made != NULL ? uv_poll_init(dialer->uv, &made->poll, fd) : UV_ENOMEM;
  if (*status != 0) {
    tlstream__free(made);
    return NULL;
  }
  made->poll.data = made;
  made->dialer = dialer;
  made->fd = fd;
  made->address = *address;
  made->next = dialer->attempts;
  dialer->attempts = made;
  dialer->pending++;
  return made;
}

/* Returns 0 or why it failed at once. */
static int try_address(tlstream_dialer *dialer, const struct addrinfo *to,
                       const tlstream_address *shown) {
  int status = 0;
  bool connected = false;
  int fd = tlstream__socket_connect(to->ai_addr, to->ai_addrlen, &connected);
  if (fd < 0) return fd;
  attempt *made = new_attempt(dialer, fd, shown, &status);
  if (made == NULL) {
    close(fd);
  } else if (connected) {
    succeed(dialer, made);
  } else {
    dialer->trying++;
    uv_poll_start(&made->poll, UV_WRITABLE, on_writable);
  }
  return status;
}

static void on_stagger(uv_timer_t *timer) {
  try_next(timer->data);
}

/* Start the next attempt: a quarter of a second after the previous one, or when
 * one has failed. */
static void try_next(tlstream_dialer *dialer) {
  while (dialer->next < dialer->count) {
    tlstream_address shown;
    const struct addrinfo *to = dialer->order[dialer->next++];
    tlstream__address_from(to->ai_addr, &shown);
    int status = try_address(dialer, to, &shown);
    if (dialer->done) return;
    if (status != 0) {
      note_reason(dialer, &shown, status);
      continue;
    }
    if (dialer->next < dialer->count) {
      uv_timer_start(&dialer->stagger, on_stagger, STAGGER_MS, 0);
    }
    return;
  }
  if (dialer->trying == 0) fail_with_reasons(dialer);
}

static void fail_lookup(tlstream_dialer *dialer, int status) {
  tlstream_error error;
  char what[2 * HOST_MAX + 64];
  snprintf(what, sizeof(what), "cannot find the address of %s", dialer->target);
  tlstream__uv_error(&error, TLSTREAM_ERR_CONNECT, status, what);
  fail(dialer, &error);
}

static void on_lookup(uv_getaddrinfo_t *request, int status,
                      struct addrinfo *addresses) {
  tlstream_dialer *dialer = request->data;
  dialer->addresses = addresses;
  if (!dialer->done) {
    if (status == 0) dialer->order = tlstream__order(addresses, &dialer->count);
    if (status == 0 && dialer->order == NULL) status = UV_ENOMEM;
    if (status != 0) {
      fail_lookup(dialer, status);
    } else {
      try_next(dialer);
    }
  }
  pending_done(dialer);
}

static void on_deadline(uv_timer_t *timer) {
  tlstream_dialer *dialer = timer->data;
  tlstream_error error;
  tlstream__error_set(&error, TLSTREAM_ERR_CONNECT_TIMEOUT,
                      "no connection to %s after %u ms%s%s", dialer->target,
                      dialer->timeout_ms,
                      dialer->reasons[0] != '\0' ? ": " : "", dialer->reasons);
  fail(dialer, &error);
}

static tlstream_dialer *new_dialer(uv_loop_t *uv, unsigned timeout_ms) {
  tlstream_dialer *dialer = tlstream__calloc(sizeof(*dialer));
  if (dialer != NULL) dialer->loop = tlstream__loop_enter(uv);
  if (dialer == NULL || dialer->loop == NULL) {
    tlstream__free(dialer);
    return NULL;
  }
  dialer->connector.cancel = cancel;
  dialer->uv = uv;
  dialer->same_status = true;
  dialer->timeout_ms = timeout_ms != 0 ? timeout_ms : CONNECT_MS;
  dialer->lookup.data = dialer;
  uv_timer_init(uv, &dialer->deadline);
  uv_timer_init(uv, &dialer->stagger);
  dialer->deadline.data = dialer->stagger.data = dialer;
  dialer->pending = 2; /* the timers */
  /* uv_now() is the time of the loop's last turn, which may be long ago. */
  uv_update_time(uv);
  if (timeout_ms != TLSTREAM_NO_TIMEOUT) {
    uv_timer_start(&dialer->deadline, on_deadline, dialer->timeout_ms, 0);
  }
  return dialer;
}

/* Both forms of a name that is not ASCII. */
static void name_target(tlstream_dialer *dialer, const char *host,
                        const char *name, int port) {
  char shown[HOST_MAX + 1];
  char unicode[HOST_MAX + 1];
  tlstream_escape(shown, sizeof(shown), name, strlen(name));
  if (name == host ||
      !tlstream__idn_to_unicode(name, unicode, sizeof(unicode))) {
    snprintf(dialer->target, sizeof(dialer->target), "%s port %d", shown, port);
  } else {
    snprintf(dialer->target, sizeof(dialer->target), "%s (%s) port %d", unicode,
             shown, port);
  }
}

static int look_up(tlstream_dialer *dialer, const char *name, int port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
  char service[16];
  snprintf(service, sizeof(service), "%d", port);
  int status = uv_getaddrinfo(dialer->uv, &dialer->lookup, on_lookup, name,
                              service, &hints);
  if (status == 0) dialer->pending++;
  return status;
}

/* The attempt is made from the loop. */
static int begin_only(tlstream_dialer *dialer, size_t len) {
  dialer->only.ai_addr = &dialer->only_address.base;
  dialer->only.ai_addrlen = (socklen_t)len;
  dialer->order = tlstream__order(&dialer->only, &dialer->count);
  if (dialer->order == NULL) return UV_ENOMEM;
  uv_timer_start(&dialer->stagger, on_stagger, 0, 0);
  return 0;
}

static int begin_host(tlstream_dialer *dialer, const char *host, int port) {
  char ascii[HOST_MAX + 1];
  const char *name = tlstream__idn_prefer_ascii(host, ascii, sizeof(ascii));
  name_target(dialer, host, name, port);
  if (tlstream__address_with_zone(name, port, &dialer->only_address.zoned)) {
    return begin_only(dialer, sizeof(dialer->only_address.zoned));
  }
  return look_up(dialer, name, port);
}

static int begin_path(tlstream_dialer *dialer, const char *path) {
  size_t len = strlen(path);
  tlstream_escape(dialer->target, sizeof(dialer->target), path, len);
  dialer->only_address.path.sun_family = AF_UNIX;
  memcpy(dialer->only_address.path.sun_path, path, len);
  return begin_only(dialer, sizeof(dialer->only_address.path));
}

static int check(const tlstream_dial_options *options, tlstream_error *error) {
  if (options->path != NULL) {
    size_t len = strlen(options->path);
    if (len > 0 && len <= PATH_MAX_LEN) return 0;
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "the path of a Unix socket has 1 to %d bytes",
                               (int)PATH_MAX_LEN);
  }
  /* libuv truncates longer names (CVE-2024-24806). */
  char ascii[HOST_MAX + 1];
  const char *name =
      tlstream__idn_prefer_ascii(options->host, ascii, sizeof(ascii));
  if (strlen(name) <= HOST_MAX && options->port > 0 && options->port <= 65535) {
    return 0;
  }
  return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                             "host is a name of up to %d bytes and port a "
                             "number from 1 to 65535",
                             HOST_MAX);
}

tlstream_dialer *tlstream_dial(uv_loop_t *loop,
                               const tlstream_dial_options *options,
                               tlstream_dialed_cb on_dialed, void *data,
                               tlstream_error *error) {
  tlstream_dial_options known = {0};
  tlstream__error_clear(error);
  if (tlstream__options_copy(&known, sizeof(known), options, "dial", error) !=
      0) {
    return NULL;
  }
  if (known.host == NULL) known.host = "localhost";
  if (check(&known, error) != 0) return NULL;
  tlstream_dialer *dialer = new_dialer(loop, known.connect_ms);
  if (dialer == NULL) {
    tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    return NULL;
  }
  int status = known.path != NULL ? begin_path(dialer, known.path)
                                  : begin_host(dialer, known.host, known.port);
  if (status != 0) {
    stop(dialer); /* it did not begin: `on_dialed` is not set */
    tlstream__uv_error(error, TLSTREAM_ERR_CONNECT, status,
                       "cannot begin to connect");
    return NULL;
  }
  dialer->on_dialed = on_dialed;
  dialer->data = data;
  return dialer;
}
