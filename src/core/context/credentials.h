/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_CONTEXT_CREDENTIALS_H
#define TLSTREAM_CORE_CONTEXT_CREDENTIALS_H

/* Keys and chains: from files, PEM texts and PKCS #12 into an SSL_CTX. */
#include <tlstream/context.h>

#include "base/file.h"
#include "core/keys/signer.h"

struct ssl_ctx_st;

/* Load our certificates, their chains and their keys, if the options name any;
 * each with both or neither. What is noted in `remote` is the caller's also
 * after a failure. Returns 0 or a code. */
int tlstream__credentials_load(struct ssl_ctx_st *ctx,
                               const tlstream_context_options *options,
                               tlstream__remote_keys *remote,
                               tlstream__pipes *pipes, tlstream_error *error);

#endif
