/* SPDX-License-Identifier: MIT */
/*
 * The names in a certificate: distinguished names, alternative names, and one
 * clause about them for messages.
 */
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <tlstream/text.h>

#include "core/openssl/ossl.h"
#include "core/x509/certificate.h"
#include "core/x509/state.h"

static const char *key_of(tlstream__arena *arena, const ASN1_OBJECT *type) {
  int nid = OBJ_obj2nid(type);
  const char *name = nid != NID_undef ? OBJ_nid2sn(nid) : NULL;
  if (name == NULL) return tlstream__oid_text(arena, type);
  return tlstream__arena_copy(arena, name, strlen(name));
}

/* A value as UTF-8, or as it is when that fails. Returns what to release with
 * OPENSSL_free(), or NULL. */
static unsigned char *to_utf8(const ASN1_STRING *value, const void **bytes,
                              size_t *len) {
  unsigned char *utf8 = NULL;
  int converted = ASN1_STRING_to_UTF8(&utf8, value);
  *bytes = converted >= 0 ? utf8 : ASN1_STRING_get0_data(value);
  *len = (size_t)(converted >= 0 ? converted : ASN1_STRING_length(value));
  return utf8;
}

static void decode_entry(tlstream__arena *arena, tlstream_name_entry *out,
                         const X509_NAME_ENTRY *entry) {
  const void *bytes = NULL;
  unsigned char *utf8 =
      to_utf8(X509_NAME_ENTRY_get_data(entry), &bytes, &out->len);
  out->key = key_of(arena, X509_NAME_ENTRY_get_object(entry));
  out->rdn = X509_NAME_ENTRY_set(entry);
  out->value = tlstream__arena_copy(arena, bytes, out->len);
  OPENSSL_free(utf8);
}

tlstream__entries tlstream__decode_name(tlstream__arena *arena,
                                        const X509_NAME *name) {
  int count = X509_NAME_entry_count(name);
  if (count <= 0) return (tlstream__entries){NULL, 0};
  tlstream_name_entry *list =
      tlstream__arena_take(arena, (size_t)count * sizeof(*list));
  if (list == NULL) return (tlstream__entries){NULL, 0};
  for (int i = 0; i < count; i++) {
    decode_entry(arena, &list[i], X509_NAME_get_entry(name, i));
  }
  return (tlstream__entries){list, (size_t)count};
}

bool tlstream__alt_name_view(const GENERAL_NAME *general,
                             tlstream_alt_name *name) {
  switch (general->type) {
    case GEN_DNS: name->kind = TLSTREAM_ALT_NAME_DNS; break;
    case GEN_EMAIL: name->kind = TLSTREAM_ALT_NAME_EMAIL; break;
    case GEN_URI: name->kind = TLSTREAM_ALT_NAME_URI; break;
    case GEN_IPADD: name->kind = TLSTREAM_ALT_NAME_IP; break;
    default: return false;
  }
  const ASN1_STRING *value = general->d.ia5;
  name->data = ASN1_STRING_get0_data(value);
  name->len = (size_t)ASN1_STRING_length(value);
  return name->kind != TLSTREAM_ALT_NAME_IP || name->len == 4 ||
         name->len == 16;
}

static void take_der(tlstream__arena *arena, tlstream_alt_name *out,
                     const GENERAL_NAME *general) {
  int len = i2d_GENERAL_NAME(general, NULL);
  out->data = "";
  if (len <= 0) return;
  unsigned char *der = tlstream__arena_take(arena, (size_t)len);
  unsigned char *end = der;
  if (der == NULL) return;
  i2d_GENERAL_NAME(general, &end);
  out->data = der;
  out->len = (size_t)len;
}

static void decode_rare(tlstream__arena *arena, tlstream_alt_name *out,
                        const GENERAL_NAME *general) {
  memset(out, 0, sizeof(*out));
  out->kind = TLSTREAM_ALT_NAME_OTHER;
  if (general->type == GEN_RID) {
    const char *oid = tlstream__oid_text(arena, general->d.registeredID);
    out->kind = TLSTREAM_ALT_NAME_RID;
    out->data = oid;
    out->len = strlen(oid);
    return;
  }
  take_der(arena, out, general);
  if (general->type == GEN_DIRNAME) {
    tlstream__entries parts =
        tlstream__decode_name(arena, general->d.directoryName);
    out->kind = TLSTREAM_ALT_NAME_DIRECTORY;
    out->entries = parts.list;
    out->entry_count = parts.count;
  } else if (general->type == GEN_OTHERNAME) {
    out->oid = tlstream__oid_text(arena, general->d.otherName->type_id);
  }
}

