/* SPDX-License-Identifier: MIT */
/* A client and the staples that servers send it, or do not: a verdict before
 * any data, in both versions, with the alert that says so. A16. */
#include <stdlib.h>
#include <string.h>

#include <openssl/ssl.h>

#include <tlstream/ocsp.h>
#include <tlstream/pair_ending.h>
#include <tlstream/pair_info.h>

#include "core/context/context.h"
#include "core/pair/state.h"
#include "support/connect.h"
#include "support/make_staple.h"
#include "support/shuttle.h"
#include "support/test.h"

enum {
  CERTIFICATE_REVOKED = 44,
  BAD_STATUS_RESPONSE = 113, /* bad_certificate_status_response */
  NO_ALERT = -1
};

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

static made_cert root;
static made_cert leaf;
static made_cert other;
static made_cert promising; /* a leaf that promises a staple */
static made_cert delegate;

BEFORE_TESTS(make_some) {
  root = make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  leaf = make_cert(&(cert_plan){.name = "a.test", .by = &root});
  other = make_cert(&(cert_plan){.name = "a.test", .by = &root});
  promising = make_cert(&(cert_plan){
      .name = "a.test", .by = &root, .features = "status_request"});
  delegate = make_cert(
      &(cert_plan){.name = "Responder", .by = &root, .purpose = "OCSPSigning"});
}

AFTER_TESTS(drop_them) {
  made_cert_clear(&root);
  made_cert_clear(&leaf);
  made_cert_clear(&other);
  made_cert_clear(&promising);
  made_cert_clear(&delegate);
}

/* A server that staples whatever it is given, as no context of ours does. */
static int staple_anything(SSL *ssl, void *data) {
  const tlstream_bytes *der = data;
  if (!SSL_is_server(ssl)) return 1;
  SSL_set_tlsext_status_ocsp_resp(ssl, OPENSSL_memdup(der->data, der->len),
                                  (long)der->len);
  return SSL_TLSEXT_ERR_OK;
}

static tlstream_context *server_of(const made_cert *own,
                                   const tlstream_bytes *staple) {
  tlstream_context *server = context_with(own, NULL);
  if (staple->data == NULL) return server;
  SSL_CTX_set_tlsext_status_cb(server->ctx, staple_anything);
  SSL_CTX_set_tlsext_status_arg(server->ctx, (void *)staple);
  return server;
}

typedef struct row {
  const char *title;
  const made_cert *own; /* the server's */
  staple_plan plan;     /* without `of`: none */
  bool required;
  bool ignored;
  tlstream_ocsp status;
  const char *name; /* of the error; NULL: none */
  const char *words;
  int alert[2]; /* by version */
} row;

#define OF(one)  .of = &(one), .by = &root
#define BAD_NAME "ERR_TLSTREAM_BAD_STAPLE"
#define NO_NAME  "ERR_TLSTREAM_NO_STAPLE"
#define BOTH(number) \
  { number, number }

static const row rows[] = {
    {.title = "none", .own = &leaf},
    {.title = "good",
     .own = &leaf,
     .plan = {OF(leaf)},
     .status = TLSTREAM_OCSP_GOOD},
    {.title = "good and required",
     .own = &leaf,
     .plan = {OF(leaf), .signer = &delegate},
     .required = true,
     .status = TLSTREAM_OCSP_GOOD},
    {.title = "none and required",
     .own = &leaf,
     .required = true,
     .name = NO_NAME,
     .words = "certificate \"a.test\", and `require_staple` is set",
     .alert = BOTH(BAD_STATUS_RESPONSE)},
    {.title = "none and promised",
     .own = &promising,
     .name = NO_NAME,
     .words = "the certificate promises one",
     .alert = BOTH(BAD_STATUS_RESPONSE)},
    {.title = "good and promised",
     .own = &promising,
     .plan = {OF(promising)},
     .status = TLSTREAM_OCSP_GOOD},
    {.title = "revoked",
     .own = &leaf,
     .plan = {OF(leaf), .answer = STAPLE_REVOKED},
     .status = TLSTREAM_OCSP_REVOKED,
     .name = "CERT_REVOKED",
     .words = "certificate \"a.test\" is not trusted: its authority says in "
              "the staple: it was revoked on 2029-12-31 (keyCompromise)",
     .alert = {BAD_STATUS_RESPONSE, CERTIFICATE_REVOKED}},
    {.title = "stale",
     .own = &leaf,
     .plan = {OF(leaf), .until = -400},
     .status = TLSTREAM_OCSP_BAD,
     .name = BAD_NAME,
     .words = "certificate \"a.test\": its time is over",
     .alert = BOTH(BAD_STATUS_RESPONSE)},
    {.title = "for another certificate",
     .own = &leaf,
     .plan = {OF(other)},
     .status = TLSTREAM_OCSP_BAD,
     .name = BAD_NAME,
     .words = "it is for another certificate",
     .alert = BOTH(BAD_STATUS_RESPONSE)},
    {.title = "signed by another",
     .own = &leaf,
     .plan = {OF(leaf), .signer = &other},
     .status = TLSTREAM_OCSP_BAD,
     .name = BAD_NAME,
     .words = "not signed by",
     .alert = BOTH(BAD_STATUS_RESPONSE)},
    {.title = "unknown",
     .own = &leaf,
     .plan = {OF(leaf), .answer = STAPLE_UNKNOWN},
     .status = TLSTREAM_OCSP_BAD,
     .name = BAD_NAME,
     .words = "does not know",
     .alert = BOTH(BAD_STATUS_RESPONSE)},
    {.title = "revoked and ignored",
     .own = &leaf,
     .plan = {OF(leaf), .answer = STAPLE_REVOKED},
     .ignored = true},
    {.title = "promised and ignored", .own = &promising, .ignored = true},
};

