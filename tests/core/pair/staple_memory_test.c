/* SPDX-License-Identifier: MIT */
/* H7: a staple that says "revoked" is not overlooked because memory ran out,
 * nor one that is missing. */
#include <stdlib.h>

#include <openssl/ssl.h>

#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "support/connect.h"
#include "support/make_staple.h"
#include "support/shuttle.h"
#include "support/test.h"
#include "support/torture.h"

static made_cert root;
static made_cert leaf;
static tlstream_bytes good;
static tlstream_bytes revoked;

BEFORE_TESTS(make_some) {
  torture_install();
  torture_install_openssl();
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  leaf = make_cert(&(cert_plan){.name = "a.test", .by = &root});
  staple_plan plan = {.of = &leaf, .by = &root};
  good = make_staple(&plan);
  plan.answer = STAPLE_REVOKED;
  revoked = make_staple(&plan);
}

AFTER_TESTS(drop_them) {
  free((void *)good.data);
  free((void *)revoked.data);
  made_cert_clear(&root);
  made_cert_clear(&leaf);
}

typedef struct stage {
  tlstream_context *client;
  tlstream_context *server;
  bool good;
} stage;

/* The server's memory is not what runs out: without it there is no staple. */
static int staple_anything(SSL *ssl, void *data) {
  const tlstream_bytes *der = data;
  if (!SSL_is_server(ssl)) return 1;
  unsigned char *copy = OPENSSL_memdup(der->data, der->len);
  if (copy == NULL) return SSL_TLSEXT_ERR_ALERT_FATAL;
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)der->len);
  return SSL_TLSEXT_ERR_OK;
}

static tlstream_pair *join(tlstream_context *context, tlstream_role role) {
  return tlstream_pair_new(
      TLSTREAM_PAIR(.role = role, .context = context, .verify_name = "a.test"),
      0, NULL);
}

static void check_result(const stage *on, const tlstream_pair *client) {
  bool secure = tlstream_pair_is_secure(client);
  CHECK(!secure || on->good);
  CHECK(torture_struck() || secure == on->good);
  CHECK(!tlstream_pair_authorized(client) || secure);
  if (tlstream_pair_ocsp_status(client) == TLSTREAM_OCSP_GOOD) CHECK(on->good);
}

static void handshake(void *data) {
  const stage *on = data;
  tlstream_pair *client = join(on->client, TLSTREAM_ROLE_CLIENT);
  tlstream_pair *server = join(on->server, TLSTREAM_ROLE_SERVER);
  CHECK((client != NULL && server != NULL) || torture_struck());
  if (client != NULL && server != NULL) {
    tlstream_pair_start(client);
    shuttle(client, server, 16384);
    check_result(on, client);
  }
  tlstream_pair_free(client);
  tlstream_pair_free(server);
}

/* `staple` NULL: none. */
static void torture(const tlstream_bytes *staple, tlstream_version version) {
  stage on = {.good = staple == &good};
  on.server = context_with(&leaf, &root);
  if (staple != NULL) {
    SSL_CTX_set_tlsext_status_cb(on.server->ctx, staple_anything);
    SSL_CTX_set_tlsext_status_arg(on.server->ctx, (void *)staple);
  }
  on.client = context_of(
      TLSTREAM_CONTEXT(.ca = root.cert_pem, .verify_time = STAPLE_NOW,
                       .max_version = version, .require_staple = true));
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, handshake, &on), 5);
  CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_FOREVER, handshake, &on), 5);
  CHECK_GT(torture_some(TORTURE_OPENSSL, TORTURE_ONCE, 23, handshake, &on),
           300);
  tlstream_context_unref(on.client);
  tlstream_context_unref(on.server);
}

static void torture_both(const tlstream_bytes *staple) {
  torture_install();
  torture(staple, TLSTREAM_TLS_1_2);
  torture(staple, TLSTREAM_TLS_1_3);
  CHECK_INT(torture_live(TORTURE_LIBRARY), 0);
}

TEST(a_good_one) {
  torture_both(&good);
}

TEST(one_that_says_revoked) {
  torture_both(&revoked);
}

TEST(none_though_it_is_required) {
  torture_both(NULL);
}
