/* SPDX-License-Identifier: MIT */
/* Questions to a stream; most are its pair's to answer. */
#include <string.h>

#include <tlstream/stream_info.h>
#include <tlstream/stream_psk.h>

#include "base/alloc.h"
#include "base/text.h"
#include "uv/stream/state.h"

void *tlstream_data(const tlstream *stream) {
  return stream->data;
}

uv_loop_t *tlstream_loop(const tlstream *stream) {
  return stream->uv;
}

#define X(type, name)                            \
  type tlstream_##name(const tlstream *stream) { \
    return tlstream_pair_##name(stream->pair);   \
  }
TLSTREAM_INFO_MAP(X)
#undef X

#define X(type, name)                                           \
  type tlstream_##name(const tlstream *stream, size_t *count) { \
    return tlstream_pair_##name(stream->pair, count);           \
  }
TLSTREAM_INFO_LIST_MAP(X)
#undef X

typedef int (*address_call)(tlstream_transport *transport,
                            tlstream_address *address);

static int ask_address(address_call call, tlstream_transport *transport,
                       tlstream_address *address) {
  bool known = call != NULL && call(transport, address) == 0;
  return known ? 0 : TLSTREAM_ERR_WRONG_STATE;
}

static bool has_transport(const tlstream *stream) {
  return stream->transport != NULL && stream->life != TLSTREAM__STREAM_CLOSED;
}

int tlstream_remote_address(const tlstream *stream, tlstream_address *address) {
  if (!has_transport(stream)) return TLSTREAM_ERR_WRONG_STATE;
  return ask_address(stream->transport->methods->remote_address,
                     stream->transport, address);
}

int tlstream_local_address(const tlstream *stream, tlstream_address *address) {
  if (!has_transport(stream)) return TLSTREAM_ERR_WRONG_STATE;
  return ask_address(stream->transport->methods->local_address,
                     stream->transport, address);
}

uint64_t tlstream_bytes_read(const tlstream *stream) {
  return stream->bytes_read;
}

uint64_t tlstream_bytes_written(const tlstream *stream) {
  return stream->bytes_written;
}

uint64_t tlstream_encrypted_bytes_read(const tlstream *stream) {
  return stream->encrypted_bytes_read;
}

uint64_t tlstream_encrypted_bytes_written(const tlstream *stream) {
  return stream->encrypted_bytes_written;
}

size_t tlstream_write_queue_size(const tlstream *stream) {
  return stream->queue.bytes;
}

size_t tlstream_unsent(const tlstream *stream) {
  tlstream_transport *transport = stream->transport;
  size_t unsent = stream->queue.bytes + tlstream_pair_pending(stream->pair);
  if (transport != NULL && tlstream__stream_is_open(stream) &&
      transport->methods->unsent != NULL) {
    unsent += transport->methods->unsent(transport);
  }
  return unsent;
}

static void add_string(tlstream__text *json, const char *name,
                       const char *value) {
  tlstream__text_format(json, ",\"%s\":", name);
  if (value == NULL) {
    tlstream__text_add(json, "null");
  } else {
    tlstream__text_json(json, value, strlen(value));
  }
}

static void add_address(tlstream__text *json, const tlstream *stream) {
  tlstream_address address;
  if (tlstream_remote_address(stream, &address) != 0) return;
  add_string(json, "remoteAddress", address.host);
  if (address.port != 0) {
    tlstream__text_format(json, ",\"remotePort\":%d", address.port);
  }
}

static void add_errors(tlstream__text *json, const tlstream *stream) {
  size_t count = 0;
  const tlstream_error *list = tlstream_authorization_errors(stream, &count);
  tlstream__text_add(json, ",\"authorizationErrors\":[");
  for (size_t i = 0; i < count; i++) {
    tlstream__text_format(json, "%s{\"depth\":%d", i > 0 ? "," : "",
                          list[i].depth);
    add_string(json, "code", list[i].name);
    add_string(json, "message", list[i].message);
    tlstream__text_add(json, "}");
  }
  tlstream__text_add(json, "]");
}

static void add_certificate(tlstream__text *json, const tlstream *stream) {
  tlstream_certificate *certificate = tlstream_peer_certificate(stream);
  tlstream__text_add(json, ",\"peerCertificate\":");
  if (certificate == NULL) {
    tlstream__text_add(json, "null");
    return;
  }
  char *text = tlstream_certificate_json(certificate);
  if (text == NULL) {
    json->failed = true;
  } else {
    tlstream__text_add(json, text);
  }
  tlstream__free(text);
  tlstream_certificate_unref(certificate);
}

char *tlstream_json(const tlstream *stream) {
  size_t len = 0;
  tlstream__text json = {0};
  const tlstream_error *why = tlstream_authorization_error(stream);
  const char *version = tlstream_version_name(tlstream_tls_version(stream));
  tlstream__text_format(&json, "{\"authorized\":%s",
                        tlstream_authorized(stream) ? "true" : "false");
  add_string(&json, "authorizationError", why != NULL ? why->name : NULL);
  add_string(&json, "authorizationMessage", why != NULL ? why->message : NULL);
  add_errors(&json, stream);
  add_string(&json, "protocol", version[0] != '\0' ? version : NULL);
  add_string(&json, "cipher", tlstream_cipher_standard_name(stream));
  tlstream__text_format(&json, ",\"sessionReused\":%s",
                        tlstream_resumed(stream) ? "true" : "false");
  add_string(&json, "servername", tlstream_servername(stream));
  add_string(&json, "alpnProtocol", tlstream_alpn_protocol(stream));
  add_string(&json, "npnProtocol", tlstream_npn_protocol(stream));
  add_string(&json, "ocspStatus",
             tlstream_ocsp_status_name(tlstream_ocsp_status(stream)));
  add_string(&json, "group", tlstream_group(stream));
  add_string(&json, "peerSignatureScheme",
             tlstream_peer_signature_scheme(stream));
  add_string(&json, "pskIdentity", tlstream_psk_identity(stream, &len));
  add_address(&json, stream);
  add_certificate(&json, stream);
  tlstream__text_add(&json, "}");
  return tlstream__text_take(&json);
}
