/* SPDX-License-Identifier: MIT */
/*
 * Alternative names and information access in Node's text forms. A value that
 * could be taken for two, or for another kind, is put into JSON quotes
 * (CVE-2021-44532).
 */
#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "base/text.h"
#include "core/x509/state.h"

enum { ROOM = 256 };

/* RFC 2253, but without escapes for what the JSON quotes escape. */
#define NAME_FLAGS   \
  (XN_FLAG_RFC2253 & \
   (unsigned long)~(ASN1_STRFLGS_ESC_MSB | ASN1_STRFLGS_ESC_CTRL))

/* A general name, ready to be written. */
typedef struct general_text {
  const char *label;   /* "DNS" */
  const char *literal; /* all of the value; else it is the bytes */
  const char *prefix;  /* in front of the bytes: "UPN"; or NULL */
  const void *bytes;
  size_t len;
  bool is_utf8; /* else Latin-1 */
  BIO *printed; /* owned; holds the bytes; may be NULL */
  char room[ROOM];
} general_text;

static void put(tlstream__text *text, const void *bytes, size_t len) {
  if (!text->failed && !tlstream__buf_append(&text->buf, bytes, len)) {
    text->failed = true;
  }
}

static void describe_address(general_text *out, const ASN1_STRING *value) {
  const unsigned char *ip = ASN1_STRING_get0_data(value);
  int len = ASN1_STRING_length(value);
  out->label = "IP Address";
  out->literal = out->room;
  if (len == 4) {
    snprintf(out->room, ROOM, "%d.%d.%d.%d", ip[0], ip[1], ip[2], ip[3]);
  } else if (len != 16) {
    snprintf(out->room, ROOM, "<invalid length=%d>", len);
  }
  for (int i = 0, used = 0; len == 16 && i < 16; i += 2) {
    used += snprintf(out->room + used, ROOM - (size_t)used, "%s%X",
                     i > 0 ? ":" : "", (unsigned)(ip[i] << 8 | ip[i + 1]));
  }
}

static void describe_directory(general_text *out, const X509_NAME *name) {
  char *bytes = NULL;
  out->label = "DirName";
  out->literal = "<unsupported>";
  out->printed = BIO_new(BIO_s_mem());
  if (out->printed == NULL) return;
  if (X509_NAME_print_ex(out->printed, name, 0, NAME_FLAGS) < 0) return;
  long len = BIO_get_mem_data(out->printed, &bytes);
  out->literal = NULL;
  out->bytes = bytes;
  out->len = (size_t)len;
  out->is_utf8 = true;
}

static const char *other_prefix(int nid) {
  switch (nid) {
    case NID_id_on_SmtpUTF8Mailbox: return "SmtpUTF8Mailbox";
    case NID_XmppAddr: return "XmppAddr";
    case NID_SRVName: return "SRVName";
    case NID_ms_upn: return "UPN";
    case NID_NAIRealm: return "NAIRealm";
    default: return NULL;
  }
}

static void describe_other(general_text *out, const OTHERNAME *other) {
  int nid = OBJ_obj2nid(other->type_id);
  int wanted = nid == NID_SRVName ? V_ASN1_IA5STRING : V_ASN1_UTF8STRING;
  out->label = "othername";
  out->prefix = other_prefix(nid);
  if (out->prefix == NULL || other->value->type != wanted) {
    out->prefix = NULL;
    out->literal = "<unsupported>";
    return;
  }
  const ASN1_STRING *value = other->value->value.asn1_string;
  out->bytes = ASN1_STRING_get0_data(value);
  out->len = (size_t)ASN1_STRING_length(value);
  out->is_utf8 = wanted == V_ASN1_UTF8STRING;
}

static void describe_string(general_text *out, const char *label,
                            const ASN1_STRING *value) {
  out->label = label;
  out->bytes = ASN1_STRING_get0_data(value);
  out->len = (size_t)ASN1_STRING_length(value);
}

static void describe(general_text *out, const GENERAL_NAME *name) {
  memset(out, 0, sizeof(*out));
  switch (name->type) {
    case GEN_DNS: describe_string(out, "DNS", name->d.dNSName); break;
    case GEN_EMAIL: describe_string(out, "email", name->d.rfc822Name); break;
    case GEN_URI:
      describe_string(out, "URI", name->d.uniformResourceIdentifier);
      break;
    case GEN_IPADD: describe_address(out, name->d.iPAddress); break;
    case GEN_DIRNAME: describe_directory(out, name->d.directoryName); break;
    case GEN_OTHERNAME: describe_other(out, name->d.otherName); break;
    case GEN_RID:
      OBJ_obj2txt(out->room, ROOM, name->d.registeredID, /* no_name = */ 1);
      out->label = "Registered ID";
      out->literal = out->room;
      break;
    default:
      out->label = name->type == GEN_X400 ? "X400Name" : "EdiPartyName";
      out->literal = "<unsupported>";
  }
}

