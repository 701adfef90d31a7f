/* SPDX-License-Identifier: MIT */
/* Keys, certificates and authorities out of a pipe, which can be read once. */
#include <stdlib.h>
#include <unistd.h>

#include <tlstream/pair_info.h>

#include "support/connect.h"
#include "support/make_cert.h"
#include "support/test.h"

static made_cert root;
static made_cert leaf;
static made_cert rsa;

BEFORE_TESTS(make_some) {
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  leaf = make_cert(&(cert_plan){.name = "a.test", .by = &root});
  rsa = make_cert(&(cert_plan){.name = "a.test", .by = &root, .kind = "RSA"});
}

AFTER_TESTS(drop_them) {
  made_cert_clear(&rsa);
  made_cert_clear(&leaf);
  made_cert_clear(&root);
}

/* A pipe with texts in it and its end behind them. */
typedef struct piped {
  int fd;
  char path[32];
} piped;

static piped pipe_of(const tlstream_bytes *texts, size_t count) {
  int ends[2];
  piped made;
  CHECK_INT(pipe(ends), 0);
  for (size_t i = 0; i < count; i++)
    CHECK_INT(write(ends[1], texts[i].data, texts[i].len), texts[i].len);
  close(ends[1]);
  made.fd = ends[0];
  snprintf(made.path, sizeof(made.path), "/dev/fd/%d", made.fd);
  return made;
}

static void check_secure(const tlstream_context_options *options) {
  tlstream_context *server = context_of(options);
  tlstream_context *client = context_with(NULL, &root);
  connection both = connect_pairs(client, server, "a.test");
  CHECK(tlstream_pair_authorized(both.client));
  CHECK(tlstream_pair_is_secure(both.server));
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

TEST(one_for_each) {
  piped key = pipe_of(&leaf.key_pem, 1);
  piped cert = pipe_of(&leaf.cert_pem, 1);
  piped ca = pipe_of(&root.cert_pem, 1);
  check_secure(TLSTREAM_CONTEXT(.key_file = key.path, .cert_file = cert.path,
                                .ca_file = ca.path));
  close(key.fd);
  close(cert.fd);
  close(ca.fd);
}

/* In any order, as in a file; a second name of the pipe is the same pipe. */
TEST(one_for_all) {
  const tlstream_bytes texts[] = {leaf.cert_pem, leaf.key_pem, root.cert_pem};
  char other[32];
  piped all = pipe_of(texts, 3);
  int copy = dup(all.fd);
  snprintf(other, sizeof(other), "/dev/fd/%d", copy);
  check_secure(TLSTREAM_CONTEXT(.key_file = all.path, .cert_file = all.path,
                                .ca_file = other));
  close(copy);
  close(all.fd);
}

TEST(one_for_each_identity) {
  const tlstream_bytes first[] = {leaf.key_pem, leaf.cert_pem};
  const tlstream_bytes second[] = {rsa.key_pem, rsa.cert_pem};
  piped one = pipe_of(first, 2);
  piped two = pipe_of(second, 2);
  const tlstream_identity more = {.key_file = two.path, .cert_file = two.path};
  check_secure(TLSTREAM_CONTEXT(.key_file = one.path, .cert_file = one.path,
                                .identities = &more, .identity_count = 1));
  close(two.fd);
  close(one.fd);
}

/* What is kept is kept for one context. */
TEST(an_empty_one_holds_no_key) {
  const tlstream_bytes texts[] = {leaf.key_pem, leaf.cert_pem};
  piped both = pipe_of(texts, 2);
  const tlstream_context_options *options =
      TLSTREAM_CONTEXT(.key_file = both.path, .cert_file = both.path);
  check_secure(options);
  check_no_context(options, TLSTREAM_ERR_BAD_CERTIFICATE, "it is empty");
  close(both.fd);
}

TEST(the_swapped_are_told_as_ever) {
  piped key = pipe_of(&leaf.key_pem, 1);
  piped cert = pipe_of(&leaf.cert_pem, 1);
  check_no_context(
      TLSTREAM_CONTEXT(.key_file = cert.path, .cert_file = key.path),
      TLSTREAM_ERR_BAD_CERTIFICATE, "swapped?");
  close(key.fd);
  close(cert.fd);
}
