/* SPDX-License-Identifier: MIT */
/* Hosts, e-mail addresses and URIs become alternative names of their kind. The
 * same rules hold for what a request asks for. */
#include <stdio.h>
#include <string.h>

#include <openssl/x509v3.h>

#include <tlstream/text.h>

#include "base/error.h"
#include "core/issue/state.h"
#include "core/x509/identity.h"
#include "core/x509/idn.h"

enum { EMAIL_MAX = 254, URI_MAX = 2048, SHOWN = 128 };

/* One name, checked, as it will stand in the certificate. */
typedef struct name {
  int type; /* GEN_DNS, ... */
  const char *bytes;
  size_t len;
  tlstream__host host; /* what the bytes may be part of */
  char text[TLSTREAM__HOST_MAX + 3];
} name;

static int refuse(tlstream_error *error, const char *text, size_t len,
                  const char *why) {
  char shown[SHOWN];
  return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT, "\"%s\": %s",
                             tlstream_escape(shown, sizeof(shown), text, len),
                             why);
}

/* "*.example.org" is a wildcard over names of two labels or more. */
static int parse_dns(name *out, const char *text, size_t len,
                     tlstream_error *error) {
  bool is_wildcard = len >= 2 && memcmp(text, "*.", 2) == 0;
  size_t skip = is_wildcard ? 2 : 0;
  tlstream__host *host = &out->host;
  int code = tlstream__host_parse(host, text + skip, len - skip, error);
  if (code != 0) return code;
  if (is_wildcard && (host->ip_len > 0 || strchr(host->name, '.') == NULL ||
                      host->len + 2 > TLSTREAM__HOST_MAX)) {
    return refuse(error, text, len,
                  "a wildcard stands in front of a domain name of two parts "
                  "or more");
  }
  bool is_ip = host->ip_len > 0;
  snprintf(out->text, sizeof(out->text), "%s%s", is_wildcard ? "*." : "",
           host->name);
  out->type = is_ip ? GEN_IPADD : GEN_DNS;
  out->bytes = is_ip ? (const char *)host->ip : out->text;
  out->len = is_ip ? host->ip_len : strlen(out->text);
  return 0;
}

/* Independent of the locale. */
static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_letter_or_digit(char c) {
  return is_letter(c) || (c >= '0' && c <= '9');
}

/* What stands before the @ without quotes (RFC 5322, section 3.2.3). */
static bool is_local_part(const char *text, size_t len) {
  for (size_t i = 0; i < len; i++) {
    bool is_dot = text[i] == '.';
    if (is_dot && (i == 0 || i + 1 == len || text[i - 1] == '.')) return false;
    if (!is_dot && !is_letter_or_digit(text[i]) &&
        (text[i] == '\0' || strchr("!#$%&'*+-/=?^_`{|}~", text[i]) == NULL)) {
      return false;
    }
  }
  return len > 0;
}

static int parse_email(name *out, const char *text, size_t len,
                       tlstream_error *error) {
  const char *at = memchr(text, '@', len);
  size_t local = at != NULL ? (size_t)(at - text) : 0;
  if (at == NULL || len > EMAIL_MAX || !is_local_part(text, local)) {
    return refuse(error, text, len, "this is no e-mail address");
  }
  int code = tlstream__host_parse(&out->host, at + 1, len - local - 1, error);
  if (code != 0) return code;
  if (out->host.ip_len > 0) {
    return refuse(error, text, len, "an e-mail address has a domain name");
  }
  out->type = GEN_EMAIL;
  out->bytes = text;
  out->len = len;
  return 0;
}

static int parse_uri(name *out, const char *text, size_t len,
                     tlstream_error *error) {
  size_t scheme = 0;
  while (scheme < len && is_letter_or_digit(text[scheme]))
    scheme++;
  bool fine = scheme > 0 && is_letter(text[0]) && len > scheme + 3 &&
              len <= URI_MAX && memcmp(text + scheme, "://", 3) == 0;
  for (size_t i = 0; fine && i < len; i++) {
    fine = text[i] > ' ' && text[i] < 0x7f &&
           strchr("\"<>\\^`{|}", text[i]) == NULL;
  }
  if (!fine) {
    return refuse(error, text, len,
                  "this is no URI with a scheme, a host and printable ASCII");
  }
  out->type = GEN_URI;
  out->bytes = text;
  out->len = len;
  return 0;
}

