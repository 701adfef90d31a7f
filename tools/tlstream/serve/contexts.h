/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_SERVE_CONTEXTS_H
#define TLSTREAM_TOOL_SERVE_CONTEXTS_H

#include <stdbool.h>
#include <stddef.h>

#include <tlstream/tlstream.h>

#include "serve/settings.h"

/* What a server needs of the files that it was given: a context for each
 * --context, and one for all other clients. Zeroed: empty. */
typedef struct server_contexts {
  tlstream_ticket_keys *ticket_keys; /* a reference; of all of them */
  tlstream_context *others;          /* a reference, as in `named` */
  struct {
    char *name; /* owned */
    tlstream_context *context;
  } named[TEXTS_MAX];
  size_t count;
} server_contexts;

/* What does not change while the server runs. */
typedef struct server_material {
  const serve_settings *given;
  const tlstream_issued *made; /* the certificate to use if none is given */
  /* Used if no file with ticket keys is given, so that clients can resume after
   * a reload. */
  tlstream_ticket_keys *ticket_keys;
} server_material;

/* Read all files; `again` is true if they have been read before. False after
 * printing the reason; to be cleared in either case. */
bool contexts_make(const server_material *from, bool again,
                   server_contexts *contexts);

/* Have the server use them for new connections. False after printing why not.
 */
bool contexts_use(const server_contexts *contexts, tlstream_server *server);

void contexts_clear(server_contexts *contexts);

/* With --ocsp, have its file read again when it has changed; `*stapler` is
 * replaced. False after printing why not. */
bool contexts_staple(const serve_settings *given,
                     const server_contexts *contexts, uv_loop_t *loop,
                     tlstream_stapler **stapler);

/* Read all files again and use them, or keep what there is and print why. The
 * messages begin with `why`. */
void contexts_reload(const server_material *from, tlstream_server *server,
                     uv_loop_t *loop, tlstream_stapler **stapler,
                     const char *why);

/* Watch all of the files. NULL after printing the reason. */
tlstream_watch *contexts_watch(const serve_settings *given, uv_loop_t *loop,
                               tlstream_watch_cb on_change, void *data);

#endif
