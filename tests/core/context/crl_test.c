/* SPDX-License-Identifier: MIT */
/* Lists of revoked certificates: a certificate on one is refused, and so is
 * each whose status is unknown. A16. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "support/handshake.h"
#include "support/test.h"
#include "support/torture.h"
#include "support/visit.h"

enum { CERTIFICATE_REVOKED = 44, TEXT_MAX = 4096 };

static made_cert root;
static made_cert middle;
static made_cert leaf;
static made_cert direct; /* below the root */

BEFORE_TESTS(set_up) {
  torture_install();
  torture_install_openssl();
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  middle =
      make_cert(&(cert_plan){.name = "Middle", .basic = CERT_CA, .by = &root});
  leaf = make_cert(&(cert_plan){.name = SERVER_NAME, .by = &middle});
  direct = make_cert(&(cert_plan){.name = SERVER_NAME, .by = &root});
}

AFTER_TESTS(tear_down) {
  made_cert_clear(&root);
  made_cert_clear(&middle);
  made_cert_clear(&leaf);
  made_cert_clear(&direct);
}

typedef struct text {
  size_t len;
  char bytes[TEXT_MAX];
} text;

/* A list of `by`, in force from one number of days from now to another. */
static text list_of(const made_cert *by, const made_cert *revoked, int from,
                    int to) {
  text made = {.len = 0};
  X509_CRL *crl = X509_CRL_new();
  ASN1_TIME *at = X509_time_adj_ex(NULL, from, 0, NULL);
  X509_CRL_set_version(crl, 1);
  X509_CRL_set_issuer_name(crl, X509_get_subject_name(by->cert));
  X509_CRL_set1_lastUpdate(crl, at);
  if (revoked != NULL) {
    X509_REVOKED *entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked->cert));
    X509_REVOKED_set_revocationDate(entry, at);
    X509_CRL_add0_revoked(crl, entry);
  }
  X509_time_adj_ex(at, to, 0, NULL);
  X509_CRL_set1_nextUpdate(crl, at);
  ASN1_TIME_free(at);
  CHECK_GT(X509_CRL_sign(crl, by->key, EVP_sha256()), 0);
  BIO *out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509_CRL(out, crl);
  made.len = (size_t)BIO_read(out, made.bytes, sizeof(made.bytes));
  BIO_free(out);
  X509_CRL_free(crl);
  return made;
}

static tlstream_bytes bytes_of(const text *from) {
  return (tlstream_bytes){from->bytes, from->len};
}

static tlstream_context *client_of(const tlstream_bytes *lists, size_t count) {
  return context_of(
      TLSTREAM_CONTEXT(.ca = root.cert_pem, .crls = lists, .crl_count = count));
}

/* The server's leaf, with what is above it; the name of the client's error. */
static void check_result(tlstream_context *client, const made_cert *shown,
                         const char *name, int depth) {
  const tlstream_bytes both[] = {shown->cert_pem, middle.cert_pem};
  tlstream_bytes chain = join_pem(both, 2);
  tlstream_context *server =
      context_of(TLSTREAM_CONTEXT(.cert = chain, .key = shown->key_pem));
  connection met = connect_pairs(client, server, SERVER_NAME);
  const tlstream_error *error = tlstream_pair_error(met.client);
  if (name == NULL) {
    CHECK(tlstream_pair_authorized(met.client));
  } else if (CHECK(error != NULL)) {
    CHECK_ERROR(error->code, TLSTREAM_ERR_UNTRUSTED);
    CHECK_STR(error->name, name);
    CHECK_INT(error->depth, depth);
  }
  disconnect_pairs(&met);
  tlstream_context_unref(server);
  free((void *)chain.data);
}

TEST(a_certificate_on_no_list_is_accepted) {
  text above = list_of(&root, &direct, -1, 1);
  text below = list_of(&middle, NULL, -1, 1);
  const tlstream_bytes lists[] = {bytes_of(&above), bytes_of(&below)};
  tlstream_context *client = client_of(lists, 2);
  check_result(client, &leaf, NULL, 0);
  tlstream_context_unref(client);
}

