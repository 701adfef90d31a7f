/* SPDX-License-Identifier: MIT */
#include "core/x509/identity.h"

#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

#include <tlstream/text.h>

#include "base/error.h"
#include "core/x509/idn.h"

enum { LABEL_MAX = 63, SHOWN = 128 };

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_hex_digit(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

static bool is_name_byte(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' ||
         c == '_' || c == '.';
}

/* What is wrong with a byte, or NULL. */
static const char *blame_byte(char c) {
  if (is_name_byte(c)) return NULL;
  if ((unsigned char)c >= 0x80) {
    return "it is not ASCII; give its ASCII form, which has xn-- in it";
  }
  if (c == '*') return "a wildcard is not one host";
  return "a host name has letters, digits, '-', '_' and '.' only";
}

static const char *blame_bytes(const char *text, size_t len) {
  for (size_t i = 0; i < len; i++) {
    const char *why = blame_byte(text[i]);
    if (why != NULL) return why;
  }
  return NULL;
}

static const char *blame_labels(const char *text, size_t len) {
  size_t label = 0;
  if (text[0] == '.') return "it begins with a dot";
  for (size_t i = 0; i < len; i++) {
    label = text[i] == '.' ? 0 : label + 1;
    if (label > LABEL_MAX) return "a part of it is longer than 63 bytes";
    if (label == 0 && (i + 1 == len || text[i + 1] == '.')) {
      return "it has an empty part";
    }
  }
  return NULL;
}

/* A name whose last label is a number is one that programs have taken for an
 * IPv4 address, in octal, in hexadecimal or with parts left out. */
static bool ends_in_number(const char *text, size_t len) {
  size_t start = len;
  while (start > 0 && text[start - 1] != '.')
    start--;
  const char *label = text + start;
  size_t n = len - start;
  size_t i = 0;
  if (n >= 2 && label[0] == '0' && lower(label[1]) == 'x') {
    for (i = 2; i < n && is_hex_digit(label[i]);)
      i++;
  } else {
    while (i < n && is_digit(label[i]))
      i++;
  }
  return i == n;
}

static bool read_address(tlstream__host *host, int family, const char *text,
                         size_t len) {
  char copy[INET6_ADDRSTRLEN];
  if (len >= sizeof(copy)) return false;
  memcpy(copy, text, len);
  copy[len] = '\0';
  if (strlen(copy) != len) return false;
  if (inet_pton(family, copy, host->ip) != 1) return false;
  host->ip_len = family == AF_INET6 ? 16 : 4;
  return true;
}

static const char *parse_ipv6(tlstream__host *host, const char *text,
                              size_t len) {
  if (text[0] == '[') return "give the address without brackets and port";
  if (memchr(text, '%', len) != NULL) {
    return "an address with a zone is in no certificate";
  }
  if (read_address(host, AF_INET6, text, len)) return NULL;
  return "it has a ':' but is no IPv6 address; give the host alone, without "
         "scheme and port";
}

static const char *parse_ipv4(tlstream__host *host, const char *text,
                              size_t len) {
  if (read_address(host, AF_INET, text, len)) return NULL;
  return "it looks like an IPv4 address but is none: that is four numbers "
         "from 0 to 255 without leading zeros";
}

static void take_name(tlstream__host *host, const char *text, size_t len) {
  for (size_t i = 0; i < len; i++)
    host->name[i] = lower(text[i]);
  host->len = len;
}

/* Returns what is wrong, or NULL. */
static const char *parse(tlstream__host *host, const char *text, size_t len) {
  const char *why = NULL;
  if (len == 0) return "it is empty";
  if (memchr(text, ':', len) != NULL) return parse_ipv6(host, text, len);

  size_t name_len = text[len - 1] == '.' ? len - 1 : len;
  if (name_len == 0) return "it is only a dot";
  if (name_len > TLSTREAM__HOST_MAX) return "it is longer than 253 bytes";
  why = blame_bytes(text, name_len);
  if (why == NULL) why = blame_labels(text, name_len);
  if (why != NULL) return why;

  if (ends_in_number(text, name_len)) return parse_ipv4(host, text, len);
  take_name(host, text, name_len);
  return NULL;
}

static int refuse(tlstream_error *error, const char *text, size_t len,
                  const char *why) {
  char shown[SHOWN];
  return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                             "\"%s\" is neither a host name nor an address: %s",
                             tlstream_escape(shown, sizeof(shown), text, len),
                             why);
}

