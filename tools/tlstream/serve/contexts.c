/* SPDX-License-Identifier: MIT */
#include "serve/contexts.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <tlstream/pair_info.h>

#include "command.h"
#include "credentials.h"
#include "message.h"
#include "serve/serve.h"

enum { CONTEXT_MAX = 4096 };

/* The policy for client certificates, the same for all names. */
static tlstream_context_options policy(const serve_settings *given) {
  return *TLSTREAM_CONTEXT(.request_certificate =
                               given->request_cert || given->require_cert,
                           .insecure_allow_unauthorized = given->request_cert);
}

static void warn_if_expired(tlstream_context *context) {
  tlstream_pair *pair = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = context), 0, NULL);
  tlstream_certificate *own =
      pair != NULL ? tlstream_pair_own_certificate(pair) : NULL;
  if (own != NULL && tlstream_certificate_not_after(own) < time(NULL)) {
    print_message(
        "warning: the certificate has expired (%s); clients will refuse it",
        tlstream_certificate_valid_to(own));
  }
  tlstream_certificate_unref(own);
  tlstream_pair_free(pair);
}

tlstream_context *contexts_make(const serve_settings *given,
                                const tlstream_issued *made) {
  tlstream_context_options wanted = policy(given);
  if (given->credentials.key == NULL && given->credentials.cert == NULL) {
    wanted.key = (tlstream_bytes){made->key, made->key_len};
    wanted.cert = (tlstream_bytes){made->cert, made->cert_len};
  }
  tlstream_context *context = credentials_context(&given->credentials, &wanted);
  if (context != NULL) warn_if_expired(context);
  return context;
}

/* Split NAME=CERT,KEY in `text`, a copy of `word`. */
static bool split_context(const char *word, char *text, size_t cap,
                          credential_settings *credentials) {
  snprintf(text, cap, "%s", word);
  char *cert = strchr(text, '=');
  char *key = cert != NULL ? strchr(cert, ',') : NULL;
  if (strlen(word) >= cap || key == NULL || cert == text) {
    return command_error(&serve_command, "--context is NAME=CERT,KEY, not '%s'",
                         escaped(word));
  }
  *cert++ = '\0';
  *key++ = '\0';
  credentials->cert = cert;
  credentials->key = key;
  return true;
}

static int add_context(const serve_settings *given, tlstream_server *server,
                       const char *word) {
  char text[CONTEXT_MAX];
  tlstream_error error;
  credential_settings credentials = given->credentials;
  tlstream_context_options wanted = policy(given);
  credentials.passphrase_file = NULL;
  if (!split_context(word, text, sizeof(text), &credentials)) return EXIT_LOCAL;
  tlstream_context *context = credentials_context(&credentials, &wanted);
  if (context == NULL) return EXIT_LOCAL;
  int code = tlstream_server_add_context(server, text, context, &error);
  tlstream_context_unref(context);
  return code == 0 ? EXIT_DONE : print_error(&error);
}

int contexts_add(const serve_settings *given, tlstream_server *server) {
  int status = EXIT_DONE;
  for (size_t i = 0; status == EXIT_DONE && i < given->contexts.count; i++) {
    status = add_context(given, server, given->contexts.items[i]);
  }
  return status;
}
