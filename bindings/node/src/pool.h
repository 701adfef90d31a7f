/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_NODE_POOL_H
#define TLSTREAM_NODE_POOL_H

/*
 * Data on its way to JavaScript. A small piece is copied into a large Buffer
 * that many pieces share, as Node's own Buffer.from() does it: making a Buffer
 * for each costs more than all the rest of a small read.
 */
#include "binding.h"

/* Put `len` bytes where JavaScript finds them: three arguments, a Buffer, and
 * where in it they begin and end. False when memory is out. */
bool pool_fill(binding *self, const void *bytes, size_t len, napi_value *argv);

#endif
