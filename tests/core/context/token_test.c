/* SPDX-License-Identifier: MIT */
/* A key in a token, which a provider of somebody else's makes accessible by a
 * URI, as that for PKCS #11 does. The provider here is the test's; what it does
 * with keys is the library's own. It stands beside OpenSSL's. */
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/store.h>

#include <tlstream/pair_info.h>
#include <tlstream/pair_work.h>

#include "core/keys/state.h"
#include "core/keys/tables.h"
#include "support/connect.h"
#include "support/peers.h"
#include "support/shuttle.h"
#include "support/signer.h"
#include "support/test.h"

#define PIN "4711"

static test_signer token;
static tlstream__remote_keys token_keys;

/* The store. */

typedef struct visit {
  bool has_key;
  bool done;
} visit;

static void *store_open(void *unused, const char *uri) {
  (void)unused;
  visit *self = OPENSSL_zalloc(sizeof(*self));
  if (self != NULL) self->has_key = strcmp(uri, "token:key?x=secret") == 0;
  return self;
}

static bool knows_pin(OSSL_PASSPHRASE_CALLBACK *ask, void *arg) {
  char pin[16] = "";
  size_t len = 0;
  return ask(pin, sizeof(pin), &len, NULL, arg) == 1 && len == strlen(PIN) &&
         memcmp(pin, PIN, len) == 0;
}

static int store_load(void *data, OSSL_CALLBACK *take, void *arg,
                      OSSL_PASSPHRASE_CALLBACK *ask, void *ask_arg) {
  visit *self = data;
  int type = OSSL_OBJECT_PKEY;
  const made_cert *own = token.own;
  OSSL_PARAM params[] = {
      OSSL_PARAM_int(OSSL_OBJECT_PARAM_TYPE, &type),
      OSSL_PARAM_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, "EC", 2),
      OSSL_PARAM_octet_string(OSSL_OBJECT_PARAM_REFERENCE, &own, sizeof(own)),
      OSSL_PARAM_END,
  };
  self->done = true;
  return self->has_key && knows_pin(ask, ask_arg) && take(params, arg);
}

static int store_eof(void *data) {
  const visit *self = data;
  return self->done;
}

static int store_close(void *data) {
  OPENSSL_free(data);
  return 1;
}

#define FUNCTION(name, function) \
  { OSSL_FUNC_STORE_##name, (void (*)(void))(function) }

static const OSSL_DISPATCH store[] = {
    FUNCTION(OPEN, store_open),
    FUNCTION(LOAD, store_load),
    FUNCTION(EOF, store_eof),
    FUNCTION(CLOSE, store_close),
    {0, NULL},
};

/* The key. */

static void *key_load(const void *reference, size_t len) {
  const made_cert *own = *(const made_cert *const *)reference;
  tlstream__remote_key *key = NULL;
  const OSSL_DISPATCH *make = tlstream__manage_ec;
  CHECK_INT(len, sizeof(own));
  while (make->function_id != OSSL_FUNC_KEYMGMT_NEW)
    make++;
  key = ((void *(*)(void *))make->function)(NULL);
  EVP_PKEY_up_ref(own->key);
  key->public_key = own->key;
  key->signer = tlstream__signer_keep(&token_keys, &token.as);
  tlstream__signer_ref(key->signer);
  return key;
}

static OSSL_DISPATCH keys[20];

static void make_keys(void) {
  size_t count = 0;
  while (tlstream__manage_ec[count].function_id != 0) {
    keys[count] = tlstream__manage_ec[count];
    count++;
  }
  keys[count] =
      (OSSL_DISPATCH){OSSL_FUNC_KEYMGMT_LOAD, (void (*)(void))key_load};
}

static const OSSL_ALGORITHM *query(void *unused, int operation, int *no_cache) {
  static const OSSL_ALGORITHM stores[] = {
      {"token", "provider=token", store, ""}, {NULL, NULL, NULL, NULL}};
  static const OSSL_ALGORITHM managements[] = {
      {"EC:id-ecPublicKey:1.2.840.10045.2.1", "provider=token", keys, ""},
      {NULL, NULL, NULL, NULL}};
  static const OSSL_ALGORITHM signatures[] = {
      {TLSTREAM__SIGNATURE_EC, "provider=token", tlstream__signature, ""},
      {NULL, NULL, NULL, NULL}};
  (void)unused;
  *no_cache = 0;
  switch (operation) {
    case OSSL_OP_STORE: return stores;
    case OSSL_OP_KEYMGMT: return managements;
    case OSSL_OP_SIGNATURE: return signatures;
    default: return NULL;
  }
}

static int init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core,
                const OSSL_DISPATCH **out, void **context) {
  static const OSSL_DISPATCH functions[] = {
      {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
      {0, NULL},
  };
  (void)core;
  *out = functions;
  *context = (void *)handle;
  return 1;
}

static OSSL_PROVIDER *providers[2];

/* OpenSSL's own comes first, as in an openssl.cnf. */
BEFORE_TESTS(load_provider) {
  make_keys();
  test_signer_init(&token, test_leaf(KEY_ECDSA));
  providers[0] = OSSL_PROVIDER_load(NULL, "default");
  CHECK_INT(OSSL_PROVIDER_add_builtin(NULL, "token", init), 1);
  providers[1] = OSSL_PROVIDER_load(NULL, "token");
  CHECK(providers[0] != NULL && providers[1] != NULL);
}

AFTER_TESTS(unload_providers) {
  CHECK_INT(OSSL_PROVIDER_unload(providers[1]), 1);
  CHECK_INT(OSSL_PROVIDER_unload(providers[0]), 1);
}

static void refuse(const char *uri, const char *pin, int code,
                   const char *words) {
  tlstream_identity identity = {
      .cert = token.own->cert_pem, .key_uri = uri, .passphrase = pin};
  check_no_context(
      TLSTREAM_CONTEXT(.identities = &identity, .identity_count = 1), code,
      words);
}

TEST(a_token_wants_its_pin) {
  refuse("token:key?x=secret", NULL, TLSTREAM_ERR_PASSPHRASE,
         "key_uri token:key: it wants a passphrase or PIN");
  refuse("token:key?x=secret", "1234", TLSTREAM_ERR_PASSPHRASE,
         "key_uri token:key: the passphrase or PIN is wrong");
  refuse("token:none", PIN, TLSTREAM_ERR_KEY_URI,
         "key_uri token:none: no private key is found by it");
}

/* It may be slow, and signs on another thread. */
TEST(a_token_signs_in_a_step_that_may_wait) {
  tlstream_identity identity = {.cert = token.own->cert_pem,
                                .key_uri = "token:key?x=secret",
                                .passphrase = PIN};
  tlstream_context *server = context_of(
      TLSTREAM_CONTEXT(.identities = &identity, .identity_count = 1));
  tlstream_context *client = context_with(NULL, test_ca());
  connection met = connect_pairs(client, server, SERVER_NAME);
  CHECK_STR(take_events(met.server), "WORK");
  CHECK_INT(token.asked, 0);
  tlstream_work *work = tlstream_pair_take_work(met.server);
  if (work == NULL) TEST_STOP("there is no work");
  tlstream_work_run(work);
  CHECK_ERROR(tlstream_pair_finish_work(met.server, work), 0);
  shuttle(met.client, met.server, SIZE_MAX);
  CHECK_INT(token.asked, 1);
  CHECK(tlstream_pair_authorized(met.client));
  disconnect_pairs(&met);
  tlstream_context_unref(server);
  tlstream_context_unref(client);
  tlstream__remote_keys_clear(&token_keys);
}
