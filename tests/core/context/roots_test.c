/* SPDX-License-Identifier: MIT */
/* The system's roots: where they are, when they are read, and when anew. */
#include "core/context/roots.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <tlstream/context_info.h>
#include <tlstream/pair_info.h>

#include "support/handshake.h"
#include "support/test.h"
#include "support/torture.h"

enum { HERE, THERE, AUTHORITIES };

static char folder[] = "/tmp/tlstream-roots-XXXXXX";
static char bundle[64];
static char hashed[64];
static char link_path[96];
static made_cert roots[AUTHORITIES];
static made_cert leaves[AUTHORITIES];

static void put(const void *bytes, size_t len) {
  static unsigned tick;
  struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = ++tick}};
  FILE *file = fopen(bundle, "wb");
  if (!CHECK(file != NULL)) return;
  CHECK_INT(fwrite(bytes, 1, len, file), len);
  fclose(file);
  /* As if it were another time: two writes may share a tick of the clock. */
  CHECK_INT(utimensat(AT_FDCWD, bundle, times, 0), 0);
}

static void put_root(int which) {
  put(roots[which].cert_pem.data, roots[which].cert_pem.len);
}

BEFORE_TESTS(make_some) {
  torture_install();
  torture_install_openssl();
  CHECK(mkdtemp(folder) != NULL);
  snprintf(bundle, sizeof(bundle), "%s/bundle.pem", folder);
  snprintf(hashed, sizeof(hashed), "%s/hashed", folder);
  snprintf(link_path, sizeof(link_path), "%s/01234567.0", hashed);
  for (int i = 0; i < AUTHORITIES; i++) {
    roots[i] = make_cert(
        &(cert_plan){.name = i == HERE ? "Here" : "There", .basic = CERT_CA});
    leaves[i] = make_cert(&(cert_plan){.name = SERVER_NAME, .by = &roots[i]});
  }
  CHECK_INT(mkdir(hashed, 0700), 0);
  CHECK_INT(symlink("../bundle.pem", link_path), 0);
  put_root(HERE);
  setenv("SSL_CERT_FILE", bundle, 1);
  setenv("SSL_CERT_DIR", "/nonexistent", 1);
}

AFTER_TESTS(drop_them) {
  for (int i = 0; i < AUTHORITIES; i++) {
    made_cert_clear(&roots[i]);
    made_cert_clear(&leaves[i]);
  }
  unlink(bundle);
  unlink(link_path);
  rmdir(hashed);
  rmdir(folder);
}

static bool trusts(tlstream_context *client, int which) {
  tlstream_context *server = context_with(&leaves[which], NULL);
  connection both = connect_pairs(client, server, SERVER_NAME);
  bool is_secure = tlstream_pair_is_secure(both.client);
  if (!is_secure) CHECK_ERROR(error_code(both.client), TLSTREAM_ERR_UNTRUSTED);
  disconnect_pairs(&both);
  tlstream_context_unref(server);
  return is_secure;
}

static void check_trusts(tlstream_context *client, int which) {
  CHECK(trusts(client, which));
  CHECK(!trusts(client, 1 - which));
}

TEST(contexts_made_later_see_what_has_changed) {
  put_root(HERE);
  tlstream_context *first = context_of(NULL);
  check_trusts(first, HERE);
  put_root(THERE);
  tlstream_context *second = context_of(NULL);
  check_trusts(second, THERE);
  check_trusts(first, HERE); /* a context never changes */
  tlstream_context_unref(first);
  tlstream_context_unref(second);
}

TEST(what_has_not_changed_is_read_once) {
  put_root(HERE);
  tlstream__roots *first = tlstream__roots_now();
  tlstream__roots *second = tlstream__roots_now();
  CHECK(first == second);
  CHECK(tlstream__roots_store(first) == tlstream__roots_store(second));
  tlstream__roots_unref(first);
  tlstream__roots_unref(second);
  put_root(THERE);
  tlstream__roots *third = tlstream__roots_now();
  CHECK(third != first);
  tlstream__roots_unref(third);
}

/* It sees what was written when the first peer had to be verified, so nothing
 * had been read before. */
TEST(nothing_is_read_before_it_is_needed) {
  put_root(HERE);
  tlstream_context *both =
      context_of(TLSTREAM_CONTEXT(.cert = leaves[HERE].cert_pem,
                                  .key = leaves[HERE].key_pem));
  tlstream_context *heir = context_of(TLSTREAM_CONTEXT(.parent = both));
  tlstream_context *known = context_with(NULL, &roots[HERE]);
  connection served = connect_pairs(known, both, SERVER_NAME);
  CHECK(tlstream_pair_is_secure(served.server));
  disconnect_pairs(&served);
  put_root(THERE);
  check_trusts(both, THERE);
  put_root(HERE);
  check_trusts(heir, THERE); /* it is its parent's */
  tlstream_context_unref(both);
  tlstream_context_unref(heir);
  tlstream_context_unref(known);
}

