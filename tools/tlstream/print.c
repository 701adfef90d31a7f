/* SPDX-License-Identifier: MIT */
#include "print.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include <uv.h>

#include "utf8.h"

enum { NAMES_SHOWN = 8, NAMES_LISTED = 1000, BYTES_SHOWN = 200 };

void print_row(FILE *out, const char *label, const char *text) {
  fprintf(out, "  %-12s %s\n", label, text);
}

/* True if nothing in the value could be read as its end or as the start of
 * another value. */
static bool is_plain(const char *bytes, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if ((unsigned char)bytes[i] >= 0x80) continue;
    if (bytes[i] == '\0' || strchr(",\"+=;<>#", bytes[i]) != NULL) return false;
  }
  return len > 0 && bytes[0] != ' ' && bytes[len - 1] != ' ';
}

static bool shows_utf8(FILE *out) {
  return isatty(fileno(out)) && utf8_is_shown();
}

/* Print the first character, or the first byte, and return its length. */
static size_t print_character(FILE *out, const char *bytes, size_t len,
                              bool as_utf8) {
  unsigned code = 0;
  char shown[8];
  size_t found = as_utf8 ? utf8_decode(bytes, len, &code) : 0;
  if (found > 1 && utf8_is_harmless(code)) {
    fwrite(bytes, 1, found, out);
    return found;
  }
  if (bytes[0] == '"') fputc('\\', out);
  fputs(tlstream_escape(shown, sizeof(shown), bytes, 1), out);
  return 1;
}

static void print_value(FILE *out, const void *data, size_t len) {
  const char *bytes = data;
  bool is_quoted = !is_plain(bytes, len);
  bool as_utf8 = shows_utf8(out);
  if (is_quoted) fputc('"', out);
  for (size_t i = 0; i < len && i < BYTES_SHOWN;)
    i += print_character(out, bytes + i, len - i, as_utf8);
  if (len > BYTES_SHOWN) fputs("...", out);
  if (is_quoted) fputc('"', out);
}

/* The parts of one relative name are joined by a plus: CN=a+OU=b. */
static void print_parts(FILE *out, const tlstream_name_entry *parts,
                        size_t count) {
  for (size_t i = 0; i < count; i++) {
    bool is_joined = i > 0 && parts[i].rdn == parts[i - 1].rdn;
    fprintf(out, "%s%s=", i == 0 ? "" : is_joined ? "+" : ", ", parts[i].key);
    print_value(out, parts[i].value, parts[i].len);
  }
}

static void print_name(FILE *out, const char *label,
                       const tlstream_name_entry *parts, size_t count) {
  fprintf(out, "  %-12s ", label);
  print_parts(out, parts, count);
  fputs(count == 0 ? "(empty)\n" : "\n", out);
}

static void print_ip(FILE *out, const tlstream_alt_name *name) {
  char shown[64] = "";
  int family = name->len == 4 ? AF_INET : AF_INET6;
  if (uv_inet_ntop(family, name->data, shown, sizeof(shown)) == 0) {
    fputs(shown, out);
  }
}

static void print_alt_name(FILE *out, const tlstream_alt_name *name) {
  switch (name->kind) {
    case TLSTREAM_ALT_NAME_IP: print_ip(out, name); return;
    case TLSTREAM_ALT_NAME_EMAIL: fputs("email:", out); break;
    case TLSTREAM_ALT_NAME_URI: fputs("URI:", out); break;
    case TLSTREAM_ALT_NAME_RID: fputs("RID:", out); break;
    case TLSTREAM_ALT_NAME_DIRECTORY:
      fputs("directory:(", out);
      print_parts(out, name->entries, name->entry_count);
      fputc(')', out);
      return;
    case TLSTREAM_ALT_NAME_OTHER:
      fprintf(out, "(other kind%s%s)", name->oid != NULL ? ": " : "",
              name->oid != NULL ? name->oid : "");
      return;
    case TLSTREAM_ALT_NAME_DNS: break;
  }
  print_value(out, name->data, name->len);
}

static void print_list(FILE *out, const tlstream_alt_name *names, size_t count,
                       size_t shown_max) {
  for (size_t i = 0; i < count && i < shown_max; i++) {
    if (i > 0) fputs(", ", out);
    print_alt_name(out, &names[i]);
  }
  if (count > shown_max) fprintf(out, ", and %zu more", count - shown_max);
}

