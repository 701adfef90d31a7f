/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL 3.5 and later can be built so that each SSL_CTX_new() reads
 * SSLKEYLOGFILE, and logs all keys into that file from then on. Nothing in its
 * API undoes that: so the variable is empty while an SSL_CTX is made.
 */
#include "core/context/ssl_ctx.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/ssl.h>

#include "base/alloc.h"

#define VARIABLE "SSLKEYLOGFILE"

/* Two threads at once would take the empty value for the one to put back. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Setting a variable that is there replaces one pointer, and moves nothing that
 * another thread may be reading. */
static SSL_CTX *make_unheard(const char *path) {
  char *kept = tlstream__strdup(path);
  if (kept == NULL || setenv(VARIABLE, "", 1) != 0) {
    tlstream__free(kept);
    return NULL;
  }
  SSL_CTX *made = SSL_CTX_new(TLS_method());
  setenv(VARIABLE, kept, 1);
  tlstream__free(kept);
  return made;
}

SSL_CTX *tlstream__ssl_ctx_new(void) {
  pthread_mutex_lock(&lock);
  const char *path = getenv(VARIABLE);
  SSL_CTX *made = path != NULL && path[0] != '\0' ? make_unheard(path)
                                                  : SSL_CTX_new(TLS_method());
  pthread_mutex_unlock(&lock);
  if (made != NULL) SSL_CTX_set_keylog_callback(made, NULL);
  return made;
}
