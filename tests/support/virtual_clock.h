/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_VIRTUAL_CLOCK_H
#define TESTS_SUPPORT_VIRTUAL_CLOCK_H

/*
 * Time that a test moves. While the virtual clock runs, the time of all loops
 * stands still until a loop would sleep; then the clock jumps to the end of
 * that sleep. An hour of deadlines is over at once, and nothing depends on how
 * fast the machine is. A loop that would sleep for ever ends the program:
 * nothing could wake it.
 *
 * For loops without sockets and threads, because nothing else runs faster. It
 * replaces what libuv calls on Linux; elsewhere time stays real, and the tests
 * take as long as what they wait for.
 */
#include <stdint.h>

/* Start, or start again. Make loops afterwards. */
void virtual_clock_start(void);

/* The loops have no descriptors to look at: leave the system in peace. */
void virtual_clock_without_descriptors(void);

/* Back to real time. */
void virtual_clock_stop(void);

/* Let time pass. A loop sees it in its next turn, as after a callback that took
 * long. */
void virtual_clock_advance(uint64_t ms);

uint64_t virtual_clock_now(void);

#endif
