/* SPDX-License-Identifier: MIT */
/* insecure_skip_name: the chain is verified as ever, and the name is left to
 * the caller. */
#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/handshake.h"
#include "support/shuttle.h"
#include "support/test.h"

enum { UNKNOWN_CA = 48 };

static tlstream_context *lax(const tlstream_context_options *extra) {
  tlstream_context_options options = *extra;
  options.insecure_skip_name = true;
  return context_of(&options);
}

/* A client of `context` that verifies `name` meets a server with `leaf`. */
static connection visit(tlstream_context *context, const made_cert *leaf,
                        const char *name) {
  tlstream_context *server = context_with(leaf, NULL);
  connection both = connect_pairs(context, server, name);
  tlstream_context_unref(server);
  return both;
}

TEST(any_name_will_do_and_none_is_needed) {
  static const char *const names[] = {NULL, "", SERVER_NAME, "other.test",
                                      "192.0.2.1"};
  tlstream_context *client = lax(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem));
  EACH_TEXT(i, names) {
    size_t count = 1;
    connection both = visit(client, test_leaf(KEY_ECDSA), names[i]);
    CHECK(tlstream_pair_is_secure(both.client));
    CHECK(tlstream_pair_authorized(both.client));
    CHECK(tlstream_pair_authorization_errors(both.client, &count) == NULL);
    CHECK_INT(count, 0);
    disconnect_pairs(&both);
  }
  tlstream_context_unref(client);
}

/* Hosts that can be connected to, and that no certificate has. */
static const char *const odd_names[] = {"010.0.0.1", "0x7f.1",     "a b",
                                        "*.test",    "b\xFC.test", "[::1]"};

TEST(a_name_that_no_certificate_has_will_do_too) {
  tlstream_context *client = lax(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem));
  EACH_TEXT(i, odd_names) {
    connection both = visit(client, test_leaf(KEY_ECDSA), odd_names[i]);
    CHECK(tlstream_pair_authorized(both.client));
    CHECK(tlstream_pair_servername(both.server) == NULL);
    disconnect_pairs(&both);
  }
  tlstream_context_unref(client);
}

TEST(without_authorization_such_a_name_is_told_as_a_wrong_one) {
  tlstream_context *client =
      context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                  .insecure_allow_unauthorized = true));
  EACH_TEXT(i, odd_names) {
    connection both = visit(client, test_leaf(KEY_ECDSA), odd_names[i]);
    const tlstream_error *why = tlstream_pair_authorization_error(both.client);
    CHECK(tlstream_pair_is_secure(both.client));
    CHECK(!tlstream_pair_authorized(both.client));
    if (CHECK(why != NULL)) {
      CHECK_ERROR(why->code, TLSTREAM_ERR_WRONG_NAME);
      CHECK_HAS(why->message, "neither a host name nor an address");
    }
    disconnect_pairs(&both);
  }
  tlstream_context_unref(client);
}

TEST(where_names_count_such_a_name_is_refused) {
  tlstream_context *client =
      context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem));
  EACH_TEXT(i, odd_names) {
    tlstream_error error;
    CHECK(tlstream_pair_new(TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT,
                                          .context = client,
                                          .verify_name = odd_names[i]),
                            0, &error) == NULL);
    CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
    CHECK(tlstream_pair_new(TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT,
                                          .context = client,
                                          .verify_name = odd_names[i]),
                            0, NULL) == NULL);
  }
  tlstream_context_unref(client);
}

TEST(the_chain_is_verified_all_the_same) {
  tlstream_context *client = lax(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem));
  connection both = visit(client, test_stranger(), NULL);
  CHECK_ERROR(error_code(both.client), TLSTREAM_ERR_UNTRUSTED);
  CHECK(!tlstream_pair_is_secure(both.client));
  CHECK(!tlstream_pair_authorized(both.client));
  CHECK_INT(tlstream_pair_error(both.server)->alert, UNKNOWN_CA);
  disconnect_pairs(&both);
  tlstream_context_unref(client);
}

TEST(authorized_speaks_of_the_chain_alone) {
  tlstream_context *client =
      lax(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                           .insecure_allow_unauthorized = true));
  for (int i = 0; i < 2; i++) {
    bool known = i == 0;
    connection both =
        visit(client, known ? test_leaf(KEY_ECDSA) : test_stranger(),
              known ? "other.test" : SERVER_NAME);
    const tlstream_error *why = tlstream_pair_authorization_error(both.client);
    CHECK(tlstream_pair_is_secure(both.client));
    CHECK_INT(tlstream_pair_authorized(both.client), known);
    CHECK(known ? why == NULL
                : why != NULL && why->code == TLSTREAM_ERR_UNTRUSTED);
    disconnect_pairs(&both);
  }
  tlstream_context_unref(client);
}

TEST(the_name_is_still_asked_for) {
  tlstream_context *client = lax(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem));
  connection both = visit(client, test_leaf(KEY_ECDSA), "other.test");
  CHECK_STR(tlstream_pair_servername(both.server), "other.test");
  disconnect_pairs(&both);
  tlstream_context_unref(client);
}

/* The other way round nothing has changed, and a server has no name to skip. */
TEST(without_it_a_name_is_needed) {
  tlstream_error error;
  tlstream_context *client = context_with(NULL, test_ca());
  CHECK(tlstream_pair_new(TLSTREAM_PAIR(.context = client), 0, &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_NO_NAME);
  connection both = visit(client, test_leaf(KEY_ECDSA), "other.test");
  CHECK_ERROR(error_code(both.client), TLSTREAM_ERR_WRONG_NAME);
  disconnect_pairs(&both);
  tlstream_context_unref(client);
}
