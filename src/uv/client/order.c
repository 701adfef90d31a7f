/* SPDX-License-Identifier: MIT */
#include "uv/client/order.h"

#include <stdbool.h>

#include "base/alloc.h"

/* The next address, `at` included, that is (or is not) of this family. */
static const struct addrinfo *skip(const struct addrinfo *at, int family,
                                   bool of_it) {
  while (at != NULL && (at->ai_family == family) != of_it)
    at = at->ai_next;
  return at;
}

static void interleave(const struct addrinfo *list,
                       const struct addrinfo **order) {
  int family = list->ai_family;
  const struct addrinfo *preferred = list;
  const struct addrinfo *other = skip(list, family, false);
  bool take_other = false;
  for (size_t i = 0; preferred != NULL || other != NULL; i++) {
    if (preferred == NULL || (take_other && other != NULL)) {
      order[i] = other;
      other = skip(other->ai_next, family, false);
    } else {
      order[i] = preferred;
      preferred = skip(preferred->ai_next, family, true);
    }
    take_other = !take_other;
  }
}

const struct addrinfo **tlstream__order(const struct addrinfo *list,
                                        size_t *count) {
  size_t found = 0;
  for (const struct addrinfo *each = list; each != NULL; each = each->ai_next)
    found++;
  const struct addrinfo **order =
      tlstream__malloc((found + 1) * sizeof(const struct addrinfo *));
  if (order == NULL) return NULL;
  if (found > 0) interleave(list, order);
  *count = found;
  return order;
}
