/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_STEP_H
#define TLSTREAM_CORE_PAIR_STEP_H

/*
 * One step of the handshake. One in which a key that is elsewhere may sign is
 * offered to the owner, which takes it to another thread: the SSL, what it
 * reads and writes, and all that its callbacks note go along in a pair of its
 * own, and what the pair keeps can be used meanwhile.
 */
#include <stdbool.h>

#include "core/openssl/ossl.h"

struct tlstream_pair;

typedef enum tlstream__work_state {
  TLSTREAM__WORK_NONE,
  TLSTREAM__WORK_DUE,  /* it is offered */
  TLSTREAM__WORK_TAKEN /* the pair has no SSL until it is back */
} tlstream__work_state;

/* Call SSL_do_handshake, and fail with what it leaves. */
tlstream__outcome tlstream__step_run(struct tlstream_pair *pair);

/* True if the handshake cannot go on here: the next step is offered, or has
 * been taken. */
bool tlstream__step_is_held(struct tlstream_pair *pair);

#endif
