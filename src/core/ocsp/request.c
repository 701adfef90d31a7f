/* SPDX-License-Identifier: MIT */
#include "core/ocsp/request.h"

#include <string.h>
#include <strings.h>

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "core/openssl/ossl.h"

/* Takes the id. */
static OCSP_REQUEST *request_for(OCSP_CERTID *id) {
  OCSP_REQUEST *request = OCSP_REQUEST_new();
  if (request != NULL && OCSP_request_add0_id(request, id) != NULL) {
    return request;
  }
  OCSP_REQUEST_free(request);
  OCSP_CERTID_free(id);
  return NULL;
}

unsigned char *tlstream__ocsp_request(X509 *cert, X509 *issuer, size_t *len) {
  unsigned char *der = NULL;
  unsigned char *copy = NULL;
  OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), cert, issuer);
  OCSP_REQUEST *request = id != NULL ? request_for(id) : NULL;
  int size = request != NULL ? i2d_OCSP_REQUEST(request, &der) : -1;
  if (size > 0) copy = (unsigned char *)tlstream__memdup(der, (size_t)size);
  if (copy != NULL) *len = (size_t)size;
  OPENSSL_free(der);
  OCSP_REQUEST_free(request);
  tlstream__ossl_clear();
  return copy;
}

char *tlstream__ocsp_url(X509 *cert) {
  static const char scheme[] = "http://";
  char *found = NULL;
  STACK_OF(OPENSSL_STRING) *all = X509_get1_ocsp(cert);
  for (int i = 0; found == NULL && i < sk_OPENSSL_STRING_num(all); i++) {
    const char *each = sk_OPENSSL_STRING_value(all, i);
    if (strncasecmp(each, scheme, strlen(scheme)) == 0) {
      found = tlstream__strdup(each);
    }
  }
  X509_email_free(all);
  tlstream__ossl_clear();
  return found;
}
