/* SPDX-License-Identifier: MIT */
/*
 * The answer to StartTLS (RFC 4511, 4.14): BER, in which a length may have any
 * number of octets. An LDAPMessage is a SEQUENCE of its ID and an operation;
 * here an ExtendedResponse: resultCode, matchedDN, diagnosticMessage, and maybe
 * a referral, responseName and responseValue.
 */
#include <string.h>

#include "connect/starttls/reply.h"

enum {
  TAG_INTEGER = 0x02,
  TAG_STRING = 0x04,
  TAG_ENUMERATED = 0x0a,
  TAG_SEQUENCE = 0x30,
  TAG_EXTENDED_RESPONSE = 0x78,
  TAG_INTERMEDIATE_RESPONSE = 0x79,
  TAG_RESPONSE_NAME = 0x8a,
  OUR_ID = 1,
  LENGTH_MAX = 4000,
  INTEGER_MAX = 0xffffff
};

static const char notice_of_disconnection[] = "1.3.6.1.4.1.1466.20036";

typedef struct ber {
  const unsigned char *at;
  size_t len;
} ber;

/* The octets of a long length are as many as the sender likes; the value is
 * bounded. The indefinite form is not for LDAP (RFC 4511, 5.1). */
static reply_result take_length(ber *from, size_t *length) {
  if (from->len == 0) return REPLY_PARTIAL;
  size_t octets = from->at[0] & 0x7fu;
  bool is_long = from->at[0] > 0x7f;
  *length = is_long ? 0 : octets;
  from->at++;
  from->len--;
  if (!is_long) return REPLY_OK;
  if (octets == 0 || octets == 0x7f) return REPLY_INVALID;
  for (; octets > 0; octets--) {
    if (from->len == 0) return REPLY_PARTIAL;
    *length = *length << 8 | from->at[0];
    if (*length > LENGTH_MAX) return REPLY_TOO_LONG;
    from->at++;
    from->len--;
  }
  return REPLY_OK;
}

/* Take the next element, whole, whatever it is. */
static reply_result take_any(ber *from, unsigned *tag, ber *content) {
  ber rest = *from;
  size_t length = 0;
  if (rest.len == 0) return REPLY_PARTIAL;
  *tag = rest.at[0];
  rest.at++;
  rest.len--;
  reply_result result = take_length(&rest, &length);
  if (result != REPLY_OK) return result;
  if (rest.len < length) return REPLY_PARTIAL;
  *content = (ber){rest.at, length};
  *from = (ber){rest.at + length, rest.len - length};
  return REPLY_OK;
}

static bool take(ber *from, unsigned tag, ber *content) {
  unsigned found = 0;
  return take_any(from, &found, content) == REPLY_OK && found == tag;
}

static bool take_integer(ber *from, unsigned tag, unsigned *value) {
  ber content;
  if (!take(from, tag, &content) || content.len == 0) return false;
  *value = 0;
  for (size_t i = 0; i < content.len; i++) {
    *value = *value << 8 | content.at[i];
    if (*value > INTEGER_MAX) return false;
  }
  return true;
}

/* RFC 4511, appendix A: those that are no answer to a search alone. */
static const char *result_name(unsigned code) {
  static const struct {
    unsigned code;
    const char *name;
  } names[] = {
      {1, "operationsError"},
      {2, "protocolError"},
      {3, "timeLimitExceeded"},
      {7, "authMethodNotSupported"},
      {8, "strongerAuthRequired"},
      {10, "referral"},
      {11, "adminLimitExceeded"},
      {12, "unavailableCriticalExtension"},
      {13, "confidentialityRequired"},
      {14, "saslBindInProgress"},
      {32, "noSuchObject"},
      {34, "invalidDNSyntax"},
      {48, "inappropriateAuthentication"},
      {49, "invalidCredentials"},
      {50, "insufficientAccessRights"},
      {51, "busy"},
      {52, "unavailable"},
      {53, "unwillingToPerform"},
      {54, "loopDetect"},
      {80, "other"},
  };
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (names[i].code == code) return names[i].name;
  }
  return "result code";
}

typedef struct response {
  unsigned code;
  ber diagnostic;
  ber rest;
} response;

static bool read_response(ber operation, response *out) {
  ber matched;
  out->rest = operation;
  return take_integer(&out->rest, TAG_ENUMERATED, &out->code) &&
         take(&out->rest, TAG_STRING, &matched) &&
         take(&out->rest, TAG_STRING, &out->diagnostic);
}

static bool is_notice_of_disconnection(ber rest) {
  unsigned tag = 0;
  ber name;
  while (take_any(&rest, &tag, &name) == REPLY_OK) {
    if (tag == TAG_RESPONSE_NAME) {
      return name.len == strlen(notice_of_disconnection) &&
             memcmp(name.at, notice_of_disconnection, name.len) == 0;
    }
  }
  return false;
}

/* Messages with the ID 0 answer nothing (RFC 4511, 4.4). */
static reply_result judge(reply *self, unsigned id, ber operation) {
  response got;
  if (!read_response(operation, &got)) return REPLY_INVALID;
  bool is_notice = id == 0;
  if (is_notice && !is_notice_of_disconnection(got.rest)) return REPLY_PARTIAL;
  if (!is_notice && got.code == 0) return REPLY_OK;
  reply_quote(self, got.diagnostic.at, got.diagnostic.len);
  return reply_refuse(self, "%s: %s (%u)",
                      is_notice ? "the server ends the connection"
                                : "the server offers no TLS",
                      result_name(got.code), got.code);
}

reply_result parse_ldap(reply *self, size_t *used) {
  const unsigned char *bytes = (const unsigned char *)self->bytes;
  ber input = {bytes, self->len};
  ber message = {0};
  ber operation = {0};
  unsigned tag = TAG_SEQUENCE;
  unsigned id = 0;
  *used = 0;
  reply_result result = take_any(&input, &tag, &message);
  if (tag != TAG_SEQUENCE) return REPLY_INVALID;
  if (result != REPLY_OK) return result;
  *used = (size_t)(input.at - bytes);
  if (!take_integer(&message, TAG_INTEGER, &id) || id > OUR_ID ||
      take_any(&message, &tag, &operation) != REPLY_OK) {
    return REPLY_INVALID;
  }
  if (tag == TAG_INTERMEDIATE_RESPONSE && id == OUR_ID) return REPLY_PARTIAL;
  return tag == TAG_EXTENDED_RESPONSE ? judge(self, id, operation)
                                      : REPLY_INVALID;
}
