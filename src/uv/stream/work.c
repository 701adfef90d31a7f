/* SPDX-License-Identifier: MIT */
/* A step of the handshake in which a key that is elsewhere signs: it runs on a
 * thread of libuv's pool. The stream goes on meanwhile, and may be over before
 * the step is back. */
#include "uv/stream/state.h"

#include <tlstream/pair_work.h>

#include "base/alloc.h"

typedef struct tlstream__job {
  uv_work_t request;
  tlstream_work *work;
  tlstream *stream; /* NULL: it has been released */
} tlstream__job;

static void on_run(uv_work_t *request) {
  tlstream__job *job = request->data;
  tlstream_work_run(job->work);
}

static void give_back(tlstream *stream, tlstream_work *work) {
  stream->job = NULL;
  tlstream__pair_set_time(stream->pair, uv_now(stream->uv));
  tlstream_pair_finish_work(stream->pair, work);
  tlstream__service(stream);
}

static void on_done(uv_work_t *request, int status) {
  tlstream__job *job = request->data;
  (void)status; /* canceled: it has not run, and nothing waits for it */
  if (job->stream != NULL) {
    give_back(job->stream, job->work);
  } else {
    tlstream_work_free(job->work);
  }
  tlstream__free(job);
}

void tlstream__stream_start_work(tlstream *stream) {
  tlstream__job *job = tlstream__calloc(sizeof(*job));
  if (job == NULL) {
    tlstream__stream_out_of_memory(stream);
    return;
  }
  job->work = tlstream_pair_take_work(stream->pair);
  if (job->work == NULL) {
    tlstream__free(job);
    return;
  }
  job->stream = stream;
  job->request.data = job;
  stream->job = job;
  uv_queue_work(stream->uv, &job->request, on_run, on_done);
}

/* What comes of a step that runs already is of no use any more. */
void tlstream__stream_cancel_work(tlstream *stream) {
  if (stream->job == NULL) return;
  tlstream__pair_abandon(stream->pair);
  uv_cancel((uv_req_t *)&stream->job->request);
}

void tlstream__stream_leave_work(tlstream *stream) {
  if (stream->job != NULL) stream->job->stream = NULL;
}
