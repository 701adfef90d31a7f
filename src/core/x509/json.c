/* SPDX-License-Identifier: MIT */
/* Certificates and requests as JSON, with Node's names in Node's order; what
 * Node has as a Buffer is base64 here, and `subjectAltNames` is ours. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/alloc.h"
#include "base/text.h"
#include "core/x509/state.h"

/* Bytes per step of base64: a multiple of three, so that only the last one is
 * padded. */
enum { STEP = 768, STEP_TEXT = STEP / 3 * 4 + 1 };

static void add_base64(tlstream__text *text, const void *data, size_t len) {
  const unsigned char *bytes = data;
  char piece[STEP_TEXT];
  tlstream__text_add(text, "\"");
  for (size_t done = 0; done < len; done += STEP) {
    size_t left = len - done;
    EVP_EncodeBlock((unsigned char *)piece, bytes + done,
                    (int)(left < STEP ? left : STEP));
    tlstream__text_add(text, piece);
  }
  tlstream__text_add(text, "\"");
}

/* Every object begins with a property of its own; these follow. */
static void add_key(tlstream__text *text, const char *key) {
  tlstream__text_add(text, ",");
  tlstream__text_json(text, key, strlen(key));
  tlstream__text_add(text, ":");
}

/* What is NULL is left out. */
static void add_string(tlstream__text *text, const char *key,
                       const char *value) {
  if (value == NULL) return;
  add_key(text, key);
  tlstream__text_json(text, value, strlen(value));
}

static void add_number(tlstream__text *text, const char *key, int value) {
  add_key(text, key);
  tlstream__text_format(text, "%d", value);
}

typedef const tlstream_name_entry *entry_ref;

/* By key; those of one key stay in the order of the certificate. */
static int compare(const void *one, const void *other) {
  entry_ref a = *(const entry_ref *)one;
  entry_ref b = *(const entry_ref *)other;
  int order = strcmp(a->key, b->key);
  return order != 0 ? order : (a > b) - (a < b);
}

/* Sorted, because a name may have thousands of parts. */
static entry_ref *sort(const tlstream__entries *entries) {
  entry_ref *sorted = tlstream__malloc(entries->count * sizeof(*sorted));
  if (sorted == NULL) return NULL;
  for (size_t i = 0; i < entries->count; i++)
    sorted[i] = &entries->list[i];
  qsort(sorted, entries->count, sizeof(*sorted), compare);
  return sorted;
}

/* Where the entries with the key begin. */
static size_t find_key(const entry_ref *sorted, size_t count, const char *key) {
  size_t low = 0;
  while (low < count) {
    size_t middle = low + (count - low) / 2;
    if (strcmp(sorted[middle]->key, key) < 0) {
      low = middle + 1;
    } else {
      count = middle;
    }
  }
  return low;
}

/* The values of the key that `sorted` begins with. */
static void add_values(tlstream__text *text, const entry_ref *sorted,
                       size_t count, bool always_array) {
  size_t same = 1;
  while (same < count && strcmp(sorted[same]->key, sorted[0]->key) == 0)
    same++;
  bool is_array = always_array || same > 1;
  if (is_array) tlstream__text_add(text, "[");
  for (size_t i = 0; i < same; i++) {
    if (i > 0) tlstream__text_add(text, ",");
    tlstream__text_json(text, sorted[i]->value, sorted[i]->len);
  }
  if (is_array) tlstream__text_add(text, "]");
}

static void add_sorted(tlstream__text *text, const tlstream__entries *entries,
                       const entry_ref *sorted, bool always_array) {
  for (size_t i = 0; i < entries->count; i++) {
    const char *key = entries->list[i].key;
    size_t first = find_key(sorted, entries->count, key);
    if (sorted[first] != &entries->list[i]) continue; /* was among the values */
    if (i > 0) tlstream__text_add(text, ",");
    tlstream__text_json(text, key, strlen(key));
    tlstream__text_add(text, ":");
    add_values(text, sorted + first, entries->count - first, always_array);
  }
}

static void add_entries(tlstream__text *text, const tlstream__entries *entries,
                        bool always_array) {
  entry_ref *sorted = NULL;
  tlstream__text_add(text, "{");
  if (entries->count > 0) {
    sorted = sort(entries);
    if (sorted == NULL) {
      text->failed = true;
    } else {
      add_sorted(text, entries, sorted, always_array);
    }
  }
  tlstream__text_add(text, "}");
  tlstream__free(sorted);
}

static void add_alt_name(tlstream__text *text, const tlstream_alt_name *name) {
  static const char *const kinds[] = {"DNS",       "IP",  "EMAIL", "URI",
                                      "DIRECTORY", "RID", "OTHER"};
  char address[64];
  tlstream__text_format(text, "{\"kind\":\"%s\"", kinds[name->kind]);
  add_string(text, "oid", name->oid);
  add_key(text, "value");
  if (name->kind == TLSTREAM_ALT_NAME_OTHER) {
    add_base64(text, name->data, name->len);
  } else if (name->kind == TLSTREAM_ALT_NAME_DIRECTORY) {
    add_entries(text, &(tlstream__entries){name->entries, name->entry_count},
                /* always_array = */ false);
  } else if (name->kind == TLSTREAM_ALT_NAME_IP) {
    tlstream__address_text(address, sizeof(address), name);
    tlstream__text_json(text, address, strlen(address));
  } else {
    tlstream__text_json(text, name->data, name->len);
  }
  tlstream__text_add(text, "}");
}

