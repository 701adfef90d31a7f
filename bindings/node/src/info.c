/* SPDX-License-Identifier: MIT */
/* The methods that ask a connection; undefined once it has closed. */
#include <tlstream/stream_info.h>

#include "connection.h"

typedef napi_value (*question)(napi_env env, tlstream *stream);

static napi_value ask(napi_env env, napi_callback_info info, question answer) {
  connection *self = connection_this(env, info, 0, NULL);
  return self != NULL ? answer(env, self->stream) : NULL;
}

/* A method, and the head of the function with its answer. */
#define QUESTION(name)                                             \
  static napi_value answer_##name(napi_env env, tlstream *stream); \
  static napi_value name(napi_env env, napi_callback_info info) {  \
    return ask(env, info, answer_##name);                          \
  }                                                                \
  static napi_value answer_##name(napi_env env, tlstream *stream)

QUESTION(authorized) {
  return make_flag(env, tlstream_authorized(stream));
}

QUESTION(authorization_error) {
  const tlstream_error *error = tlstream_authorization_error(stream);
  return error != NULL ? make_error(env, error) : make_text(env, NULL);
}

QUESTION(authorization_errors) {
  size_t count = 0;
  const tlstream_error *all = tlstream_authorization_errors(stream, &count);
  napi_value list = NULL;
  TRY(napi_create_array_with_length(env, count, &list));
  for (size_t i = 0; i < count; i++) {
    napi_set_element(env, list, (uint32_t)i, make_error(env, &all[i]));
  }
  return list;
}

QUESTION(protocol) {
  const char *name = tlstream_version_name(tlstream_tls_version(stream));
  return make_text(env, name[0] != '\0' ? name : NULL);
}

QUESTION(cipher) {
  napi_value cipher = NULL;
  if (tlstream_cipher(stream) == NULL) return make_text(env, NULL);
  TRY(napi_create_object(env, &cipher));
  set(env, cipher, "name", make_text(env, tlstream_cipher(stream)));
  set(env, cipher, "standardName",
      make_text(env, tlstream_cipher_standard_name(stream)));
  set(env, cipher, "version", make_text(env, tlstream_cipher_version(stream)));
  return cipher;
}

QUESTION(servername) {
  return make_text(env, tlstream_servername(stream));
}

QUESTION(alpn) {
  return make_latin1(env, tlstream_alpn_protocol(stream));
}

QUESTION(npn) {
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

QUESTION(peer_certificate) {
  return make_certificate(env, tlstream_peer_certificate(stream));
}

QUESTION(own_certificate) {
  return make_certificate(env, tlstream_own_certificate(stream));
}

QUESTION(bytes_read) {
  return make_number(env, (double)tlstream_bytes_read(stream));
}

QUESTION(bytes_written) {
  return make_number(env, (double)tlstream_bytes_written(stream));
}

QUESTION(encrypted_bytes_read) {
  return make_number(env, (double)tlstream_encrypted_bytes_read(stream));
}

QUESTION(encrypted_bytes_written) {
  return make_number(env, (double)tlstream_encrypted_bytes_written(stream));
}

QUESTION(queue_size) {
  return make_number(env, (double)tlstream_write_queue_size(stream));
}

QUESTION(truncated) {
  return make_flag(env, tlstream_truncated(stream));
}

QUESTION(received_last) {
  return make_flag(env, tlstream_received_last(stream));
}

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
    {"encryptedBytesRead", encrypted_bytes_read},
    {"encryptedBytesWritten", encrypted_bytes_written},
    {"queueSize", queue_size},
    {"truncated", truncated},
    {"receivedLast", received_last},
};

const size_t info_method_count = sizeof(info_methods) / sizeof(method);