static void print_alt_names(FILE *out, const tlstream_alt_name *names,
                            size_t count, size_t shown_max) {
  fprintf(out, "  %-12s ", "names");
  print_list(out, names, count, shown_max);
  fputs(count == 0 ? "(none)\n" : "\n", out);
}

void print_subject(FILE *out, const tlstream_certificate *certificate) {
  size_t count = 0;
  const tlstream_name_entry *parts =
      tlstream_certificate_subject(certificate, &count);
  print_parts(out, parts, count);
}

void print_names(FILE *out, const tlstream_certificate *certificate) {
  size_t count = 0;
  const tlstream_alt_name *names =
      tlstream_certificate_alt_names(certificate, &count);
  if (count > 0) {
    print_list(out, names, count, NAMES_SHOWN);
  } else {
    print_subject(out, certificate);
  }
}

void print_identity(FILE *out, const char *subject_label,
                    const tlstream_certificate *certificate, size_t names_max) {
  size_t count = 0;
  const tlstream_name_entry *parts =
      tlstream_certificate_subject(certificate, &count);
  print_name(out, subject_label, parts, count);
  const tlstream_alt_name *names =
      tlstream_certificate_alt_names(certificate, &count);
  print_alt_names(out, names, count, names_max);
  parts = tlstream_certificate_issuer(certificate, &count);
  print_name(out, "issuer", parts, count);
}

static void print_key(FILE *out, const tlstream_public_key *key) {
  fprintf(out, "  %-12s %s", "key", key->type);
  if (key->bits > 0) fprintf(out, ", %d bits", key->bits);
  if (key->nist_curve != NULL) {
    fprintf(out, ", %s", key->nist_curve);
  } else if (key->asn1_curve != NULL) {
    fprintf(out, ", %s", key->asn1_curve);
  }
  fputc('\n', out);
}

static const char *usage_words(const char *oid) {
  if (strcmp(oid, "1.3.6.1.5.5.7.3.1") == 0) return "servers";
  if (strcmp(oid, "1.3.6.1.5.5.7.3.2") == 0) return "clients";
  if (strcmp(oid, "2.5.29.37.0") == 0) return "anything";
  return oid;
}

static void print_usages(FILE *out, const tlstream_certificate *certificate) {
  size_t count = 0;
  const char *const *usages = tlstream_certificate_usages(certificate, &count);
  bool is_ca = tlstream_certificate_is_ca(certificate);
  fprintf(out, "  %-12s ", "good for");
  if (is_ca) fputs("signing certificates", out);
  for (size_t i = 0; i < count; i++) {
    fprintf(out, "%s%s", i > 0 || is_ca ? ", " : "", usage_words(usages[i]));
  }
  fputs(count == 0 && !is_ca ? "(not stated)\n" : "\n", out);
}

static void print_life(FILE *out, const tlstream_certificate *certificate) {
  long long now = (long long)time(NULL);
  bool is_early = now < tlstream_certificate_not_before(certificate);
  bool is_late = now > tlstream_certificate_not_after(certificate);
  fprintf(out, "  %-12s %s%s\n", "valid from",
          tlstream_certificate_valid_from(certificate),
          is_early ? " (not yet)" : "");
  fprintf(out, "  %-12s %s%s\n", "valid to",
          tlstream_certificate_valid_to(certificate),
          is_late ? " (expired)" : "");
}

void print_certificate(FILE *out, const tlstream_certificate *certificate) {
  print_identity(out, "subject", certificate, NAMES_LISTED);
  print_life(out, certificate);
  print_usages(out, certificate);
  print_key(out, tlstream_certificate_public_key(certificate));
  print_row(out, "signed with",
            tlstream_certificate_signature_algorithm(certificate));
  print_row(out, "serial", tlstream_certificate_serial(certificate));
  print_row(out, "sha256",
            tlstream_certificate_fingerprint(certificate, TLSTREAM_SHA256));
}

void print_request(FILE *out, const tlstream_request *request) {
  size_t count = 0;
  const tlstream_name_entry *parts = tlstream_request_subject(request, &count);
  print_name(out, "subject", parts, count);
  const tlstream_alt_name *names = tlstream_request_alt_names(request, &count);
  print_alt_names(out, names, count, NAMES_LISTED);
  print_key(out, tlstream_request_public_key(request));
}
