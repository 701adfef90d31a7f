/* SPDX-License-Identifier: MIT */
/* The log of keys: off unless it is asked for, in a file that its user alone
 * can read, and to a callback; for the context that has the option, and for no
 * other that shares its credentials. I7. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "support/connect.h"
#include "support/handshake.h"
#include "support/hostile_peer.h"
#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"

enum { TEXT_MAX = 8192 };

typedef struct heard {
  size_t lines;
  char text[TEXT_MAX];
} heard;

static void hear(const char *line, void *data) {
  heard *all = data;
  all->lines++;
  CHECK(strchr(line, '\n') == NULL);
  strncat(all->text, line, TEXT_MAX - strlen(all->text) - 2);
  strcat(all->text, "\n");
}

static char folder[32];
static char path[64];

BEFORE_TESTS(make_folder) {
  strcpy(folder, "/tmp/tlstream-keylog-XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
  snprintf(path, sizeof(path), "%s/keys", folder);
}

AFTER_TESTS(drop_folder) {
  unlink(path);
  rmdir(folder);
}

static void read_log(char *out) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t len = fd >= 0 ? read(fd, out, TEXT_MAX - 1) : 0;
  out[len > 0 ? len : 0] = '\0';
  if (fd >= 0) close(fd);
}

static size_t count(const char *text, const char *word) {
  size_t found = 0;
  for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
    found++;
  return found;
}

/* The options of a role, without a log. */
static tlstream_context_options options_of(tlstream_role role,
                                           tlstream_version version) {
  const made_cert *leaf = test_leaf(KEY_ECDSA);
  tlstream_context_options options = {
      .size = sizeof(options), .min_version = version, .max_version = version};
  if (role == TLSTREAM_ROLE_SERVER) {
    options.cert = leaf->cert_pem;
    options.key = leaf->key_pem;
  } else {
    options.ca = test_ca()->cert_pem;
  }
  return options;
}

/* A pair of `context`, which is given up, and a peer that logs nothing. */
static peers shake_with(tlstream_context *context, tlstream_version version,
                        tlstream_role role) {
  config terms = {.version = version};
  tlstream_context *other = config_context(&terms, other_role(role));
  bool is_client = role == TLSTREAM_ROLE_CLIENT;
  peers both = shake(client_with(is_client ? context : other, NULL),
                     server_with(is_client ? other : context, false));
  tlstream_context_unref(other);
  tlstream_context_unref(context);
  return both;
}

static void check_lines(const char *text, tlstream_version version) {
  if (version == TLSTREAM_TLS_1_2) {
    CHECK_INT(count(text, "CLIENT_RANDOM "), 1);
    CHECK_INT(count(text, "\n"), 1);
    return;
  }
  CHECK_INT(count(text, "CLIENT_HANDSHAKE_TRAFFIC_SECRET "), 1);
  CHECK_INT(count(text, "SERVER_HANDSHAKE_TRAFFIC_SECRET "), 1);
  CHECK_INT(count(text, "CLIENT_TRAFFIC_SECRET_0 "), 1);
  CHECK_INT(count(text, "SERVER_TRAFFIC_SECRET_0 "), 1);
  CHECK_INT(count(text, "EXPORTER_SECRET "), 1);
  CHECK_INT(count(text, "\n"), 5);
}

static void to_a_callback(tlstream_version version, tlstream_role role) {
  heard all = {0};
  tlstream_context_options options = options_of(role, version);
  options.insecure_on_keylog = hear;
  options.insecure_keylog_data = &all;
  peers both = shake_with(context_of(&options), version, role);
  CHECK(tlstream_pair_is_secure(both.side[role]));
  check_lines(all.text, version);
  peers_free(&both);
}

TEST(a_callback_gets_a_line_for_each_key) {
  each_side(to_a_callback);
}

static void to_a_file(tlstream_version version, tlstream_role role) {
  struct stat status;
  char once[TEXT_MAX];
  char twice[TEXT_MAX];
  heard all = {0};
  tlstream_context_options options = options_of(role, version);
  options.insecure_keylog_file = path;
  options.insecure_on_keylog = hear;
  options.insecure_keylog_data = &all;
  unlink(path);
  mode_t mask = umask(0);
  peers both = shake_with(context_of(&options), version, role);
  umask(mask);
  read_log(once);
  CHECK_STR(once, all.text);
  check_lines(once, version);
  CHECK_INT(stat(path, &status), 0);
  CHECK_INT(status.st_mode & 07777, 0600);
  peers_free(&both);
  both = shake_with(context_of(&options), version, role);
  read_log(twice);
  CHECK(strncmp(once, twice, strlen(once)) == 0);
  CHECK_STR(twice, all.text);
  CHECK_INT(strlen(twice), 2 * strlen(once));
  peers_free(&both);
}

