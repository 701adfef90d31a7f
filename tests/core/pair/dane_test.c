/* SPDX-License-Identifier: MIT */
/* A server judged by TLSA records: which of them match, what still counts
 * beside them, and which cannot be used. RFC 6698, 7671, 7672. */
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <tlstream/pair_info.h>
#include <tlstream/pair_verify.h>

#include "core/pair/state.h"
#include "support/chain.h"
#include "support/handshake.h"
#include "support/shuttle.h"
#include "support/torture.h"

enum { BAD_CERTIFICATE = 42, RECORDS_MAX = 4, DATA_MAX = 2048 };

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

static chain good;
static chain expired; /* the leaf is */
static made_cert stranger;

BEFORE_TESTS(set_up) {
  torture_install();
  good = make_chain(&(chain_plan){0});
  expired = make_chain(&(chain_plan){.leaf = {PAST}});
  stranger = make_cert(&(cert_plan){.name = "Stranger", .basic = CERT_CA});
}

AFTER_TESTS(tear_down) {
  drop_chain(&good);
  drop_chain(&expired);
  made_cert_clear(&stranger);
}

/* Records. */

typedef enum about { LEAF, MIDDLE, ROOT, STRANGER } about;

typedef struct record {
  unsigned char usage;
  unsigned char selector;
  unsigned char matching_type;
  about of;
} record;

static const made_cert *certificate_of(const chain *from, about of) {
  switch (of) {
    case LEAF: return &from->leaf;
    case MIDDLE: return &from->middle;
    case ROOT: return &from->root;
    default: return &stranger;
  }
}

static size_t whole_of(X509 *cert, unsigned selector, unsigned char *out) {
  int len = selector == TLSTREAM_TLSA_PUBLIC_KEY
                ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &out)
                : i2d_X509(cert, &out);
  CHECK(len > 0 && len <= DATA_MAX);
  return (size_t)len;
}

/* `room` is for the data. */
static tlstream_tlsa record_of(const chain *from, const record *what,
                               unsigned char *room) {
  unsigned char whole[DATA_MAX];
  unsigned len = 0;
  X509 *cert = certificate_of(from, what->of)->cert;
  tlstream_tlsa made = {what->usage, what->selector, what->matching_type, {0}};
  size_t whole_len = whole_of(cert, what->selector, whole);
  if (what->matching_type == TLSTREAM_TLSA_FULL) {
    memcpy(room, whole, whole_len);
    len = (unsigned)whole_len;
  } else {
    EVP_Digest(whole, whole_len, room, &len,
               what->matching_type == TLSTREAM_TLSA_SHA512 ? EVP_sha512()
                                                           : EVP_sha256(),
               NULL);
  }
  made.data = (tlstream_bytes){room, len};
  return made;
}

/* The two sides. */

static tlstream_context *server_of(const chain *from, bool sends_root,
                                   tlstream_version version) {
  tlstream_context *context = presenter(&from->leaf, &from->middle, version);
  if (sends_root) {
    CHECK_INT(SSL_CTX_add1_chain_cert(context->ctx, from->root.cert), 1);
  }
  return context;
}

static tlstream_pair *client_pair(tlstream_context *context, const char *name,
                                  const tlstream_tlsa *records, size_t count,
                                  tlstream_error *error) {
  return tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT, .context = context,
                    .verify_name = name, .tlsa = records, .tlsa_count = count),
      0, error);
}

static peers meet(tlstream_context *client, tlstream_context *server,
                  const char *name, const tlstream_tlsa *records,
                  size_t count) {
  tlstream_error error;
  tlstream_pair *pair = client_pair(client, name, records, count, &error);
  if (pair == NULL) TEST_STOP("%s", error.message);
  return shake(pair, server_with(server, false));
}

typedef struct row {
  const char *title;
  record record;
  const char *name; /* to verify; NULL: the leaf's */
  bool trusts;      /* the root */
  bool omits_root;  /* what the server sends */
  bool is_expired;  /* the leaf is */
  int code;         /* 0: authorized */
  const char *error;
} row;

#define MISMATCH \
  .code = TLSTREAM_ERR_DANE_MISMATCH, .error = "ERR_TLSTREAM_DANE_MISMATCH"
#define WRONG_NAME \
  .code = TLSTREAM_ERR_WRONG_NAME, .error = "ERR_TLSTREAM_WRONG_NAME"
