/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_THREAD_H
#define TLSTREAM_TOOL_THREAD_H

/* Start a thread that is never joined and gets no signals: the main thread
 * does. It may wait for ever in a system call; the end of the process ends it.
 * Returns 0 or a libuv error. */
int thread_start(void *(*work)(void *), void *argument);

#endif
