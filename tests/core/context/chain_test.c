/* SPDX-License-Identifier: MIT */
/* The chain of our own certificate is completed from what is trusted, and
 * nothing more is trusted for it. */
#include <stdlib.h>

#include <openssl/ssl.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "support/connect.h"
#include "support/test.h"
#include "support/torture.h"

/* root, upper, lower, leaf; and strangers with the names of upper. */
static made_cert root;
static made_cert upper;
static made_cert lower;
static made_cert leaf;
static made_cert rsa_leaf;
static made_cert namesake;

#define TEXT(...)                                          \
  join_pem((const tlstream_bytes[]){__VA_ARGS__},          \
           sizeof((const tlstream_bytes[]){__VA_ARGS__}) / \
               sizeof(tlstream_bytes))

BEFORE_TESTS(set_up) {
  torture_install_openssl();
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  upper =
      make_cert(&(cert_plan){.name = "Upper", .by = &root, .basic = CERT_CA});
  lower =
      make_cert(&(cert_plan){.name = "Lower", .by = &upper, .basic = CERT_CA});
  leaf = make_cert(&(cert_plan){.name = "a.test", .by = &lower});
  rsa_leaf =
      make_cert(&(cert_plan){.name = "a.test", .by = &lower, .kind = "RSA"});
  namesake =
      make_cert(&(cert_plan){.name = "Upper", .by = &root, .basic = CERT_CA});
}

AFTER_TESTS(tear_down) {
  made_cert_clear(&namesake);
  made_cert_clear(&rsa_leaf);
  made_cert_clear(&leaf);
  made_cert_clear(&lower);
  made_cert_clear(&upper);
  made_cert_clear(&root);
}

/* Takes the texts. */
static tlstream_context *server_of(tlstream_bytes cert, tlstream_bytes ca) {
  tlstream_context *made =
      context_of(TLSTREAM_CONTEXT(.cert = cert, .key = leaf.key_pem, .ca = ca));
  free((void *)cert.data);
  free((void *)ca.data);
  return made;
}

static int chain_length(const tlstream_context *context) {
  STACK_OF(X509) *chain = NULL;
  SSL_CTX_get0_chain_certs(context->ctx, &chain);
  return sk_X509_num(chain);
}

/* A client that trusts the root alone. */
static bool is_trusted(tlstream_context *server) {
  tlstream_context *client = context_with(NULL, &root);
  connection both = connect_pairs(client, server, "a.test");
  bool trusted = tlstream_pair_authorized(both.client);
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  return trusted;
}

static void check_chain(tlstream_context *server, int length, bool trusted) {
  IN_CASE("length %d", length);
  CHECK_INT(chain_length(server), length);
  CHECK_INT(is_trusted(server), trusted);
  tlstream_context_unref(server);
}

TEST(what_is_missing_comes_from_what_is_trusted) {
  check_chain(server_of(TEXT(leaf.cert_pem, lower.cert_pem),
                        TEXT(root.cert_pem, upper.cert_pem)),
              2, true);
  check_chain(
      server_of(TEXT(leaf.cert_pem, lower.cert_pem), TEXT(upper.cert_pem)), 2,
      true);
  /* a gap in the middle */
  check_chain(server_of(TEXT(leaf.cert_pem, upper.cert_pem),
                        TEXT(root.cert_pem, lower.cert_pem)),
              2, true);
  check_chain(server_of(TEXT(leaf.cert_pem),
                        TEXT(root.cert_pem, upper.cert_pem, lower.cert_pem)),
              2, true);
}

TEST(what_is_not_there_is_not_added) {
  check_chain(
      server_of(TEXT(leaf.cert_pem, lower.cert_pem), TEXT(root.cert_pem)), 1,
      false);
  /* its name is right, and its key is not */
  check_chain(server_of(TEXT(leaf.cert_pem, lower.cert_pem),
                        TEXT(root.cert_pem, namesake.cert_pem)),
              1, false);
}

TEST(a_chain_that_is_complete_stays_as_it_is) {
  check_chain(server_of(TEXT(leaf.cert_pem, lower.cert_pem, upper.cert_pem),
                        TEXT(root.cert_pem, upper.cert_pem)),
              2, true);
  check_chain(server_of(TEXT(leaf.cert_pem, lower.cert_pem, upper.cert_pem,
                             root.cert_pem),
                        TEXT(root.cert_pem)),
              3, true);
}

/* Each of several certificates, and which one is the current one stays. */
TEST(every_certificate_s_chain_is_completed) {
  tlstream_bytes first = TEXT(leaf.cert_pem, lower.cert_pem);
  tlstream_bytes second = TEXT(rsa_leaf.cert_pem, lower.cert_pem);
  tlstream_bytes ca = TEXT(root.cert_pem, upper.cert_pem);
  const tlstream_identity more = {.cert = second, .key = rsa_leaf.key_pem};
  tlstream_context *server =
      context_of(TLSTREAM_CONTEXT(.cert = first, .key = leaf.key_pem, .ca = ca,
                                  .identities = &more, .identity_count = 1));
  X509 *current = SSL_CTX_get0_certificate(server->ctx);
  CHECK(X509_cmp(current, rsa_leaf.cert) == 0); /* the last one */
  long each = SSL_CTX_set_current_cert(server->ctx, SSL_CERT_SET_FIRST);
  for (int i = 0; i < 2; i++) {
    CHECK_INT(each, 1);
    CHECK_INT(chain_length(server), 2);
    each = SSL_CTX_set_current_cert(server->ctx, SSL_CERT_SET_NEXT);
  }
  CHECK_INT(each, 0);
  tlstream_context_unref(server);
  free((void *)ca.data);
  free((void *)second.data);
  free((void *)first.data);
}

/* Our own chain vouches for no client. */
TEST(nothing_more_is_trusted) {
  tlstream_bytes chain = TEXT(leaf.cert_pem, lower.cert_pem);
  tlstream_bytes ca = TEXT(namesake.cert_pem);
  tlstream_context *server =
      context_of(TLSTREAM_CONTEXT(.cert = chain, .key = leaf.key_pem, .ca = ca,
                                  .request_certificate = true,
                                  .allow_partial_chain = true));
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.cert = leaf.cert_pem, .key = leaf.key_pem,
                       .ca = lower.cert_pem, .allow_partial_chain = true));
  connection both = connect_pairs(client, server, "a.test");
  CHECK(!tlstream_pair_authorized(both.server));
  CHECK_ERROR(tlstream_pair_error(both.server)->code, TLSTREAM_ERR_UNTRUSTED);
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
  free((void *)ca.data);
  free((void *)chain.data);
}

static void make_one(void *texts) {
  tlstream_error error;
  const tlstream_bytes *text = texts;
  tlstream_context *made = tlstream_context_new(
      TLSTREAM_CONTEXT(.cert = text[0], .key = leaf.key_pem, .ca = text[1]),
      &error);
  CHECK(made != NULL || torture_struck());
  tlstream_context_unref(made);
}

/* A chain that is too short by that is one that clients refuse. */
TEST(without_memory_nothing_breaks) {
  tlstream_bytes texts[] = {TEXT(leaf.cert_pem, lower.cert_pem),
                            TEXT(root.cert_pem, upper.cert_pem)};
  torture_some(TORTURE_OPENSSL, TORTURE_ONCE, 41, make_one, texts);
  free((void *)texts[0].data);
  free((void *)texts[1].data);
}
