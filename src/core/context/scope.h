/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_SCOPE_H
#define TLSTREAM_CORE_CONTEXT_SCOPE_H

/* Where a session may be resumed: in contexts of the same scope. */
#include <tlstream/context.h>

/* Digest credentials, trust and suites. For a context without a parent, once
 * it has them all. Returns 0 or a code. */
int tlstream__scope_set_base(tlstream_context *context, tlstream_error *error);

/* And its policy, on top of its own base or its parent's. */
int tlstream__scope_set(tlstream_context *context, tlstream_error *error);

#endif