void tlstream__decode_alt_name(tlstream__arena *arena, tlstream_alt_name *out,
                               const GENERAL_NAME *general) {
  if (tlstream__alt_name_view(general, out)) {
    out->data = tlstream__arena_copy(arena, out->data, out->len);
  } else {
    decode_rare(arena, out, general);
  }
}

void tlstream__decode_alt_names(tlstream__claims *claims,
                                const GENERAL_NAMES *all) {
  tlstream__arena *arena = &claims->arena;
  size_t count = all != NULL ? (size_t)sk_GENERAL_NAME_num(all) : 0;
  tlstream_alt_name *list = NULL;
  if (count > 0) list = tlstream__arena_take(arena, count * sizeof(*list));
  for (size_t i = 0; list != NULL && i < count; i++) {
    tlstream__decode_alt_name(arena, &list[i],
                              sk_GENERAL_NAME_value(all, (int)i));
  }
  claims->alt_names = list;
  claims->alt_name_count = list != NULL ? count : 0;
}

void tlstream__address_text(char *out, size_t cap,
                            const tlstream_alt_name *name) {
  int family = name->len == 4 ? AF_INET : AF_INET6;
  if (inet_ntop(family, name->data, out, (socklen_t)cap) == NULL) out[0] = '\0';
}

/* Room for " and 10000 more" is kept at the end. */
enum { PIECE = 128, TAIL = 24 };

void tlstream__name_list_add(tlstream__name_list *list,
                             const tlstream_alt_name *name) {
  char piece[PIECE];
  size_t room = list->cap > 2 * TAIL ? list->cap - TAIL : list->cap;
  if (name->kind == TLSTREAM_ALT_NAME_IP) {
    tlstream__address_text(piece, sizeof(piece), name);
  } else if (name->kind == TLSTREAM_ALT_NAME_DNS && name->len > 0) {
    tlstream_escape(piece, sizeof(piece), name->data, name->len);
  } else {
    return;
  }
  size_t len = strlen(piece);
  size_t comma = list->shown > 0 ? 2 : 0;
  bool fits = list->used + comma + len < room;
  if (list->shown > 0 && (!fits || list->more > 0)) {
    list->more++;
    return;
  }
  list->used += (size_t)snprintf(list->out + list->used, room - list->used,
                                 "%s%s", comma > 0 ? ", " : "", piece);
  if (list->used >= room) list->used = room - 1;
  list->shown++;
}

void tlstream__name_list_end(tlstream__name_list *list) {
  if (list->shown == 0) {
    snprintf(list->out, list->cap, "no name at all");
  } else if (list->more > 0) {
    snprintf(list->out + list->used, list->cap - list->used, " and %zu more",
             list->more);
  }
}

static bool any_matches(const GENERAL_NAMES *all, const tlstream__host *host) {
  for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
    tlstream_alt_name name;
    if (tlstream__alt_name_view(sk_GENERAL_NAME_value(all, i), &name) &&
        tlstream__identity_matches(host, &name, 1)) {
      return true;
    }
  }
  return false;
}

static void list_names(const GENERAL_NAMES *all, char *out, size_t cap) {
  tlstream__name_list list = {.out = out, .cap = cap};
  for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
    tlstream_alt_name name;
    if (tlstream__alt_name_view(sk_GENERAL_NAME_value(all, i), &name)) {
      tlstream__name_list_add(&list, &name);
    }
  }
  tlstream__name_list_end(&list);
}

bool tlstream__certificate_check(X509 *x509, const tlstream__host *host,
                                 char *names, size_t cap) {
  tlstream__ossl_clear();
  GENERAL_NAMES *all = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
  bool matches = any_matches(all, host);
  if (!matches && names != NULL && cap > 0) list_names(all, names, cap);
  GENERAL_NAMES_free(all);
  tlstream__ossl_clear();
  return matches;
}

/* The most specific common name is the last one; so is, without any, the most
 * specific part. */
static int title_index(const X509_NAME *name) {
  int last = X509_NAME_entry_count(name) - 1;
  for (int i = last; i >= 0; i--) {
    const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
    if (OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) == NID_commonName) {
      return i;
    }
  }
  return last;
}

void tlstream__certificate_title(X509 *x509, bool issuer, char *out,
                                 size_t cap) {
  const X509_NAME *name =
      issuer ? X509_get_issuer_name(x509) : X509_get_subject_name(x509);
  int index = title_index(name);
  if (index < 0) {
    snprintf(out, cap, "no name");
    return;
  }
  const void *bytes = NULL;
  size_t len = 0;
  tlstream__ossl_clear();
  unsigned char *utf8 = to_utf8(
      X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)), &bytes, &len);
  tlstream_escape(out, cap, bytes, len);
  OPENSSL_free(utf8);
  tlstream__ossl_clear();
}
