/* SPDX-License-Identifier: MIT */
#include "core/session/session.h"

#include <assert.h>
#include <string.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "core/openssl/ossl.h"
#include "core/session/state.h"

/* RFC 8446, section 4.6.1, and as good for TLS 1.2. */
enum { LIFETIME_MAX = 7 * 24 * 60 * 60 };

static long long made_at(const SSL_SESSION *own) {
#if OPENSSL_VERSION_NUMBER >= 0x30300000L
  return (long long)SSL_SESSION_get_time_ex(own);
#else
  return SSL_SESSION_get_time(own);
#endif
}

static bool is_1_3(const SSL_SESSION *own) {
  return SSL_SESSION_get_protocol_version(own) == TLS1_3_VERSION;
}

/* In TLS 1.3 a limit of 0 is one; in TLS 1.2 it leaves it to the client. */
static long long lifetime_of(const SSL_SESSION *own) {
  unsigned long hint = SSL_SESSION_get_ticket_lifetime_hint(own);
  long long lifetime = hint > LIFETIME_MAX ? LIFETIME_MAX : (long long)hint;
  return hint == 0 && !is_1_3(own) ? SSL_SESSION_get_timeout(own) : lifetime;
}

static long long end_of(const tlstream_session *session) {
  long long end = made_at(session->own) + lifetime_of(session->own);
  long long good_until = session->good_until;
  return good_until != 0 && good_until < end ? good_until : end;
}

tlstream_session *
tlstream__session_blank(const tlstream__session_terms *terms) {
  tlstream_session *made = tlstream__calloc(sizeof(*made));
  if (made == NULL) return NULL;
  atomic_init(&made->refs, 1);
  atomic_init(&made->used, false);
  made->binding = *terms->binding;
  made->good_until = terms->good_until;
  made->name = tlstream__strdup(terms->name);
  if (terms->chain != NULL) made->chain = X509_chain_up_ref(terms->chain);
  if (made->name != NULL && (made->chain != NULL) == (terms->chain != NULL)) {
    return made;
  }
  tlstream_session_unref(made);
  return NULL;
}

bool tlstream__session_fill(tlstream_session *session, SSL_SESSION *own) {
  session->own = own;
  session->expires = end_of(session);
  return SSL_SESSION_is_resumable(own) == 1;
}

tlstream_session *tlstream__session_new(const SSL_SESSION *from,
                                        const tlstream__session_terms *terms) {
  tlstream__ossl_clear();
  SSL_SESSION *own = SSL_SESSION_dup(from);
  tlstream_session *made = own != NULL ? tlstream__session_blank(terms) : NULL;
  if (made == NULL) {
    SSL_SESSION_free(own);
  } else if (!tlstream__session_fill(made, own) ||
             tlstream__session_size(made) == 0) {
    tlstream_session_unref(made);
    made = NULL;
  }
  tlstream__ossl_clear();
  return made;
}

tlstream_session *tlstream_session_ref(tlstream_session *session) {
  assert(session != NULL);
  atomic_fetch_add_explicit(&session->refs, 1, memory_order_relaxed);
  return session;
}

void tlstream_session_unref(tlstream_session *session) {
  if (session == NULL) return;
  size_t refs =
      atomic_fetch_sub_explicit(&session->refs, 1, memory_order_acq_rel);
  assert(refs > 0);
  if (refs != 1) return;
  SSL_SESSION_free(session->own); /* wipes its secret */
  sk_X509_pop_free(session->chain, X509_free);
  tlstream__free(session->name);
  tlstream__free(session);
}

const char *tlstream_session_name(const tlstream_session *session) {
  return session->name;
}

tlstream_version tlstream_session_tls_version(const tlstream_session *session) {
  return is_1_3(session->own) ? TLSTREAM_TLS_1_3 : TLSTREAM_TLS_1_2;
}

long long tlstream_session_expires(const tlstream_session *session) {
  return session->expires;
}

bool tlstream_session_is_single_use(const tlstream_session *session) {
  return is_1_3(session->own);
}

bool tlstream_session_is_used(const tlstream_session *session) {
  return atomic_load(&session->used);
}

bool tlstream__session_fits(const tlstream_session *session,
                            const tlstream__fingerprint *binding, long long now,
                            long long judged) {
  bool good = session->good_until == 0 || judged < session->good_until;
  bool alive = now < made_at(session->own) + lifetime_of(session->own);
  return good && alive && !tlstream_session_is_used(session) &&
         tlstream__fingerprint_equal(&session->binding, binding);
}

bool tlstream__session_claim(tlstream_session *session) {
  return !tlstream_session_is_single_use(session) ||
         !atomic_exchange(&session->used, true);
}

SSL_SESSION *tlstream__session_copy(const tlstream_session *session) {
  return SSL_SESSION_dup(session->own);
}

typedef struct bytes {
  const unsigned char *data;
  size_t len;
} bytes;

static bool equal(bytes a, bytes b) {
  return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static bytes ticket_of(const SSL_SESSION *own) {
  bytes ticket = {0};
  SSL_SESSION_get0_ticket(own, &ticket.data, &ticket.len);
  return ticket;
}

static bytes id_of(const SSL_SESSION *own) {
  unsigned len = 0;
  bytes id = {.data = SSL_SESSION_get_id(own, &len)};
  id.len = len;
  return id;
}

bool tlstream__session_is(const tlstream_session *session,
                          const SSL_SESSION *other) {
  bytes ticket = ticket_of(session->own);
  return equal(ticket, ticket_of(other)) &&
         (ticket.len > 0 || equal(id_of(session->own), id_of(other)));
}

tlstream__session_terms
tlstream__session_terms_of(const tlstream_session *session) {
  return (tlstream__session_terms){.binding = &session->binding,
                                   .name = session->name,
                                   .chain = session->chain,
                                   .good_until = session->good_until};
}
