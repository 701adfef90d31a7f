/* SPDX-License-Identifier: MIT */
#include "connect/starttls/name.h"

#include <stdio.h>
#include <string.h>

bool starttls_name_is_valid(const char *name) {
  size_t len = strlen(name);
  if (len == 0 || len >= STARTTLS_NAME_MAX) return false;
  for (size_t i = 0; i < len; i++) {
    unsigned char letter = (unsigned char)name[i];
    if (letter <= ' ' || letter == 0x7f || strchr("\"'<>&", letter) != NULL) {
      return false;
    }
  }
  return true;
}

/* A name with a dot in it that is more than "localhost.localdomain". */
static bool is_full_name(const char *name) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
  size_t len = strlen(name);
  const char *dot = strchr(name, '.');
  return dot != NULL && dot != name && name[len - 1] != '.' &&
         strspn(name, letters) == len &&
         strncmp(name, "localhost.", sizeof("localhost.") - 1) != 0;
}

static bool address_of(const uv_stream_t *stream, char *text, size_t cap) {
  struct sockaddr_storage address;
  int len = sizeof(address);
  if (stream->type != UV_TCP ||
      uv_tcp_getsockname((const uv_tcp_t *)stream, (struct sockaddr *)&address,
                         &len) != 0) {
    return false;
  }
  return uv_ip_name((struct sockaddr *)&address, text, cap) == 0;
}

void starttls_own_name(const uv_stream_t *stream,
                       char name[STARTTLS_NAME_MAX]) {
  static const char mapped[] = "::ffff:";
  char text[64] = "127.0.0.1";
  size_t len = STARTTLS_NAME_MAX;
  if (uv_os_gethostname(name, &len) == 0 && is_full_name(name)) return;
  if (!address_of(stream, text, sizeof(text)))
    snprintf(text, sizeof(text), "127.0.0.1");
  bool is_mapped = strncmp(text, mapped, sizeof(mapped) - 1) == 0;
  const char *shown = is_mapped ? text + sizeof(mapped) - 1 : text;
  snprintf(name, STARTTLS_NAME_MAX, "[%s%s]",
           strchr(shown, ':') != NULL ? "IPv6:" : "", shown);
}
