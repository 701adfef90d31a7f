/* SPDX-License-Identifier: MIT */
#include "core/context/roots.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/store.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/text.h"
#include "core/openssl/ossl.h"
#include "core/x509/issuer.h"
#include "core/x509/pem.h"

struct tlstream__roots {
  atomic_size_t refs;
  char *key; /* owned; what is where, and since when */
  char *file;
  char *folders;
  X509_STORE *store; /* owned; NULL until it is needed */
};

/* The latest, kept for the next context; and the lock for it and for all
 * stores that are yet to be read. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static tlstream__roots *latest;

/* Debian, Alpine, SUSE; Fedora. */
static const char *const known_folders[] = {"/etc/ssl/certs",
                                            "/etc/pki/tls/certs", NULL};
/* Debian and Alpine; Fedora, two; SUSE; macOS, Alpine, OpenBSD; FreeBSD. */
static const char *const known_files[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
    NULL};

/* What OpenSSL looks for in a folder: eight digits of the subject's hash, a dot
 * and a number ("openssl rehash" links them). Other files are not trusted. */
static bool is_looked_for(const char *name) {
  return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' &&
         name[9] != '\0' && strspn(name + 9, "0123456789") == strlen(name + 9);
}

static bool is_there(const char *path) {
  char stamp[128];
  tlstream__file_stamp(path, stamp, sizeof(stamp));
  return stamp[0] != '\0';
}

/* Can it be read a second time? */
static bool is_file(const char *path) {
  return is_there(path) && !tlstream__file_is_pipe(path);
}

static const char *first_of(const char *const *list,
                            bool (*fits)(const char *path)) {
  while (*list != NULL && !fits(*list))
    list++;
  return *list;
}

static bool has_roots(const char *folder) {
  return tlstream__file_any(folder, is_looked_for);
}

tlstream__places tlstream__roots_choose(tlstream__places named,
                                        tlstream__places built_in,
                                        const char *const *folders,
                                        const char *const *files) {
  tlstream__places chosen = {
      .file = named.file != NULL ? named.file : built_in.file,
      .folders = named.folders != NULL ? named.folders : built_in.folders};
  if (named.file != NULL || named.folders != NULL || is_there(built_in.file) ||
      has_roots(built_in.folders)) {
    return chosen;
  }
  chosen.folders = first_of(folders, has_roots);
  chosen.file = chosen.folders == NULL ? first_of(files, is_there) : NULL;
  return chosen;
}

/* As OpenSSL does, nothing is taken from the environment of a program that has
 * more rights than the user who started it. */
static const char *environment(const char *name) {
  return OPENSSL_issetugid() ? NULL : getenv(name);
}

static tlstream__places places_now(void) {
  const tlstream__places named = {
      .file = environment(X509_get_default_cert_file_env()),
      .folders = environment(X509_get_default_cert_dir_env())};
  const tlstream__places built_in = {.file = X509_get_default_cert_file(),
                                     .folders = X509_get_default_cert_dir()};
  return tlstream__roots_choose(named, built_in, known_folders, known_files);
}

/* False when memory is out. */
static bool each_folder(const char *list,
                        void (*use)(void *into, const char *folder),
                        void *into) {
  if (list == NULL) return true;
  for (list += strspn(list, ":"); *list != '\0'; list += strspn(list, ":")) {
    size_t len = strcspn(list, ":");
    char *folder = tlstream__memdup(list, len);
    if (folder == NULL) return false;
    use(into, folder);
    tlstream__free(folder);
    list += len;
  }
  return true;
}

static void add_stamp(void *key, const char *path) {
  char stamp[128];
  tlstream__file_stamp(path, stamp, sizeof(stamp));
  tlstream__text_format(key, "%s %s\n", path, stamp);
}

static char *key_of(const tlstream__places *places) {
  tlstream__text key = {0};
  tlstream__text_add(&key, "file\n");
  if (places->file != NULL) add_stamp(&key, places->file);
  tlstream__text_add(&key, "folders\n");
  if (!each_folder(places->folders, add_stamp, &key)) key.failed = true;
  return tlstream__text_take(&key);
}

tlstream__roots *tlstream__roots_ref(tlstream__roots *roots) {
  if (roots != NULL) {
    atomic_fetch_add_explicit(&roots->refs, 1, memory_order_relaxed);
  }
  return roots;
}

void tlstream__roots_unref(tlstream__roots *roots) {
  if (roots == NULL) return;
  if (atomic_fetch_sub_explicit(&roots->refs, 1, memory_order_acq_rel) != 1) {
    return;
  }
  X509_STORE_free(roots->store);
  tlstream__free(roots->key);
  tlstream__free(roots->file);
  tlstream__free(roots->folders);
  tlstream__free(roots);
}

static bool copy(char **out, const char *text) {
  *out = tlstream__strdup(text);
  return *out != NULL || text == NULL;
}

/* OpenSSL takes no list that names no folder, as SSL_CERT_DIR="" does. */
static const char *folders_in(const char *list) {
  return list != NULL && list[strspn(list, ":")] != '\0' ? list : NULL;
}

static tlstream__roots *new_roots(const tlstream__places *places,
                                  const char *key) {
  tlstream__roots *made = tlstream__calloc(sizeof(*made));
  if (made == NULL) return NULL;
  atomic_init(&made->refs, 1);
  if (copy(&made->key, key) && copy(&made->file, places->file) &&
      copy(&made->folders, folders_in(places->folders))) {
    return made;
  }
  tlstream__roots_unref(made);
  return NULL;
}

