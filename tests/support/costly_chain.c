/* SPDX-License-Identifier: MIT */
#include "support/costly_chain.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "support/odd_cert.h"
#include "support/test.h"

/* The two exponents of an ordinary key, exchanged: signing is quick, and
 * verifying takes as long as signing should. */
static EVP_PKEY *slow_key(void) {
  EVP_PKEY *usual = EVP_RSA_gen(3072);
  EVP_PKEY *made = NULL;
  BIGNUM *n = NULL;
  BIGNUM *e = NULL;
  BIGNUM *d = NULL;
  EVP_PKEY_get_bn_param(usual, OSSL_PKEY_PARAM_RSA_N, &n);
  EVP_PKEY_get_bn_param(usual, OSSL_PKEY_PARAM_RSA_E, &e);
  EVP_PKEY_get_bn_param(usual, OSSL_PKEY_PARAM_RSA_D, &d);
  OSSL_PARAM_BLD *list = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_RSA_N, n);
  OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_RSA_E, d);
  OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_RSA_D, e);
  OSSL_PARAM *parts = OSSL_PARAM_BLD_to_param(list);
  EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
  if (EVP_PKEY_fromdata_init(maker) != 1 ||
      EVP_PKEY_fromdata(maker, &made, EVP_PKEY_KEYPAIR, parts) != 1) {
    TEST_STOP("cannot make a slow key");
  }
  EVP_PKEY_CTX_free(maker);
  OSSL_PARAM_free(parts);
  OSSL_PARAM_BLD_free(list);
  BN_free(n), BN_free(e), BN_free(d);
  EVP_PKEY_free(usual);
  return made;
}

static GENERAL_NAMES *short_names(const char *front, int count) {
  char name[32];
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
  for (int i = 0; i < count; i++) {
    int len = snprintf(name, sizeof(name), "%s%d", front, i);
    add_name(names, GEN_DNS, name, (size_t)len);
  }
  return names;
}

static void set_limits(X509 *cert, int count) {
  NAME_CONSTRAINTS *limits = NAME_CONSTRAINTS_new();
  GENERAL_NAMES *names = short_names("x", count);
  limits->excludedSubtrees = sk_GENERAL_SUBTREE_new_null();
  while (sk_GENERAL_NAME_num(names) > 0) {
    GENERAL_SUBTREE *one = GENERAL_SUBTREE_new();
    GENERAL_NAME_free(one->base);
    one->base = sk_GENERAL_NAME_pop(names);
    sk_GENERAL_SUBTREE_push(limits->excludedSubtrees, one);
  }
  CHECK_INT(X509_add1_ext_i2d(cert, NID_name_constraints, limits, 1,
                              X509V3_ADD_APPEND),
            1);
  NAME_CONSTRAINTS_free(limits);
  GENERAL_NAMES_free(names);
}

static made_cert make_link(const costly_plan *plan, const char *name,
                           const made_cert *by, const made_cert *key,
                           bool is_leaf) {
  made_cert made = make_cert(&(cert_plan){
      .name = name,
      .by = by,
      .like = is_leaf ? NULL : key,
      .basic = is_leaf ? NULL : CERT_CA,
      .to = is_leaf ? plan->leaf_until : NULL,
      .no_name = plan->names > 0,
  });
  if (plan->names > 0) {
    GENERAL_NAMES *names = short_names("n", plan->names);
    if (is_leaf) add_name(names, GEN_DNS, name, strlen(name));
    set_names(made.cert, names);
  }
  if (!is_leaf && plan->limits > 0) set_limits(made.cert, plan->limits);
  CHECK_GT(X509_sign(made.cert, by != NULL ? by->key : made.key, EVP_sha256()),
           0);
  return made;
}

static void add_link(costly_chain *made, const costly_plan *plan,
                     const made_cert *by, const made_cert *key) {
  char name[16];
  snprintf(name, sizeof(name), "CA %d", made->count);
  made_cert *link = &made->links[made->count++];
  *link = make_link(plan, name, by, key, false);
  sk_X509_unshift(made->above, link->cert);
  made->size += (size_t)i2d_X509(link->cert, NULL);
}

costly_chain *costly_chain_new(const costly_plan *plan) {
  costly_chain *made = calloc(1, sizeof(*made));
  made_cert slow = {.key = plan->slow ? slow_key() : NULL};
  made_cert impostor = {0};
  const made_cert *key = plan->slow ? &slow : NULL;
  const made_cert *by = NULL;
  made->above = sk_X509_new_null();
  if (plan->impostor != NULL) {
    impostor =
        make_cert(&(cert_plan){.name = plan->impostor, .basic = CERT_CA});
    by = &impostor;
  }
  for (int i = 0; i <= plan->between; i++) {
    add_link(made, plan, by, key);
    by = &made->links[made->count - 1];
  }
  made->leaf = make_link(plan, "a.test", by, NULL, true);
  made->size += (size_t)i2d_X509(made->leaf.cert, NULL);
  if (plan->impostor != NULL) made_cert_clear(&impostor);
  EVP_PKEY_free(slow.key);
  return made;
}

void costly_chain_free(costly_chain *made) {
  for (int i = 0; i < made->count; i++)
    made_cert_clear(&made->links[i]);
  made_cert_clear(&made->leaf);
  sk_X509_free(made->above);
  free(made);
}
