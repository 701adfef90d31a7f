/* SPDX-License-Identifier: MIT */
/* H2: what others leave in OpenSSL's error queue changes nothing, and we leave
 * nothing there. G2: an SSL that has failed is never used again. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "core/pair/pair.h"
#include "support/peers.h"
#include "support/shuttle.h"
#include "support/test.h"

/* The program's own functions come before those of the shared library, so each
 * call of the pair's on an SSL passes here and is counted. */
static unsigned calls;

typedef int (*data_call)(SSL *ssl, void *buf, size_t len, size_t *done);
typedef int (*write_call)(SSL *ssl, const void *buf, size_t len, size_t *done);
typedef int (*plain_call)(SSL *ssl);

#define REAL(type, name) ((type)(uintptr_t)dlsym(RTLD_NEXT, name))

int SSL_read_ex(SSL *ssl, void *buf, size_t num, size_t *readbytes) {
  calls++;
  return REAL(data_call, "SSL_read_ex")(ssl, buf, num, readbytes);
}

int SSL_peek_ex(SSL *ssl, void *buf, size_t num, size_t *readbytes) {
  calls++;
  return REAL(data_call, "SSL_peek_ex")(ssl, buf, num, readbytes);
}

int SSL_write_ex(SSL *ssl, const void *buf, size_t num, size_t *written) {
  calls++;
  return REAL(write_call, "SSL_write_ex")(ssl, buf, num, written);
}

int SSL_do_handshake(SSL *ssl) {
  calls++;
  return REAL(plain_call, "SSL_do_handshake")(ssl);
}

int SSL_shutdown(SSL *ssl) {
  calls++;
  return REAL(plain_call, "SSL_shutdown")(ssl);
}

/* The worst that may lie there: it would read as a reason of ours. */
static void poison(void) {
  ERR_raise(ERR_LIB_SSL, ERR_R_MALLOC_FAILURE);
  ERR_raise(ERR_LIB_SSL, SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC);
}

/* Do it with a poisoned queue. */
#define AFTER_POISON(call) (poison(), (call))

static void poison_questions(tlstream_pair *pair) {
  CHECK(AFTER_POISON(tlstream_pair_is_secure(pair)));
  CHECK(AFTER_POISON(tlstream_pair_authorized(pair)));
  CHECK(AFTER_POISON(tlstream_pair_authorization_error(pair)) == NULL);
  CHECK_NE(AFTER_POISON(tlstream_pair_tls_version(pair)),
           TLSTREAM_VERSION_DEFAULT);
  CHECK(AFTER_POISON(tlstream_pair_cipher(pair)) != NULL);
  CHECK_STR(AFTER_POISON(tlstream_pair_servername(pair)), SERVER_NAME);
  tlstream_certificate *theirs =
      AFTER_POISON(tlstream_pair_peer_certificate(pair));
  tlstream_certificate *own = AFTER_POISON(tlstream_pair_own_certificate(pair));
  CHECK(theirs != NULL && own != NULL);
  CHECK(AFTER_POISON(
      tlstream_certificate_matches_host(theirs, SERVER_NAME, NULL)));
  tlstream_certificate_unref(theirs);
  tlstream_certificate_unref(own);
}

/* Every byte goes through a poisoned queue. */
static void poison_carry(tlstream_pair *from, tlstream_pair *to) {
  unsigned char piece[4096];
  size_t len = 0;
  while ((len = AFTER_POISON(tlstream_pair_drain(from, piece, sizeof(piece)))) >
         0) {
    CHECK_INT(AFTER_POISON(tlstream_pair_feed(to, piece, len)), len);
  }
}

static void poison_shuttle(peers *both) {
  for (int i = 0; i < 4; i++) {
    poison_carry(both->side[0], both->side[1]);
    poison_carry(both->side[1], both->side[0]);
  }
}