/* The latest, if they are still as they were; else others take their place. */
static tlstream__roots *renew(const tlstream__places *places, const char *key) {
  tlstream__roots *before = latest;
  if (before != NULL && strcmp(before->key, key) == 0) {
    return tlstream__roots_ref(before);
  }
  tlstream__roots *made = new_roots(places, key);
  if (made == NULL) return NULL;
  latest = made;
  tlstream__roots_unref(before);
  return tlstream__roots_ref(made);
}

tlstream__roots *tlstream__roots_now(void) {
  tlstream__places places = places_now();
  char *key = key_of(&places);
  if (key == NULL) return NULL;
  pthread_mutex_lock(&lock);
  tlstream__roots *now = renew(&places, key);
  pthread_mutex_unlock(&lock);
  tlstream__free(key);
  return now;
}

const char *tlstream__roots_key(const tlstream__roots *roots) {
  return roots != NULL ? roots->key : NULL;
}

static bool add_all(X509_STORE *into, STACK_OF(X509) * list) {
  bool fine = list != NULL;
  for (int i = 0; fine && i < sk_X509_num(list); i++) {
    fine = X509_STORE_add_cert(into, sk_X509_value(list, i)) == 1;
  }
  sk_X509_pop_free(list, X509_free);
  return fine;
}

/* False if there is a file, and not all of it is in the store now; of a pipe
 * there is no more to come. */
static bool add_file(X509_STORE *into, const char *path) {
  static const tlstream_bytes no_bytes = {NULL, 0};
  tlstream__pem pem = {0};
  STACK_OF(X509) *list = NULL;
  int code = tlstream__pem_open(&pem, "roots", path, no_bytes, NULL, NULL);
  if (code == 0) code = tlstream__pem_certificates(&pem, &list, NULL);
  tlstream__pem_clear(&pem);
  return code == 0 ? add_all(into, list) : !is_file(path);
}

static bool watch_folders(X509_STORE *into, const char *folders) {
  X509_LOOKUP *lookup = X509_STORE_add_lookup(into, X509_LOOKUP_hash_dir());
  return lookup != NULL &&
         X509_LOOKUP_add_dir(lookup, folders, X509_FILETYPE_PEM) == 1;
}

static X509_STORE *try_store(const tlstream__roots *roots, bool *whole) {
  X509_STORE *store = X509_STORE_new();
  *whole = true;
  if (store != NULL) tlstream__issuer_install(store);
  if (store != NULL &&
      (roots->folders == NULL || watch_folders(store, roots->folders))) {
    *whole = roots->file == NULL || add_file(store, roots->file);
    return store;
  }
  X509_STORE_free(store);
  return NULL;
}

/* What cannot be parsed is not trusted, and that is all. But if memory was the
 * reason, which OpenSSL does not always report, it must not be remembered: what
 * is wrong with a file is still wrong with it the second time. */
static X509_STORE *read_store(const tlstream__roots *roots) {
  bool whole = false;
  X509_STORE *store = try_store(roots, &whole);
  if (store != NULL && !whole) {
    X509_STORE_free(store);
    store = try_store(roots, &whole);
  }
  tlstream__ossl_clear();
  return store;
}

X509_STORE *tlstream__roots_store(tlstream__roots *roots) {
  pthread_mutex_lock(&lock);
  if (roots->store == NULL) roots->store = read_store(roots);
  X509_STORE *store = roots->store;
  pthread_mutex_unlock(&lock);
  return store;
}

bool tlstream__roots_add(tlstream__roots *roots, X509_STORE *into) {
  X509_STORE *store = tlstream__roots_store(roots);
  return store != NULL && add_all(into, X509_STORE_get1_all_certs(store)) &&
         (roots->folders == NULL || watch_folders(into, roots->folders));
}

static void gather_file(X509_STORE *into, const char *path) {
  OSSL_STORE_CTX *from = OSSL_STORE_open(path, NULL, NULL, NULL, NULL);
  while (from != NULL && !OSSL_STORE_eof(from)) {
    OSSL_STORE_INFO *item = OSSL_STORE_load(from);
    if (item == NULL) continue;
    if (OSSL_STORE_INFO_get_type(item) == OSSL_STORE_INFO_CERT) {
      X509_STORE_add_cert(into, OSSL_STORE_INFO_get0_CERT(item));
    }
    OSSL_STORE_INFO_free(item);
  }
  OSSL_STORE_close(from);
}

static bool leads_to_root(const char *path) {
  const char *name = strrchr(path, '/');
  return is_looked_for(name != NULL ? name + 1 : path);
}

/* The store keeps each certificate once, however often it comes. */
static void gather_folder(void *into, const char *path) {
  OSSL_STORE_CTX *from = OSSL_STORE_open(path, NULL, NULL, NULL, NULL);
  while (from != NULL && !OSSL_STORE_eof(from)) {
    OSSL_STORE_INFO *item = OSSL_STORE_load(from);
    if (item == NULL) continue;
    if (OSSL_STORE_INFO_get_type(item) == OSSL_STORE_INFO_NAME &&
        leads_to_root(OSSL_STORE_INFO_get0_NAME(item))) {
      gather_file(into, OSSL_STORE_INFO_get0_NAME(item));
    }
    OSSL_STORE_INFO_free(item);
  }
  OSSL_STORE_close(from);
}

bool tlstream__roots_gather(tlstream__roots *roots, X509_STORE *into) {
  X509_STORE *store = tlstream__roots_store(roots);
  return store != NULL && add_all(into, X509_STORE_get1_all_certs(store)) &&
         each_folder(roots->folders, gather_folder, into);
}
