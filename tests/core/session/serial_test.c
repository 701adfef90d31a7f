/* SPDX-License-Identifier: MIT */
/* Sessions in bytes: what was written is read again, and nothing else is. D5.
 */
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <tlstream/memory.h>

#include "core/session/state.h"
#include "support/torture.h"
#include "support/visit.h"

#include "support/test.h"

enum { HEAD = 12, DIGEST = 32 };

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

static tlstream_context *client;
static tlstream_session *sessions[2];

static tlstream_session *make_session(tlstream_version version) {
  tlstream_context *server = visit_server(version);
  tlstream_session *made = visit_session(client, server);
  tlstream_context_unref(server);
  return made;
}

BEFORE_TESTS(set_up) {
  torture_install_openssl();
  torture_install();
  client = visit_client();
  for (int v = 0; v < 2; v++)
    sessions[v] = make_session(versions[v]);
}

AFTER_TESTS(tear_down) {
  for (int v = 0; v < 2; v++)
    tlstream_session_unref(sessions[v]);
  tlstream_context_unref(client);
}

/* In memory of the C library's, where reading past its end is noticed. */
typedef struct written {
  unsigned char *bytes;
  size_t len;
} written;

static written write_out(const tlstream_session *session) {
  written made = {0};
  void *bytes = tlstream_session_serialize(session, &made.len);
  if (bytes == NULL) TEST_STOP("no bytes");
  made.bytes = malloc(made.len);
  memcpy(made.bytes, bytes, made.len);
  tlstream_free_secret(bytes, made.len);
  return made;
}

static void check_refused(const void *bytes, size_t len, int code,
                          const char *words) {
  tlstream_error error;
  unsigned char *exact = malloc(len + (len == 0));
  if (len > 0) memcpy(exact, bytes, len);
  CHECK(tlstream_session_parse(exact, len, &error) == NULL);
  CHECK_ERROR(error.code, code);
  CHECK_HAS(error.message, words);
  CHECK(tlstream_session_parse(exact, len, NULL) == NULL);
  free(exact);
}

TEST(what_was_written_is_read_again) {
  for (int v = 0; v < 2; v++) {
    tlstream_error error;
    written all = write_out(sessions[v]);
    tlstream_session *read = tlstream_session_parse(all.bytes, all.len, &error);
    if (read == NULL) TEST_STOP("%s", error.message);
    CHECK_STR(tlstream_session_name(read), SERVER_NAME);
    CHECK_INT(tlstream_session_tls_version(read), versions[v]);
    CHECK_INT(tlstream_session_expires(read),
              tlstream_session_expires(sessions[v]));
    CHECK_INT(tlstream_session_is_single_use(read), v == 1);
    CHECK(!tlstream_session_is_used(read));
    written again = write_out(read);
    CHECK_INT(again.len, all.len);
    CHECK(memcmp(again.bytes, all.bytes, all.len) == 0);
    free(again.bytes);
    free(all.bytes);
    tlstream_session_unref(read);
  }
}

static void resume_read(tlstream_version version) {
  tlstream_context *server = visit_server(version);
  tlstream_context *equal = visit_client();
  visit at = {.client = equal, .server = server};
  tlstream_session *made = visit_session(client, server);
  written all = write_out(made);
  at.offered = tlstream_session_parse(all.bytes, all.len, NULL);
  visit done = visit_run(at);
  CHECK(done.secure && done.resumed && done.authorized);
  CHECK_INT(done.chain_len, 2);
  tlstream_session_unref(done.kept);
  tlstream_session_unref(at.offered);
  tlstream_session_unref(made);
  free(all.bytes);
  tlstream_context_unref(equal);
  tlstream_context_unref(server);
}

TEST(what_was_read_resumes_with_an_equal_context) {
  for (int v = 0; v < 2; v++)
    resume_read(versions[v]);
}

TEST(a_part_is_refused) {
  for (int v = 0; v < 2; v++) {
    written all = write_out(sessions[v]);
    for (size_t len = 0; len < all.len; len++) {
      IN_CASE("%zu bytes", len);
      check_refused(all.bytes, len, TLSTREAM_ERR_BAD_SESSION,
                    len == 0 ? "no session" : "is cut");
    }
    free(all.bytes);
  }
}

TEST(bytes_behind_it_are_refused) {
  written all = write_out(sessions[1]);
  all.bytes = realloc(all.bytes, all.len + 1);
  all.bytes[all.len] = 0;
  check_refused(all.bytes, all.len + 1, TLSTREAM_ERR_BAD_SESSION, "behind it");
  free(all.bytes);
}

TEST(each_changed_byte_is_noticed) {
  written all = write_out(sessions[1]);
  for (size_t i = 0; i < all.len; i++) {
    IN_CASE("byte %zu", i);
    tlstream_error error;
    all.bytes[i] ^= 0x20;
    CHECK(tlstream_session_parse(all.bytes, all.len, &error) == NULL);
    CHECK_ERROR(error.code, i == 7 ? TLSTREAM_ERR_SESSION_FORMAT
                                   : TLSTREAM_ERR_BAD_SESSION);
    all.bytes[i] ^= 0x20;
  }
  free(all.bytes);
}

