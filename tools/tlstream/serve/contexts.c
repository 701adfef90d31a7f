/* SPDX-License-Identifier: MIT */
#include "serve/contexts.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tlstream/pair_info.h>

#include "command.h"
#include "credentials.h"
#include "message.h"
#include "serve/serve.h"
#include "serve/tickets.h"

enum { STAPLE_MS = 1000 }; /* how often the file of --ocsp is looked at */

/* Key, certificate, PKCS #12, passphrase, authorities and ticket keys; lists;
 * and two of each --context. */
enum { FILES_MAX = 6 + 3 * TEXTS_MAX };

/* The policy for client certificates, the same for all names. */
static tlstream_context_options policy(const serve_settings *given,
                                       const server_contexts *contexts) {
  return *TLSTREAM_CONTEXT(.ticket_keys = contexts->ticket_keys,
                           .request_certificate = given->request_cert ||
                                                  given->require_cert ||
                                                  given->verify_if_given,
                           .allow_no_certificate = given->verify_if_given,
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

static bool make(const credential_settings *credentials, bool again,
                 tlstream_context_options *wanted, tlstream_context **out) {
  if (again && !credentials_can_be_read_again(credentials)) return false;
  *out = credentials_context(credentials, wanted);
  if (*out == NULL) return false;
  warn_if_expired(*out);
  return true;
}

static bool make_others(const serve_settings *given,
                        const tlstream_issued *made, bool again,
                        server_contexts *contexts) {
  tlstream_context_options wanted = policy(given, contexts);
  /* Empty if a certificate was given. */
  wanted.key = (tlstream_bytes){made->key, made->key_len};
  wanted.cert = (tlstream_bytes){made->cert, made->cert_len};
  wanted.ocsp_response_file = given->ocsp;
  return make(&given->credentials, again, &wanted, &contexts->others);
}

/* Split NAME=CERT,KEY in place. */
static bool split(const char *word, char *text,
                  credential_settings *credentials) {
  char *cert = strchr(text, '=');
  char *key = cert != NULL ? strchr(cert, ',') : NULL;
  if (key == NULL || cert == text) {
    return command_error(&serve_command, "--context is NAME=CERT,KEY, not '%s'",
                         escaped(word));
  }
  *cert++ = '\0';
  *key++ = '\0';
  credentials->cert = cert;
  credentials->key = key;
  return true;
}

static bool make_named(const serve_settings *given, const char *word,
                       bool again, server_contexts *contexts) {
  credential_settings credentials = given->credentials;
  tlstream_context_options wanted = policy(given, contexts);
  char *text = strdup(word);
  credentials.pfx = credentials.passphrase_file = NULL;
  contexts->named[contexts->count++].name = text;
  if (text == NULL) return command_error(&serve_command, "out of memory");
  return split(word, text, &credentials) &&
         make(&credentials, again, &wanted,
              &contexts->named[contexts->count - 1].context);
}

bool contexts_make(const server_material *from, bool again,
                   server_contexts *contexts) {
  const serve_settings *given = from->given;
  contexts->ticket_keys = given->ticket_keys != NULL
                              ? tickets_load(given->ticket_keys, again)
                              : tlstream_ticket_keys_ref(from->ticket_keys);
  bool fine = contexts->ticket_keys != NULL &&
              make_others(given, from->made, again, contexts);
  for (size_t i = 0; fine && i < given->contexts.count; i++)
    fine = make_named(given, given->contexts.items[i], again, contexts);
  return fine;
}

bool contexts_use(const server_contexts *contexts, tlstream_server *server) {
  tlstream_error error;
  int code = tlstream_server_set_context(server, contexts->others, &error);
  for (size_t i = 0; code == 0 && i < contexts->count; i++) {
    code = tlstream_server_add_context(server, contexts->named[i].name,
                                       contexts->named[i].context, &error);
  }
  if (code != 0) print_error(&error);
  return code == 0;
}

void contexts_clear(server_contexts *contexts) {
  tlstream_ticket_keys_unref(contexts->ticket_keys);
  tlstream_context_unref(contexts->others);
  for (size_t i = 0; i < contexts->count; i++) {
    tlstream_context_unref(contexts->named[i].context);
    free(contexts->named[i].name);
  }
  *contexts = (server_contexts){0};
}

static void on_stapled(tlstream_stapler *stapler, const char *certificate,
                       const tlstream_error *error, void *data) {
  const serve_settings *given = data;
  (void)stapler, (void)certificate;
  if (error != NULL) {
    print_message("%s: %s; the staple of before is sent as long as it is in "
                  "force",
                  error->name, error_text(error));
  } else if (!given->quiet) {
    print_message("--ocsp: new connections get the staple of now");
  }
}

bool contexts_staple(const serve_settings *given,
                     const server_contexts *contexts, uv_loop_t *loop,
                     tlstream_stapler **stapler) {
  tlstream_error error;
  if (given->ocsp == NULL) return true;
  tlstream_stapler *made = tlstream_stapler_start(
      loop,
      TLSTREAM_STAPLER(.context = contexts->others, .files_only = true,
                       .file_ms = STAPLE_MS, .on_stapled = on_stapled,
                       .data = (void *)given),
      &error);
  if (made == NULL) {
    print_error(&error);
    return false;
  }
  tlstream_stapler_stop(*stapler);
  *stapler = made;
  return true;
}

void contexts_reload(const server_material *from, tlstream_server *server,
                     uv_loop_t *loop, tlstream_stapler **stapler,
                     const char *why) {
  server_contexts contexts = {0};
  bool is_made = contexts_make(from, /* again = */ true, &contexts);
  bool is_used = is_made && contexts_use(&contexts, server) &&
                 contexts_staple(from->given, &contexts, loop, stapler);
  contexts_clear(&contexts);
  if (!is_made) {
    print_message("%s: new connections get the certificates of before", why);
  } else if (!is_used) {
    print_message("%s: some names get the certificates of before", why);
  } else if (!from->given->quiet) {
    print_message("%s: new connections get the certificates of now", why);
  }
}

/* The names of files; those of --context are owned. */
typedef struct file_names {
  const char *items[FILES_MAX];
  size_t count;
  char *owned[TEXTS_MAX];
  size_t owned_count;
} file_names;

static void add_file(file_names *names, const char *path) {
  if (path != NULL) names->items[names->count++] = path;
}

static void add_files(file_names *names, const credential_settings *given) {
  add_file(names, given->key);
  add_file(names, given->cert);
  add_file(names, given->pfx);
  add_file(names, given->passphrase_file);
  add_file(names, given->ca);
  for (size_t i = 0; i < given->crls.count; i++)
    add_file(names, given->crls.items[i]);
}

static bool add_context_files(file_names *names, const char *word) {
  credential_settings credentials = {0};
  char *text = strdup(word);
  if (text == NULL) return command_error(&serve_command, "out of memory");
  names->owned[names->owned_count++] = text;
  if (!split(word, text, &credentials)) return false;
  add_files(names, &credentials);
  return true;
}

static bool gather_files(file_names *names, const serve_settings *given) {
  bool fine = true;
  add_files(names, &given->credentials);
  add_file(names, given->ticket_keys);
  for (size_t i = 0; fine && i < given->contexts.count; i++)
    fine = add_context_files(names, given->contexts.items[i]);
  if (!fine || names->count > 0) return fine;
  return command_error(&serve_command,
                       "--watch needs files to watch: --cert and --key, --pfx, "
                       "--ca or --context");
}

tlstream_watch *contexts_watch(const serve_settings *given, uv_loop_t *loop,
                               tlstream_watch_cb on_change, void *data) {
  file_names names = {0};
  tlstream_error error;
  tlstream_watch *watch = NULL;
  if (gather_files(&names, given)) {
    watch = tlstream_watch_new(
        loop, TLSTREAM_WATCH(.files = names.items, .file_count = names.count),
        on_change, data, &error);
    if (watch == NULL) print_error(&error);
  }
  for (size_t i = 0; i < names.owned_count; i++)
    free(names.owned[i]);
  return watch;
}
