/* SPDX-License-Identifier: MIT */
#include "support/connect.h"

#include <openssl/err.h>

#include "support/shuttle.h"
#include "support/test.h"

enum { CHUNK = 16 * 1024 };

/* Nothing can be tested without it, so there is no going on. */
static void must(const void *made, const tlstream_error *error) {
  if (made == NULL) TEST_STOP("%s", error->message);
}

tlstream_context *context_of(const tlstream_context_options *options) {
  tlstream_error error;
  tlstream_context *context = tlstream_context_new(options, &error);
  must(context, &error);
  return context;
}

void check_no_context(const tlstream_context_options *options, int code,
                      const char *words) {
  tlstream_error error = {.message = ""};
  tlstream_context *context = tlstream_context_new(options, &error);
  CHECK(context == NULL);
  CHECK_ERROR(error.code, code);
  CHECK_HAS(error.message, words);
  CHECK_INT(ERR_peek_error(), 0);
  tlstream_context_unref(context);
  context = tlstream_context_new(options, NULL); /* details may be unwanted */
  CHECK(context == NULL);
  tlstream_context_unref(context);
}

tlstream_context *context_with(const made_cert *own, const made_cert *ca) {
  tlstream_context_options options = {.size = sizeof(options)};
  if (own != NULL) options.cert = own->cert_pem;
  if (own != NULL) options.key = own->key_pem;
  if (ca != NULL) options.ca = ca->cert_pem;
  return context_of(&options);
}

connection connect_pairs(tlstream_context *client, tlstream_context *server,
                         const char *name) {
  tlstream_error error;
  connection both = {
      .client = tlstream_pair_new(TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT,
                                                .context = client,
                                                .verify_name = name),
                                  0, &error),
  };
  must(both.client, &error);
  both.server = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = server), 0,
      &error);
  must(both.server, &error);
  tlstream_pair_start(both.client);
  shuttle(both.client, both.server, CHUNK);
  return both;
}

void disconnect_pairs(connection *both) {
  tlstream_pair_free(both->client);
  tlstream_pair_free(both->server);
  *both = (connection){0};
}