#define UNTRUSTED(reason) .code = TLSTREAM_ERR_UNTRUSTED, .error = (reason)

static const row rows[] = {
    /* The server itself: its name and dates do not count. */
    {"3 1 1", .record = {3, 1, 1, LEAF}},
    {"3 0 1", .record = {3, 0, 1, LEAF}},
    {"3 1 2", .record = {3, 1, 2, LEAF}},
    {"3 0 2", .record = {3, 0, 2, LEAF}},
    {"3 1 0", .record = {3, 1, 0, LEAF}},
    {"3 0 0", .record = {3, 0, 0, LEAF}},
    {"3 1 1, another name", .record = {3, 1, 1, LEAF}, .name = "b.test"},
    {"3 1 1, expired", .record = {3, 1, 1, LEAF}, .is_expired = true},
    {"3 1 1, trusted", .record = {3, 1, 1, LEAF}, .trusts = true},
    {"3 1 1 of the issuer", .record = {3, 1, 1, MIDDLE}, MISMATCH},
    {"3 1 1 of another", .record = {3, 1, 1, STRANGER}, MISMATCH},
    {"3 0 0 of another", .record = {3, 0, 0, STRANGER}, MISMATCH},
    {"3 1 1 of another, trusted", .record = {3, 1, 1, STRANGER}, .trusts = true,
     MISMATCH},
    /* An authority: what it issues has names and dates. */
    {"2 0 1 of the root", .record = {2, 0, 1, ROOT}},
    {"2 1 2 of the root", .record = {2, 1, 2, ROOT}},
    {"2 1 1 of the middle", .record = {2, 1, 1, MIDDLE}},
    {"2 0 1, not sent", .record = {2, 0, 1, ROOT}, .omits_root = true,
     MISMATCH},
    {"2 0 0, not sent", .record = {2, 0, 0, ROOT}, .omits_root = true},
    {"2 1 0, not sent", .record = {2, 1, 0, ROOT}, .omits_root = true},
    {"2 1 1 of the middle, root not sent", .record = {2, 1, 1, MIDDLE},
     .omits_root = true},
    {"2 0 1, another name", .record = {2, 0, 1, ROOT}, .name = "b.test",
     WRONG_NAME},
    {"2 0 1, expired", .record = {2, 0, 1, ROOT}, .is_expired = true,
     UNTRUSTED("CERT_HAS_EXPIRED")},
    {"2 1 1 of the leaf", .record = {2, 1, 1, LEAF}, MISMATCH},
    {"2 0 1 of another, trusted", .record = {2, 0, 1, STRANGER}, .trusts = true,
     MISMATCH},
    {"2 0 0 of another", .record = {2, 0, 0, STRANGER}, MISMATCH},
    /* The server, and the chain has to be trusted too. */
    {"1 1 1", .record = {1, 1, 1, LEAF}, .trusts = true},
    {"1 0 2", .record = {1, 0, 2, LEAF}, .trusts = true},
    {"1 1 1, another name", .record = {1, 1, 1, LEAF}, .trusts = true,
     .name = "b.test", WRONG_NAME},
    {"1 1 1, expired", .record = {1, 1, 1, LEAF}, .trusts = true,
     .is_expired = true, UNTRUSTED("CERT_HAS_EXPIRED")},
    {"1 1 1, not trusted", .record = {1, 1, 1, LEAF},
     UNTRUSTED("SELF_SIGNED_CERT_IN_CHAIN")},
    {"1 1 1 of another", .record = {1, 1, 1, STRANGER}, .trusts = true,
     MISMATCH},
    /* An authority, and the same. */
    {"0 1 1 of the root", .record = {0, 1, 1, ROOT}, .trusts = true},
    {"0 0 1 of the middle", .record = {0, 0, 1, MIDDLE}, .trusts = true},
    {"0 1 1, root not sent", .record = {0, 1, 1, ROOT}, .trusts = true,
     .omits_root = true},
    {"0 1 1, not trusted", .record = {0, 1, 1, ROOT},
     UNTRUSTED("SELF_SIGNED_CERT_IN_CHAIN")},
    {"0 1 1 of another", .record = {0, 1, 1, STRANGER}, .trusts = true,
     MISMATCH},
};

static tlstream_context *client_of(const chain *from, bool trusts,
                                   bool lenient) {
  return judge_of(trusts ? &from->root : &stranger, TLSTREAM_ROLE_CLIENT,
                  lenient);
}

