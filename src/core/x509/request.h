/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_X509_REQUEST_H
#define TLSTREAM_CORE_X509_REQUEST_H

/* Signing requests as the rest of the core reads them. Both return 0 or a code.
 */
#include <stddef.h>

#include <tlstream/error.h>

struct X509_req_st;
struct stack_st_GENERAL_NAME;

/* PEM or DER; signed with the key that it is for, or refused. `*out` is the
 * caller's. */
int tlstream__request_read(struct X509_req_st **out, const void *data,
                           size_t len, tlstream_error *error);

/* The alternative names that it asks for; `*out` stays NULL if it asks for
 * none, and is the caller's. */
int tlstream__request_names(struct X509_req_st *request,
                            struct stack_st_GENERAL_NAME **out,
                            tlstream_error *error);

#endif
