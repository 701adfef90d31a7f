/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_SET_CLOCK_H
#define TESTS_SUPPORT_SET_CLOCK_H

/* What the C library's clocks of the day say, in seconds since 1970, also to
 * OpenSSL: time(), and since 3.2 gettimeofday(). 0: the truth. */
extern long long clock_says;

#endif