static void add_alt_names(tlstream__text *text,
                          const tlstream__claims *claims) {
  if (claims->alt_text == NULL) return;
  add_string(text, "subjectaltname", claims->alt_text);
  add_key(text, "subjectAltNames");
  tlstream__text_add(text, "[");
  for (size_t i = 0; i < claims->alt_name_count; i++) {
    if (i > 0) tlstream__text_add(text, ",");
    add_alt_name(text, &claims->alt_names[i]);
  }
  tlstream__text_add(text, "]");
}

static void add_subject(tlstream__text *text, const tlstream__claims *claims) {
  tlstream__text_add(text, "{\"subject\":");
  add_entries(text, &claims->subject, /* always_array = */ false);
}

static void add_names(tlstream__text *text,
                      const tlstream_certificate *certificate) {
  add_subject(text, &certificate->claims);
  add_key(text, "issuer");
  add_entries(text, &certificate->issuer, /* always_array = */ false);
  add_alt_names(text, &certificate->claims);
  if (certificate->access != NULL) {
    add_key(text, "infoAccess");
    add_entries(text, &certificate->access_texts, /* always_array = */ true);
  }
  add_key(text, "ca");
  tlstream__text_add(text, certificate->is_ca ? "true" : "false");
}

static void add_bytes(tlstream__text *text, const char *key, const void *bytes,
                      size_t len) {
  if (bytes == NULL) return;
  add_key(text, key);
  add_base64(text, bytes, len);
}

/* Node prints these only for RSA and EC; for EC, the bare point. */
static void add_public_key(tlstream__text *text,
                           const tlstream_public_key *key) {
  bool is_ec = key->point != NULL;
  bool is_rsa = key->modulus != NULL;
  add_string(text, "modulus", key->modulus);
  if ((is_ec || is_rsa) && key->bits > 0) add_number(text, "bits", key->bits);
  add_string(text, "exponent", key->exponent);
  if (is_ec) add_bytes(text, "pubkey", key->point, key->point_len);
  if (is_rsa) add_bytes(text, "pubkey", key->spki, key->spki_len);
  add_string(text, "asn1Curve", key->asn1_curve);
  add_string(text, "nistCurve", key->nist_curve);
}

/* What Node has in X509Certificate alone. */
static void add_beyond(tlstream__text *text, const tlstream__claims *claims) {
  const tlstream_public_key *key = &claims->key;
  add_key(text, "asymmetricKeyType");
  tlstream__text_add(text, "\"");
  for (const char *each = key->type; *each != '\0'; each++)
    tlstream__text_format(text, "%c", tolower((unsigned char)*each));
  tlstream__text_add(text, "\"");
  add_bytes(text, "publicKey", key->spki, key->spki_len);
  add_string(text, "signatureAlgorithm", claims->signature);
  add_string(text, "signatureAlgorithmOid", claims->signature_oid);
}

static void add_usages(tlstream__text *text,
                       const tlstream_certificate *certificate) {
  if (certificate->usages == NULL) return;
  add_key(text, "ext_key_usage");
  tlstream__text_add(text, "[");
  for (size_t i = 0; i < certificate->usage_count; i++) {
    const char *oid = certificate->usages[i];
    if (i > 0) tlstream__text_add(text, ",");
    tlstream__text_json(text, oid, strlen(oid));
  }
  tlstream__text_add(text, "]");
}

static void add_rest(tlstream__text *text,
                     const tlstream_certificate *certificate) {
  const tlstream__claims *claims = &certificate->claims;
  const char *const *prints = certificate->fingerprints;
  add_string(text, "valid_from", certificate->valid_from);
  add_string(text, "valid_to", certificate->valid_to);
  add_string(text, "fingerprint", prints[TLSTREAM_SHA1]);
  add_string(text, "fingerprint256", prints[TLSTREAM_SHA256]);
  add_string(text, "fingerprint512", prints[TLSTREAM_SHA512]);
  add_usages(text, certificate);
  add_string(text, "serialNumber", certificate->serial);
  add_bytes(text, "raw", claims->der, claims->der_len);
  add_beyond(text, claims);
}

/* The chain is nested, and written without recursion, because the peer chose
 * how long it is. */
char *tlstream_certificate_json(const tlstream_certificate *certificate) {
  tlstream__text text = {0};
  const tlstream_certificate *at = certificate;
  for (; at != NULL; at = at->next) {
    if (at != certificate) add_key(&text, "issuerCertificate");
    add_names(&text, at);
    add_public_key(&text, &at->claims.key);
    add_rest(&text, at);
  }
  for (at = certificate; at != NULL; at = at->next) {
    tlstream__text_add(&text, "}");
  }
  return tlstream__text_take(&text);
}

char *tlstream_request_json(const tlstream_request *request) {
  tlstream__text text = {0};
  const tlstream__claims *claims = &request->claims;
  add_subject(&text, claims);
  add_alt_names(&text, claims);
  add_public_key(&text, &claims->key);
  add_bytes(&text, "raw", claims->der, claims->der_len);
  add_beyond(&text, claims);
  tlstream__text_add(&text, "}");
  return tlstream__text_take(&text);
}
