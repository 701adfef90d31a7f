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

/* "localhost, 127.0.0.1", without a line end; the subject if there are no such
 * names. */
void print_names(FILE *out, const tlstream_certificate *certificate);

/* "CN=localhost, O=Example", without a line end. */
void print_subject(FILE *out, const tlstream_certificate *certificate);

/* Its subject under this label, its names and its issuer. */
void print_identity(FILE *out, const char *subject_label,
                    const tlstream_certificate *certificate, size_t names_max);

/* All that it says, line by line. */
void print_certificate(FILE *out, const tlstream_certificate *certificate);
void print_request(FILE *out, const tlstream_request *request);

#endif