TEST(beside_others_they_are_read_when_needed_too) {
  made_cert own = make_cert(&(cert_plan){.name = "Own", .basic = CERT_CA});
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.ca = own.cert_pem, .add_system_roots = true));
  put_root(THERE);
  check_trusts(client, THERE);
  put_root(HERE);
  check_trusts(client, THERE);
  tlstream_context_unref(client);
  made_cert_clear(&own);
}

TEST(a_damaged_file_is_trusted_in_nothing) {
  static const char damaged[] =
      "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  put(damaged, sizeof(damaged) - 1);
  for (int i = 0; i < 2; i++) {
    tlstream_context *client = context_of(NULL);
    CHECK(!trusts(client, HERE) && !trusts(client, THERE));
    tlstream_context_unref(client);
    put("", 0);
  }
  put_root(HERE);
}

/* H7: an incomplete set must not be kept for all later contexts. */
TEST(a_lack_of_memory_is_not_remembered) {
  static const torture_mode modes[] = {TORTURE_ONCE, TORTURE_FOREVER};
  for (int i = 0; i < 2; i++) {
    bool struck = true;
    for (size_t nth = 1; struck; nth += 3) {
      put_root(HERE);
      tlstream__roots *now = tlstream__roots_now();
      torture_arm(TORTURE_ALL, modes[i], nth);
      (void)tlstream__roots_store(now);
      struck = torture_disarm();
      X509_STORE *store = tlstream__roots_store(now);
      STACK_OF(X509) *list = X509_STORE_get1_all_certs(store);
      CHECK_INT(sk_X509_num(list), 1);
      sk_X509_pop_free(list, X509_free);
      tlstream__roots_unref(now);
    }
  }
}

static void make_roots(void *unused) {
  (void)unused;
  tlstream__roots *now = tlstream__roots_now();
  CHECK((now == NULL) == torture_struck());
  tlstream__roots_unref(now);
}

TEST(without_memory_there_are_none) {
  put_root(THERE);
  make_roots(NULL); /* the process keeps these until it has newer ones */
  put_root(HERE);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, make_roots, NULL), 4);
}

/* Whatever the environment names: a context can be made, with what is there. */

static void name_places(const char *file, const char *folders) {
  setenv("SSL_CERT_FILE", file, 1);
  setenv("SSL_CERT_DIR", folders, 1);
}

static void check_named(const char *file, const char *folders, bool is_there) {
  size_t count = 99;
  tlstream_error error;
  name_places(file, folders);
  tlstream_context *client = tlstream_context_new(NULL, &error);
  if (!CHECK(client != NULL)) tlstream_error_print(&error, stdout);
  if (client != NULL) {
    CHECK(trusts(client, HERE) == is_there && !trusts(client, THERE));
    tlstream_certificate **list = tlstream_context_trusted(client, &count);
    CHECK(list != NULL && (count == 1) == is_there);
    tlstream_certificates_free(list);
  }
  tlstream_context_unref(client);
  name_places(bundle, "/nonexistent");
}

/* A folder whose path has `len` bytes, with the root of HERE in it. */
static void make_deep(char *path, size_t len) {
  char link[1200];
  snprintf(path, len + 1, "%s", folder);
  for (size_t at = strlen(path); at < len; at = strlen(path)) {
    size_t more = len - at > 202 ? 200 : len - at - 1;
    path[at] = '/';
    memset(path + at + 1, 'd', more);
    path[at + 1 + more] = '\0';
    CHECK_INT(mkdir(path, 0700), 0);
  }
  snprintf(link, sizeof(link), "%s/%08lx.0", path,
           X509_subject_name_hash(roots[HERE].cert));
  CHECK_INT(symlink(bundle, link), 0);
}

static void drop_deep(char *path) {
  char link[1200];
  snprintf(link, sizeof(link), "%s/%08lx.0", path,
           X509_subject_name_hash(roots[HERE].cert));
  CHECK_INT(unlink(link), 0);
  while (strcmp(path, folder) != 0) {
    CHECK_INT(rmdir(path), 0);
    *strrchr(path, '/') = '\0';
  }
}

TEST(the_environment_may_name_any_folder) {
  static const size_t lengths[] = {100, 400, 480, 512, 1000};
  static const char *const odd[] = {
      "", ":", ":::", ".", "no/such", "/etc/passwd", "/nonexistent:"};
  put_root(HERE);
  EACH_ROW(i, odd) {
    check_named(bundle, odd[i], true);
    check_named("/nonexistent", odd[i], false);
  }
  EACH_ROW(i, lengths) {
    char path[1024];
    char list[2200];
    make_deep(path, lengths[i]);
    check_named("/nonexistent", path, true);
    snprintf(list, sizeof(list), "%s:/nonexistent::%s:", hashed, path);
    check_named("/nonexistent", list, true);
    drop_deep(path);
  }
}

