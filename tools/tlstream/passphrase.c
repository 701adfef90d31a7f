/* SPDX-License-Identifier: MIT */
#include "passphrase.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "message.h"

bool passphrase_read(const char *path, char line[PASSPHRASE_MAX]) {
  line[0] = '\0';
  if (path == NULL) return true;
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    print_message("passphrase: cannot read %s: %s", escaped(path),
                  strerror(errno));
    return false;
  }
  /* Unbuffered, so that the C library keeps no copy of the passphrase. */
  setvbuf(file, NULL, _IONBF, 0);
  bool fine = fgets(line, PASSPHRASE_MAX, file) != NULL;
  fclose(file);
  if (!fine) {
    print_message("passphrase: %s is empty or cannot be read", escaped(path));
    return false;
  }
  if (strlen(line) == PASSPHRASE_MAX - 1) {
    print_message("passphrase: the line in %s is too long", escaped(path));
    return false;
  }
  line[strcspn(line, "\r\n")] = '\0';
  return true;
}

void warn_if_readable_by_all(const char *key) {
  struct stat status;
  if (stat(key, &status) != 0 || (status.st_mode & S_IROTH) == 0) return;
  print_message("warning: every user of this machine can read the key in %s",
                escaped(key));
}