static void seal(written *all) {
  all->bytes[8] = 0;
  all->bytes[9] = (unsigned char)(all->len >> 16);
  all->bytes[10] = (unsigned char)(all->len >> 8);
  all->bytes[11] = (unsigned char)all->len;
  CHECK_INT(EVP_Digest(all->bytes, all->len - DIGEST,
                       all->bytes + all->len - DIGEST, NULL, EVP_sha256(),
                       NULL),
            1);
}

/* As if the writer were broken, or hostile: a fitting digest around anything.
 */
TEST(what_is_inside_is_checked_too) {
  for (int v = 0; v < 2; v++) {
    written all = write_out(sessions[v]);
    size_t read = 0;
    for (size_t i = HEAD; i < all.len - DIGEST; i++) {
      IN_CASE("byte %zu", i);
      tlstream_error error;
      all.bytes[i] ^= 0x81;
      seal(&all);
      tlstream_session *made =
          tlstream_session_parse(all.bytes, all.len, &error);
      if (made == NULL) CHECK_ERROR(error.code, TLSTREAM_ERR_BAD_SESSION);
      if (made != NULL) read++;
      tlstream_session_unref(made);
      all.bytes[i] ^= 0x81;
    }
    CHECK_LT(read, all.len - HEAD - DIGEST); /* lengths are looked at */
    free(all.bytes);
  }
}

TEST(a_shortened_inside_is_refused) {
  for (int v = 0; v < 2; v++) {
    written all = write_out(sessions[v]);
    size_t whole = all.len;
    while (all.len > HEAD + DIGEST) {
      all.len--;
      IN_CASE("%zu of %zu bytes", all.len, whole);
      seal(&all);
      check_refused(all.bytes, all.len, TLSTREAM_ERR_BAD_SESSION, "damaged");
    }
    free(all.bytes);
  }
}

TEST(other_formats_and_other_bytes_are_told_apart) {
  static const char pem[] = "-----BEGIN SSL SESSION PARAMETERS-----\n";
  written all = write_out(sessions[0]);
  all.bytes[7]++;
  check_refused(all.bytes, all.len, TLSTREAM_ERR_SESSION_FORMAT, "format 2");
  check_refused(all.bytes, 8, TLSTREAM_ERR_SESSION_FORMAT, "format 2");
  check_refused(pem, sizeof(pem), TLSTREAM_ERR_BAD_SESSION, "no session");
  free(all.bytes);
}

TEST(one_over_the_limit_is_refused) {
  enum { LARGE = TLSTREAM__SESSION_MAX + 1 };
  written all = write_out(sessions[0]);
  all.bytes = realloc(all.bytes, LARGE);
  memset(all.bytes + all.len, 0, LARGE - all.len);
  all.len = LARGE;
  seal(&all);
  check_refused(all.bytes, all.len, TLSTREAM_ERR_BAD_SESSION, "damaged");
  free(all.bytes);
}

/* A server chooses how large its tickets are: what is larger than the limit is
 * not kept. */
TEST(a_session_over_the_limit_is_not_made) {
  const tlstream__session_terms terms = tlstream__session_terms_of(sessions[1]);
  SSL_SESSION *own = tlstream__session_copy(sessions[1]);
  tlstream_session *made = tlstream__session_new(own, &terms);
  CHECK(made != NULL);
  tlstream_session_unref(made);
  void *large = calloc(1, TLSTREAM__SESSION_MAX);
  CHECK_INT(SSL_SESSION_set1_ticket_appdata(own, large, TLSTREAM__SESSION_MAX),
            1);
  CHECK(tlstream__session_new(own, &terms) == NULL);
  free(large);
  SSL_SESSION_free(own);
}

static void scenario(void *data) {
  const written *all = data;
  tlstream_error error;
  tlstream_session *read = tlstream_session_parse(all->bytes, all->len, &error);
  if (read == NULL) {
    CHECK_ERROR(error.code, TLSTREAM_ERR_NO_MEMORY);
    return;
  }
  size_t len = 0;
  void *bytes = tlstream_session_serialize(read, &len);
  CHECK_INT(bytes != NULL ? len : 0, len);
  tlstream_free_secret(bytes, len);
  tlstream_session_unref(read);
}

TEST(without_memory_there_is_none) {
  written all = write_out(sessions[1]);
  for (int mode = TORTURE_ONCE; mode <= TORTURE_FOREVER; mode++) {
    CHECK_GT(torture_each(TORTURE_LIBRARY, (torture_mode)mode, scenario, &all),
             3);
  }
  free(all.bytes);
}

/* J3: what is ours does not go back with the secret in it. OpenSSL's decoder
 * leaves a copy of its own. */
TEST(the_secret_is_wiped) {
  unsigned char secret[48];
  SSL_SESSION *own = tlstream__session_copy(sessions[0]);
  size_t len = SSL_SESSION_get_master_key(own, secret, sizeof(secret));
  CHECK_INT(len, sizeof(secret));
  torture_watch(secret, len);
  written all = write_out(sessions[0]);
  tlstream_session *read = tlstream_session_parse(all.bytes, all.len, NULL);
  CHECK(read != NULL);
  tlstream_session_unref(read);
  SSL_SESSION_free(own);
  CHECK_INT(torture_spilled(TORTURE_LIBRARY), 0);
  torture_watch(NULL, 0);
  free(all.bytes);
}
