/* SPDX-License-Identifier: MIT */
#include <tlstream/issue.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "base/options.h"
#include "core/issue/state.h"
#include "core/openssl/ossl.h"

enum { DAYS_MAX = 3650 };

static tlstream__wanted wanted_by(const tlstream_issue_options *options) {
  return (tlstream__wanted){options->common_name, options->hosts,
                            options->host_count};
}

/* Then the request's own names are not used. */
static bool says_for_whom(const tlstream_issue_options *options) {
  return options->common_name != NULL || options->host_count > 0;
}

static int check_request(const tlstream_issue_options *options,
                         tlstream_error *error) {
  const char *why = NULL;
  bool is_signed_by_ca = options->ca_cert.data != NULL;
  if (options->request.data == NULL) return 0;
  if (options->is_ca) {
    why = "an authority is not made from a request";
  } else if (is_signed_by_ca && options->key.data != NULL) {
    why = "give a request or a key to be certified, not both";
  } else if (!is_signed_by_ca && options->key.data == NULL) {
    why = "a request is signed by an authority (ca_cert, ca_key) or by its own "
          "key (key)";
  }
  return why != NULL ? tlstream__issue_refuse(error, why) : 0;
}

static int check_key(const tlstream_issue_options *options,
                     tlstream_error *error) {
  bool is_fresh = options->key.data == NULL && options->request.data == NULL;
  if (is_fresh) {
    return tlstream__key_check_wish(options->key_type, options->rsa_bits,
                                    options->passphrase, error);
  }
  if (options->key_type != TLSTREAM_KEY_P256 || options->rsa_bits != 0) {
    return tlstream__issue_refuse(
        error, "key_type and rsa_bits are for a fresh key, but one is given");
  }
  return 0;
}

static int check_options(const tlstream_issue_options *options,
                         tlstream_error *error) {
  const tlstream__wanted wanted = wanted_by(options);
  if (options->days < 0 || options->days > DAYS_MAX) {
    return tlstream__issue_refuse(error,
                                  "days must be from 1 to 3650, or 0 for 30");
  }
  if ((unsigned)options->purpose > TLSTREAM_FOR_CLIENTS) {
    return tlstream__issue_refuse(error, "purpose is none that there is");
  }
  if ((options->ca_cert.data != NULL) != (options->ca_key.data != NULL)) {
    return tlstream__issue_refuse(error, "give ca_cert and ca_key, or neither");
  }
  int code = check_request(options, error);
  if (code == 0) code = check_key(options, error);
  if (code == 0 && (options->request.data == NULL || says_for_whom(options)))
    code = tlstream__issue_check_wanted(&wanted, options->is_ca, error);
  return code;
}

/* Subject and names: the caller's, or else the request's. */
static int choose_names(tlstream__issue *all,
                        const tlstream_issue_options *options,
                        tlstream_error *error) {
  const tlstream__wanted wanted = wanted_by(options);
  if (!says_for_whom(options)) return tlstream__issue_adopt_request(all, error);
  int code = tlstream__issue_hosts(&wanted, &all->names, error);
  if (code == 0) code = tlstream__issue_subject(&wanted, &all->subject, error);
  return code;
}

/* Clients look for hosts among the alternative names and nowhere else. */
static int name(tlstream__issue *all, const tlstream_issue_options *options,
                tlstream_error *error) {
  int code = choose_names(all, options, error);
  bool is_server = !options->is_ca && options->purpose == TLSTREAM_FOR_SERVERS;
  if (code != 0 || !is_server || tlstream__issue_has_host(all->names)) {
    return code;
  }
  return tlstream__issue_refuse(
      error,
      says_for_whom(options)
          ? "a server's certificate needs a DNS name or an address among "
            "its hosts"
          : "a server's certificate needs a DNS name or an address, and "
            "the request has none: name the hosts yourself");
}

static int take_key(tlstream__issue *all, const tlstream_issue_options *options,
                    tlstream_error *error) {
  if (options->key.data == NULL && all->request != NULL) return 0;
  if (options->key.data == NULL) {
    return tlstream__key_make(&all->key, options->key_type, options->rsa_bits,
                              error);
  }
  int code = tlstream__key_read(&all->key, "key", options->key,
                                options->passphrase, error);
  if (code != 0 || all->request == NULL) return code;
  if (EVP_PKEY_eq(X509_REQ_get0_pubkey(all->request), all->key) == 1) return 0;
  return tlstream__error_set(error, TLSTREAM_ERR_KEY_MISMATCH,
                             "key is not the key that the request is for");
}

static int make(tlstream__issue *all, const tlstream_issue_options *options,
                tlstream_issued *out, tlstream_error *error) {
  bool is_fresh = options->key.data == NULL && options->request.data == NULL;
  int code = tlstream__issue_read_request(all, options->request, error);
  if (code == 0) code = name(all, options, error);
  if (code == 0) code = tlstream__issue_read_ca(all, options, error);
  if (code == 0) code = take_key(all, options, error);
  tlstream__ossl_clear();
  if (code == 0) code = tlstream__issue_fill_in(all, options, error);
  if (code == 0) code = tlstream__issue_extend(all, options, error);
  if (code == 0) code = tlstream__issue_sign(all, error);
  if (code == 0) code = tlstream__issue_write_cert(all, out, error);
  if (code == 0 && is_fresh)
    code = tlstream__issue_write_key(all->key, options->passphrase, out, error);
  return code;
}

int tlstream_issue(const tlstream_issue_options *options,
                   tlstream_issued *issued, tlstream_error *error) {
  tlstream__issue all = {0};
  tlstream_issue_options known = {0};
  tlstream_issued made = {0};
  tlstream__error_clear(error);
  tlstream__ossl_clear();
  int code = tlstream__options_copy(&known, sizeof(known), options,
                                    "tlstream_issue_options", error);
  if (code == 0) code = check_options(&known, error);
  if (code == 0) code = make(&all, &known, &made, error);
  if (code == 0) {
    *issued = made;
  } else {
    tlstream_issued_clear(&made);
  }
  tlstream__issue_clear(&all);
  tlstream__ossl_clear();
  return code;
}
