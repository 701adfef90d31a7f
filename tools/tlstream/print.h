/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_PRINT_H
#define TLSTREAM_TOOL_PRINT_H

#include <stdio.h>

#include <tlstream/tlstream.h>

/*
 * Certificates as readable text. Its issuer chose every name in a certificate,
 * so all of them are escaped, and values that could be mistaken for another
 * part of a name are quoted.
 */

/* One line, "  LABEL  TEXT". The text is printed as it is. */
void print_row(FILE *out, const char *label, const char *text);

/* "localhost, 127.0.0.1", without a line end; the subject if the certificate
 * has no alternative names. */
void print_names(FILE *out, const tlstream_certificate *certificate);

/* "CN=localhost, O=Example", without a line end. */
void print_subject(FILE *out, const tlstream_certificate *certificate);

/* Rows for the subject (under this label), the alternative names (at most
 * `names_max`) and the issuer. */
void print_identity(FILE *out, const char *subject_label,
                    const tlstream_certificate *certificate, size_t names_max);

/* All fields, one row each. */
void print_certificate(FILE *out, const tlstream_certificate *certificate);
void print_request(FILE *out, const tlstream_request *request);

#endif