static int parse(name *out, const char *text, tlstream_error *error) {
  if (text == NULL) {
    return tlstream__issue_refuse(error, "one of the hosts is NULL");
  }
  char ascii[TLSTREAM__HOST_MAX + 2];
  size_t len = strlen(text);
  if (strstr(text, "://") != NULL) return parse_uri(out, text, len, error);
  if (strchr(text, '@') != NULL) return parse_email(out, text, len, error);
  text = tlstream__idn_prefer_ascii(text, ascii, sizeof(ascii));
  return parse_dns(out, text, strlen(text), error);
}

static int push(GENERAL_NAMES *names, const name *from) {
  GENERAL_NAME *made = GENERAL_NAME_new();
  ASN1_STRING *value = ASN1_STRING_type_new(
      from->type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
  if (made == NULL || value == NULL ||
      ASN1_STRING_set(value, from->bytes, (int)from->len) != 1) {
    ASN1_STRING_free(value);
    GENERAL_NAME_free(made);
    return 0;
  }
  GENERAL_NAME_set0_value(made, from->type, value);
  if (sk_GENERAL_NAME_push(names, made) > 0) return 1;
  GENERAL_NAME_free(made);
  return 0;
}

int tlstream__issue_hosts(const tlstream__wanted *wanted, GENERAL_NAMES **out,
                          tlstream_error *error) {
  name each = {0};
  if (wanted->count == 0) return 0;
  *out = sk_GENERAL_NAME_new_null();
  int code = tlstream__issue_check(*out != NULL, error);
  for (size_t i = 0; code == 0 && i < wanted->count; i++) {
    code = parse(&each, wanted->hosts[i], error);
    if (code == 0) code = tlstream__issue_check(push(*out, &each), error);
  }
  return code;
}

bool tlstream__issue_has_host(const GENERAL_NAMES *names) {
  for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
    int type = sk_GENERAL_NAME_value(names, i)->type;
    if (type == GEN_DNS || type == GEN_IPADD) return true;
  }
  return false;
}

static int refuse_kind(tlstream_error *error, const char *why) {
  return tlstream__error_set(error, TLSTREAM_ERR_BAD_REQUEST, "request: %s",
                             why);
}

static int check_address(name *out, const ASN1_STRING *value,
                         tlstream_error *error) {
  out->type = GEN_IPADD;
  out->bytes = (const char *)ASN1_STRING_get0_data(value);
  out->len = (size_t)ASN1_STRING_length(value);
  if (out->len == 4 || out->len == 16) return 0;
  return refuse_kind(error, "it asks for an address of an odd length");
}

static int check_text(name *out, const GENERAL_NAME *general,
                      tlstream_error *error) {
  tlstream_error why;
  const ASN1_STRING *value = general->d.ia5;
  const char *text = (const char *)ASN1_STRING_get0_data(value);
  size_t len = (size_t)ASN1_STRING_length(value);
  int code = general->type == GEN_DNS     ? parse_dns(out, text, len, &why)
             : general->type == GEN_EMAIL ? parse_email(out, text, len, &why)
                                          : parse_uri(out, text, len, &why);
  if (code != 0) return refuse_kind(error, why.message);
  if (general->type == GEN_DNS && out->type != GEN_DNS) {
    return refuse_kind(error, "it asks for an address dressed as a name");
  }
  return 0;
}

static int check_general(name *out, const GENERAL_NAME *general,
                         tlstream_error *error) {
  switch (general->type) {
    case GEN_DNS:
    case GEN_EMAIL:
    case GEN_URI: return check_text(out, general, error);
    case GEN_IPADD: return check_address(out, general->d.iPAddress, error);
    default:
      return refuse_kind(error, "it asks for a name of a kind that is not "
                                "signed here; give the names instead");
  }
}

int tlstream__issue_copy_names(const GENERAL_NAMES *from, GENERAL_NAMES **out,
                               tlstream_error *error) {
  name each = {0};
  *out = sk_GENERAL_NAME_new_null();
  int code = tlstream__issue_check(*out != NULL, error);
  for (int i = 0; code == 0 && i < sk_GENERAL_NAME_num(from); i++) {
    code = check_general(&each, sk_GENERAL_NAME_value(from, i), error);
    if (code == 0) code = tlstream__issue_check(push(*out, &each), error);
  }
  return code;
}