static bool is_plain(const general_text *value) {
  const unsigned char *bytes = value->bytes;
  for (size_t i = 0; i < value->len; i++) {
    unsigned char c = bytes[i];
    if (c == '"' || c == '\\' || c == ',' || c == '\'') return false;
    if (c < ' ' || c == 0x7f) return false;
    if (c > 0x7f && !value->is_utf8) return false;
  }
  return true;
}

static void put_prefix(tlstream__text *text, const general_text *value) {
  if (value->prefix == NULL) return;
  tlstream__text_add(text, value->prefix);
  tlstream__text_add(text, ":");
}

/* Commas become \u002c, because programs split the text at commas. */
static void put_quoted_byte(tlstream__text *text, unsigned char c,
                            bool is_utf8) {
  if (c == '"' || c == '\\') {
    tlstream__text_format(text, "\\%c", c);
  } else if ((c >= ' ' && c <= '~' && c != ',') || (is_utf8 && c > 0x7f)) {
    put(text, &c, 1);
  } else {
    tlstream__text_format(text, "\\u%04x", c);
  }
}

static void put_value(tlstream__text *text, const general_text *value) {
  const unsigned char *bytes = value->bytes;
  if (value->literal != NULL) {
    tlstream__text_add(text, value->literal);
  } else if (is_plain(value)) {
    put_prefix(text, value);
    put(text, value->bytes, value->len);
  } else {
    tlstream__text_add(text, "\"");
    put_prefix(text, value);
    for (size_t i = 0; i < value->len; i++) {
      put_quoted_byte(text, bytes[i], value->is_utf8);
    }
    tlstream__text_add(text, "\"");
  }
}

/* The value by itself, where nothing needs quotes: as UTF-8. */
static void put_bare_value(tlstream__text *text, const general_text *value) {
  const unsigned char *bytes = value->bytes;
  if (value->literal != NULL) tlstream__text_add(text, value->literal);
  put_prefix(text, value);
  for (size_t i = 0; i < value->len; i++) {
    unsigned char c = bytes[i];
    unsigned char pair[] = {(unsigned char)(0xC0 | c >> 6),
                            (unsigned char)(0x80 | (c & 0x3F))};
    bool widen = c > 0x7f && !value->is_utf8;
    put(text, widen ? pair : &c, widen ? 2 : 1);
  }
}

/* Move a finished text into the arena. */
static const char *keep(tlstream__arena *arena, tlstream__text *text,
                        size_t *len) {
  *len = tlstream__buf_len(&text->buf);
  if (text->failed) arena->failed = true;
  const char *kept =
      tlstream__arena_copy(arena, tlstream__buf_data(&text->buf), *len);
  tlstream__buf_clear(&text->buf);
  return kept;
}

void tlstream__decode_alt_text(tlstream__claims *claims,
                               const GENERAL_NAMES *all) {
  tlstream__text text = {0};
  size_t len = 0;
  if (all == NULL) return;
  for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
    general_text value;
    describe(&value, sk_GENERAL_NAME_value(all, i));
    if (i > 0) tlstream__text_add(&text, ", ");
    tlstream__text_add(&text, value.label);
    tlstream__text_add(&text, ":");
    put_value(&text, &value);
    BIO_free(value.printed);
  }
  claims->alt_text = keep(&claims->arena, &text, &len);
}

static void decode_access(tlstream__arena *arena, tlstream_access *out,
                          tlstream_name_entry *text_out,
                          const ACCESS_DESCRIPTION *access) {
  char method[80];
  size_t key_len = 0;
  general_text value;
  tlstream__text key = {0};
  tlstream__text text = {0};
  OBJ_obj2txt(method, sizeof(method), access->method, /* no_name = */ 0);
  out->method = tlstream__arena_copy(arena, method, strlen(method));
  tlstream__decode_alt_name(arena, &out->location, access->location);
  describe(&value, access->location);
  tlstream__text_format(&key, "%s - %s", method, value.label);
  put_bare_value(&text, &value);
  text_out->key = keep(arena, &key, &key_len);
  text_out->value = keep(arena, &text, &text_out->len);
  BIO_free(value.printed);
}

/* An extension that is there but empty is distinct from one that is absent. */
void tlstream__decode_access(tlstream_certificate *certificate, X509 *x509) {
  tlstream__arena *arena = &certificate->claims.arena;
  AUTHORITY_INFO_ACCESS *all =
      X509_get_ext_d2i(x509, NID_info_access, NULL, NULL);
  if (all == NULL) return;
  size_t count = (size_t)sk_ACCESS_DESCRIPTION_num(all);
  tlstream_access *list =
      tlstream__arena_take(arena, (count + 1) * sizeof(*list));
  tlstream_name_entry *texts =
      tlstream__arena_take(arena, (count + 1) * sizeof(*texts));
  if (list == NULL || texts == NULL) count = 0;
  for (size_t i = 0; i < count; i++) {
    decode_access(arena, &list[i], &texts[i],
                  sk_ACCESS_DESCRIPTION_value(all, (int)i));
  }
  certificate->access = list;
  certificate->access_count = count;
  certificate->access_texts = (tlstream__entries){texts, count};
  AUTHORITY_INFO_ACCESS_free(all);
}
