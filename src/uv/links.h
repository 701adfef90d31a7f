/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_LINKS_H
#define TLSTREAM_UV_LINKS_H

/* Which folders decide what a path leads to. */

/* Call `visit` with the folder of each symbolic link on the way to `path`, and
 * with that of the file itself; if something is missing on the way, with the
 * folder that it would be in. A folder may come more than once. */
void tlstream__links_follow(const char *path,
                            void (*visit)(const char *folder, void *data),
                            void *data);

#endif