TEST(a_certificate_on_a_list_is_refused) {
  text above = list_of(&root, NULL, -1, 1);
  text below = list_of(&middle, &leaf, -1, 1);
  text without = list_of(&root, &middle, -1, 1);
  text empty = list_of(&middle, NULL, -1, 1);
  const tlstream_bytes on[] = {bytes_of(&above), bytes_of(&below)};
  const tlstream_bytes issuer_on[] = {bytes_of(&without), bytes_of(&empty)};
  tlstream_context *client = client_of(on, 2);
  check_result(client, &leaf, "CERT_REVOKED", 0);
  check_result(client, &direct, NULL, 0);
  tlstream_context_unref(client);
  client = client_of(issuer_on, 2);
  check_result(client, &leaf, "CERT_REVOKED", 1);
  tlstream_context_unref(client);
}

TEST(without_a_list_for_each_all_are_refused) {
  text above = list_of(&root, NULL, -1, 1);
  text below = list_of(&middle, NULL, -1, 1);
  const tlstream_bytes lists[] = {bytes_of(&above), bytes_of(&below)};
  tlstream_context *client = client_of(&lists[0], 1);
  check_result(client, &leaf, "UNABLE_TO_GET_CRL", 0);
  check_result(client, &direct, NULL, 0);
  tlstream_context_unref(client);
  client = client_of(&lists[1], 1);
  check_result(client, &leaf, "UNABLE_TO_GET_CRL", 1);
  tlstream_context_unref(client);
}

TEST(an_old_list_and_one_of_tomorrow_are_none) {
  text old = list_of(&root, NULL, -3, -1);
  text early = list_of(&root, NULL, 1, 3);
  const tlstream_bytes lists[] = {bytes_of(&old), bytes_of(&early)};
  static const char *const names[] = {"CRL_HAS_EXPIRED", "CRL_NOT_YET_VALID"};
  for (int i = 0; i < 2; i++) {
    tlstream_context *client = client_of(&lists[i], 1);
    check_result(client, &direct, names[i], 0);
    tlstream_context_unref(client);
    /* But it depends on what time it is. */
    client = context_of(
        TLSTREAM_CONTEXT(.ca = root.cert_pem, .crls = &lists[i], .crl_count = 1,
                         .verify_time = (long long)time(NULL) +
                                        (i == 0 ? -2 : 2) * 86400));
    check_result(client, &direct, NULL, 0);
    tlstream_context_unref(client);
  }
}

/* A list in the authority's name, but signed with another key. */
TEST(a_forged_list_is_none) {
  made_cert forger = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  text forged = list_of(&forger, NULL, -1, 1);
  const tlstream_bytes lists[] = {bytes_of(&forged)};
  tlstream_context *client = client_of(lists, 1);
  check_result(client, &direct, "CRL_SIGNATURE_FAILURE", 0);
  tlstream_context_unref(client);
  made_cert_clear(&forger);
}

