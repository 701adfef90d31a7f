/* SPDX-License-Identifier: MIT */
/* Signing requests (PKCS#10, RFC 2986): made, and read. The maker of a request
 * may have asked for anything. */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "base/options.h"
#include "core/issue/state.h"
#include "core/openssl/ossl.h"
#include "core/x509/request.h"

int tlstream__issue_read_request(tlstream__issue *all, tlstream_bytes bytes,
                                 tlstream_error *error) {
  if (bytes.data == NULL) return 0;
  int code =
      tlstream__request_read(&all->request, bytes.data, bytes.len, error);
  if (code != 0) return code;
  return tlstream__key_check_strength(X509_REQ_get0_pubkey(all->request),
                                      "request", error);
}

/* Subject and names are taken, each part of them checked. What else it asks
 * for, to be an authority for example, is not even looked at. */
int tlstream__issue_adopt_request(tlstream__issue *all, tlstream_error *error) {
  const X509_NAME *subject = X509_REQ_get_subject_name(all->request);
  GENERAL_NAMES *names = NULL;
  int code = tlstream__request_names(all->request, &names, error);
  if (code == 0 && names != NULL) {
    code = tlstream__issue_copy_names(names, &all->names, error);
  }
  if (code == 0) {
    code = tlstream__issue_copy_subject(subject, &all->subject, error);
  }
  if (code == 0 && names == NULL && X509_NAME_entry_count(subject) == 0) {
    code = tlstream__error_set(error, TLSTREAM_ERR_BAD_REQUEST,
                               "request: it has no subject and no names");
  }
  GENERAL_NAMES_free(names);
  return code;
}

static int add_names(X509_REQ *request, GENERAL_NAMES *names) {
  STACK_OF(X509_EXTENSION) *extensions = NULL;
  if (names == NULL) return 1;
  int fine = X509V3_add1_i2d(&extensions, NID_subject_alt_name, names,
                             /* critical = */ 0, X509V3_ADD_DEFAULT) == 1 &&
             X509_REQ_add_extensions(request, extensions) == 1;
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  return fine;
}

/* `all` has subject, names and key. */
static int fill_in(tlstream__issue *all, tlstream_error *error) {
  X509_REQ *request = all->request = X509_REQ_new();
  tlstream__ossl_clear();
  return tlstream__issue_check(
      request != NULL &&
          X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
          X509_REQ_set_subject_name(request, all->subject) == 1 &&
          X509_REQ_set_pubkey(request, all->key) == 1 &&
          add_names(request, all->names) &&
          X509_REQ_sign(request, all->key, tlstream__key_digest(all->key)) > 0,
      error);
}

static int make(tlstream__issue *all,
                const tlstream_issue_request_options *options,
                tlstream_issued *out, tlstream_error *error) {
  const tlstream__wanted wanted = {options->common_name, options->hosts,
                                   options->host_count};
  int code = tlstream__issue_check_wanted(&wanted, /* is_ca = */ false, error);
  if (code == 0 && options->key.data == NULL) {
    code = tlstream__issue_refuse(error, "key is missing: a request is signed "
                                         "with the key that it is for");
  }
  if (code == 0) code = tlstream__issue_hosts(&wanted, &all->names, error);
  if (code == 0) code = tlstream__issue_subject(&wanted, &all->subject, error);
  if (code == 0) {
    code = tlstream__key_read(&all->key, "key", options->key,
                              options->passphrase, error);
  }
  if (code == 0) code = fill_in(all, error);
  if (code == 0) code = tlstream__issue_write_request(all->request, out, error);
  return code;
}

int tlstream_issue_request(const tlstream_issue_request_options *options,
                           tlstream_issued *issued, tlstream_error *error) {
  tlstream__issue all = {0};
  tlstream_issue_request_options known = {0};
  tlstream_issued made = {0};
  tlstream__error_clear(error);
  tlstream__ossl_clear();
  int code = tlstream__options_copy(&known, sizeof(known), options,
                                    "tlstream_issue_request_options", error);
  if (code == 0) code = make(&all, &known, &made, error);
  if (code == 0) *issued = made;
  tlstream__issue_clear(&all);
  tlstream__ossl_clear();
  return code;
}
