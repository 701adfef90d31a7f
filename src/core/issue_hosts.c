/* SPDX-License-Identifier: MIT */
/* Hosts become alternative names of their kind. */
#include <string.h>

#include <openssl/x509v3.h>

#include "base/error.h"
#include "core/identity.h"
#include "core/issue_state.h"

/* "*.example.org" is a wildcard over names of two labels or more. */
static int parse_host(tlstream__host *host, bool *is_wildcard, const char *text,
                      tlstream_error *error) {
  if (text == NULL) {
    return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                               "one of the hosts is NULL");
  }
  *is_wildcard = strncmp(text, "*.", 2) == 0;
  const char *name = *is_wildcard ? text + 2 : text;
  int code = tlstream__host_parse(host, name, strlen(name), error);
  if (code != 0 || !*is_wildcard) return code;
  if (host->ip_len == 0 && strchr(host->name, '.') != NULL &&
      host->len + 2 <= TLSTREAM__HOST_MAX) {
    return 0;
  }
  return tlstream__error_set(
      error, TLSTREAM_ERR_INVALID_ARGUMENT,
      "\"*.%s\": a wildcard stands in front of a domain name of two parts or "
      "more",
      host->text);
}

static ASN1_STRING *dns_value(const tlstream__host *host, bool is_wildcard) {
  char name[TLSTREAM__HOST_MAX + 3];
  int start = is_wildcard ? 2 : 0;
  ASN1_STRING *value = ASN1_IA5STRING_new();
  memcpy(name, "*.", 2);
  memcpy(name + start, host->name, host->len);
  if (value == NULL ||
      ASN1_STRING_set(value, name, start + (int)host->len) == 1) {
    return value;
  }
  ASN1_STRING_free(value);
  return NULL;
}

static ASN1_STRING *ip_value(const tlstream__host *host) {
  ASN1_STRING *value = ASN1_OCTET_STRING_new();
  if (value == NULL ||
      ASN1_STRING_set(value, host->ip, (int)host->ip_len) == 1) {
    return value;
  }
  ASN1_STRING_free(value);
  return NULL;
}

static int push_host(GENERAL_NAMES *names, const tlstream__host *host,
                     bool is_wildcard) {
  bool is_ip = host->ip_len > 0;
  GENERAL_NAME *name = GENERAL_NAME_new();
  ASN1_STRING *value = is_ip ? ip_value(host) : dns_value(host, is_wildcard);
  if (name == NULL || value == NULL) {
    ASN1_STRING_free(value);
    GENERAL_NAME_free(name);
    return 0;
  }
  GENERAL_NAME_set0_value(name, is_ip ? GEN_IPADD : GEN_DNS, value);
  if (sk_GENERAL_NAME_push(names, name) > 0) return 1;
  GENERAL_NAME_free(name);
  return 0;
}

int tlstream__issue_hosts(tlstream__issue *all,
                          const tlstream_issue_options *options,
                          tlstream_error *error) {
  int code = 0;
  if (options->host_count == 0) return 0;
  all->names = sk_GENERAL_NAME_new_null();
  if (all->names == NULL) code = tlstream__issue_check(0, error);
  for (size_t i = 0; code == 0 && i < options->host_count; i++) {
    tlstream__host host = {0};
    bool is_wildcard = false;
    code = parse_host(&host, &is_wildcard, options->hosts[i], error);
    if (code == 0)
      code = tlstream__issue_check(push_host(all->names, &host, is_wildcard),
                                   error);
  }
  return code;
}
