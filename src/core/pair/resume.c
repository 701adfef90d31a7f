/* SPDX-License-Identifier: MIT */
#include "core/pair/resume.h"

#include <string.h>
#include <time.h>

#include <openssl/ssl.h>

#include "core/pair/pair.h"
#include "core/pair/state.h"
#include "core/session/cache.h"

/* Name and server name have been parsed, and are the same for one spelling and
 * the other. */
static bool digest_binding(const tlstream_pair *pair,
                           tlstream__fingerprint *out) {
  tlstream__digest digest;
  const tlstream__fingerprint *scope = &pair->context->scope[0];
  const tlstream__host *host = pair->host;
  tlstream__digest_begin(&digest, "tlstream session");
  tlstream__digest_bytes(&digest, scope->bytes, sizeof(scope->bytes));
  tlstream__digest_number(&digest, host != NULL);
  if (host != NULL) {
    tlstream__digest_bytes(&digest, host->name, host->len);
    tlstream__digest_bytes(&digest, host->ip, host->ip_len);
  }
  tlstream__digest_text(
      &digest, SSL_get_servername(pair->ssl, TLSEXT_NAMETYPE_host_name));
  return tlstream__digest_end(&digest, out);
}

/* One name may have several services, each with sessions of its own. */
static bool digest_server(const tlstream_pair *pair,
                          const tlstream__fingerprint *binding,
                          tlstream__fingerprint *out) {
  tlstream__digest digest;
  tlstream__digest_begin(&digest, "tlstream server");
  tlstream__digest_bytes(&digest, binding->bytes, sizeof(binding->bytes));
  tlstream__digest_number(&digest, pair->port);
  return tlstream__digest_end(&digest, out);
}

/* TLSA records are of the moment, and a session says nothing about them: each
 * connection with records is judged by its own. One by a PSK has no certificate
 * that a session could bring back. */
static bool may_resume(const tlstream_pair *pair) {
  return !pair->is_server && pair->check.records == 0 &&
         tlstream__context_psks(pair->context)->count == 0;
}

static void set_aside(tlstream_pair *pair) {
  tlstream_session_unref(pair->session);
  pair->session = NULL;
  pair->from_cache = false;
}

static void take_from_cache(tlstream_pair *pair,
                            const tlstream__fingerprint *binding,
                            long long now) {
  if (pair->context->sessions == NULL ||
      !digest_server(pair, binding, &pair->server_key)) {
    return;
  }
  pair->session = tlstream__session_cache_take(
      pair->context->sessions, &pair->server_key, binding, now,
      tlstream__check_now(&pair->check));
  pair->from_cache = pair->session != NULL;
}

/* OpenSSL refuses what a server resumes from another id context; what may be
 * resumed is decided here, and so there is none. */
static bool hand_to_openssl(tlstream_pair *pair) {
  static const unsigned char none[1];
  SSL_SESSION *copy = tlstream__session_copy(pair->session);
  bool done = copy != NULL && SSL_SESSION_set1_id_context(copy, none, 0) == 1 &&
              SSL_set_session_id_context(pair->ssl, none, 0) == 1 &&
              SSL_set_session(pair->ssl, copy) == 1;
  SSL_SESSION_free(copy);
  return done;
}

/* Without memory for any of this the handshake is a full one. */
void tlstream__resume_offer(tlstream_pair *pair) {
  tlstream__fingerprint binding;
  long long now = (long long)time(NULL);
  if (pair->session == NULL && pair->context->sessions == NULL) return;
  if (!may_resume(pair)) {
    set_aside(pair);
    return;
  }
  tlstream__ossl_clear();
  bool known = digest_binding(pair, &binding);
  if (pair->session != NULL &&
      !(known && tlstream__session_fits(pair->session, &binding, now,
                                        tlstream__check_now(&pair->check)))) {
    set_aside(pair);
  }
  if (pair->session == NULL && known) take_from_cache(pair, &binding, now);
  if (pair->session != NULL &&
      !(tlstream__session_claim(pair->session) && hand_to_openssl(pair))) {
    set_aside(pair);
  }
}

