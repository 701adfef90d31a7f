/* SPDX-License-Identifier: MIT */
/* new Context(options): tlstream_context_new(), option for option. */
#include "context.h"

#include <stdlib.h>

typedef struct holder {
  kind kind;
  tlstream_context *context;
} holder;

/* What the options point to while the context is made. */
typedef struct recipe {
  tlstream_context_options options;
  tlstream_identity *identities;
  tlstream_pfx *bundles;
  tlstream_bytes *cas;
  tlstream_bytes *crls;
  char *texts[8];
  size_t text_count;
} recipe;

static void finalize(napi_env env, void *memory, void *hint) {
  holder *self = memory;
  (void)env;
  (void)hint;
  tlstream_context_unref(self->context);
  free(self);
}

tlstream_context *context_of(napi_env env, napi_value value) {
  holder *self = held_or_throw(env, value, KIND_CONTEXT);
  return self != NULL ? self->context : NULL;
}

static void drop_recipe(recipe *it) {
  for (size_t i = 0; i < it->options.identity_count; i++) {
    free((void *)(size_t)it->identities[i].passphrase);
  }
  for (size_t i = 0; i < it->options.pfx_count; i++) {
    free((void *)(size_t)it->bundles[i].passphrase);
  }
  for (size_t i = 0; i < it->text_count; i++) {
    free(it->texts[i]);
  }
  free(it->identities);
  free(it->bundles);
  free(it->cas);
  free(it->crls);
}

static bool keep_text(napi_env env, napi_value options, const char *name,
                      recipe *it, const char **out) {
  char *value = NULL;
  if (!text(env, options, name, &value)) return false;
  if (value != NULL) it->texts[it->text_count++] = value;
  *out = value;
  return true;
}

static bool read_texts(napi_env env, napi_value options, recipe *it) {
  tlstream_context_options *to = &it->options;
  return keep_text(env, options, "passphrase", it, &to->passphrase) &&
         keep_text(env, options, "ciphers", it, &to->ciphers) &&
         keep_text(env, options, "ciphersuites", it, &to->ciphersuites) &&
         keep_text(env, options, "groups", it, &to->groups) &&
         keep_text(env, options, "signatureAlgorithms", it,
                   &to->signature_algorithms);
}

static bool read_bytes(napi_env env, napi_value options, recipe *it) {
  tlstream_context_options *to = &it->options;
  return bytes(env, options, "key", &to->key) &&
         bytes(env, options, "cert", &to->cert) &&
         bytes(env, options, "alpn", &to->alpn.wire) &&
         bytes(env, options, "npn", &to->npn.wire);
}

static void read_flags(napi_env env, napi_value options, recipe *it) {
  tlstream_context_options *to = &it->options;
  to->add_system_roots = flag(env, options, "addSystemRoots");
  to->allow_partial_chain = flag(env, options, "allowPartialTrustChain");
  to->min_version = (tlstream_version)number(env, options, "minVersion");
  to->max_version = (tlstream_version)number(env, options, "maxVersion");
  to->require_alpn = flag(env, options, "requireAlpn");
  to->insecure_allow_alpn_mismatch =
      flag(env, options, "insecureAllowAlpnMismatch");
  to->request_certificate = flag(env, options, "requestCertificate");
  to->insecure_allow_unauthorized =
      flag(env, options, "insecureAllowUnauthorized");
  to->insecure_allow_truncation = flag(env, options, "insecureAllowTruncation");
  to->insecure_skip_name = flag(env, options, "insecureSkipName");
}

/* The list in a property, zeroed, of `*count` items; at least one item of
 * memory, so that an empty list was given. False with an exception. */
static bool make_list(napi_env env, napi_value options, const char *name,
                      size_t size, napi_value *list, void **out,
                      size_t *count) {
  uint32_t length = 0;
  if (!property(env, options, name, list)) return true;
  if (napi_get_array_length(env, *list, &length) != napi_ok) {
    failed(env);
    return false;
  }
  *out = calloc((size_t)length + 1, size);
  *count = length;
  if (*out != NULL) return true;
  napi_throw_error(env, "ERR_MEMORY_ALLOCATION_FAILED", "out of memory");
  return false;
}

