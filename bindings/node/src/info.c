/* SPDX-License-Identifier: MIT */
/* The methods that ask a connection; undefined once it has closed. */
#include <tlstream/stream_info.h>

#include "connection.h"

typedef napi_value (*question)(napi_env env, tlstream *stream);

static napi_value ask(napi_env env, napi_callback_info info, question answer) {
  connection *self = connection_this(env, info, 0, NULL);
  return self != NULL ? answer(env, self->stream) : NULL;
}

#define QUESTION(name)                                            \
  static napi_value name(napi_env env, napi_callback_info info) { \
    return ask(env, info, answer_##name);                         \
  }

static napi_value answer_authorized(napi_env env, tlstream *stream) {
  return make_flag(env, tlstream_authorized(stream));
}

static napi_value answer_authorization_error(napi_env env, tlstream *stream) {
  const tlstream_error *error = tlstream_authorization_error(stream);
  return error != NULL ? make_error(env, error) : make_text(env, NULL);
}

static napi_value answer_authorization_errors(napi_env env, tlstream *stream) {
  size_t count = 0;
  const tlstream_error *all = tlstream_authorization_errors(stream, &count);
  napi_value list = NULL;
  TRY(napi_create_array_with_length(env, count, &list));
  for (size_t i = 0; i < count; i++) {
    napi_set_element(env, list, (uint32_t)i, make_error(env, &all[i]));
  }
  return list;
}

static napi_value answer_protocol(napi_env env, tlstream *stream) {
  const char *name = tlstream_version_name(tlstream_tls_version(stream));
  return make_text(env, name[0] != '\0' ? name : NULL);
}

static napi_value answer_cipher(napi_env env, tlstream *stream) {
  napi_value cipher = NULL;
  if (tlstream_cipher(stream) == NULL) return make_text(env, NULL);
  TRY(napi_create_object(env, &cipher));
  set(env, cipher, "name", make_text(env, tlstream_cipher(stream)));
  set(env, cipher, "standardName",
      make_text(env, tlstream_cipher_standard_name(stream)));
  set(env, cipher, "version", make_text(env, tlstream_cipher_version(stream)));
  return cipher;
}

static napi_value answer_servername(napi_env env, tlstream *stream) {
  return make_text(env, tlstream_servername(stream));
}

static napi_value answer_alpn(napi_env env, tlstream *stream) {
  return make_latin1(env, tlstream_alpn_protocol(stream));
}

static napi_value answer_npn(napi_env env, tlstream *stream) {
  return make_latin1(env, tlstream_npn_protocol(stream));
}

/* As JSON, which lib/socket/certificate.js parses. */
static napi_value make_certificate(napi_env env,
                                   tlstream_certificate *certificate) {
  if (certificate == NULL) return make_text(env, NULL);
  char *json = tlstream_certificate_json(certificate);
  napi_value value = make_text(env, json);
  tlstream_free(json);
  tlstream_certificate_unref(certificate);
  return value;
}

static napi_value answer_peer_certificate(napi_env env, tlstream *stream) {
  return make_certificate(env, tlstream_peer_certificate(stream));
}

static napi_value answer_own_certificate(napi_env env, tlstream *stream) {
  return make_certificate(env, tlstream_own_certificate(stream));
}

static napi_value answer_bytes_read(napi_env env, tlstream *stream) {
  return make_number(env, (double)tlstream_bytes_read(stream));
}

static napi_value answer_bytes_written(napi_env env, tlstream *stream) {
  return make_number(env, (double)tlstream_bytes_written(stream));
}

static napi_value answer_queue_size(napi_env env, tlstream *stream) {
  return make_number(env, (double)tlstream_write_queue_size(stream));
}

static napi_value answer_truncated(napi_env env, tlstream *stream) {
  return make_flag(env, tlstream_truncated(stream));
}

static napi_value answer_received_last(napi_env env, tlstream *stream) {
  return make_flag(env, tlstream_received_last(stream));
}

QUESTION(authorized)
QUESTION(authorization_error)
QUESTION(authorization_errors)
QUESTION(protocol)
QUESTION(cipher)
QUESTION(servername)
QUESTION(alpn)
QUESTION(npn)
QUESTION(peer_certificate)
QUESTION(own_certificate)
QUESTION(bytes_read)
QUESTION(bytes_written)
QUESTION(queue_size)
QUESTION(truncated)
QUESTION(received_last)

const method info_methods[] = {
    {"authorized", authorized},
    {"authorizationError", authorization_error},
    {"authorizationErrors", authorization_errors},
    {"protocol", protocol},
    {"cipher", cipher},
    {"servername", servername},
    {"alpnProtocol", alpn},
    {"npnProtocol", npn},
    {"peerCertificate", peer_certificate},
    {"ownCertificate", own_certificate},
    {"bytesRead", bytes_read},
    {"bytesWritten", bytes_written},
    {"queueSize", queue_size},
    {"truncated", truncated},
    {"receivedLast", received_last},
};

const size_t info_method_count = sizeof(info_methods) / sizeof(method);