TEST(a_server_refuses_clients_by_it) {
  text list = list_of(&root, &direct, -1, 1);
  const tlstream_bytes lists[] = {bytes_of(&list)};
  tlstream_context *server = context_of(
      TLSTREAM_CONTEXT(.cert = direct.cert_pem, .key = direct.key_pem,
                       .ca = root.cert_pem, .request_certificate = true,
                       .crls = lists, .crl_count = 1));
  tlstream_context *client = context_with(&direct, &root);
  connection met = connect_pairs(client, server, SERVER_NAME);
  CHECK_ERROR(error_code(met.server), TLSTREAM_ERR_UNTRUSTED);
  CHECK_INT(tlstream_pair_error(met.server)->alert, CERTIFICATE_REVOKED);
  disconnect_pairs(&met);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

/* Several in one text, and for a copy of the context too. */
TEST(one_text_may_hold_several) {
  text above = list_of(&root, NULL, -1, 1);
  text below = list_of(&middle, &leaf, -1, 1);
  const tlstream_bytes both[] = {bytes_of(&above), bytes_of(&below)};
  tlstream_bytes joined = join_pem(both, 2);
  tlstream_context *client = client_of(&joined, 1);
  tlstream_context *copy = context_of(
      TLSTREAM_CONTEXT(.parent = client, .npn = TLSTREAM_PROTOCOLS("a")));
  check_result(client, &leaf, "CERT_REVOKED", 0);
  check_result(copy, &leaf, "CERT_REVOKED", 0);
  check_result(copy, &direct, NULL, 0);
  tlstream_context_unref(copy);
  tlstream_context_unref(client);
  free((void *)joined.data);
}

/* The roots come from elsewhere, and the lists still count. */
TEST(they_count_for_the_system_s_roots_too) {
  char path[] = "/tmp/tlstream-crl-XXXXXX";
  int fd = mkstemp(path);
  CHECK_INT(write(fd, root.cert_pem.data, root.cert_pem.len),
            root.cert_pem.len);
  close(fd);
  setenv("SSL_CERT_FILE", path, 1);
  setenv("SSL_CERT_DIR", "/nonexistent", 1);
  text list = list_of(&root, &direct, -1, 1);
  text none = list_of(&root, NULL, -1, 1);
  const tlstream_bytes lists[] = {bytes_of(&list), bytes_of(&none)};
  for (int i = 0; i < 2; i++) {
    tlstream_context *client =
        context_of(TLSTREAM_CONTEXT(.crls = &lists[i], .crl_count = 1));
    check_result(client, &direct, i == 0 ? "CERT_REVOKED" : NULL, 0);
    tlstream_context_unref(client);
  }
  tlstream_context *other = context_of(NULL);
  check_result(other, &direct, NULL, 0); /* nor do they go anywhere else */
  tlstream_context_unref(other);
  unlink(path);
}

static void check_refused(const tlstream_bytes *lists, size_t count, int code,
                          const char *words) {
  check_no_context(TLSTREAM_CONTEXT(.crls = lists, .crl_count = count), code,
                   words);
}

TEST(what_is_no_list_is_refused) {
  text good = list_of(&root, NULL, -1, 1);
  text bad = good;
  memset(bad.bytes + bad.len / 2, '?', 8);
  const tlstream_bytes both[] = {bytes_of(&good), bytes_of(&bad)};
  const tlstream_bytes wrong[] = {root.cert_pem, {"", 0}, {NULL, 0}};
  tlstream_bytes joined = join_pem(both, 2);
  check_refused(NULL, 1, TLSTREAM_ERR_INVALID_ARGUMENT, "count and no list");
  check_refused(&wrong[0], 1, TLSTREAM_ERR_BAD_CERTIFICATE, "holds none");
  check_refused(&wrong[1], 1, TLSTREAM_ERR_BAD_CERTIFICATE, "holds none");
  check_refused(&wrong[2], 1, TLSTREAM_ERR_INVALID_ARGUMENT, "missing");
  check_refused(both, 2, TLSTREAM_ERR_BAD_CERTIFICATE,
                "list 1 of text 2 is damaged");
  check_refused(&joined, 1, TLSTREAM_ERR_BAD_CERTIFICATE,
                "list 2 of text 1 is damaged");
  free((void *)joined.data);
}

/* The whole of `about` as a record. */
static void check_record(tlstream_context *client, unsigned char usage,
                         const made_cert *about, const char *name) {
  unsigned char *der = NULL;
  tlstream_error error;
  int len = i2d_X509(about->cert, &der);
  const tlstream_tlsa record = {
      usage, TLSTREAM_TLSA_CERTIFICATE, TLSTREAM_TLSA_FULL, {der, (size_t)len}};
  const tlstream_bytes both[] = {leaf.cert_pem, middle.cert_pem};
  tlstream_bytes chain = join_pem(both, 2);
  tlstream_context *server =
      context_of(TLSTREAM_CONTEXT(.cert = chain, .key = leaf.key_pem));
  tlstream_pair *pair = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT, .context = client,
                    .verify_name = SERVER_NAME, .tlsa = &record,
                    .tlsa_count = 1),
      0, &error);
  peers met = shake(pair, server_with(server, false));
  const tlstream_error *why = tlstream_pair_authorization_error(pair);
  CHECK_STR(why != NULL ? why->name : NULL, name);
  CHECK_INT(tlstream_pair_authorized(pair), name == NULL);
  peers_free(&met);
  tlstream_context_unref(server);
  OPENSSL_free(der);
  free((void *)chain.data);
}

