/* SPDX-License-Identifier: MIT */
/* new Context(options): the options of tlstream_context_new() by their names in
 * JavaScript. */
#include "context.h"

#include <stdlib.h>

typedef struct holder {
  kind kind;
  tlstream_context *context;
} holder;

/* The options, and what they point to while the context is made. */
typedef struct context_args {
  tlstream_context_options options;
  tlstream_identity *identities;
  tlstream_pfx *bundles;
  tlstream_bytes *cas;
  tlstream_bytes *crls;
  char *texts[8];
  size_t text_count;
} context_args;

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

static void free_args(context_args *it) {
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
                      context_args *it, const char **out) {
  char *value = NULL;
  if (!text(env, options, name, &value)) return false;
  if (value != NULL) it->texts[it->text_count++] = value;
  *out = value;
  return true;
}

static bool read_texts(napi_env env, napi_value options, context_args *it) {
  tlstream_context_options *to = &it->options;
  return keep_text(env, options, "passphrase", it, &to->passphrase) &&
         keep_text(env, options, "ciphers", it, &to->ciphers) &&
         keep_text(env, options, "ciphersuites", it, &to->ciphersuites) &&
         keep_text(env, options, "groups", it, &to->groups) &&
         keep_text(env, options, "signatureAlgorithms", it,
                   &to->signature_algorithms);
}

static bool read_bytes(napi_env env, napi_value options, context_args *it) {
  tlstream_context_options *to = &it->options;
  return bytes(env, options, "key", &to->key) &&
         bytes(env, options, "cert", &to->cert) &&
         bytes(env, options, "alpn", &to->alpn.wire) &&
         bytes(env, options, "npn", &to->npn.wire);
}

static void read_flags(napi_env env, napi_value options, context_args *it) {
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

/* A list in a property: how large an element is, and how one is read. */
typedef struct list_type {
  const char *name;
  size_t size;
  bool (*read)(napi_env env, napi_value from, void *out);
} list_type;

static bool read_element(napi_env env, napi_value from, void *out) {
  return bytes_of(env, from, out);
}

static bool read_identity(napi_env env, napi_value from, void *out) {
  tlstream_identity *identity = out;
  char *passphrase = NULL;
  bool fine = bytes(env, from, "key", &identity->key) &&
              bytes(env, from, "cert", &identity->cert) &&
              text(env, from, "passphrase", &passphrase);
  identity->passphrase = passphrase;
  return fine;
}

static bool read_bundle(napi_env env, napi_value from, void *out) {
  tlstream_pfx *bundle = out;
  char *passphrase = NULL;
  bool fine = bytes(env, from, "data", &bundle->data) &&
              text(env, from, "passphrase", &passphrase);
  bundle->passphrase = passphrase;
  return fine;
}

static const list_type ca_list = {"ca", sizeof(tlstream_bytes), read_element};
static const list_type crl_list = {"crls", sizeof(tlstream_bytes),
                                   read_element};
static const list_type identity_list = {"identities", sizeof(tlstream_identity),
                                        read_identity};
static const list_type pfx_list = {"pfx", sizeof(tlstream_pfx), read_bundle};

/* Zeroed memory for a list; for one element at least, because NULL would mean
 * that no list was given. */
static void *make_list(napi_env env, napi_value list, size_t size,
                       size_t *count) {
  uint32_t length = 0;
  if (napi_get_array_length(env, list, &length) != napi_ok) return failed(env);
  void *memory = calloc((size_t)length + 1, size);
  if (memory == NULL) return throw_no_memory(env);
  *count = length;
  return memory;
}

/* The elements of a list, to be freed also when it failed; NULL if there is no
 * such property. False with an exception. */
static bool read_list(napi_env env, napi_value options, const list_type *type,
                      void **out, size_t *count) {
  napi_value list = NULL;
  napi_value item = NULL;
  bool fine = true;
  if (!property(env, options, type->name, &list)) return true;
  char *memory = make_list(env, list, type->size, count);
  *out = memory;
  if (memory == NULL) return false;
  for (uint32_t i = 0; fine && i < *count; i++) {
    fine = napi_get_element(env, list, i, &item) == napi_ok &&
           type->read(env, item, memory + i * type->size);
  }
  return fine;
}

static bool read_lists(napi_env env, napi_value options, context_args *it) {
  tlstream_context_options *to = &it->options;
  void *lists[] = {NULL, NULL, NULL, NULL};
  bool fine =
      read_list(env, options, &ca_list, &lists[0], &to->ca_count) &&
      read_list(env, options, &crl_list, &lists[1], &to->crl_count) &&
      read_list(env, options, &identity_list, &lists[2], &to->identity_count) &&
      read_list(env, options, &pfx_list, &lists[3], &to->pfx_count);
  to->cas = it->cas = lists[0];
  to->crls = it->crls = lists[1];
  to->identities = it->identities = lists[2];
  to->pfx = it->bundles = lists[3];
  return fine;
}

static bool read_parent(napi_env env, napi_value options, context_args *it) {
  napi_value parent = NULL;
  if (!property(env, options, "parent", &parent)) return true;
  it->options.parent = context_of(env, parent);
  return it->options.parent != NULL;
}

static bool read_args(napi_env env, napi_value options, context_args *it) {
  it->options.size = sizeof(it->options);
  read_flags(env, options, it);
  return read_parent(env, options, it) && read_texts(env, options, it) &&
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
  context_args it = {0};
  if (!arguments(env, info, 1, &options, &wrapper)) return failed(env);
  if (read_args(env, options, &it)) {
    context = tlstream_context_new(&it.options, &error);
    if (context == NULL) throw_error(env, &error);
  }
  free_args(&it);
  return context != NULL ? hold(env, wrapper, context) : NULL;
}

bool define_context(napi_env env, napi_value exports) {
  return define_class(env, exports, "Context", construct, NULL, 0);
}
