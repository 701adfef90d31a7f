/* SPDX-License-Identifier: MIT */
/* The subject's name. */
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/x509.h>

#include <tlstream/text.h>

#include "base/error.h"
#include "core/issue/state.h"
#include "core/openssl/ossl.h"

/* RFC 5280, ub-common-name. */
enum { COMMON_NAME_MAX = 64, SHOWN = 128 };

static bool has_control_byte(const char *text, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) return true;
  }
  return false;
}

static bool is_utf8(const char *text, size_t len) {
  const unsigned char *bytes = (const unsigned char *)text;
  unsigned long point = 0;
  while (len > 0) {
    int used = UTF8_getc(bytes, (int)len, &point);
    if (used <= 0) return false;
    bytes += used;
    len -= (size_t)used;
  }
  return true;
}

static int check_common_name(const char *name, tlstream_error *error) {
  char shown[SHOWN];
  const char *why = NULL;
  size_t len = strlen(name);
  if (len == 0) return tlstream__issue_refuse(error, "common_name is empty");
  if (len > COMMON_NAME_MAX) {
    why = "it is longer than the 64 bytes that a common name may have";
  } else if (has_control_byte(name, len)) {
    why = "it has control characters";
  } else if (!is_utf8(name, len)) {
    why = "it is not UTF-8";
  }
  if (why == NULL) return 0;
  return tlstream__error_set(
      error, TLSTREAM_ERR_INVALID_ARGUMENT, "common_name \"%s\": %s",
      tlstream_escape(shown, sizeof(shown), name, len), why);
}

int tlstream__issue_check_wanted(const tlstream__wanted *wanted, bool is_ca,
                                 tlstream_error *error) {
  if (is_ca && wanted->count > 0) {
    return tlstream__issue_refuse(error,
                                  "a certificate authority has no hosts");
  }
  if (wanted->count > 0 && wanted->hosts == NULL) {
    return tlstream__issue_refuse(error, "host_count is set but hosts is NULL");
  }
  if (wanted->common_name != NULL) {
    return check_common_name(wanted->common_name, error);
  }
  if (is_ca) {
    return tlstream__issue_refuse(
        error, "a certificate authority needs a common_name");
  }
  if (wanted->count > 0) return 0;
  return tlstream__issue_refuse(
      error, "name at least one host, or give a common_name");
}

/* NULL when none of the hosts is short enough. */
static const char *common_name(const tlstream__wanted *wanted) {
  if (wanted->common_name != NULL) return wanted->common_name;
  for (size_t i = 0; i < wanted->count; i++) {
    if (strlen(wanted->hosts[i]) <= COMMON_NAME_MAX) return wanted->hosts[i];
  }
  return NULL;
}

int tlstream__issue_subject(const tlstream__wanted *wanted, X509_NAME **out,
                            tlstream_error *error) {
  const char *name = common_name(wanted);
  *out = X509_NAME_new();
  int fine = *out != NULL;
  if (fine && name != NULL) {
    fine = X509_NAME_add_entry_by_NID(*out, NID_commonName, MBSTRING_UTF8,
                                      (const unsigned char *)name, -1, -1, 0);
  }
  return tlstream__issue_check(fine, error);
}

/* Control characters in it could forge lines of a log. */
static bool is_readable(const ASN1_STRING *value) {
  unsigned char *utf8 = NULL;
  int len = ASN1_STRING_to_UTF8(&utf8, value);
  bool fine = len > 0 && !has_control_byte((const char *)utf8, (size_t)len);
  OPENSSL_free(utf8);
  return fine;
}

int tlstream__issue_copy_subject(const X509_NAME *from, X509_NAME **out,
                                 tlstream_error *error) {
  for (int i = 0; i < X509_NAME_entry_count(from); i++) {
    if (is_readable(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(from, i)))) {
      continue;
    }
    tlstream__ossl_clear();
    return tlstream__error_set(
        error, TLSTREAM_ERR_BAD_REQUEST,
        "request: its subject has a part that is empty, no text, or has "
        "control characters");
  }
  *out = X509_NAME_dup(from);
  return tlstream__issue_check(*out != NULL, error);
}
