/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_ISSUE_UTIL_H
#define TLSTREAM_CORE_ISSUE_UTIL_H

/* What every file here uses; it calls none of them. */
#include <stdbool.h>

#include <tlstream/error.h>

struct tlstream__issue;
struct x509_st;

/* Release all that it owns. */
void tlstream__issue_clear(struct tlstream__issue *all);

/* 0 if `fine` is 1, else the code for OpenSSL's error. */
int tlstream__issue_check(int fine, tlstream_error *error);

/* INVALID_ARGUMENT. Returns the code. */
int tlstream__issue_refuse(tlstream_error *error, const char *why);

#endif