static connection meet(const row *how, const tlstream_bytes *staple,
                       tlstream_version version, bool lenient) {
  tlstream_context *server = server_of(how->own, staple);
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.ca = root.cert_pem, .verify_time = STAPLE_NOW,
                       .min_version = version, .max_version = version,
                       .require_staple = how->required,
                       .insecure_ignore_staple = how->ignored,
                       .insecure_allow_unauthorized = lenient));
  connection both = connect_pairs(client, server, "a.test");
  tlstream_context_unref(client);
  tlstream_context_unref(server);
  return both;
}

static tlstream_bytes staple_of(const row *how) {
  if (how->plan.of == NULL) return (tlstream_bytes){NULL, 0};
  return make_staple(&how->plan);
}

static void check_error(const row *how, const tlstream_error *error) {
  CHECK_STR(error != NULL ? error->name : NULL, how->name);
  if (how->name == NULL || error == NULL) return;
  CHECK_HAS(error->message, how->words);
  CHECK_INT(error->depth, 0);
  CHECK_INT(tlstream_error_classify(error), TLSTREAM_CLASS_IDENTITY);
}

static void check_refused(const row *how, const connection *both, int alert) {
  const tlstream_error *error = tlstream_pair_error(both->client);
  const tlstream_error *theirs = tlstream_pair_error(both->server);
  check_error(how, error);
  CHECK(!tlstream_pair_is_secure(both->client));
  CHECK(!tlstream_pair_authorized(both->client));
  CHECK_INT(error->alert, alert);
  CHECK_INT(error->alert_side, TLSTREAM_ALERT_OURS);
  CHECK(theirs != NULL && theirs->alert == alert);
  CHECK(theirs != NULL && theirs->alert_side == TLSTREAM_ALERT_THEIRS);
}

TEST(each_staple_is_judged_in_both_versions) {
  EACH_ROW_NAMED(i, rows, title) {
    tlstream_bytes staple = staple_of(&rows[i]);
    for (size_t v = 0; v < COUNT(versions); v++) {
      connection both = meet(&rows[i], &staple, versions[v], false);
      CHECK_INT(tlstream_pair_ocsp_status(both.client), rows[i].status);
      if (rows[i].name == NULL) {
        CHECK(tlstream_pair_error(both.client) == NULL);
        CHECK(tlstream_pair_authorized(both.client));
      } else {
        check_refused(&rows[i], &both, rows[i].alert[v]);
      }
      disconnect_pairs(&both);
    }
    free((void *)staple.data);
  }
}

/* It gets in, is not authorized for the same reason, and a session with it
 * would be over at once. */
TEST(a_client_that_lets_everybody_in_knows_why_not) {
  EACH_ROW_NAMED(i, rows, title) {
    tlstream_bytes staple = staple_of(&rows[i]);
    for (size_t v = 0; v < COUNT(versions); v++) {
      connection both = meet(&rows[i], &staple, versions[v], true);
      CHECK_INT(tlstream_pair_ocsp_status(both.client), rows[i].status);
      CHECK(tlstream_pair_is_secure(both.client));
      CHECK_INT(tlstream_pair_authorized(both.client), rows[i].name == NULL);
      check_error(&rows[i], tlstream_pair_authorization_error(both.client));
      if (rows[i].name != NULL) CHECK_INT(both.client->check.good_until, 1);
      disconnect_pairs(&both);
    }
    free((void *)staple.data);
  }
}

