/* SPDX-License-Identifier: MIT */
#include "support/loop_guard.h"

#include "support/descriptors.h"
#include "support/test.h"

int open_descriptors(void) {
  return descriptors_now().count;
}

uv_loop_t *loop_guard_open(loop_guard *guard) {
  guard->descriptors = open_descriptors();
  CHECK_ERROR(uv_loop_init(&guard->loop), 0);
  return &guard->loop;
}

void loop_guard_run(loop_guard *guard) {
  CHECK_INT(uv_run(&guard->loop, UV_RUN_DEFAULT), 0);
}

static void complain_of(uv_handle_t *handle, void *unused) {
  (void)unused;
  test_fail(__FILE__, __LINE__, "a %s is left on the loop",
            uv_handle_type_name(handle->type));
  if (!uv_is_closing(handle)) uv_close(handle, NULL);
}

void loop_guard_close(loop_guard *guard) {
  CHECK(!uv_loop_alive(&guard->loop));
  uv_walk(&guard->loop, complain_of, NULL);
  uv_run(&guard->loop, UV_RUN_NOWAIT);
  CHECK_ERROR(uv_loop_close(&guard->loop), 0);
  CHECK_INT(open_descriptors(), guard->descriptors);
}

const char *callback_name(callback_kind kind) {
  static const char *const names[CALLBACK_KINDS] = {
      "on_secure", "on_data",   "on_drain",  "on_end",
      "on_error",  "on_close",  "on_hello",  "on_flushed",
      "on_psk",    "on_verify", "on_session"};
  return names[kind];
}

/* What must not have come before, as bits of 1 << callback_kind. */
static unsigned forbidden_before(callback_kind kind) {
  enum {
    SECURE = 1 << CAME_SECURE,
    DATA = 1 << CAME_DATA,
    DRAIN = 1 << CAME_DRAIN,
    END = 1 << CAME_END,
    ERROR = 1 << CAME_ERROR,
    CLOSE = 1 << CAME_CLOSE,
    HELLO = 1 << CAME_HELLO,
    PSK = 1 << CAME_PSK,
    VERIFY = 1 << CAME_VERIFY
  };
  switch (kind) {
    case CAME_SECURE: return SECURE | DATA | DRAIN | END | ERROR | CLOSE;
    case CAME_DATA: return END | ERROR | CLOSE;
    case CAME_DRAIN: return ERROR | CLOSE;
    case CAME_END: return END | ERROR | CLOSE;
    case CAME_ERROR: return ERROR | CLOSE;
    case CAME_HELLO: return HELLO | PSK | VERIFY | SECURE | ERROR | CLOSE;
    case CAME_PSK: return PSK | VERIFY | SECURE | ERROR | CLOSE;
    case CAME_VERIFY: return VERIFY | SECURE | ERROR | CLOSE;
    case CAME_FLUSHED:
    case CAME_SESSION: return ERROR | CLOSE;
    default: return CLOSE;
  }
}

static const char *named(const callback_order *order) {
  return order->name != NULL ? order->name : "the stream";
}

static bool complain(const callback_order *order, callback_kind kind,
                     const char *when) {
  test_fail(__FILE__, __LINE__, "%s: %s came %s", named(order),
            callback_name(kind), when);
  return false;
}

static bool comes_too_late(const callback_order *order, callback_kind kind) {
  unsigned forbidden = forbidden_before(kind);
  for (int each = 0; each < CALLBACK_KINDS; each++) {
    if ((forbidden & 1u << each) == 0 || order->count[each] == 0) continue;
    test_fail(__FILE__, __LINE__, "%s: %s came after %s", named(order),
              callback_name(kind), callback_name((callback_kind)each));
    return true;
  }
  return false;
}

bool callback_came(callback_order *order, callback_kind kind) {
  bool late = comes_too_late(order, kind);
  bool secure = order->count[CAME_SECURE] > 0;
  bool early = kind == CAME_DATA || kind == CAME_DRAIN || kind == CAME_END ||
               kind == CAME_FLUSHED || kind == CAME_SESSION;
  order->count[kind]++;
  if (late) return false;
  if (early && !secure) return complain(order, kind, "before on_secure");
  if (order->destroyed && kind != CAME_CLOSE) {
    return complain(order, kind, "after tlstream_destroy()");
  }
  if (order->paused && (kind == CAME_DATA || kind == CAME_END)) {
    return complain(order, kind, "while paused");
  }
  return true;
}

void callback_order_done(const callback_order *order) {
  if (order->count[CAME_CLOSE] == 1) return;
  test_fail(__FILE__, __LINE__, "%s: on_close came %u times", named(order),
            order->count[CAME_CLOSE]);
}
