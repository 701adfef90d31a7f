/* SPDX-License-Identifier: MIT */
#include "core/x509/idn.h"

#include <string.h>

#ifdef TLSTREAM_HAVE_IDN2
#include <idn2.h>
#endif

bool tlstream__idn_is_ascii(const char *text, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if ((unsigned char)text[i] >= 0x80) return false;
  }
  return true;
}

#ifdef TLSTREAM_HAVE_IDN2

enum { INPUT_MAX = 1024 }; /* a name of 253 bytes in ASCII is shorter */

static bool copy_out(const char *from, char *out, size_t cap) {
  size_t len = strlen(from);
  if (len >= cap) return false;
  memcpy(out, from, len + 1);
  return true;
}

const char *tlstream__idn_to_ascii(const char *text, size_t len, char *out,
                                   size_t cap) {
  char input[INPUT_MAX];
  char *made = NULL;
  if (len >= sizeof(input)) return "it is too long";
  if (memchr(text, '\0', len) != NULL) return "it has a NUL in it";
  memcpy(input, text, len);
  input[len] = '\0';
  int code =
      idn2_to_ascii_8z(input, &made, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  if (code != IDN2_OK) return idn2_strerror(code);
  bool fits = copy_out(made, out, cap);
  idn2_free(made);
  return fits ? NULL : "it is too long";
}

bool tlstream__idn_to_unicode(const char *ascii, char *out, size_t cap) {
  char *made = NULL;
  if (idn2_to_unicode_8z8z(ascii, &made, 0) != IDN2_OK) return false;
  bool fits = copy_out(made, out, cap);
  idn2_free(made);
  return fits;
}

#else

const char *tlstream__idn_to_ascii(const char *text, size_t len, char *out,
                                   size_t cap) {
  (void)text, (void)len, (void)out, (void)cap;
  return "it is not ASCII, and the library was built without libidn2; give its "
         "ASCII form, which has xn-- in it";
}

bool tlstream__idn_to_unicode(const char *ascii, char *out, size_t cap) {
  (void)ascii, (void)out, (void)cap;
  return false;
}

#endif

const char *tlstream__idn_prefer_ascii(const char *host, char *room,
                                       size_t cap) {
  size_t len = strlen(host);
  if (tlstream__idn_is_ascii(host, len)) return host;
  return tlstream__idn_to_ascii(host, len, room, cap) == NULL ? room : host;
}