int tlstream__host_parse(tlstream__host *host, const char *text, size_t len,
                         tlstream_error *error) {
  tlstream__host parsed = {0};
  const char *why = parse(&parsed, text, len);
  if (why != NULL) return refuse(error, text, len, why);
  memcpy(parsed.text, text, len);
  *host = parsed;
  return 0;
}

/* Numbers and dots, none of them octal: what is left for the resolver to read
 * as an address has one meaning. */
static bool is_short_ipv4(const char *text, size_t len) {
  for (size_t i = 0; i < len; i++) {
    bool begins = i == 0 || text[i - 1] == '.';
    if (!is_digit(text[i]) && text[i] != '.') return false;
    if (begins && text[i] == '0' && i + 1 < len && is_digit(text[i + 1])) {
      return false;
    }
  }
  return len > 0 && len < INET_ADDRSTRLEN;
}

static int parse_target(tlstream__host *host, const char *text, size_t len,
                        tlstream_error *error) {
  char copy[INET_ADDRSTRLEN] = "";
  struct in_addr address;
  const char *zone = memchr(text, '%', len);
  if (zone != NULL && zone + 1 < text + len && memchr(text, ':', len) != NULL) {
    len = (size_t)(zone - text);
  }
  if (is_short_ipv4(text, len)) {
    memcpy(copy, text, len);
    if (inet_aton(copy, &address) != 0 &&
        inet_ntop(AF_INET, &address, copy, sizeof(copy)) != NULL) {
      return tlstream__host_parse(host, copy, strlen(copy), error);
    }
  }
  return tlstream__host_parse(host, text, len, error);
}

/* For messages; what libidn2 gives back has nothing in it that a terminal would
 * obey. */
static void note_both_forms(tlstream__host *host, const char *ascii) {
  char unicode[TLSTREAM__HOST_MAX + 1];
  if (tlstream__idn_to_unicode(ascii, unicode, sizeof(unicode))) {
    snprintf(host->text, sizeof(host->text), "%s (%s)", unicode, ascii);
  }
}

int tlstream__host_parse_target(tlstream__host *host, const char *text,
                                size_t len, tlstream_error *error) {
  char ascii[TLSTREAM__HOST_MAX + 2]; /* it may end in a dot */
  if (tlstream__idn_is_ascii(text, len)) {
    return parse_target(host, text, len, error);
  }
  const char *why = tlstream__idn_to_ascii(text, len, ascii, sizeof(ascii));
  if (why != NULL) return refuse(error, text, len, why);
  int code = parse_target(host, ascii, strlen(ascii), error);
  if (code == 0) note_both_forms(host, ascii);
  return code;
}

/* `name` is lower case. It holds neither NUL nor '*' nor a byte beyond ASCII,
 * so that a pattern which does is never equal to it. */
static bool is_same(const char *name, size_t len, const char *pattern,
                    size_t pattern_len) {
  if (len != pattern_len) return false;
  for (size_t i = 0; i < len; i++) {
    if (name[i] != lower(pattern[i])) return false;
  }
  return true;
}

/* RFC 9525, section 6.3: the wildcard stands for one whole label. Besides, the
 * rest has two labels or more, because no owner has all of "*.com". */
static bool matches_wildcard(const tlstream__host *host, const char *rest,
                             size_t rest_len) {
  const char *dot = memchr(host->name, '.', host->len);
  if (dot == NULL) return false;
  const char *host_rest = dot + 1;
  size_t host_rest_len = host->len - (size_t)(host_rest - host->name);
  return memchr(host_rest, '.', host_rest_len) != NULL &&
         is_same(host_rest, host_rest_len, rest, rest_len);
}

static bool matches_dns(const tlstream__host *host, const char *pattern,
                        size_t len) {
  if (len > 0 && pattern[len - 1] == '.') len--; /* "example.org." */
  if (len > 2 && pattern[0] == '*' && pattern[1] == '.') {
    return matches_wildcard(host, pattern + 2, len - 2);
  }
  return len > 0 && is_same(host->name, host->len, pattern, len);
}

static bool matches_one(const tlstream__host *host,
                        const tlstream_alt_name *name) {
  if (host->ip_len > 0) {
    return name->kind == TLSTREAM_ALT_NAME_IP && name->len == host->ip_len &&
           memcmp(name->data, host->ip, host->ip_len) == 0;
  }
  return name->kind == TLSTREAM_ALT_NAME_DNS &&
         matches_dns(host, name->data, name->len);
}

bool tlstream__identity_matches(const tlstream__host *host,
                                const tlstream_alt_name *names, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (matches_one(host, &names[i])) return true;
  }
  return false;
}
