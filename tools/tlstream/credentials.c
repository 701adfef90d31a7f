/* SPDX-License-Identifier: MIT */
#include "credentials.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "say.h"

enum { PASSPHRASE_MAX = 4096 };

/* The compiler may not leave this out, as it may a memset before the end of a
 * life. */
static void wipe(void *bytes, size_t len) {
  volatile char *each = bytes;
  while (len-- > 0)
    *each++ = 0;
}

static bool read_first_line(const char *path, char *line, size_t cap) {
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    say("passphrase: cannot read %s: %s", quoted(path), strerror(errno));
    return false;
  }
  /* Unbuffered, so that no copy of it stays behind in the C library. */
  setvbuf(file, NULL, _IONBF, 0);
  bool fine = fgets(line, (int)cap, file) != NULL;
  fclose(file);
  if (!fine) {
    say("passphrase: %s is empty or cannot be read", quoted(path));
    return false;
  }
  if (strlen(line) == cap - 1) {
    say("passphrase: the line in %s is too long", quoted(path));
    return false;
  }
  line[strcspn(line, "\r\n")] = '\0';
  return true;
}

static void warn_if_open(const char *key) {
  struct stat status;
  if (stat(key, &status) != 0 || (status.st_mode & S_IROTH) == 0) return;
  say("warning: everybody on this machine can read the key in %s", quoted(key));
}

tlstream_context *credentials_context(const credential_settings *given,
                                      tlstream_context_options *options) {
  char passphrase[PASSPHRASE_MAX] = "";
  tlstream_error error;
  options->ca_file = given->ca;
  options->min_version = given->tls_min;
  options->max_version = given->tls_max;
  if (given->key != NULL || given->cert != NULL) {
    options->key_file = given->key;
    options->cert_file = given->cert;
  }
  if (given->passphrase_file != NULL) {
    if (!read_first_line(given->passphrase_file, passphrase,
                         sizeof(passphrase))) {
      return NULL;
    }
    options->passphrase = passphrase;
  }
  tlstream_context *context = tlstream_context_new(options, &error);
  options->passphrase = NULL;
  wipe(passphrase, sizeof(passphrase));
  if (context == NULL) {
    say_error(&error);
  } else if (given->key != NULL) {
    warn_if_open(given->key);
  }
  return context;
}