static void poison_talk(tlstream_version version, tlstream_role role) {
  char got[8];
  config terms = {.version = version, .mutual = true, .idle_ms = 100};
  poison();
  peers both = peers_new(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *them = both.side[other_role(role)];
  CHECK_ERROR(AFTER_POISON(tlstream_pair_start(us)), 0);
  CHECK_ERROR(AFTER_POISON(tlstream_pair_start(them)), 0);
  poison_shuttle(&both);
  CHECK_STR(AFTER_POISON(take_events(us)), "SECURE");
  poison_questions(us);
  CHECK_INT(AFTER_POISON(tlstream_pair_read(us, got, sizeof(got))), 0);
  CHECK_INT(AFTER_POISON(tlstream_pair_feed(us, "", 0)), 0);
  CHECK_ERROR(AFTER_POISON(tlstream_pair_tick(us, 99)), 0);
  CHECK_INT(AFTER_POISON(tlstream_pair_write(them, "abc", 3)), 3);
  poison_shuttle(&both);
  CHECK_INT(AFTER_POISON(tlstream_pair_read(us, got, sizeof(got))), 3);
  CHECK_INT(AFTER_POISON(tlstream_pair_read(us, got, sizeof(got))), 0);
  CHECK_ERROR(AFTER_POISON(tlstream_pair_end(us)), 0);
  poison_shuttle(&both);
  CHECK_ERROR(AFTER_POISON(tlstream_pair_end(them)), 0);
  poison_shuttle(&both);
  CHECK_STR(AFTER_POISON(take_events(us)), "DATA END");
  CHECK(AFTER_POISON(tlstream_pair_is_finished(us)));
  CHECK(AFTER_POISON(tlstream_pair_is_finished(them)));
  CHECK(tlstream_pair_error(us) == NULL);
  poison();
  peers_free(&both);
  ERR_clear_error();
}

TEST(a_poisoned_queue_changes_nothing) {
  each_side(poison_talk);
}

/* Nor does it change which error is reported. */
static void poison_failures(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  tlstream_pair *fresh = config_pair(&terms, role);
  CHECK_ERROR(AFTER_POISON(
                  tlstream_pair_feed(us, forged_record, sizeof(forged_record))),
              TLSTREAM_ERR_BAD_RECORD);
  CHECK_ERROR(AFTER_POISON(tlstream_pair_feed(fresh, "GET / HTTP/1.0", 14)),
              TLSTREAM_ERR_HTTP);
  tlstream_pair_free(fresh);
  fresh = config_pair(&terms, role);
  CHECK_ERROR(AFTER_POISON(tlstream_pair_start(fresh)), 0);
  poison();
  tlstream_pair_feed_eof(fresh);
  CHECK_ERROR(error_code(fresh), TLSTREAM_ERR_CLOSED_IN_HANDSHAKE);
  tlstream_pair_free(fresh);
  poison();
  tlstream_pair_feed_eof(both.side[other_role(role)]);
  CHECK_ERROR(error_code(both.side[other_role(role)]), TLSTREAM_ERR_TRUNCATED);
  peers_free(&both);
  ERR_clear_error();
}

TEST(a_poisoned_queue_is_not_blamed) {
  each_side(poison_failures);
}

/* One connection fails next to a healthy one, and leaves nothing behind. */
static void fail_beside(tlstream_version version, tlstream_role role) {
  char got[8];
  config terms = {.version = version};
  peers healthy = peers_secure(&terms);
  peers sick = peers_secure(&terms);
  CHECK_ERROR(
      tlstream_pair_feed(sick.side[role], forged_record, sizeof(forged_record)),
      TLSTREAM_ERR_BAD_RECORD);
  CHECK_INT(ERR_peek_error(), 0);
  CHECK_INT(tlstream_pair_read(healthy.side[role], got, sizeof(got)), 0);
  CHECK(tlstream_pair_error(healthy.side[role]) == NULL);
  shuttle(sick.side[0], sick.side[1], SIZE_MAX);
  CHECK_INT(ERR_peek_error(), 0);
  CHECK_INT(tlstream_pair_write(healthy.side[role], "abc", 3), 3);
  shuttle(healthy.side[0], healthy.side[1], SIZE_MAX);
  CHECK_INT(tlstream_pair_read(healthy.side[other_role(role)], got, 8), 3);
  CHECK_INT(ERR_peek_error(), 0);
  peers_free(&sick);
  CHECK_INT(ERR_peek_error(), 0);
  peers_free(&healthy);
}

TEST(a_failure_stays_with_its_connection) {
  each_side(fail_beside);
}

/* G2 */
static void use_after_failure(tlstream_pair *pair) {
  char some[64] = {0};
  unsigned before = calls;
  CHECK(tlstream_pair_error(pair) != NULL);
  CHECK_LT(tlstream_pair_feed(pair, some, sizeof(some)), 0);
  CHECK_LT(tlstream_pair_read(pair, some, sizeof(some)), 0);
  CHECK_LT(tlstream_pair_write(pair, some, sizeof(some)), 0);
  CHECK_LT(tlstream_pair_start(pair), 0);
  CHECK_LT(tlstream_pair_end(pair), 0);
  tlstream__pair_look(pair);
  tlstream__pair_advance(pair);
  drain_away(pair);
  tlstream_pair_feed_eof(pair);
  tlstream_pair_feed_error(pair, &reset_cause);
  CHECK_LT(tlstream_pair_tick(pair, 1000000), 0);
  CHECK_INT(calls, before);
}

static void fail_and_use(tlstream_version version, tlstream_role role) {
  config terms = {.version = version};
  peers both = peers_secure(&terms);
  tlstream_pair *us = both.side[role];
  CHECK_GT(calls, 0); /* they do pass here */
  CHECK_LT(tlstream_pair_feed(us, forged_record, sizeof(forged_record)), 0);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  use_after_failure(us);                          /* what we saw was wrong */
  use_after_failure(both.side[other_role(role)]); /* the call got it */
  peers_free(&both);

  tlstream_pair *fresh = config_pair(&terms, role);
  CHECK_LT(tlstream_pair_feed(fresh, "junk junk junk", 14), 0);
  use_after_failure(fresh);
  tlstream_pair_free(fresh);
}

TEST(an_ssl_that_has_failed_is_not_used_again) {
  each_side(fail_and_use);
}
