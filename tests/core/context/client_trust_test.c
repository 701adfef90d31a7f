/* SPDX-License-Identifier: MIT */
/* Which client certificates a server accepts: only those of the authorities
 * that it was given. */
#include <stdlib.h>

#include <openssl/ssl.h>

#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "support/connect.h"
#include "support/make_cert.h"
#include "support/test.h"

static made_cert root;
static made_cert leaf;

BEFORE_TESTS(set_up) {
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  leaf = make_cert(&(cert_plan){.name = "a.test", .by = &root});
}

AFTER_TESTS(tear_down) {
  made_cert_clear(&leaf);
  made_cert_clear(&root);
}

static void check_fine(const tlstream_context_options *options) {
  tlstream_context_unref(context_of(options));
}

static void check_unsaid(const tlstream_context_options *options) {
  check_no_context(options, TLSTREAM_ERR_EMPTY_TRUST,
                   "request_certificate: whose certificates are valid?");
}

TEST(is_never_the_public_by_default) {
  check_unsaid(TLSTREAM_CONTEXT(.request_certificate = true));
  check_unsaid(TLSTREAM_CONTEXT(.request_certificate = true,
                                .cert = leaf.cert_pem, .key = leaf.key_pem));
  check_unsaid(TLSTREAM_CONTEXT(.request_certificate = true,
                                .insecure_skip_name = true,
                                .insecure_allow_truncation = true));
}

TEST(is_whom_the_options_name) {
  check_fine(
      TLSTREAM_CONTEXT(.request_certificate = true, .ca = root.cert_pem));
  check_fine(
      TLSTREAM_CONTEXT(.request_certificate = true, .add_system_roots = true));
  check_fine(TLSTREAM_CONTEXT(.request_certificate = true,
                              .cas = &root.cert_pem, .ca_count = 1));
}

/* What is asked for is then only looked at. */
TEST(need_not_be_said_where_all_are_let_in) {
  check_fine(TLSTREAM_CONTEXT(.request_certificate = true,
                              .insecure_allow_unauthorized = true));
}

TEST(of_a_derived_context_is_the_parent_s) {
  tlstream_context *public = context_of(NULL);
  tlstream_context *said =
      context_of(TLSTREAM_CONTEXT(.add_system_roots = true));
  tlstream_context *own = context_of(TLSTREAM_CONTEXT(.ca = root.cert_pem));
  tlstream_context *below = context_of(TLSTREAM_CONTEXT(.parent = public));
  check_unsaid(TLSTREAM_CONTEXT(.parent = public, .request_certificate = true));
  check_unsaid(TLSTREAM_CONTEXT(.parent = below, .request_certificate = true));
  check_no_context(
      TLSTREAM_CONTEXT(.parent = public, .request_certificate = true),
      TLSTREAM_ERR_EMPTY_TRUST, "of the `parent`");
  check_fine(TLSTREAM_CONTEXT(.parent = public, .request_certificate = true,
                              .insecure_allow_unauthorized = true));
  check_fine(TLSTREAM_CONTEXT(.parent = said, .request_certificate = true));
  check_fine(TLSTREAM_CONTEXT(.parent = own, .request_certificate = true));
  tlstream_context_unref(below);
  tlstream_context_unref(own);
  tlstream_context_unref(said);
  tlstream_context_unref(public);
}

/* So many authorities; the last is the one that clients come with. */
static tlstream_bytes authorities(int count) {
  tlstream_bytes *texts = calloc((size_t)count, sizeof(*texts));
  made_cert *made = calloc((size_t)count, sizeof(*made));
  for (int i = 0; i + 1 < count; i++) {
    char name[65];
    snprintf(name, sizeof(name), "%064d", i);
    made[i] =
        make_cert(&(cert_plan){.name = name, .basic = CERT_CA, .like = &root});
    texts[i] = made[i].cert_pem;
  }
  texts[count - 1] = root.cert_pem;
  tlstream_bytes all = join_pem(texts, (size_t)count);
  for (int i = 0; i < count; i++)
    made_cert_clear(&made[i]);
  free(made);
  free(texts);
  return all;
}

/* By a handshake that works in both directions; -1: no list. */
static int names_sent(tlstream_context *client, tlstream_context *server) {
  int count = -1;
  connection both = connect_pairs(client, server, "a.test");
  CHECK(tlstream_pair_authorized(both.client));
  CHECK(tlstream_pair_authorized(both.server));
  if (CHECK(tlstream_pair_is_secure(both.server))) {
    count = sk_X509_NAME_num(SSL_CTX_get_client_CA_list(server->ctx));
  }
  disconnect_pairs(&both);
  return count;
}

static void check_names_sent(int authority_count, int want) {
  tlstream_bytes all = authorities(authority_count);
  tlstream_context *server =
      context_of(TLSTREAM_CONTEXT(.cert = leaf.cert_pem, .key = leaf.key_pem,
                                  .ca = all, .request_certificate = true));
  for (int version = TLSTREAM_TLS_1_2; version <= TLSTREAM_TLS_1_3; version++) {
    tlstream_context *client =
        context_of(TLSTREAM_CONTEXT(.cert = leaf.cert_pem, .key = leaf.key_pem,
                                    .ca = root.cert_pem,
                                    .max_version = (tlstream_version)version));
    CHECK_INT(names_sent(client, server), want);
    tlstream_context_unref(client);
  }
  tlstream_context_unref(server);
  free((void *)all.data);
}

/* 77 bytes each, and 2 for their length: 60,000 are 759 of them, and 65,535
 * are 829. */
TEST(is_named_to_clients_where_the_names_fit) {
  check_names_sent(10, 10);
  check_names_sent(755, 755);
  check_names_sent(765, -1);
  check_names_sent(840, -1);
}
