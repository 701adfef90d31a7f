/* SPDX-License-Identifier: MIT */
#include "core/pair/lookup.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <tlstream/pair_lookup.h>

#include "base/alloc.h"
#include "core/openssl/ossl.h"
#include "core/pair/state.h"

/* RFC 8446, section 4.2.1. OpenSSL parses it again: what is malformed is a
 * failure there. */
static bool offers_tls_1_3(SSL *ssl) {
  const unsigned char *list = NULL;
  size_t len = 0;
  if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &list,
                                 &len)) {
    return false;
  }
  for (size_t i = 1; i + 1 < len; i += 2) {
    if (list[i] == TLS1_3_VERSION >> 8 && list[i + 1] == (TLS1_3_VERSION & 255))
      return true;
  }
  return false;
}

/* In TLS 1.3 the id is made up, for the sake of middleboxes. */
static bool will_be_tls_1_3(SSL *ssl) {
  int most = (int)SSL_get_max_proto_version(ssl);
  return (most == 0 || most >= TLS1_3_VERSION) && offers_tls_1_3(ssl);
}

/* An empty one asks for a ticket. */
static bool has_ticket(SSL *ssl) {
  const unsigned char *ticket = NULL;
  size_t len = 0;
  return (SSL_get_options(ssl) & SSL_OP_NO_TICKET) == 0 &&
         SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_session_ticket, &ticket,
                                   &len) &&
         len > 0;
}

static bool is_here(const tlstream_pair *pair, const unsigned char *id,
                    size_t len) {
  SSL_SESSION *own =
      tlstream__resumption_find(&pair->context->resumption, id, len);
  SSL_SESSION_free(own);
  return own != NULL;
}

bool tlstream__lookup_ask(tlstream_pair *pair, SSL *ssl) {
  tlstream__lookup *lookup = &pair->lookup;
  const unsigned char *id = NULL;
  if (!pair->external_sessions || lookup->state != TLSTREAM__LOOKUP_NONE) {
    return lookup->state == TLSTREAM__LOOKUP_ASKED;
  }
  size_t len = SSL_client_hello_get0_session_id(ssl, &id);
  if (len == 0 || len > sizeof(lookup->id) || has_ticket(ssl) ||
      will_be_tls_1_3(ssl) || is_here(pair, id, len)) {
    return false;
  }
  memcpy(lookup->id, id, len);
  lookup->id_len = len;
  lookup->state = TLSTREAM__LOOKUP_ASKED;
  tlstream__pair_emit(pair, TLSTREAM_EVENT_SESSION_LOOKUP);
  return true;
}

static bool has_id(const SSL_SESSION *session, const unsigned char *id,
                   size_t len) {
  unsigned own_len = 0;
  const unsigned char *own = SSL_SESSION_get_id(session, &own_len);
  return own_len == len && memcmp(own, id, len) == 0;
}

/* All of the bytes, or none. */
static SSL_SESSION *parse(tlstream_bytes bytes) {
  const unsigned char *at = bytes.data;
  if (at == NULL || bytes.len == 0 || bytes.len > TLSTREAM__ID_SESSION_MAX) {
    return NULL;
  }
  tlstream__ossl_clear();
  SSL_SESSION *session = d2i_SSL_SESSION(NULL, &at, (long)bytes.len);
  tlstream__ossl_clear();
  if (session == NULL || at == (const unsigned char *)bytes.data + bytes.len) {
    return session;
  }
  SSL_SESSION_free(session);
  return NULL;
}

void tlstream__lookup_settle(tlstream__lookup *lookup, tlstream_bytes session) {
  lookup->state = TLSTREAM__LOOKUP_ANSWERED;
  lookup->found = parse(session);
}

SSL_SESSION *tlstream__lookup_take(tlstream_pair *pair, const unsigned char *id,
                                   size_t len) {
  SSL_SESSION *found = pair->lookup.found;
  if (found == NULL || !has_id(found, id, len)) return NULL;
  pair->lookup.found = NULL;
  return found;
}

/* Without memory for it nothing is stored. */
void tlstream__lookup_note(tlstream_pair *pair, const SSL_SESSION *session) {
  tlstream__lookup *lookup = &pair->lookup;
  unsigned id_len = 0;
  const unsigned char *id = SSL_SESSION_get_id(session, &id_len);
  int len = i2d_SSL_SESSION(session, NULL);
  if (!pair->external_sessions || id_len > sizeof(lookup->id) || len <= 0 ||
      len > TLSTREAM__ID_SESSION_MAX) {
    return;
  }
  tlstream__lookup_forget_made(lookup);
  lookup->made = tlstream__malloc((size_t)len);
  if (lookup->made == NULL) return;
  unsigned char *at = lookup->made;
  lookup->made_len = (size_t)i2d_SSL_SESSION(session, &at);
  memcpy(lookup->id, id, id_len);
  lookup->id_len = id_len;
}

void tlstream__lookup_forget_made(tlstream__lookup *lookup) {
  if (lookup->made == NULL) return;
  OPENSSL_cleanse(lookup->made, lookup->made_len);
  tlstream__free(lookup->made);
  lookup->made = NULL;
  lookup->made_len = 0;
}

void tlstream__lookup_clear(tlstream__lookup *lookup) {
  tlstream__lookup_forget_made(lookup);
  SSL_SESSION_free(lookup->found);
  lookup->found = NULL;
}

const void *tlstream_pair_session_id(const tlstream_pair *pair, size_t *len) {
  *len = pair->lookup.id_len;
  return *len > 0 ? pair->lookup.id : NULL;
}

const void *tlstream_pair_made_session(const tlstream_pair *pair, size_t *len) {
  *len = pair->lookup.made_len;
  return pair->lookup.made;
}