/* What OpenSSL keeps in a session is never a good verdict. */
static void check_outcome(const row *at, const peers *both) {
  tlstream_pair *client = both->side[TLSTREAM_ROLE_CLIENT];
  const tlstream_error *why = tlstream_pair_authorization_error(client);
  CHECK_ERROR(error_code(client), at->code);
  CHECK_INT(tlstream_pair_authorized(client), at->code == 0);
  CHECK_INT(tlstream_pair_authorization_from(client), TLSTREAM_SOURCE_DANE);
  CHECK_STR(why != NULL ? why->name : NULL, at->error);
  CHECK_NE(SSL_get_verify_result(client->ssl), X509_V_OK);
  if (at->code == TLSTREAM_ERR_DANE_MISMATCH) {
    CHECK_HAS(error_text(client), "no TLSA record (of 1 that can be used)");
    CHECK_INT(tlstream_pair_error(client)->alert, BAD_CERTIFICATE);
    CHECK_INT(tlstream_pair_error(both->side[1])->alert, BAD_CERTIFICATE);
  }
}

/* A record that can be used counts, also where all are let in. */
static void check_row(const row *at, tlstream_version version, bool lenient) {
  unsigned char room[DATA_MAX];
  const chain *from = at->is_expired ? &expired : &good;
  tlstream_tlsa given = record_of(from, &at->record, room);
  tlstream_context *server = server_of(from, !at->omits_root, version);
  tlstream_context *client = client_of(from, at->trusts, lenient);
  peers both =
      meet(client, server, at->name != NULL ? at->name : "a.test", &given, 1);
  check_outcome(at, &both);
  peers_free(&both);
  tlstream_context_unref(server);
  tlstream_context_unref(client);
}

TEST(each_record_matches_what_it_is_about) {
  EACH_ROW_NAMED(i, rows, title)
    for (int v = 0; v < 2; v++) {
      check_row(&rows[i], versions[v], false);
      check_row(&rows[i], versions[v], true);
    }
}

/* Several records, and those that cannot be used. */

static const struct {
  const char *title;
  record records[RECORDS_MAX];
  size_t count;
  bool trusts;
  bool lenient;
  int code;
  tlstream_authorization_source source;
  bool authorized;
} lists[] = {
    {"one of two matches",
     {{3, 1, 1, STRANGER}, {3, 1, 1, LEAF}},
     2,
     .source = TLSTREAM_SOURCE_DANE,
     .authorized = true},
    {"of either kind",
     {{3, 1, 1, STRANGER}, {2, 0, 1, ROOT}},
     2,
     .source = TLSTREAM_SOURCE_DANE,
     .authorized = true},
    {"none of two",
     {{3, 1, 1, STRANGER}, {2, 0, 1, STRANGER}},
     2,
     .code = TLSTREAM_ERR_DANE_MISMATCH,
     .source = TLSTREAM_SOURCE_DANE},
    {"one that cannot be used, one that matches",
     {{4, 1, 1, LEAF}, {3, 1, 1, LEAF}},
     2,
     .source = TLSTREAM_SOURCE_DANE,
     .authorized = true},
    {"one that cannot be used, one that does not match",
     {{255, 1, 1, LEAF}, {3, 1, 1, STRANGER}},
     2,
     .trusts = true,
     .lenient = true,
     .code = TLSTREAM_ERR_DANE_MISMATCH,
     .source = TLSTREAM_SOURCE_DANE},
    {"none that can be used, trusted",
     {{4, 1, 1, LEAF}, {3, 2, 1, LEAF}, {3, 1, 3, LEAF}},
     3,
     .trusts = true,
     .source = TLSTREAM_SOURCE_CHAIN,
     .authorized = true},
    {"none that can be used",
     {{4, 1, 1, LEAF}},
     1,
     .code = TLSTREAM_ERR_UNTRUSTED,
     .source = TLSTREAM_SOURCE_CHAIN},
    {"none that can be used, let in",
     {{4, 1, 1, LEAF}},
     1,
     .lenient = true,
     .source = TLSTREAM_SOURCE_CHAIN},
    {"no records, let in",
     {{0}},
     0,
     .lenient = true,
     .source = TLSTREAM_SOURCE_CHAIN},
};

