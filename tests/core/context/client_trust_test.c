/* SPDX-License-Identifier: MIT */
/* Which client certificates a server accepts: only those of the authorities
 * that it was given. */
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
