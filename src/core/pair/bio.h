/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_BIO_H
#define TLSTREAM_CORE_PAIR_BIO_H

/*
 * What OpenSSL takes for its network: two queues. The end of input is never
 * shown to OpenSSL; the pair judges that itself.
 */
#include <stdbool.h>

#include "base/buf.h"

struct bio_st;

typedef struct tlstream__link {
  tlstream__buf in;
  tlstream__buf out;
  tlstream__buf taken; /* what was read while `recording` */
  bool recording;      /* it may have to be read again */
  bool held;           /* OpenSSL gets no more input for now */
  bool out_of_memory;  /* something could not be queued */
} tlstream__link;

/* Have everything that was taken while recording read once more. False when
 * memory is out. */
bool tlstream__link_rewind(tlstream__link *link);

/* Its queues have moved. */
void tlstream__bio_set_link(struct bio_st *bio, tlstream__link *link);

/* NULL when memory is out. `link` must outlive the BIO. */
struct bio_st *tlstream__bio_new(tlstream__link *link);

#endif