static bool read_bytes_list(napi_env env, napi_value options, const char *name,
                            tlstream_bytes **out, size_t *count) {
  napi_value list = NULL;
  napi_value item = NULL;
  void *memory = NULL;
  bool fine =
      make_list(env, options, name, sizeof(**out), &list, &memory, count);
  *out = memory;
  for (uint32_t i = 0; fine && i < *count; i++) {
    fine = napi_get_element(env, list, i, &item) == napi_ok &&
           bytes_of(env, item, &(*out)[i]);
  }
  return fine;
}

static bool read_identity(napi_env env, napi_value item,
                          tlstream_identity *out) {
  char *passphrase = NULL;
  bool fine = bytes(env, item, "key", &out->key) &&
              bytes(env, item, "cert", &out->cert) &&
              text(env, item, "passphrase", &passphrase);
  out->passphrase = passphrase;
  return fine;
}

static bool read_identities(napi_env env, napi_value options, recipe *it) {
  napi_value list = NULL;
  napi_value item = NULL;
  void *memory = NULL;
  size_t *count = &it->options.identity_count;
  bool fine = make_list(env, options, "identities", sizeof(*it->identities),
                        &list, &memory, count);
  it->identities = memory;
  for (uint32_t i = 0; fine && i < *count; i++) {
    fine = napi_get_element(env, list, i, &item) == napi_ok &&
           read_identity(env, item, &it->identities[i]);
  }
  it->options.identities = it->identities;
  return fine;
}

static bool read_bundle(napi_env env, napi_value item, tlstream_pfx *out) {
  char *passphrase = NULL;
  bool fine = bytes(env, item, "data", &out->data) &&
              text(env, item, "passphrase", &passphrase);
  out->passphrase = passphrase;
  return fine;
}

static bool read_bundles(napi_env env, napi_value options, recipe *it) {
  napi_value list = NULL;
  napi_value item = NULL;
  void *memory = NULL;
  size_t *count = &it->options.pfx_count;
  bool fine = make_list(env, options, "pfx", sizeof(*it->bundles), &list,
                        &memory, count);
  it->bundles = memory;
  for (uint32_t i = 0; fine && i < *count; i++) {
    fine = napi_get_element(env, list, i, &item) == napi_ok &&
           read_bundle(env, item, &it->bundles[i]);
  }
  it->options.pfx = it->bundles;
  return fine;
}

static bool read_lists(napi_env env, napi_value options, recipe *it) {
  bool fine =
      read_bytes_list(env, options, "ca", &it->cas, &it->options.ca_count) &&
      read_bytes_list(env, options, "crls", &it->crls, &it->options.crl_count);
  it->options.cas = it->cas;
  it->options.crls = it->crls;
  return fine && read_identities(env, options, it) &&
         read_bundles(env, options, it);
}

static bool read_base(napi_env env, napi_value options, recipe *it) {
  napi_value base = NULL;
  if (!property(env, options, "base", &base)) return true;
  it->options.parent = context_of(env, base);
  return it->options.parent != NULL;
}

static bool read_recipe(napi_env env, napi_value options, recipe *it) {
  it->options.size = sizeof(it->options);
  read_flags(env, options, it);
  return read_base(env, options, it) && read_texts(env, options, it) &&
         read_bytes(env, options, it) && read_lists(env, options, it);
}

static napi_value hold(napi_env env, napi_value wrapper,
                       tlstream_context *context) {
  holder *self = calloc(1, sizeof(*self));
  if (self != NULL) {
    *self = (holder){KIND_CONTEXT, context};
    if (napi_wrap(env, wrapper, self, finalize, NULL, NULL) == napi_ok) {
      return wrapper;
    }
  }
  free(self);
  tlstream_context_unref(context);
  return failed(env);
}

napi_value context_object(napi_env env, tlstream_context *context) {
  napi_value object = NULL;
  TRY(napi_create_object(env, &object));
  return hold(env, object, tlstream_context_ref(context));
}

static napi_value construct(napi_env env, napi_callback_info info) {
  napi_value options = NULL;
  napi_value wrapper = NULL;
  tlstream_error error = {0};
  tlstream_context *context = NULL;
  recipe it = {0};
  if (!arguments(env, info, 1, &options, &wrapper)) return failed(env);
  if (read_recipe(env, options, &it)) {
    context = tlstream_context_new(&it.options, &error);
    if (context == NULL) throw_error(env, &error);
  }
  drop_recipe(&it);
  return context != NULL ? hold(env, wrapper, context) : NULL;
}

bool define_context(napi_env env, napi_value exports) {
  return define_class(env, exports, "Context", construct, NULL, 0);
}