TEST(a_file_is_appended_to_and_its_users_alone) {
  each_side(to_a_file);
}

/* What is logged is what the connection uses. */
TEST(both_sides_log_the_same_keys) {
  heard heard_by[2] = {{0}, {0}};
  tlstream_context *contexts[2];
  for (int role = 0; role < 2; role++) {
    tlstream_context_options options =
        options_of((tlstream_role)role, TLSTREAM_TLS_1_3);
    options.insecure_on_keylog = hear;
    options.insecure_keylog_data = &heard_by[role];
    contexts[role] = context_of(&options);
  }
  peers both = shake(client_with(contexts[TLSTREAM_ROLE_CLIENT], NULL),
                     server_with(contexts[TLSTREAM_ROLE_SERVER], false));
  CHECK_INT(heard_by[0].lines, 5);
  CHECK_INT(heard_by[1].lines, 5);
  char *state = NULL;
  for (char *line = strtok_r(heard_by[0].text, "\n", &state); line != NULL;
       line = strtok_r(NULL, "\n", &state)) {
    CHECK_INT(count(heard_by[1].text, line), 1);
  }
  peers_free(&both);
  tlstream_context_unref(contexts[0]);
  tlstream_context_unref(contexts[1]);
}

/* `first` and one that is derived from it: who logs what. */
static void check_derived(tlstream_role role, bool parent_logs,
                          bool child_logs) {
  heard by_parent = {0};
  heard by_child = {0};
  tlstream_context_options options = options_of(role, TLSTREAM_TLS_1_3);
  if (parent_logs) options.insecure_on_keylog = hear;
  options.insecure_keylog_data = &by_parent;
  tlstream_context *parent = context_of(&options);
  tlstream_context *child = context_of(
      TLSTREAM_CONTEXT(.parent = parent,
                       .insecure_on_keylog = child_logs ? hear : NULL,
                       .insecure_keylog_data = &by_child));
  peers both = shake_with(tlstream_context_ref(child), TLSTREAM_TLS_1_3, role);
  CHECK(tlstream_pair_is_secure(both.side[role]));
  CHECK_INT(by_parent.lines, 0);
  CHECK_INT(by_child.lines, child_logs ? 5 : 0);
  peers_free(&both);
  both = shake_with(tlstream_context_ref(parent), TLSTREAM_TLS_1_3, role);
  CHECK_INT(by_parent.lines, parent_logs ? 5 : 0);
  CHECK_INT(by_child.lines, child_logs ? 5 : 0);
  peers_free(&both);
  tlstream_context_unref(child);
  tlstream_context_unref(parent);
}

TEST(a_derived_context_logs_for_itself_alone) {
  for (int i = 0; i < 8; i++) {
    IN_CASE("%d", i);
    check_derived((tlstream_role)(i & 1), (i & 2) != 0, (i & 4) != 0);
  }
}

/* Without the option there is not even a callback in OpenSSL. */
TEST(nothing_is_logged_unasked) {
  tlstream_context_options options =
      options_of(TLSTREAM_ROLE_CLIENT, TLSTREAM_TLS_1_3);
  tlstream_context *context = context_of(&options);
  CHECK(SSL_CTX_get_keylog_callback(context->ctx) == NULL);
  tlstream_context_unref(context);
}

TEST(a_file_that_cannot_be_opened_is_an_error) {
  char missing[96];
  snprintf(missing, sizeof(missing), "%s/no/keys", folder);
  tlstream_context_options options =
      options_of(TLSTREAM_ROLE_CLIENT, TLSTREAM_TLS_1_3);
  options.insecure_keylog_file = missing;
  check_no_context(&options, TLSTREAM_ERR_FILE,
                   "insecure_keylog_file: cannot write to ");
  options.insecure_keylog_file = folder;
  check_no_context(&options, TLSTREAM_ERR_FILE, "insecure_keylog_file");
}

/* A log that lacks keys would be found out when it is too late. */
static void when_it_is_full(tlstream_version version, tlstream_role role) {
  tlstream_context_options options = options_of(role, version);
  options.insecure_keylog_file = "/dev/full";
  peers both = shake_with(context_of(&options), version, role);
  CHECK_ERROR(error_code(both.side[role]), TLSTREAM_ERR_FILE);
  CHECK_STR(tlstream_pair_error(both.side[role])->name, "ENOSPC");
  CHECK(!tlstream_pair_is_secure(both.side[role]));
  CHECK_STR(take_events(both.side[role]), "ERROR");
  peers_free(&both);
}

TEST(a_connection_whose_keys_cannot_be_logged_fails) {
  if (access("/dev/full", W_OK) != 0) return;
  each_side(when_it_is_full);
}