TEST(the_environment_may_name_a_path_of_any_length) {
  enum { LENGTH = 100000 };
  char *path = calloc(1, LENGTH + 1);
  put_root(HERE);
  memset(path, 'x', LENGTH);
  check_named(bundle, path, true);
  check_named(path, "/nonexistent", false);
  for (size_t i = 0; i < LENGTH; i += 200)
    path[i] = i % 400 == 0 ? ':' : '/';
  check_named(bundle, path, true);
  free(path);
}

TEST(the_environment_may_name_any_file) {
  static const char *const odd[] = {"",        ".",         "/",
                                    "no/such", "/dev/null", "/etc/passwd/x"};
  char name[64];
  put_root(HERE);
  EACH_ROW(i, odd) {
    check_named(odd[i], "/nonexistent", false);
  }
  CHECK_INT(chdir(folder), 0);
  check_named("bundle.pem", "", true);
  snprintf(name, sizeof(name), "./%s", "bundle.pem");
  check_named(name, "hashed", true);
  CHECK_INT(chdir("/"), 0);
}

/* Beside authorities of one's own too. */
TEST(no_folder_is_no_lack_of_memory) {
  put_root(HERE);
  name_places(bundle, "");
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.ca = roots[THERE].cert_pem, .add_system_roots = true));
  CHECK(trusts(client, HERE) && trusts(client, THERE));
  tlstream_context_unref(client);
  name_places(bundle, "/nonexistent");
}

static void *write_root(void *unused) {
  (void)unused;
  put_root(HERE);
  return NULL;
}

/* Read when the first peer is verified, and not again. */
TEST(a_fifo_is_read_once) {
  char fifo[96];
  pthread_t writer;
  snprintf(fifo, sizeof(fifo), "%s/bundle.pem", folder);
  put_root(HERE);
  CHECK_INT(unlink(fifo), 0);
  CHECK_INT(mkfifo(fifo, 0600), 0);
  CHECK_INT(pthread_create(&writer, NULL, write_root, NULL), 0);
  tlstream_context *first = context_of(NULL);
  check_trusts(first, HERE);
  tlstream_context *second = context_of(NULL);
  check_trusts(second, HERE);
  tlstream_context_unref(first);
  tlstream_context_unref(second);
  CHECK_INT(pthread_join(writer, NULL), 0);
  CHECK_INT(unlink(fifo), 0);
  put_root(HERE);
}

/* Where they are. */

static void check_chosen(tlstream__places named, const char *built_in_file,
                         const char *built_in_folder, const char *file,
                         const char *folders) {
  const char *const known_folders[] = {"/nonexistent/1", folder, hashed, NULL};
  const char *const known_files[] = {"/nonexistent/2", bundle, NULL};
  const tlstream__places built_in = {built_in_file, built_in_folder};
  tlstream__places got =
      tlstream__roots_choose(named, built_in, known_folders, known_files);
  CHECK_STR(got.file, file);
  CHECK_STR(got.folders, folders);
}

TEST(the_built_in_places_come_first) {
  static const tlstream__places none = {NULL, NULL};
  static const char nowhere[] = "/nonexistent/3";
  check_chosen(none, bundle, nowhere, bundle, nowhere);
  check_chosen(none, nowhere, hashed, nowhere, hashed);
  check_chosen(none, bundle, hashed, bundle, hashed);
}

/* As in a Node of nodejs.org, whose OpenSSL knows a folder of its builder's. A
 * folder in which nothing can be found does not count. */
TEST(where_they_lead_nowhere_known_places_are_tried) {
  static const tlstream__places none = {NULL, NULL};
  static const char *const no_list[] = {NULL};
  static const tlstream__places nowhere = {"/nonexistent/3", "/nonexistent/4"};
  const char *const files[] = {"/nonexistent/2", bundle, NULL};
  check_chosen(none, nowhere.file, nowhere.folders, NULL, hashed);
  check_chosen(none, nowhere.file, folder, NULL, hashed);
  tlstream__places got = tlstream__roots_choose(none, nowhere, no_list, files);
  CHECK_STR(got.file, bundle);
  CHECK_STR(got.folders, NULL);
  got = tlstream__roots_choose(none, nowhere, no_list, no_list);
  CHECK_STR(got.file, NULL);
  CHECK_STR(got.folders, NULL);
}

/* Also where there is nothing: then no certificate is trusted. */
TEST(what_the_environment_names_is_where_they_are) {
  static const char nowhere[] = "/nonexistent/3";
  check_chosen((tlstream__places){bundle, NULL}, nowhere, nowhere, bundle,
               nowhere);
  check_chosen((tlstream__places){NULL, hashed}, nowhere, nowhere, nowhere,
               hashed);
  check_chosen((tlstream__places){"/nonexistent/5", "/nonexistent/6"}, bundle,
               hashed, "/nonexistent/5", "/nonexistent/6");
}
