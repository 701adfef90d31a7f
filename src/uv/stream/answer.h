/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_STREAM_ANSWER_H
#define TLSTREAM_UV_STREAM_ANSWER_H

/* What all answers of the user to a question of a stream's have in common. */
#include "uv/stream/state.h"

/* CLOSED if nothing may be answered any more, else 0; and the time is set: the
 * question may have waited for long, and what the answer begins must not be
 * judged by the time at which it was asked. */
int tlstream__answer_refuse(const tlstream *stream);

/* What a call returns whose answer made the pair return `code`: what fails by
 * an answer that was taken is reported from the loop. */
int tlstream__answered(tlstream *stream, int code);

#endif