void tlstream__resume_conclude(tlstream_pair *pair) {
  if (pair->session == NULL) return;
  if (SSL_session_reused(pair->ssl) != 1) {
    set_aside(pair);
    return;
  }
  pair->check.good_until = tlstream__session_terms_of(pair->session).good_until;
}

STACK_OF(X509) * tlstream__resume_chain(const tlstream_pair *pair) {
  if (pair->check.resumed && pair->session != NULL) {
    return tlstream__session_terms_of(pair->session).chain;
  }
  STACK_OF(X509) *chain = SSL_get0_verified_chain(pair->ssl);
  return chain != NULL ? chain : SSL_get_peer_cert_chain(pair->ssl);
}

/* How the name is shown: an address as it was given. */
static const char *name_of(const tlstream_pair *pair) {
  const tlstream__host *host = pair->host;
  if (host == NULL) return "";
  return host->ip_len > 0 ? host->text : host->name;
}

/* The latest stay. */
static void queue(tlstream_pair *pair, tlstream_session *session) {
  if (pair->session_count == TLSTREAM__SESSIONS_MAX) {
    tlstream_session_unref(tlstream_pair_take_session(pair));
  }
  pair->sessions[pair->session_count++] = tlstream_session_ref(session);
  tlstream__pair_emit(pair, TLSTREAM_EVENT_SESSION);
}

/* What cannot be kept for want of memory is not kept. */
static void keep(tlstream_pair *pair, const SSL_SESSION *given) {
  tlstream__fingerprint binding;
  tlstream__fingerprint server;
  tlstream__session_cache *cache = pair->context->sessions;
  if (!may_resume(pair) || (!pair->keep_sessions && cache == NULL)) return;
  if (!digest_binding(pair, &binding)) return;
  tlstream_session *made = tlstream__session_new(
      given, &(tlstream__session_terms){.binding = &binding,
                                        .name = name_of(pair),
                                        .chain = tlstream__resume_chain(pair),
                                        .good_until = pair->check.good_until});
  if (made == NULL) return;
  if (cache != NULL && digest_server(pair, &binding, &server)) {
    tlstream__session_cache_put(cache, &server, made);
  }
  if (pair->keep_sessions) queue(pair, made);
  tlstream_session_unref(made);
}

static bool is_1_3(const tlstream_pair *pair) {
  return SSL_version(pair->ssl) == TLS1_3_VERSION;
}

void tlstream__resume_note(tlstream_pair *pair, SSL_SESSION *given) {
  if (is_1_3(pair)) keep(pair, given);
}

/* One that was resumed is the owner's already, unless the server renewed it. */
void tlstream__resume_collect(tlstream_pair *pair) {
  if (pair->is_server || is_1_3(pair)) return;
  const SSL_SESSION *now = SSL_get_session(pair->ssl);
  if (now == NULL ||
      (pair->session != NULL && tlstream__session_is(pair->session, now))) {
    return;
  }
  keep(pair, now);
}

void tlstream__resume_failed(tlstream_pair *pair) {
  if (!pair->from_cache || tlstream__pair_secure(pair)) return;
  tlstream__session_cache_drop(pair->context->sessions, &pair->server_key,
                               pair->session);
}

void tlstream__pair_keep_sessions(tlstream_pair *pair, bool wanted) {
  pair->keep_sessions = wanted;
}

tlstream_session *tlstream_pair_take_session(tlstream_pair *pair) {
  if (pair->session_count == 0) return NULL;
  tlstream_session *first = pair->sessions[0];
  pair->session_count--;
  memmove(pair->sessions, pair->sessions + 1,
          pair->session_count * sizeof(tlstream_session *));
  return first;
}

void tlstream__resume_clear(tlstream_pair *pair) {
  while (pair->session_count > 0)
    tlstream_session_unref(tlstream_pair_take_session(pair));
  set_aside(pair);
}
