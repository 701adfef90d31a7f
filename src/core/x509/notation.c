/* SPDX-License-Identifier: MIT */
/* How object identifiers and bytes are written. */
#include <openssl/asn1.h>
#include <openssl/objects.h>

#include "core/x509/state.h"

const char *tlstream__oid_text(tlstream__arena *arena,
                               const ASN1_OBJECT *object) {
  int len = OBJ_obj2txt(NULL, 0, object, /* no_name = */ 1);
  if (len <= 0) return "";
  char *text = tlstream__arena_take(arena, (size_t)len + 1);
  if (text == NULL) return "";
  OBJ_obj2txt(text, len + 1, object, /* no_name = */ 1);
  return text;
}

const char *tlstream__hex_text(tlstream__arena *arena,
                               const unsigned char *bytes, size_t len,
                               char separator) {
  static const char digits[] = "0123456789ABCDEF";
  char *text = tlstream__arena_take(arena, 3 * len + 1);
  char *end = text;
  if (text == NULL) return "";
  for (size_t i = 0; i < len; i++) {
    if (i > 0 && separator != '\0') *end++ = separator;
    *end++ = digits[bytes[i] >> 4];
    *end++ = digits[bytes[i] & 15];
  }
  return text;
}
