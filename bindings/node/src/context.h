/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_NODE_CONTEXT_H
#define TLSTREAM_NODE_CONTEXT_H

#include "values.h"

bool define_context(napi_env env, napi_value exports);

/* The context that `value` holds, borrowed; NULL with an exception if none. */
tlstream_context *context_of(napi_env env, napi_value value);

/* An object that holds `context`, with a reference of its own. */
napi_value context_object(napi_env env, tlstream_context *context);

bool define_hosts(napi_env env, napi_value exports);

#endif
