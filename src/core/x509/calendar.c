/* SPDX-License-Identifier: MIT */
#include "core/x509/calendar.h"

#include <stdbool.h>
#include <time.h>

#include <openssl/asn1.h>

enum { SECONDS_A_DAY = 86400 };

/* Days since 1970 of a day in the Gregorian calendar. Years are counted from
 * March, so that the leap day comes last, and 400 more of them, so that none is
 * negative. */
static long long days_since_1970(const struct tm *date) {
  bool before_march = date->tm_mon < 2;
  long long year = date->tm_year + 1900LL + 400 - before_march;
  long long month = date->tm_mon + (before_march ? 10 : -2); /* March is 0 */
  long long century = year / 100;
  return year * 365 + year / 4 - century + century / 4 + (153 * month + 2) / 5 +
         date->tm_mday - 1 - 865565;
}

long long tlstream__calendar_seconds(const struct tm *date) {
  return days_since_1970(date) * SECONDS_A_DAY + date->tm_hour * 3600LL +
         date->tm_min * 60LL + date->tm_sec;
}

long long tlstream__calendar_read(const ASN1_TIME *when) {
  struct tm date = {0};
  if (ASN1_TIME_to_tm(when, &date) != 1) return 1;
  long long seconds = tlstream__calendar_seconds(&date);
  return seconds > 1 ? seconds : 1;
}
