/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_KEYS_SIGNING_H
#define TLSTREAM_CORE_KEYS_SIGNING_H

/*
 * What a signer and the handshake that it signs for know of each other. Between
 * them lies OpenSSL, whose calls have no room for it: so it belongs to the
 * thread on which a step of the handshake runs, for that step.
 */
#include <stdbool.h>

#include <tlstream/error.h>

typedef enum tlstream__sign_failure {
  TLSTREAM__SIGN_FAILED_NOT,
  TLSTREAM__SIGN_FAILED,     /* the signer returned a negative number */
  TLSTREAM__SIGN_NO_LENGTH,  /* it returned none, or more than there is room */
  TLSTREAM__SIGN_FAILED_FIT, /* it is not the certificate's key that signed */
  TLSTREAM__SIGN_NO_MEMORY
} tlstream__sign_failure;

typedef struct tlstream__signing {
  struct tlstream__signing *outer; /* a signer may shake hands itself */
  unsigned timeout_ms; /* until the handshake's deadline; UINT_MAX: none */
  bool done;           /* there is a signature: no other follows */
  tlstream__sign_failure failure;
  int system; /* the negative number */
} tlstream__signing;

/* A step of a handshake begins on this thread, and ends. */
void tlstream__signing_begin(tlstream__signing *signing);
void tlstream__signing_end(const tlstream__signing *signing);

/* The step that runs on this thread; NULL when a key signs outside of one. */
tlstream__signing *tlstream__signing_current(void);

/* Why a step has failed, if it was the signer's fault: the code, else 0. */
int tlstream__signing_explain(const tlstream__signing *signing,
                              tlstream_error *error);

#endif
