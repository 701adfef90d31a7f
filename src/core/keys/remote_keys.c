/* SPDX-License-Identifier: MIT */
/* The signers of a context, and their references. */
#include "base/alloc.h"
#include "core/keys/state.h"

tlstream__signer *tlstream__signer_ref(tlstream__signer *signer) {
  atomic_fetch_add_explicit(&signer->refs, 1, memory_order_relaxed);
  return signer;
}

void tlstream__signer_unref(tlstream__signer *signer) {
  if (signer == NULL ||
      atomic_fetch_sub_explicit(&signer->refs, 1, memory_order_acq_rel) != 1) {
    return;
  }
  if (signer->taken && signer->given.release != NULL) {
    signer->given.release(signer->given.data);
  }
  tlstream__free(signer);
}

tlstream__signer *tlstream__signer_keep(tlstream__remote_keys *keys,
                                        const tlstream_signer *given) {
  tlstream__signer *signer = tlstream__calloc(sizeof(*signer));
  if (signer == NULL) return NULL;
  atomic_init(&signer->refs, 1);
  signer->given = *given;
  signer->next = keys->signers;
  keys->signers = signer;
  if (!given->never_waits) keys->may_wait = true;
  return signer;
}

void tlstream__remote_keys_take(tlstream__remote_keys *keys) {
  for (tlstream__signer *each = keys->signers; each != NULL; each = each->next)
    each->taken = true;
}

void tlstream__remote_keys_clear(tlstream__remote_keys *keys) {
  while (keys->signers != NULL) {
    tlstream__signer *first = keys->signers;
    keys->signers = first->next;
    tlstream__signer_unref(first);
  }
}
