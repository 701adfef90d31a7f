/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_REQUESTED_H
#define TESTS_SUPPORT_REQUESTED_H

/* An authority, made once a program, and a key to ask it with. */
#include "support/issued.h"
#include "support/test.h"

static tlstream_issued root;
static tlstream_issued key;

static inline void prepare(void) {
  if (root.key != NULL) return;
  root = issue_ca("Root", NULL);
  CHECK_INT(tlstream_issue_key(NULL, &key, NULL), 0);
}

static inline tlstream_issue_options sign_by_root(tlstream_bytes request) {
  return (tlstream_issue_options){
      .request = request, .ca_cert = cert_of(&root), .ca_key = key_of(&root)};
}

#endif
