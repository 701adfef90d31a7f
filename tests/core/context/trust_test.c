/* SPDX-License-Identifier: MIT */
/* What a context trusts (A12): nothing by accident. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <tlstream/context_info.h>
#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "support/connect.h"
#include "support/make_cert.h"
#include "support/test.h"
#include "support/torture.h"

typedef enum authority { HERE, THERE, SYSTEM, AUTHORITIES } authority;

static made_cert roots[AUTHORITIES];
static made_cert leaves[AUTHORITIES]; /* each signed by its root */
static char folder[64];
static char paths[AUTHORITIES][96];
static char empty_path[96];

static void write_file(const char *path, const void *bytes, size_t len) {
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL);
  if (file == NULL) return;
  CHECK_INT(fwrite(bytes, 1, len, file), len);
  fclose(file);
}

/* A system with one authority that only it knows. */
BEFORE_TESTS(make_some) {
  static const char *const names[] = {"Here", "There", "System"};
  torture_install();
  torture_install_openssl();
  snprintf(folder, sizeof(folder), "/tmp/tlstream-trust-XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
  for (int i = 0; i < AUTHORITIES; i++) {
    roots[i] = make_cert(&(cert_plan){.name = names[i], .basic = CERT_CA});
    leaves[i] = make_cert(&(cert_plan){.name = "a.test", .by = &roots[i]});
    snprintf(paths[i], sizeof(paths[i]), "%s/%d.pem", folder, i);
    write_file(paths[i], roots[i].cert_pem.data, roots[i].cert_pem.len);
  }
  snprintf(empty_path, sizeof(empty_path), "%s/empty.pem", folder);
  write_file(empty_path, "", 0);
  setenv("SSL_CERT_FILE", paths[SYSTEM], 1);
  setenv("SSL_CERT_DIR", "/nonexistent", 1);
}

AFTER_TESTS(drop_them) {
  for (int i = 0; i < AUTHORITIES; i++) {
    made_cert_clear(&roots[i]);
    made_cert_clear(&leaves[i]);
    unlink(paths[i]);
  }
  unlink(empty_path);
  rmdir(folder);
}

static bool trusts(tlstream_context *client, authority one) {
  tlstream_context *server = context_with(&leaves[one], NULL);
  connection both = connect_pairs(client, server, "a.test");
  bool authorized = tlstream_pair_authorized(both.client);
  CHECK_INT(tlstream_pair_is_secure(both.client), authorized);
  if (!authorized) {
    CHECK_ERROR(tlstream_pair_error(both.client)->code, TLSTREAM_ERR_UNTRUSTED);
  }
  disconnect_pairs(&both);
  tlstream_context_unref(server);
  return authorized;
}

/* `want` has a letter for each authority that is trusted. */
static void check_trusts(const tlstream_context_options *options,
                         const char *want) {
  char got[AUTHORITIES + 1] = "";
  size_t len = 0;
  tlstream_context *client = context_of(options);
  for (int i = 0; i < AUTHORITIES; i++) {
    if (trusts(client, (authority)i)) got[len++] = "HTS"[i];
  }
  CHECK_STR(got, want);
  tlstream_context_unref(client);
}

TEST(is_the_systems_by_default) {
  check_trusts(NULL, "S");
  check_trusts(TLSTREAM_CONTEXT(.min_version = TLSTREAM_TLS_1_2), "S");
}

TEST(is_replaced_by_what_is_given) {
  check_trusts(TLSTREAM_CONTEXT(.ca = roots[HERE].cert_pem), "H");
  check_trusts(TLSTREAM_CONTEXT(.ca_file = paths[THERE]), "T");
  check_trusts(
      TLSTREAM_CONTEXT(.ca = roots[HERE].cert_pem, .ca_file = paths[THERE]),
      "HT");
}

TEST(is_added_to_when_asked) {
  check_trusts(
      TLSTREAM_CONTEXT(.ca = roots[HERE].cert_pem, .add_system_roots = true),
      "HS");
  check_trusts(TLSTREAM_CONTEXT(.add_system_roots = true), "S");
}

TEST(is_put_together_of_many) {
  const char *const files[] = {paths[HERE], paths[THERE]};
  const tlstream_bytes texts[] = {roots[THERE].cert_pem, roots[HERE].cert_pem};
  check_trusts(TLSTREAM_CONTEXT(.ca_files = files, .ca_file_count = 2), "HT");
  check_trusts(TLSTREAM_CONTEXT(.cas = texts, .ca_count = 2), "HT");
  check_trusts(
      TLSTREAM_CONTEXT(.cas = texts, .ca_count = 1, .ca_file = paths[SYSTEM]),
      "TS");
  tlstream_bytes bundle = join_pem(texts, 2);
  check_trusts(TLSTREAM_CONTEXT(.ca = bundle), "HT");
  free((void *)bundle.data);
}

/* The same one twice is no fault: bundles are joined from others. */
TEST(may_name_the_same_twice) {
  const tlstream_bytes texts[] = {roots[HERE].cert_pem, roots[HERE].cert_pem};
  check_trusts(TLSTREAM_CONTEXT(.cas = texts, .ca_count = 2), "H");
}

/* The leaf itself is trusted, as a certificate that signed itself is. */
TEST(may_be_the_certificate_itself) {
  made_cert alone = make_cert(&(cert_plan){.name = "a.test"});
  tlstream_context *client = context_with(NULL, &alone);
  tlstream_context *server = context_with(&alone, NULL);
  connection both = connect_pairs(client, server, "a.test");
  CHECK(tlstream_pair_authorized(both.client));
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
  made_cert_clear(&alone);
  check_trusts(TLSTREAM_CONTEXT(.ca = leaves[HERE].cert_pem), "");
  check_trusts(TLSTREAM_CONTEXT(.ca = leaves[HERE].cert_pem,
                                .allow_partial_chain = true),
               "H");
}

TEST(is_never_silently_empty) {
  int empty = TLSTREAM_ERR_EMPTY_TRUST;
  int bad = TLSTREAM_ERR_BAD_CERTIFICATE;
  const tlstream_bytes nothing = {"", 0};
  const tlstream_bytes blank = {"\n", 1};
  const tlstream_bytes rubbish = {"rubbish", 7};
  check_no_context(TLSTREAM_CONTEXT(.ca = nothing), empty,
                   "ca: there is nothing");
  check_no_context(TLSTREAM_CONTEXT(.ca = {NULL, 7}),
                   TLSTREAM_ERR_INVALID_ARGUMENT,
                   "ca: there is a length and no bytes");
  check_no_context(TLSTREAM_CONTEXT(.ca_file = empty_path), empty, empty_path);
  check_no_context(TLSTREAM_CONTEXT(.ca_file = "/dev/null"), empty,
                   "/dev/null");
  check_no_context(TLSTREAM_CONTEXT(.ca = blank), bad, "ca: it is not PEM");
  check_no_context(TLSTREAM_CONTEXT(.ca = rubbish), bad, "ca: it is not PEM");
  check_no_context(TLSTREAM_CONTEXT(.ca = leaves[HERE].key_pem), bad,
                   "swapped?");
  check_no_context(TLSTREAM_CONTEXT(.ca_file = "/no/such"), TLSTREAM_ERR_FILE,
                   "ca_file: cannot read /no/such");
  check_no_context(TLSTREAM_CONTEXT(.ca_file = "/tmp"), TLSTREAM_ERR_FILE,
                   "ca_file: cannot read /tmp");
  check_no_context(TLSTREAM_CONTEXT(.ca_file = ""), TLSTREAM_ERR_FILE,
                   "ca_file");
}

/* Also where the rest would do, and where the system's roots would. */
TEST(is_all_that_was_given_or_nothing) {
  const char *const files[] = {paths[HERE], "/no/such"};
  const char *const one_is_null[] = {paths[HERE], NULL};
  const tlstream_bytes texts[] = {roots[HERE].cert_pem, {"", 0}};
  const tlstream_bytes null_text[] = {roots[HERE].cert_pem, {NULL, 0}};
  int empty = TLSTREAM_ERR_EMPTY_TRUST;
  check_no_context(TLSTREAM_CONTEXT(.ca_files = files, .ca_file_count = 2),
                   TLSTREAM_ERR_FILE, "/no/such");
  check_no_context(
      TLSTREAM_CONTEXT(.ca_files = one_is_null, .ca_file_count = 2), empty,
      "nothing in it to trust");
  check_no_context(TLSTREAM_CONTEXT(.cas = texts, .ca_count = 2), empty, "ca");
  check_no_context(TLSTREAM_CONTEXT(.cas = null_text, .ca_count = 2), empty,
                   "ca");
  check_no_context(
      TLSTREAM_CONTEXT(.ca_files = files, .add_system_roots = true), empty,
      "ca_files");
  check_no_context(TLSTREAM_CONTEXT(.cas = texts), empty, "cas");
  check_no_context(TLSTREAM_CONTEXT(.ca = {"", 0}, .add_system_roots = true),
                   empty, "ca");
  check_no_context(
      TLSTREAM_CONTEXT(.ca = roots[HERE].cert_pem, .ca_file = empty_path),
      empty, empty_path);
}

/* As in a container without /etc/ssl: the chain leads nowhere. */
TEST(of_a_system_without_roots_is_empty) {
  setenv("SSL_CERT_FILE", "/nonexistent", 1);
  check_trusts(NULL, "");
  check_trusts(
      TLSTREAM_CONTEXT(.ca = roots[HERE].cert_pem, .add_system_roots = true),
      "H");
  setenv("SSL_CERT_FILE", paths[SYSTEM], 1);
}

static void check_listed(const tlstream_context_options *options, size_t want) {
  size_t count = 99;
  tlstream_context *context = context_of(options);
  tlstream_certificate **list = tlstream_context_trusted(context, &count);
  CHECK_INT(count, want);
  CHECK(list != NULL && list[count] == NULL);
  for (size_t i = 0; list != NULL && i < count; i++)
    CHECK(tlstream_certificate_is_ca(list[i]));
  tlstream_certificates_free(list);
  tlstream_context_unref(context);
}

TEST(can_be_listed) {
  const char *const files[] = {paths[HERE], paths[THERE], paths[HERE]};
  check_listed(NULL, 1);
  check_listed(TLSTREAM_CONTEXT(.ca_files = files, .ca_file_count = 3), 2);
  check_listed(TLSTREAM_CONTEXT(.ca_files = files, .ca_file_count = 3,
                                .add_system_roots = true),
               3);
  setenv("SSL_CERT_FILE", "/nonexistent", 1);
  check_listed(NULL, 0);
  setenv("SSL_CERT_FILE", paths[SYSTEM], 1);
  tlstream_certificates_free(NULL);
}

/* A link with the name that OpenSSL looks for, in a folder of its own. */
static void make_link(char *path, size_t cap, authority one) {
  snprintf(path, cap, "%s/links-%d", folder, one);
  CHECK_INT(mkdir(path, 0700), 0);
  size_t used = strlen(path);
  snprintf(path + used, cap - used, "/%08lx.0",
           X509_subject_name_hash(roots[one].cert));
  CHECK_INT(symlink(paths[one], path), 0);
  path[used] = '\0';
}

static void drop_link(char *path, authority one) {
  char link[160];
  snprintf(link, sizeof(link), "%s/%08lx.0", path,
           X509_subject_name_hash(roots[one].cert));
  CHECK_INT(unlink(link), 0);
  CHECK_INT(rmdir(path), 0);
}

/* Only what OpenSSL would find there is trusted, and so only that is listed:
 * not the files "0.pem" and so on, which no hash leads to. */
TEST(of_the_system_s_folders_is_what_is_found_there) {
  char here[128];
  char there[128];
  char both[400];
  make_link(here, sizeof(here), HERE);
  make_link(there, sizeof(there), THERE);
  snprintf(both, sizeof(both), "%s:%s::%s:/nonexistent", folder, here, there);
  setenv("SSL_CERT_FILE", "/nonexistent", 1);
  setenv("SSL_CERT_DIR", folder, 1);
  check_trusts(NULL, "");
  check_listed(NULL, 0);
  setenv("SSL_CERT_DIR", here, 1);
  check_trusts(NULL, "H");
  check_listed(NULL, 1);
  setenv("SSL_CERT_DIR", both, 1);
  check_trusts(NULL, "HT");
  check_listed(NULL, 2);
  check_listed(TLSTREAM_CONTEXT(.ca = roots[HERE].cert_pem), 1);
  check_listed(
      TLSTREAM_CONTEXT(.ca = roots[SYSTEM].cert_pem, .add_system_roots = true),
      3);
  setenv("SSL_CERT_DIR", "/nonexistent", 1);
  setenv("SSL_CERT_FILE", paths[SYSTEM], 1);
  drop_link(here, HERE);
  drop_link(there, THERE);
}

static void list_trusted(void *data) {
  size_t count = 99;
  tlstream_certificate **list = tlstream_context_trusted(data, &count);
  CHECK((list == NULL) == torture_struck());
  CHECK_INT(count, list == NULL ? 0 : 2);
  tlstream_certificates_free(list);
}

/* H7: OpenSSL's memory. */
static void list_all_or_nothing(void *data) {
  size_t count = 99;
  tlstream_certificate **list = tlstream_context_trusted(data, &count);
  CHECK(list != NULL || torture_struck());
  CHECK_INT(count, list == NULL ? 0 : 3);
  CHECK_INT(ERR_peek_error(), 0);
  tlstream_certificates_free(list);
}

static void trust_all_or_nothing(void *data) {
  tlstream_error error;
  tlstream_context *context = tlstream_context_new(data, &error);
  CHECK(context != NULL || torture_struck());
  if (context == NULL) return;
  X509_STORE *store = SSL_CTX_get_cert_store(context->ctx);
  STACK_OF(X509) *all = X509_STORE_get1_all_certs(store);
  CHECK(all == NULL || sk_X509_num(all) == 2);
  CHECK_INT(sk_X509_NAME_num(SSL_CTX_get_client_CA_list(context->ctx)), 2);
  sk_X509_pop_free(all, X509_free);
  tlstream_context_unref(context);
}

TEST(is_whole_or_nothing_without_memory) {
  const char *const files[] = {paths[HERE], paths[THERE]};
  tlstream_context_options options = {
      .size = sizeof(options), .ca_files = files, .ca_file_count = 2};
  CHECK_GT(torture_some(TORTURE_OPENSSL, TORTURE_ONCE, 3, trust_all_or_nothing,
                        &options),
           1000);
  options.add_system_roots = true;
  tlstream_context *context = context_of(&options);
  CHECK_GT(
      torture_each(TORTURE_OPENSSL, TORTURE_ONCE, list_all_or_nothing, context),
      30);
  tlstream_context_unref(context);
}

/* H7 */
TEST(is_listed_or_memory_is_out) {
  const char *const files[] = {paths[HERE], paths[THERE]};
  size_t before = torture_live(TORTURE_LIBRARY); /* the system's roots */
  tlstream_context *context =
      context_of(TLSTREAM_CONTEXT(.ca_files = files, .ca_file_count = 2));
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, list_trusted, context),
           2);
  tlstream_context_unref(context);
  CHECK_INT(torture_live(TORTURE_LIBRARY), before);
}
