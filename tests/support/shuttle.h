/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_SHUTTLE_H
#define TESTS_SUPPORT_SHUTTLE_H

/* Two pairs and no network: their bytes are carried across by hand. */
#include <stddef.h>

#include <tlstream/pair.h>

/* Carry encrypted bytes both ways, at most `chunk` at a time, until neither
 * side has any that the other would take. */
void shuttle(tlstream_pair *a, tlstream_pair *b, size_t chunk);

#endif