/* The bytes are there to be looked at, also of one that was refused. */
TEST(the_bytes_can_be_had) {
  static const size_t looked_at[] = {1, 6, 7}; /* good, revoked, stale */
  EACH_ROW(i, looked_at) {
    const row *how = &rows[looked_at[i]];
    tlstream_bytes staple = staple_of(how);
    for (size_t v = 0; v < COUNT(versions); v++) {
      size_t len = 0;
      connection both = meet(how, &staple, versions[v], false);
      const void *got = tlstream_pair_ocsp_response(both.client, &len);
      CHECK_INT(len, staple.len);
      CHECK(got != NULL && memcmp(got, staple.data, len) == 0);
      disconnect_pairs(&both);
    }
    free((void *)staple.data);
  }
}

/* Where a staple is needed, what was found lasts as long as it; elsewhere it is
 * a bonus. */
TEST(a_session_ends_with_the_staple_that_it_needed) {
  staple_plan week = {OF(leaf)};
  staple_plan promised = {OF(promising)};
  const row needs[] = {
      {.title = "not needed", .own = &leaf, .plan = week},
      {.title = "required", .own = &leaf, .plan = week, .required = true},
      {.title = "promised", .own = &promising, .plan = promised},
  };
  EACH_ROW_NAMED(i, needs, title) {
    tlstream_bytes staple = staple_of(&needs[i]);
    for (size_t v = 0; v < COUNT(versions); v++) {
      connection both = meet(&needs[i], &staple, versions[v], false);
      long long until = both.client->check.good_until;
      CHECK_INT(until == STAPLE_NOW + 7LL * STAPLE_DAY, i > 0);
      disconnect_pairs(&both);
    }
    free((void *)staple.data);
  }
}

/* A self-signed server would vouch for itself. */
TEST(of_a_peer_without_trust_no_staple_is_looked_at) {
  made_cert own = make_cert(&(cert_plan){.name = "a.test"});
  row how = {.own = &own,
             .plan = {.of = &own, .by = &own, .answer = STAPLE_REVOKED}};
  tlstream_bytes staple = staple_of(&how);
  for (size_t v = 0; v < COUNT(versions); v++) {
    connection both = meet(&how, &staple, versions[v], true);
    size_t count = 0;
    (void)tlstream_pair_authorization_errors(both.client, &count);
    CHECK_INT(count, 1);
    CHECK_INT(tlstream_pair_ocsp_status(both.client), TLSTREAM_OCSP_NONE);
    disconnect_pairs(&both);
  }
  free((void *)staple.data);
  made_cert_clear(&own);
}

static tlstream_ocsp status_with(const made_cert *ca, const made_cert *own,
                                 tlstream_bytes chain, const staple_plan *plan,
                                 tlstream_version version) {
  tlstream_bytes staple = make_staple(plan);
  tlstream_context *server =
      context_of(TLSTREAM_CONTEXT(.cert = chain, .key = own->key_pem));
  SSL_CTX_set_tlsext_status_cb(server->ctx, staple_anything);
  SSL_CTX_set_tlsext_status_arg(server->ctx, &staple);
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.ca = ca->cert_pem, .verify_time = STAPLE_NOW,
                       .max_version = version, .allow_partial_chain = true));
  connection both = connect_pairs(client, server, "a.test");
  tlstream_ocsp status = tlstream_pair_ocsp_status(both.client);
  CHECK_INT(tlstream_pair_authorized(both.client),
            status == TLSTREAM_OCSP_GOOD);
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
  free((void *)staple.data);
  return status;
}

/* Its issuer is the one that was sent, and whose key signed the leaf. */
TEST(a_leaf_that_is_trusted_by_itself_has_an_issuer) {
  made_cert namesake =
      make_cert(&(cert_plan){.name = "Root", .basic = CERT_CA});
  const tlstream_bytes both[] = {leaf.cert_pem, root.cert_pem};
  tlstream_bytes whole = join_pem(both, 2);
  staple_plan good = {OF(leaf)};
  staple_plan false_one = {.of = &leaf, .by = &namesake};
  for (size_t v = 0; v < COUNT(versions); v++) {
    CHECK_INT(status_with(&leaf, &leaf, whole, &good, versions[v]),
              TLSTREAM_OCSP_GOOD);
    CHECK_INT(status_with(&leaf, &leaf, whole, &false_one, versions[v]),
              TLSTREAM_OCSP_BAD);
    CHECK_INT(status_with(&leaf, &leaf, leaf.cert_pem, &good, versions[v]),
              TLSTREAM_OCSP_BAD);
  }
  free((void *)whole.data);
  made_cert_clear(&namesake);
}

