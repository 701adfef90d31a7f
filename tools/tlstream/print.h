/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_PRINT_H
#define TLSTREAM_TOOL_PRINT_H

#include <stdio.h>

#include <tlstream/tlstream.h>

/*
 * Certificates for people. Whoever made one chose every name in it, so all of
 * it is escaped, and what could be taken for something else stands in quotes.
 */

/* One line, "  LABEL  TEXT". The text is ours. */
void print_row(FILE *out, const char *label, const char *text);

/* "  LABEL  CN=localhost, O=Example", or "(empty)". */
void print_name(FILE *out, const char *label, const tlstream_name_entry *parts,
                size_t count);

/* "  names  localhost, 127.0.0.1, and 3 more", or "(none)". */
void print_alt_names(FILE *out, const tlstream_alt_name *names, size_t count,
                     size_t shown_max);

/* "localhost, 127.0.0.1", without a line end; the subject if there are no such
 * names. */
void print_names(FILE *out, const tlstream_certificate *certificate);

/* All that it says, line by line. */
void print_certificate(FILE *out, const tlstream_certificate *certificate);
void print_request(FILE *out, const tlstream_request *request);

#endif
