/* SPDX-License-Identifier: MIT */
/* What a server counts. */
#include <tlstream/metrics.h>
#include <tlstream/stream_info.h>

#include "uv/server/state.h"
#include "uv/stream/state.h"

void tlstream__server_count_done(tlstream_server *server,
                                 const tlstream *stream) {
  server->counters.handshakes_done++;
  if (tlstream_resumed(stream)) server->counters.resumed++;
}

void tlstream__server_count_failed(tlstream_server *server,
                                   const tlstream_error *error) {
  server->counters.handshakes_failed++;
  server->counters.failed_by_class[tlstream_error_classify(error)]++;
}

static void add_bytes(tlstream_server_counters *counters,
                      const tlstream *stream) {
  counters->bytes_read += stream->bytes_read;
  counters->bytes_written += stream->bytes_written;
  counters->encrypted_bytes_read += stream->encrypted_bytes_read;
  counters->encrypted_bytes_written += stream->encrypted_bytes_written;
}

static bool is_judged(const tlstream *stream) {
  return stream->emitted != TLSTREAM__EMITTED_NOTHING;
}

void tlstream__server_count_closed(tlstream_server *server,
                                   const tlstream *stream) {
  add_bytes(&server->counters, stream);
  if (!is_judged(stream)) server->counters.handshakes_abandoned++;
}

void tlstream_server_count(const tlstream_server *server,
                           tlstream_server_counters *out) {
  *out = server->counters;
  for (int i = 0; i < TLSTREAM__PHASES; i++) {
    for (const tlstream *each = server->streams[i].first; each != NULL;
         each = each->owner_next) {
      add_bytes(out, each);
      out->open++;
      if (!is_judged(each)) out->handshaking++;
    }
  }
}
