/* SPDX-License-Identifier: MIT */
/* A context's configuration as text. */
#include <openssl/ssl.h>

#include "base/text.h"

#include "core/context/context.h"
#include "core/context/offer.h"
#include "core/openssl/algorithm.h"
#include <tlstream/context_info.h>

static void begin_list(tlstream__text *json, const char *name) {
  tlstream__text_format(json, ",\"%s\":[", name);
}

static void add_name(tlstream__text *json, size_t i, const char *name,
                     unsigned id) {
  if (i > 0) tlstream__text_add(json, ",");
  if (name != NULL) {
    tlstream__text_format(json, "\"%s\"", name);
  } else {
    tlstream__text_format(json, "\"0x%04x\"", id);
  }
}

static void add_suites(tlstream__text *json, const tlstream_context *context,
                       const tlstream__ids *suites) {
  begin_list(json, "ciphers");
  for (size_t i = 0; i < suites->count; i++) {
    unsigned id = suites->items[i];
    add_name(json, i, tlstream__offer_suite(context->ctx, id), id);
  }
  tlstream__text_add(json, "]");
}

static void add_ids(tlstream__text *json, const char *title,
                    const tlstream__ids *ids,
                    const char *(*name_of)(unsigned id)) {
  begin_list(json, title);
  for (size_t i = 0; i < ids->count; i++)
    add_name(json, i, name_of(ids->items[i]), ids->items[i]);
  tlstream__text_add(json, "]");
}

static void add_protocols(tlstream__text *json, const char *title,
                          const tlstream__protocols *list) {
  begin_list(json, title);
  for (size_t at = 0; at < list->len; at += 1 + (size_t)list->wire[at]) {
    if (at > 0) tlstream__text_add(json, ",");
    tlstream__text_json(json, list->wire + at + 1, list->wire[at]);
  }
  tlstream__text_add(json, "]");
}

static const char *version_name(int wire) {
  return tlstream_version_name(wire == TLS1_2_VERSION ? TLSTREAM_TLS_1_2
                                                      : TLSTREAM_TLS_1_3);
}

static void add_versions(tlstream__text *json,
                         const tlstream_context *context) {
  const tlstream_context *parent =
      context->parent != NULL ? context->parent : context;
  tlstream__text_format(
      json,
      "{\"policy\":\"%s\",\"minVersion\":\"%s\",\"maxVersion\":\"%s\","
      "\"securityLevel\":%d",
      parent->suites.policy->name,
      version_name((int)SSL_CTX_get_min_proto_version(context->ctx)),
      version_name((int)SSL_CTX_get_max_proto_version(context->ctx)),
      parent->suites.security_level);
}

char *tlstream_context_json(const tlstream_context *context) {
  tlstream__text json = {0};
  tlstream__offer offer;
  if (tlstream__offer_read(context->ctx, &offer, NULL) != 0) return NULL;
  add_versions(&json, context);
  add_suites(&json, context, &offer.suites);
  add_ids(&json, "groups", &offer.groups, tlstream__group_name);
  add_ids(&json, "signatureAlgorithms", &offer.schemes, tlstream__scheme_name);
  add_protocols(&json, "alpnProtocols", &context->alpn);
  add_protocols(&json, "npnProtocols", &context->npn);
  tlstream__text_format(&json,
                        ",\"preferClientOrder\":%s,\"maxSendFragment\":%zu}",
                        context->prefer_client_order ? "true" : "false",
                        context->max_send_fragment);
  return tlstream__text_take(&json);
}
