/* SPDX-License-Identifier: MIT */
/* Streams that feed streams: data, back-pressure and the end are passed on; a
 * failure is never passed on as an end. */
#include "uv/stream/state.h"

int tlstream_pipe(tlstream *from, tlstream *to) {
  if (tlstream__stream_is_over(from) || tlstream__stream_is_over(to)) {
    return TLSTREAM_ERR_CLOSED;
  }
  if (tlstream__is_piped(from) || to->piped_from != NULL || to->joint != NULL ||
      from->inner != NULL || to->inner != NULL || from->loop != to->loop) {
    return TLSTREAM_ERR_WRONG_STATE;
  }
  if (from->emitted ==
      TLSTREAM__EMITTED_END) { /* and nothing more comes out of it */
    tlstream_end(to);
    return 0;
  }
  from->pipe_to = to;
  from->pipe_blocked = false;
  to->piped_from = from;
  tlstream__stream_wake(from);
  return 0;
}

/* The target takes no more. What has ended its own side is only waiting for its
 * peer, and reads on for that. */
static void stop_source(tlstream *from) {
  if (from->asked == TLSTREAM__ASKED_NOTHING) {
    tlstream_destroy(from);
  } else {
    tlstream_close(from);
  }
}

void tlstream__pipe_data(tlstream *from, const void *bytes, size_t len) {
  tlstream *to = from->pipe_to;
  if (from->joint != NULL) {
    from->joint->methods->data(from->joint, bytes, len);
    return;
  }
  int status = tlstream_write(to, bytes, len);
  if (status > 0) {
    from->pipe_blocked = true;
  } else if (status == TLSTREAM_ERR_NO_MEMORY) {
    tlstream__stream_out_of_memory(from); /* its data is lost */
  } else if (status < 0 && from != to) {
    stop_source(from);
  }
  /* An echo whose own side has ended goes on reading, for the peer's end. */
}

static void unlink_pipe(tlstream *from, tlstream *to) {
  from->pipe_to = NULL;
  from->pipe_blocked = false;
  to->piped_from = NULL;
}

/* All has been passed on: from now on each may end in its own time. */
void tlstream__pipe_end(tlstream *from) {
  tlstream *to = from->pipe_to;
  if (from->joint != NULL) from->joint->methods->ended(from->joint);
  if (to == NULL) return;
  unlink_pipe(from, to);
  tlstream__stream_end(to);
}

void tlstream__pipe_drained(tlstream *to) {
  tlstream *from = to->piped_from;
  if (to->joint != NULL) to->joint->methods->drained(to->joint);
  if (from == NULL || !from->pipe_blocked) return;
  from->pipe_blocked = false;
  tlstream__stream_wake(from);
}

static void leave_target(tlstream *from) {
  tlstream *to = from->pipe_to;
  if (to == NULL) return;
  unlink_pipe(from, to);
  /* We did not come to our end: what `to` got is not all, and its peer must not
   * take it for all. */
  if (to != from) tlstream_destroy(to);
}

static void leave_source(tlstream *to) {
  tlstream *from = to->piped_from;
  if (from == NULL) return;
  unlink_pipe(from, to);
  if (from != to) stop_source(from);
}

void tlstream__pipe_close(tlstream *stream) {
  if (stream->joint != NULL) stream->joint->methods->closing(stream->joint);
  leave_target(stream);
  leave_source(stream);
}
