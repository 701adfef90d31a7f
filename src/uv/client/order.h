/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_CLIENT_ORDER_H
#define TLSTREAM_UV_CLIENT_ORDER_H

#include <netdb.h>
#include <stddef.h>

/* The addresses in the order in which to try them (RFC 8305, section 4): the
 * two families alternate, beginning with the one that the system prefers.
 * Borrows the entries of `list`; the array is the caller's. NULL when memory is
 * out. */
const struct addrinfo **tlstream__order(const struct addrinfo *list,
                                        size_t *count);

#endif
