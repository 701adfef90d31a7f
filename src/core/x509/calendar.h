/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_X509_CALENDAR_H
#define TLSTREAM_CORE_X509_CALENDAR_H

/* Dates as seconds since 1970, also those that no time_t of 32 bits holds. */
struct asn1_string_st;
struct tm;

long long tlstream__calendar_seconds(const struct tm *date);

/* Seconds of a time in a certificate or a list: at least 1, which is also what
 * one is that cannot be read. */
long long tlstream__calendar_read(const struct asn1_string_st *when);

#endif
