/* SPDX-License-Identifier: MIT */
#include "serve/ephemeral_cert.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "message.h"

enum { HOSTS_MAX = 4, PUBLIC = S_IRGRP | S_IROTH };

static bool fail(const char *what, int number) {
  print_message("cannot make a folder for the ephemeral CA: %s: %s",
                escaped(what), strerror(number));
  return false;
}

static bool make_folder(ephemeral_cert *made) {
  const char *parent = getenv("TMPDIR");
  if (parent == NULL || parent[0] == '\0') parent = "/tmp";
  if (strlen(parent) > sizeof(made->folder) - 20) {
    return fail("TMPDIR", ENAMETOOLONG);
  }
  snprintf(made->folder, sizeof(made->folder), "%s/tlstream-XXXXXX", parent);
  if (mkdtemp(made->folder) != NULL) return true;
  made->folder[0] = '\0';
  return fail(parent, errno);
}

static bool write_ca(ephemeral_cert *made, const tlstream_issued *ca) {
  char path[sizeof(made->ca_path)];
  new_file file = {0};
  snprintf(path, sizeof(path), "%s/ca.pem", made->folder);
  bool fine = new_file_write(&file, path, PUBLIC, ca->cert, ca->cert_len) &&
              new_file_place(&file, /* replace = */ false);
  new_file_clear(&file, /* undo = */ !fine);
  if (fine) snprintf(made->ca_path, sizeof(made->ca_path), "%s", path);
  return fine;
}

/* The address that a server at "fe80::1%eth0" or "127.1" has, without zone and
 * in full; a name is itself. */
static const char *in_certificates(const char *host, char *room, size_t cap) {
  char start[INET6_ADDRSTRLEN];
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST,
                           .ai_socktype = SOCK_STREAM};
  struct addrinfo *found = NULL;
  if (host == NULL) return NULL;
  snprintf(start, sizeof(start), "%.*s", (int)strcspn(host, "%"), host);
  if (getaddrinfo(start, NULL, &hints, &found) != 0) return host;
  int failed = getnameinfo(found->ai_addr, found->ai_addrlen, room,
                           (socklen_t)cap, NULL, 0, NI_NUMERICHOST);
  freeaddrinfo(found);
  return failed ? host : room;
}

/* True if the host is not one of those that the certificate always has. */
static bool is_another(const char *host) {
  return host != NULL && strcmp(host, "localhost") != 0 &&
         strcmp(host, "127.0.0.1") != 0 && strcmp(host, "::1") != 0;
}

static int issue(ephemeral_cert *made, tlstream_issued *ca, const char *host,
                 tlstream_error *error) {
  const char *hosts[HOSTS_MAX] = {"localhost", "127.0.0.1", "::1", host};
  int code =
      tlstream_issue(TLSTREAM_ISSUE(.is_ca = true, .days = 1,
                                    .common_name = "tlstream ephemeral CA"),
                     ca, error);
  if (code != 0) return code;
  return tlstream_issue(
      /* No .days: it gets what is left of its CA. Another full day could end a
       * second after the CA. */
      TLSTREAM_ISSUE(.hosts = hosts,
                     .host_count = is_another(host) ? HOSTS_MAX : HOSTS_MAX - 1,
                     .ca_cert = {ca->cert, ca->cert_len},
                     .ca_key = {ca->key, ca->key_len}),
      &made->leaf, error);
}

bool ephemeral_cert_make(ephemeral_cert *made, const char *host) {
  char address[INET6_ADDRSTRLEN];
  tlstream_issued ca = {0};
  tlstream_error error;
  host = in_certificates(host, address, sizeof(address));
  bool fine = issue(made, &ca, host, &error) == 0;
  if (!fine) {
    print_error(&error);
  } else {
    fine = make_folder(made) && write_ca(made, &ca);
  }
  tlstream_issued_clear(&ca);
  if (!fine) ephemeral_cert_clear(made);
  return fine;
}

void ephemeral_cert_clear(ephemeral_cert *made) {
  tlstream_issued_clear(&made->leaf);
  if (made->ca_path[0] != '\0') unlink(made->ca_path);
  if (made->folder[0] != '\0') rmdir(made->folder);
  made->ca_path[0] = made->folder[0] = '\0';
}