TEST(a_root_that_is_a_server_is_its_own_issuer) {
  made_cert own = make_cert(&(cert_plan){.name = "a.test"});
  staple_plan plan = {.of = &own, .by = &own};
  for (size_t v = 0; v < COUNT(versions); v++)
    CHECK_INT(status_with(&own, &own, own.cert_pem, &plan, versions[v]),
              TLSTREAM_OCSP_GOOD);
  made_cert_clear(&own);
}

/* Secure, or the code of the client's error. */
static int dane_result(const row *how, const tlstream_tlsa *record,
                       tlstream_version version) {
  tlstream_bytes staple = staple_of(how);
  const tlstream_bytes parts[] = {how->own->cert_pem, root.cert_pem};
  made_cert chain = *how->own;
  chain.cert_pem = join_pem(parts, 2);
  tlstream_context *server = server_of(&chain, &staple);
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.ca = other.cert_pem, .verify_time = STAPLE_NOW,
                       .max_version = version,
                       .require_staple = how->required));
  connection both = {
      .client = tlstream_pair_new(
          TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT, .context = client,
                        .verify_name = "a.test", .tlsa = record,
                        .tlsa_count = 1),
          0, NULL),
      .server = tlstream_pair_new(
          TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = server), 0,
          NULL)};
  tlstream_pair_start(both.client);
  shuttle(both.client, both.server, 16384);
  const tlstream_error *error = tlstream_pair_error(both.client);
  int code = error != NULL ? error->code : 0;
  CHECK_INT(tlstream_pair_authorized(both.client), code == 0);
  disconnect_pairs(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
  free((void *)chain.cert_pem.data);
  free((void *)staple.data);
  return code;
}

/* A record of usage 3 leaves authorities out: what they say of the certificate
 * is not asked, unless a staple is required. */
TEST(where_a_record_speaks_for_the_key_staples_are_not_needed) {
  unsigned char *der = NULL;
  size_t len = (size_t)i2d_X509(promising.cert, &der);
  const tlstream_tlsa record = {.usage = 3, .data = {der, len}};
  staple_plan plan = {OF(promising), .until = -400};
  const row none = {.own = &promising};
  const row stale = {.own = &promising, .plan = plan};
  const row required = {.own = &promising, .required = true};
  const row good = {
      .own = &promising, .plan = {OF(promising)}, .required = true};
  for (size_t v = 0; v < COUNT(versions); v++) {
    CHECK_ERROR(dane_result(&none, &record, versions[v]), 0);
    CHECK_ERROR(dane_result(&stale, &record, versions[v]), 0);
    CHECK_ERROR(dane_result(&required, &record, versions[v]),
                TLSTREAM_ERR_NO_STAPLE);
    /* Its issuer is not in the chain of one, but was sent. */
    CHECK_ERROR(dane_result(&good, &record, versions[v]), 0);
  }
  OPENSSL_free(der);
}

TEST(to_require_and_to_ignore_is_a_contradiction) {
  check_no_context(
      TLSTREAM_CONTEXT(.require_staple = true, .insecure_ignore_staple = true),
      TLSTREAM_ERR_INVALID_ARGUMENT, "insecure_ignore_staple");
}

/* What comes in the place of a staple is refused, not believed. */
TEST(a_staple_that_was_cut_or_turned_is_refused) {
  const row how = {.own = &leaf, .plan = {OF(leaf)}};
  tlstream_bytes staple = staple_of(&how);
  unsigned char *bytes = malloc(staple.len);
  for (size_t v = 0; v < COUNT(versions); v++) {
    for (size_t at = 1; at < staple.len; at += 29) {
      memcpy(bytes, staple.data, staple.len);
      bytes[at] ^= 0x40;
      const tlstream_bytes wrong[] = {{bytes, staple.len}, {staple.data, at}};
      for (size_t i = 0; i < COUNT(wrong); i++) {
        connection both = meet(&how, &wrong[i], versions[v], false);
        const tlstream_error *error = tlstream_pair_error(both.client);
        CHECK_ERROR(error != NULL ? error->code : 0, TLSTREAM_ERR_BAD_STAPLE);
        disconnect_pairs(&both);
      }
    }
  }
  free(bytes);
  free((void *)staple.data);
}
