/* SPDX-License-Identifier: MIT */
#include "peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>

const char peer_bulk_bytes[PEER_BULK_CHUNK] = {'t', 'l', 's'};

void peer_fail(const char *what) {
  unsigned long code = ERR_peek_error();
  const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
  if (reason == NULL) reason = errno != 0 ? strerror(errno) : "failed";
  fprintf(stderr, "%s: %s\n", what, reason);
  exit(1);
}

enum peer_mode peer_arguments(int argc, char **argv) {
  const char *word = argc == 4 ? argv[1] : "";
  if (strcmp(word, "echo") == 0) return PEER_ECHO;
  /* The cost of a handshake is all in the handshake: what follows is an echo.
   */
  if (strcmp(word, "handshake") == 0) return PEER_ECHO;
  if (strcmp(word, "bulk") == 0) return PEER_BULK;
  if (strcmp(word, "sink") == 0) return PEER_SINK;
  fprintf(stderr, "usage: %s echo|handshake|bulk|sink CERT KEY\n", argv[0]);
  exit(2);
}

SSL_CTX *peer_context(const char *cert, const char *key) {
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  if (context == NULL) peer_fail("SSL_CTX_new");
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS |
                                SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_use_certificate_chain_file(context, cert) != 1) peer_fail(cert);
  if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
    peer_fail(key);
  return context;
}

void peer_announce(int port) {
  printf("port %d %s\n", port, OpenSSL_version(OPENSSL_VERSION));
  fflush(stdout);
}

void peer_check_stdin(void) {
  char ignored[256];
  if (read(STDIN_FILENO, ignored, sizeof(ignored)) == 0) exit(0);
}
