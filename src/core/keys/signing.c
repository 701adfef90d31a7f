/* SPDX-License-Identifier: MIT */
#include "core/keys/signing.h"

#include <stddef.h>

#include "base/error.h"

static _Thread_local tlstream__signing *current;

void tlstream__signing_begin(tlstream__signing *signing) {
  signing->outer = current;
  current = signing;
}

void tlstream__signing_end(const tlstream__signing *signing) {
  current = signing->outer;
}

tlstream__signing *tlstream__signing_current(void) {
  return current;
}

static int explain_negative(const tlstream__signing *signing,
                            tlstream_error *error) {
  int code = tlstream__error_set(
      error, TLSTREAM_ERR_SIGNER_FAILED,
      "the signer of our certificate failed: it returned %d", signing->system);
  if (error != NULL) error->system = signing->system;
  return code;
}

int tlstream__signing_explain(const tlstream__signing *signing,
                              tlstream_error *error) {
  switch (signing->failure) {
    case TLSTREAM__SIGN_FAILED: return explain_negative(signing, error);
    case TLSTREAM__SIGN_NO_LENGTH:
      return tlstream__error_set(
          error, TLSTREAM_ERR_SIGNER_FAILED,
          "the signer of our certificate returned a length that no signature "
          "of its key has");
    case TLSTREAM__SIGN_FAILED_FIT:
      return tlstream__error_set(
          error, TLSTREAM_ERR_SIGNER_FAILED,
          "what the signer of our certificate returned is not a signature by "
          "the certificate's key, in the form and with the scheme asked for; "
          "it was not sent");
    case TLSTREAM__SIGN_NO_MEMORY:
      return tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
    default: return 0;
  }
}