TEST(one_that_can_be_used_has_to_match) {
  EACH_ROW_NAMED(i, lists, title) {
    unsigned char room[RECORDS_MAX][DATA_MAX];
    tlstream_tlsa given[RECORDS_MAX];
    for (size_t j = 0; j < lists[i].count; j++)
      given[j] = record_of(&good, &lists[i].records[j], room[j]);
    tlstream_context *server = server_of(&good, true, TLSTREAM_TLS_1_3);
    tlstream_context *client =
        client_of(&good, lists[i].trusts, lists[i].lenient);
    peers both = meet(client, server, "a.test", given, lists[i].count);
    tlstream_pair *pair = both.side[TLSTREAM_ROLE_CLIENT];
    CHECK_ERROR(error_code(pair), lists[i].code);
    CHECK_INT(tlstream_pair_is_secure(pair), lists[i].code == 0);
    CHECK_INT(tlstream_pair_authorized(pair), lists[i].authorized);
    CHECK_INT(tlstream_pair_authorization_from(pair), lists[i].source);
    peers_free(&both);
    tlstream_context_unref(server);
    tlstream_context_unref(client);
  }
}

/* Records that are no records. */
TEST(a_malformed_record_is_named) {
  static const unsigned char bytes[70 * 1024] = {0x30, 0x03, 2, 1, 1};
  static const struct {
    tlstream_tlsa given;
    const char *words;
  } table[] = {
      {{3, 1, 1, {bytes, 31}}, "record 2 is malformed: SHA-256 gives 32 bytes"},
      {{3, 1, 1, {bytes, 33}}, "SHA-256"},
      {{3, 1, 1, {NULL, 32}}, "SHA-256"},
      {{2, 0, 2, {bytes, 32}}, "SHA-512 gives 64 bytes"},
      {{3, 0, 0, {bytes, 0}}, "it has no data"},
      {{3, 0, 0, {NULL, 9}}, "it has no data"},
      {{3, 0, 0, {bytes, sizeof(bytes)}}, "it is over 64 KiB long"},
      {{3, 0, 0, {bytes, 5}}, "its data is no certificate"},
      {{3, 1, 0, {bytes, 5}}, "its data is no public key"},
      {{2, 1, 0, {bytes, 5}}, "its data is no public key"},
  };
  unsigned char room[DATA_MAX];
  tlstream_context *context = client_of(&good, true, true);
  EACH_ROW(i, table) {
    tlstream_error error;
    const record first = {3, 1, 1, LEAF};
    tlstream_tlsa given[] = {record_of(&good, &first, room), table[i].given};
    CHECK(client_pair(context, "a.test", given, 2, &error) == NULL);
    CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
    CHECK_HAS(error.message, table[i].words);
  }
  tlstream_context_unref(context);
}

TEST(records_are_a_list_and_a_client_s) {
  tlstream_error error;
  unsigned char room[DATA_MAX];
  const record first = {3, 1, 1, LEAF};
  tlstream_tlsa given = record_of(&good, &first, room);
  tlstream_context *client = client_of(&good, true, false);
  tlstream_context *server = server_of(&good, true, TLSTREAM_TLS_1_3);
  CHECK(client_pair(client, "a.test", NULL, 1, &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK(tlstream_pair_new(TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER,
                                        .context = server, .tlsa = &given,
                                        .tlsa_count = 1),
                          0, &error) == NULL);
  CHECK_ERROR(error.code, TLSTREAM_ERR_INVALID_ARGUMENT);
  tlstream_context_unref(server);
  tlstream_context_unref(client);
}

/* What holds beside records. */

static void check_with(const record *what, tlstream_context *client,
                       const char *error) {
  unsigned char room[DATA_MAX];
  tlstream_tlsa given = record_of(&good, what, room);
  tlstream_context *server = server_of(&good, true, TLSTREAM_TLS_1_3);
  peers both = meet(client, server, "a.test", &given, 1);
  const tlstream_error *why = tlstream_pair_authorization_error(both.side[0]);
  CHECK_STR(why != NULL ? why->name : NULL, error);
  CHECK_INT(tlstream_pair_authorized(both.side[0]), error == NULL);
  peers_free(&both);
  tlstream_context_unref(server);
}

TEST(the_time_of_the_context_counts) {
  const record authority = {2, 0, 1, ROOT};
  const record server = {3, 1, 1, LEAF};
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.ca = stranger.cert_pem, .verify_time = 1000));
  check_with(&authority, client, "CERT_NOT_YET_VALID");
  check_with(&server, client, NULL);
  tlstream_context_unref(client);
}

