/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_OCSP_H
#define TLSTREAM_OCSP_H

/*
 * OCSP stapling (RFC 6066, section 8): the server sends a recent statement of
 * its certificate's authority, the staple, that the certificate is not revoked.
 */
#include <tlstream/context.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What a client found of the server's staple.
 */
typedef enum tlstream_ocsp {
  TLSTREAM_OCSP_NONE,    /* there was none, or it was not asked for */
  TLSTREAM_OCSP_GOOD,    /* the certificate is not revoked */
  TLSTREAM_OCSP_REVOKED, /* it is: CERT_REVOKED is among the errors */
  TLSTREAM_OCSP_BAD      /* it proves nothing: BAD_STAPLE is among them */
} tlstream_ocsp;

/**
 * Return "none", "good", "revoked" or "bad".
 *
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API const char *tlstream_ocsp_status_name(tlstream_ocsp status);

/**
 * The largest staple that is sent or looked at, in bytes. Those of public
 * authorities have 500 to 3,000.
 */
#define TLSTREAM_OCSP_MAX (32 * 1024)

/**
 * Give a context's certificate a new staple: an OCSP response in DER. It is for
 * whichever of the context's certificates it speaks of, and for every handshake
 * from now on, also of contexts that have this one as `parent`.
 *
 * It is checked first: signed by the certificate's issuer or by a responder
 * that the issuer has appointed, in force, and good. What fails that changes
 * nothing. A staple is sent until its nextUpdate, and then none is.
 *
 * Returns 0 or an error. The bytes are copied.
 * Errors: OCSP_RESPONSE, NO_CERTIFICATE (the context has none), NO_MEMORY.
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_context_set_staple(tlstream_context *context,
                                             const void *der, size_t len,
                                             tlstream_error *error);

/**
 * Read each `ocsp_response_file` of a context again that has changed since it
 * was read. A file that is missing, or whose response fails the check of
 * tlstream_context_set_staple(), changes nothing and is an error, each time
 * until it is mended; the others are read all the same.
 * tlstream_stapler_start() has it done on a loop's worker threads.
 *
 * Reads files: not for a thread that must not wait.
 * Returns how many staples are new, or an error, the first.
 * Errors: FILE, OCSP_RESPONSE, NO_MEMORY.
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API int tlstream_context_reload_staples(tlstream_context *context,
                                                 tlstream_error *error);

#ifdef __cplusplus
}
#endif

#endif