/* A record of the server's own certificate leaves no authority whose list would
 * count (RFC 7671, section 5.1). */
TEST(lists_count_beside_tlsa_records_of_an_authority) {
  text above = list_of(&root, NULL, -1, 1);
  text good = list_of(&middle, NULL, -1, 1);
  text bad = list_of(&middle, &leaf, -1, 1);
  const tlstream_bytes fine[] = {bytes_of(&above), bytes_of(&good)};
  const tlstream_bytes revoked[] = {bytes_of(&above), bytes_of(&bad)};
  tlstream_context *client = client_of(fine, 2);
  check_record(client, TLSTREAM_TLSA_DANE_TA, &root, NULL);
  check_record(client, TLSTREAM_TLSA_PKIX_EE, &leaf, NULL);
  tlstream_context_unref(client);
  client = client_of(revoked, 2);
  check_record(client, TLSTREAM_TLSA_DANE_TA, &root, "CERT_REVOKED");
  check_record(client, TLSTREAM_TLSA_PKIX_EE, &leaf, "CERT_REVOKED");
  check_record(client, TLSTREAM_TLSA_PKIX_TA, &root, "CERT_REVOKED");
  check_record(client, TLSTREAM_TLSA_DANE_EE, &leaf, NULL);
  tlstream_context_unref(client);
  client = client_of(revoked, 1);
  check_record(client, TLSTREAM_TLSA_DANE_TA, &root, "UNABLE_TO_GET_CRL");
  tlstream_context_unref(client);
}

static bool resumes(tlstream_context *made_with, tlstream_context *client,
                    tlstream_context *server) {
  visit at = {.client = client, .server = server};
  at.offered = visit_session(made_with, server);
  visit done = visit_run(at);
  CHECK(done.secure && done.authorized);
  tlstream_session_unref(done.kept);
  tlstream_session_unref(at.offered);
  return done.resumed;
}

/* D4: what has been revoked since is found, because the handshake is a full
 * one. */
TEST(a_session_belongs_to_the_lists_that_it_was_made_with) {
  text one = list_of(&root, NULL, -1, 1);
  text newer = list_of(&root, &middle, -1, 2);
  const tlstream_bytes lists[] = {bytes_of(&one), bytes_of(&newer)};
  tlstream_context *server = context_of(
      TLSTREAM_CONTEXT(.cert = direct.cert_pem, .key = direct.key_pem));
  tlstream_context *without = client_of(NULL, 0);
  tlstream_context *with = client_of(&lists[0], 1);
  tlstream_context *equal = client_of(&lists[0], 1);
  tlstream_context *with_newer = client_of(&lists[1], 1);
  CHECK(resumes(with, equal, server));
  CHECK(!resumes(without, with, server));
  CHECK(!resumes(with, without, server));
  CHECK(!resumes(with, with_newer, server));
  tlstream_context_unref(with_newer);
  tlstream_context_unref(equal);
  tlstream_context_unref(with);
  tlstream_context_unref(without);
  tlstream_context_unref(server);
}
