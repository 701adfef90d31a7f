/* SPDX-License-Identifier: MIT */
/* A resumed handshake has no staple: where one was needed, the session ends
 * with the one that it was made with. A16, D4. */
#include <stdlib.h>

#include <openssl/ssl.h>

#include "core/context/context.h"
#include "support/make_staple.h"
#include "support/set_clock.h"
#include "support/test.h"
#include "support/visit.h"

enum { STAPLE_SECONDS = 1000 };

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

static tlstream_bytes staple_with(staple_answer answer) {
  return make_staple(&(staple_plan){.of = test_leaf(KEY_ECDSA),
                                    .by = test_ca(),
                                    .until = STAPLE_SECONDS,
                                    .answer = answer});
}

static tlstream_context *client_of(bool requires, bool lenient) {
  return context_of(TLSTREAM_CONTEXT(.ca = test_ca()->cert_pem,
                                     .require_staple = requires,
                                     .insecure_allow_unauthorized = lenient));
}

static tlstream_context *server_of(tlstream_version version,
                                   tlstream_bytes staple) {
  return context_of(TLSTREAM_CONTEXT(.cert = test_leaf(KEY_ECDSA)->cert_pem,
                                     .key = test_leaf(KEY_ECDSA)->key_pem,
                                     .ca = test_ca()->cert_pem,
                                     .max_version = version,
                                     .ocsp_response = staple));
}

static void drop(visit *at) {
  tlstream_session_unref(at->kept);
  tlstream_context_unref(at->client);
  tlstream_context_unref(at->server);
  clock_says = 0;
}

TEST(a_session_that_needed_a_staple_ends_with_it) {
  tlstream_bytes staple = staple_with(STAPLE_GOOD);
  EACH_ROW(v, versions) {
    clock_says = STAPLE_NOW;
    visit at = {.client = client_of(true, false),
                .server = server_of(versions[v], staple)};
    at = visit_run(at);
    CHECK(at.authorized && !at.resumed);
    clock_says = STAPLE_NOW + STAPLE_SECONDS - 10;
    at = visit_again(at);
    CHECK(at.authorized && at.resumed);
    clock_says = STAPLE_NOW + STAPLE_SECONDS + 10;
    at = visit_again(at); /* and the server has no staple any more */
    CHECK(!at.secure && !at.resumed);
    CHECK_ERROR(at.error, TLSTREAM_ERR_NO_STAPLE);
    drop(&at);
  }
  free((void *)staple.data);
}

TEST(a_session_that_needed_none_goes_on) {
  tlstream_bytes staple = staple_with(STAPLE_GOOD);
  EACH_ROW(v, versions) {
    clock_says = STAPLE_NOW;
    visit at = {.client = client_of(false, false),
                .server = server_of(versions[v], staple)};
    at = visit_run(at);
    clock_says = STAPLE_NOW + STAPLE_SECONDS + 10;
    at = visit_again(at);
    CHECK(at.authorized && at.resumed);
    drop(&at);
  }
  free((void *)staple.data);
}

/* A session of a client that asks for less is none of one that asks for more.
 */
TEST(a_session_made_without_a_staple_is_not_offered_where_one_is_required) {
  tlstream_bytes staple = staple_with(STAPLE_GOOD);
  EACH_ROW(v, versions) {
    clock_says = STAPLE_NOW;
    visit at = {.client = client_of(false, false),
                .server = server_of(versions[v], (tlstream_bytes){NULL, 0})};
    at = visit_run(at);
    CHECK(at.authorized);
    tlstream_context_unref(at.client);
    at.client = client_of(true, false);
    at = visit_again(at);
    CHECK(!at.resumed);
    CHECK_ERROR(at.error, TLSTREAM_ERR_NO_STAPLE);
    drop(&at);
  }
  free((void *)staple.data);
}

static int staple_anything(SSL *ssl, void *data) {
  const tlstream_bytes *der = data;
  if (!SSL_is_server(ssl)) return 1;
  SSL_set_tlsext_status_ocsp_resp(ssl, OPENSSL_memdup(der->data, der->len),
                                  (long)der->len);
  return SSL_TLSEXT_ERR_OK;
}

/* In TLS 1.2 OpenSSL's session says that the certificate was fine. */
TEST(what_was_revoked_does_not_become_good_by_resuming) {
  tlstream_bytes staple = staple_with(STAPLE_REVOKED);
  EACH_ROW(v, versions) {
    clock_says = STAPLE_NOW;
    visit at = {.client = client_of(false, true),
                .server = server_of(versions[v], (tlstream_bytes){NULL, 0})};
    SSL_CTX_set_tlsext_status_cb(at.server->ctx, staple_anything);
    SSL_CTX_set_tlsext_status_arg(at.server->ctx, &staple);
    for (int i = 0; i < 2; i++) {
      at = i == 0 ? visit_run(at) : visit_again(at);
      CHECK(at.secure && !at.authorized && !at.resumed);
      CHECK_INT(at.reasons, 1);
    }
    drop(&at);
  }
  free((void *)staple.data);
}
