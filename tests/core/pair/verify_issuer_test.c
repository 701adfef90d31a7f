/* SPDX-License-Identifier: MIT */
/* Several certificates of one name, without key identifiers: authorities that
 * renewed their key, intermediates named as their root, and certificates that
 * are trusted exactly. The signature decides; and what is said about a refusal
 * is not what was done already. */
#include <stdlib.h>
#include <unistd.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/chain.h"

enum { MANY = 4 };

/* Of one name, each with a key of its own, each signed by itself; but the last
 * is nowhere trusted. */
static made_cert alone[MANY];
static made_cert roots[MANY];
static made_cert leaves[MANY]; /* of each root */

BEFORE_TESTS(set_up) {
  static const char *const ends[] = {"20600101000000Z", "20800101000000Z",
                                     "20700101000000Z", "20900101000000Z"};
  for (int i = 0; i < MANY; i++) {
    alone[i] = make_cert(&(cert_plan){.name = "a.test", .to = ends[i]});
    roots[i] = make_cert(
        &(cert_plan){.name = "Root", .basic = CERT_CA, .to = ends[i]});
    leaves[i] = make_cert(&(cert_plan){.name = "a.test", .by = &roots[i]});
  }
}

AFTER_TESTS(tear_down) {
  for (int i = 0; i < MANY; i++) {
    made_cert_clear(&leaves[i]);
    made_cert_clear(&roots[i]);
    made_cert_clear(&alone[i]);
  }
}

/* All but the last, from `first` on and round. */
static void trusted(tlstream_bytes out[MANY - 1], const made_cert *all,
                    int first) {
  for (int i = 0; i < MANY - 1; i++)
    out[i] = all[(first + i) % (MANY - 1)].cert_pem;
}

static connection meet(tlstream_context *client, const made_cert *leaf) {
  tlstream_context *server = presenter(leaf, NULL, TLSTREAM_TLS_1_3);
  connection both = connect_pairs(client, server, "a.test");
  tlstream_context_unref(server);
  return both;
}

static void check_judged(tlstream_context *client, const made_cert *leaf,
                         const char *name, const char *words) {
  connection both = meet(client, leaf);
  CHECK_INT(tlstream_pair_authorized(both.client), name == NULL);
  if (name != NULL) {
    const tlstream_error *why = tlstream_pair_error(both.client);
    CHECK_STR(why->name, name);
    CHECK_HAS(why->message, words);
  }
  disconnect_pairs(&both);
}

TEST(what_is_trusted_exactly_counts_beside_others_of_its_name) {
  for (int first = 0; first < MANY - 1; first++) {
    tlstream_bytes cas[MANY - 1];
    trusted(cas, alone, first);
    tlstream_context *client =
        context_of(TLSTREAM_CONTEXT(.cas = cas, .ca_count = MANY - 1));
    for (int i = 0; i < MANY - 1; i++)
      check_judged(client, &alone[i], NULL, NULL);
    check_judged(client, &alone[MANY - 1], "DEPTH_ZERO_SELF_SIGNED_CERT",
                 "trust exactly this certificate");
    tlstream_context_unref(client);
  }
}

TEST(of_authorities_of_one_name_the_signer_counts) {
  for (int first = 0; first < MANY - 1; first++) {
    tlstream_bytes cas[MANY - 1];
    trusted(cas, roots, first);
    tlstream_context *client =
        context_of(TLSTREAM_CONTEXT(.cas = cas, .ca_count = MANY - 1));
    for (int i = 0; i < MANY - 1; i++)
      check_judged(client, &leaves[i], NULL, NULL);
    check_judged(client, &leaves[MANY - 1], "CERT_SIGNATURE_FAILURE",
                 "the authority has changed its key");
    tlstream_context_unref(client);
  }
}

/* As the system's roots, and as those beside some of one's own. */
TEST(of_the_system_s_roots_the_signer_counts) {
  char path[] = "/tmp/tlstream-issuer-XXXXXX";
  tlstream_bytes cas[MANY - 1];
  int fd = mkstemp(path);
  trusted(cas, roots, 0);
  for (int i = 0; i < MANY - 1; i++)
    CHECK_INT(write(fd, cas[i].data, cas[i].len), cas[i].len);
  close(fd);
  setenv("SSL_CERT_FILE", path, 1);
  setenv("SSL_CERT_DIR", "", 1);
  tlstream_context *system = context_of(NULL);
  tlstream_context *mixed =
      context_of(TLSTREAM_CONTEXT(.ca = roots[MANY - 1].cert_pem,
                                  .add_system_roots = true));
  for (int i = 0; i < MANY; i++) {
    check_judged(mixed, &leaves[i], NULL, NULL);
    check_judged(system, &leaves[i],
                 i < MANY - 1 ? NULL : "CERT_SIGNATURE_FAILURE", "");
  }
  tlstream_context_unref(mixed);
  tlstream_context_unref(system);
  unlink(path);
}

TEST(a_client_that_is_trusted_exactly_counts_too) {
  tlstream_bytes cas[MANY - 1];
  trusted(cas, alone, 0);
  tlstream_context *server = context_of(
      TLSTREAM_CONTEXT(.cert = leaves[0].cert_pem, .key = leaves[0].key_pem,
                       .cas = cas, .ca_count = MANY - 1,
                       .request_certificate = true));
  for (int i = 0; i < MANY; i++) {
    tlstream_context *client = presenter(&alone[i], NULL, TLSTREAM_TLS_1_3);
    connection both = connect_pairs(client, server, "a.test");
    CHECK_INT(tlstream_pair_authorized(both.server), i < MANY - 1);
    disconnect_pairs(&both);
    tlstream_context_unref(client);
  }
  tlstream_context_unref(server);
}

/* One that may not sign certificates, and has signed itself. */
TEST(its_usage_does_not_matter_to_what_is_trusted_exactly) {
  made_cert one =
      make_cert(&(cert_plan){.name = "a.test", .usage = "digitalSignature"});
  const tlstream_bytes cas[] = {alone[0].cert_pem, one.cert_pem,
                                alone[1].cert_pem};
  tlstream_context *client =
      context_of(TLSTREAM_CONTEXT(.cas = cas, .ca_count = 3));
  check_judged(client, &one, NULL, NULL);
  tlstream_context_unref(client);
  client = context_with(NULL, &one);
  check_judged(client, &one, NULL, NULL);
  tlstream_context_unref(client);
  made_cert_clear(&one);
}

TEST(what_was_done_is_not_advised) {
  tlstream_context *client = context_with(NULL, &leaves[0]);
  check_judged(client, &leaves[0], "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
               "`allow_partial_chain`");
  tlstream_context_unref(client);
}

/* A leaf that is named as its authority is no root for that. */
TEST(what_is_named_as_its_issuer_is_not_said_to_sign_itself) {
  made_cert same = make_cert(&(cert_plan){.name = "Root", .by = &roots[0]});
  tlstream_context *client = context_with(NULL, &alone[0]);
  check_judged(client, &same, "DEPTH_ZERO_SELF_SIGNED_CERT",
               "it has its issuer's name");
  tlstream_context_unref(client);
  made_cert_clear(&same);
}