TEST(the_name_may_be_the_caller_s_to_check) {
  unsigned char room[DATA_MAX];
  const record authority = {2, 0, 1, ROOT};
  tlstream_tlsa given = record_of(&good, &authority, room);
  tlstream_context *server = server_of(&good, true, TLSTREAM_TLS_1_3);
  tlstream_context *client = context_of(
      TLSTREAM_CONTEXT(.ca = stranger.cert_pem, .insecure_skip_name = true));
  peers both = meet(client, server, "b.test", &given, 1);
  CHECK(tlstream_pair_authorized(both.side[0]));
  peers_free(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

/* Without a name there is none to send, and an authority vouches for none. */
TEST(without_a_name_only_the_server_s_own_record_will_do) {
  static const struct {
    record record;
    int code;
  } table[] = {{{3, 1, 1, LEAF}, 0},
               {{2, 0, 1, ROOT}, TLSTREAM_ERR_NO_NAME},
               {{3, 1, 1, STRANGER}, TLSTREAM_ERR_DANE_MISMATCH}};
  EACH_ROW(i, table) {
    unsigned char room[DATA_MAX];
    tlstream_tlsa given = record_of(&good, &table[i].record, room);
    tlstream_context *server = server_of(&good, true, TLSTREAM_TLS_1_3);
    tlstream_context *client = client_of(&good, false, true);
    peers both = meet(client, server, NULL, &given, 1);
    CHECK_ERROR(error_code(both.side[0]), table[i].code);
    CHECK(tlstream_pair_servername(both.side[1]) == NULL);
    peers_free(&both);
    tlstream_context_unref(client);
    tlstream_context_unref(server);
  }
}

TEST(the_application_is_asked_too) {
  unsigned char room[DATA_MAX];
  tlstream_error error;
  const record leaf = {3, 1, 1, LEAF};
  tlstream_tlsa given = record_of(&good, &leaf, room);
  tlstream_context *server = server_of(&good, true, TLSTREAM_TLS_1_3);
  tlstream_context *client = client_of(&good, false, false);
  tlstream_pair *pair = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT, .context = client,
                    .verify_name = "b.test", .tlsa = &given, .tlsa_count = 1,
                    .ask_verify = true),
      0, &error);
  peers both = shake(pair, server_with(server, false));
  CHECK_STR(take_events(pair), "VERIFY");
  CHECK(tlstream_pair_authorization_error(pair) == NULL);
  CHECK_INT(tlstream_pair_verify_accept(pair), 0);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  CHECK(tlstream_pair_authorized(pair));
  CHECK_INT(tlstream_pair_authorization_from(pair), TLSTREAM_SOURCE_DANE);
  peers_free(&both);
  tlstream_context_unref(client);
  tlstream_context_unref(server);
}

/* Memory that runs out: nobody comes in who would not. */
typedef struct ordeal {
  tlstream_context *client;
  tlstream_context *server;
  tlstream_tlsa given;
  bool fits;
} ordeal;

static void endure(void *data) {
  const ordeal *self = data;
  tlstream_pair *client =
      client_pair(self->client, "a.test", &self->given, 1, NULL);
  tlstream_pair *server = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = self->server), 0,
      NULL);
  if (client != NULL && server != NULL) {
    (void)!tlstream_pair_start(client);
    shuttle(client, server, SIZE_MAX);
    CHECK(self->fits || !tlstream_pair_is_secure(client));
    CHECK(tlstream_pair_authorized(client) || !tlstream_pair_is_secure(client));
  }
  tlstream_pair_free(client);
  tlstream_pair_free(server);
}

TEST(memory_may_run_out_at_any_time) {
  static const record records[] = {
      {3, 1, 1, LEAF}, {2, 0, 0, ROOT}, {3, 1, 1, STRANGER}};
  EACH_ROW(i, records) {
    unsigned char room[DATA_MAX];
    ordeal self = {.client = client_of(&good, false, true),
                   .server = server_of(&good, true, TLSTREAM_TLS_1_3),
                   .given = record_of(&good, &records[i], room),
                   .fits = records[i].of != STRANGER};
    CHECK_GT(torture_each(TORTURE_LIBRARY, TORTURE_ONCE, endure, &self), 4);
    tlstream_context_unref(self.client);
    tlstream_context_unref(self.server);
  }
}
