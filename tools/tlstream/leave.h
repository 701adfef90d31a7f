/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TOOL_LEAVE_H
#define TLSTREAM_TOOL_LEAVE_H

/* The exit status, after what was printed has left: another one if a disk was
 * too full for it, for example. */
int leave_status(int status);

/* Exit now. libuv's threads are not waited for, as exit() does: one of them may
 * wait for a resolver that does not answer. */
void leave_now(int status) __attribute__((noreturn));

#endif
