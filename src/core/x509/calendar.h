/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_X509_CALENDAR_H
#define TLSTREAM_CORE_X509_CALENDAR_H

/* Dates as seconds since 1970, also those that no time_t of 32 bits holds. */
struct tm;

long long tlstream__calendar_seconds(const struct tm *date);

#endif
