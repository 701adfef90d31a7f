/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CONTEXT_H
#define TLSTREAM_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tlstream/bytes.h>
#include <tlstream/error.h>
#include <tlstream/export.h>
#include <tlstream/identity.h>
#include <tlstream/policy.h>
#include <tlstream/protocols.h>
#include <tlstream/psk.h>
#include <tlstream/ticket_keys.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Credentials and policy: keys, chains, trust and versions. Built once and
 * never changed, so one context serves any number of connections, clients and
 * servers, on any number of threads. Node's SecureContext.
 *
 * Ownership: reference counted; every call that keeps a context takes a
 * reference of its own.
 */
typedef struct tlstream_context tlstream_context;

enum { TLSTREAM_TICKET_COUNT_MAX = 16 };

/* For `session_id_cache_size`. */
#define TLSTREAM_NO_SESSION_IDS SIZE_MAX

/** Called with a line of the log of keys, without its newline. */
typedef void (*tlstream_keylog_cb)(const char *line, void *data);

/**
 * What a context is made of. Zero is the secure default everywhere: no key,
 * the system's roots, TLS 1.2 and 1.3, peers that fail verification refused.
 * Everything is copied; keys are wiped with the last reference.
 */
typedef struct tlstream_context_options {
  size_t size; /* sizeof(tlstream_context_options); the macros set it */

  /* The own certificate and its key. */

  /* Our certificate, followed by its intermediates, and its private key: a
   * PEM file or PEM bytes, not both. A file may be a pipe ("/dev/stdin"): it is
   * waited for, read once, to its end, and may hold what several options name,
   * as a key and its certificate. */
  const char *key_file;
  const char *cert_file;
  tlstream_bytes key;
  tlstream_bytes cert;
  /* For an encrypted key. Without it such a key is an error: no terminal is
   * ever asked. */
  const char *passphrase;
  /* The certificate's staple, which says that it is not revoked: an OCSP
   * response in DER, or a file with one; see <tlstream/ocsp.h>. A certificate
   * can also be given one later. */
  tlstream_bytes ocsp_response;
  const char *ocsp_response_file;
  /* More of them, for peers that need another kind of key: an RSA certificate
   * beside an ECDSA one. One of each kind. */
  const tlstream_identity *identities;
  size_t identity_count;
  /* The same from PKCS #12, each with the authorities in it as its chain; they
   * are not trusted for that. */
  const tlstream_pfx *pfx;
  size_t pfx_count;

  /* Pre-shared keys, in the place of certificates or beside them. */

  /* A client uses the first, and needs no name to verify then; a certificate
   * that the server shows instead is verified as ever. A server has one for
   * each client, and with any needs no certificate; a client with a PSK is not
   * asked for one either. What the PSK makes has forward secrecy, and is not
   * resumed: a client with one neither keeps nor offers sessions. In TLS 1.2 it
   * takes a suite with a PSK: unless `ciphers` is given,
   * ECDHE-PSK-CHACHA20-POLY1305. */
  const tlstream_psk *psks;
  size_t psk_count;
  /* As a server: what clients are told in TLS 1.2, to choose an identity by; at
   * most 128 bytes. Anybody can ask for it. */
  const char *psk_hint;

  /* Trusted authorities. */

  /* PEM files and PEM texts with one certificate or more each. If any is
   * given, they replace the system's roots, unless `add_system_roots` is set.
   * A file that cannot be read or that holds no certificate is an error. The
   * system's roots are shared by all contexts, and read when the first peer is
   * verified. The intermediates among them complete the chain of our own
   * certificate, too, where it lacks them. */
  const char *ca_file;
  tlstream_bytes ca;
  const char *const *ca_files;
  size_t ca_file_count;
  const tlstream_bytes *cas;
  size_t ca_count;
  bool add_system_roots;
  /* A trusted certificate ends the chain also where it is not a root. */
  bool allow_partial_chain;
  /* Lists of revoked certificates: PEM texts with one list or more each. If
   * any is given, every authority in a peer's chain needs one that is in
   * force: without it, or with an old one, the peer is refused. */
  const tlstream_bytes *crls;
  size_t crl_count;
  /* Judge certificates as of this time, in seconds since 1970; 0 is now. For
   * tests and for machines without a clock. */
  long long verify_time;
  /* As a client: refuse a server that sends no staple. Clients ask every server
   * for one, and refuse those that send a bad one, or none although the
   * certificate promises it (RFC 7633); see <tlstream/ocsp.h>. */
  bool require_staple;
  /* As a server: ask every client for a certificate, and refuse clients without
   * a valid one. `ca_file` and `ca` set whose certificates are valid; the
   * system's roots, with which any certificate of a public authority is valid,
   * only count with `add_system_roots`: without any of them it is EMPTY_TRUST,
   * unless `insecure_allow_unauthorized` refuses no client.
   * Clients are sent the names of the authorities in `ca_file` and `ca`, to
   * choose a certificate by; none where those are more than 60,000 bytes, which
   * would not fit a message. */
  bool request_certificate;
  /* With `request_certificate`: accept clients without a certificate too, and
   * still refuse those with one that is not valid. tlstream_authorized() is
   * false for a client without one (NO_PEER_CERTIFICATE). */
  bool allow_no_certificate;
  /* As a server: ask for the key of a PSK identity that is not in `psks`, with
   * TLSTREAM_EVENT_PSK and `on_psk`. */
  bool ask_psk;

  /* Versions and algorithms, in the order of preference. NULL: those of the
   * policy. A name that is not known is an error. */

  /* The name of a policy: see <tlstream/policy.h>. NULL is "default". What is
   * set of the versions and lists below chooses within a policy that never
   * changes, and is an error outside of it; beside "default" it is free. */
  const char *policy;
  tlstream_version min_version;
  tlstream_version max_version;
  /* In OpenSSL's list syntax, for TLS 1.2 ("ECDHE+AESGCM") and for TLS 1.3
   * ("TLS_AES_128_GCM_SHA256"). */
  const char *ciphers;
  const char *ciphersuites;
  /* Groups for the key exchange ("X25519:P-256") and signature algorithms
   * ("ecdsa_secp256r1_sha256:RSA-PSS+SHA256"). In no policy are the groups of
   * finite fields ("ffdhe8192"), which cost a server most. */
  const char *groups;
  const char *signature_algorithms;
  /* How many bytes go into one record that we send, 512 to 16,384; small ones
   * are for peers with little memory. 0: 16,384. The peer is not asked to do
   * the same: OpenSSL 3 has no record_size_limit (RFC 8449). */
  size_t max_send_fragment;
  /* OpenSSL's security level, 2 to 5: the bits that the weakest key, group,
   * suite or hash must have are 112, 128, 192 or 256. It holds for our
   * certificates and for the peer's. 0: 2. */
  int security_level;
  /* As a server: choose suites and groups by the client's preference. Without
   * it our own counts, but a client that prefers ChaCha20, as machines without
   * AES in hardware do, gets that. */
  bool prefer_client_order;

  /* Application protocols. */

  /* By ALPN (RFC 7301): a client offers these, a server takes the first of its
   * own that the client offers, and refuses clients that offer others only.
   * `npn` is the same by NPN, its predecessor, which exists up to TLS 1.2;
   * there the client picks by the server's order. `protocols` is used for both
   * where they are not given. */
  tlstream_protocols alpn;
  tlstream_protocols npn;
  tlstream_protocols protocols;
  /* Refuse peers that do not speak ALPN at all. */
  bool require_alpn;

  /* Resumption, as a server. */

  /* Neither issue nor accept tickets; as a client, ask for none. */
  bool no_tickets;
  /* What tickets are sealed with. NULL: the parent's, or a ring of its own that
   * rotates each hour. With one ring in several contexts, also one after the
   * other, a client's ticket resumes at all of them that are equal in trust,
   * credentials and policy. The context takes a reference. */
  tlstream_ticket_keys *ticket_keys;
  /* How many seconds a session can be resumed; 0: 7,200. At most 604,800, a
   * week (RFC 8446, section 4.6.1). Clients may forget it earlier. A ticket
   * cannot outlive the key that it is sealed with. */
  unsigned ticket_lifetime_s;
  /* How many tickets a client gets in TLS 1.3, each for one connection; 0: 1.
   * At most TLSTREAM_TICKET_COUNT_MAX. They leave with the first data. */
  unsigned ticket_count;
  /* How many sessions of TLS 1.2 to keep for clients that take no tickets, by
   * the id that they are given; the oldest makes room. 0: 1,000, or the
   * parent's. One takes some hundred bytes, or some thousand with the client's
   * certificate. TLSTREAM_NO_SESSION_IDS: none. */
  size_t session_id_cache_size;

  /* Resumption, as a client: keep up to so many sessions, and resume them with
   * connections to the same server: the same name, server name and port. Of
   * each server the latest few; what was used longest ago makes room. 0: none.
   * By a session the server can tell that two connections are of one client. */
  size_t session_cache_size;

  /* Take credentials, trust, versions and suites from this context, and none
   * of its policy. With it only policy may be given: alpn, npn, protocols,
   * require_alpn, request_certificate, allow_no_certificate, verify_time,
   * require_staple, prefer_client_order, max_send_fragment, what is for
   * resumption, and the insecure_ options but
   * insecure_psk_without_forward_secrecy.
   * Such a context costs little. A session resumes from one to another where
   * their policy is the same. */
  tlstream_context *parent;

  /* What gives a guarantee up. */

  /* Accept peers although verification failed or there was nothing to verify.
   * Look at tlstream_authorized() before trusting such a peer with anything. */
  bool insecure_allow_unauthorized;
  /* As a client: verify the chain, and leave the name to the caller, which
   * checks it in on_secure. Anybody with a certificate for any name gets that
   * far, and tlstream_authorized() speaks of the chain alone. */
  bool insecure_skip_name;
  /* As a client: ask for no staple, and take no notice of what certificates
   * promise about it. A certificate that was revoked is then as good as any. */
  bool insecure_ignore_staple;
  /* Take the end of the transport for the end of the data: an attacker on the
   * network can then cut what the peer sends without being noticed. */
  bool insecure_allow_truncation;
  /* As a server: go on without a protocol when there is none in common. A
   * client may then be led to the wrong service (the ALPACA attack). */
  bool insecure_allow_alpn_mismatch;
  /* Take the suites of TLS 1.2 in `ciphers` that use a PSK alone
   * ("PSK-AES128-GCM-SHA256"): whoever learns the PSK, be it years later, can
   * read what was recorded. Without it such a suite is BAD_CIPHERS. */
  bool insecure_psk_without_forward_secrecy;
  /* Log the keys of every connection, in the format that Wireshark reads:
   * whoever gets the log can read all that was recorded of the network. Lines
   * are appended to the file, which is made with mode 0600 if there is none; a
   * connection whose keys cannot be logged fails (FILE). SSLKEYLOGFILE in the
   * environment is not heard. */
  const char *insecure_keylog_file;
  /* The same to a callback, with a line at a time, without its newline. Called
   * inside of the handshake, on its thread, on several at once where they share
   * the context: it may do nothing with the connection. */
  tlstream_keylog_cb insecure_on_keylog;
  void *insecure_keylog_data;
} tlstream_context_options;

/* For C: tlstream_context_new(TLSTREAM_CONTEXT(.ca_file = "ca.pem"), &error) */
#define TLSTREAM_CONTEXT(...)                                            \
  (&(tlstream_context_options){.size = sizeof(tlstream_context_options), \
                               __VA_ARGS__})
/* For C++ and for a variable of one's own. */
#define TLSTREAM_CONTEXT_OPTIONS_INIT \
  TLSTREAM_OPTIONS_INIT(tlstream_context_options)

/**
 * Make a context.
 *
 * `options` may be NULL for the defaults. On failure the result is NULL and
 * `error`, which may be NULL, names the file or option that is wrong, and why;
 * nothing is half loaded.
 *
 * Ownership: release with tlstream_context_unref().
 * Errors: FILE, BAD_CERTIFICATE, BAD_KEY, KEY_MISMATCH, PASSPHRASE,
 * KEY_ENCRYPTION, KEY_URI, WEAK_KEY,
 * EMPTY_TRUST, BAD_VERSIONS, BAD_CIPHERS, BAD_PROTOCOLS, UNSUPPORTED,
 * INVALID_ARGUMENT, NO_MEMORY.
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API TLSTREAM_WARN_UNUSED tlstream_context *
tlstream_context_new(const tlstream_context_options *options,
                     tlstream_error *error);

/**
 * Take another reference, and return the context.
 *
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API tlstream_context *tlstream_context_ref(tlstream_context *context);

/**
 * Give a reference back; the last one frees the context. NULL is a no-op.
 *
 * Thread: any.
 * Since: 0.1
 */
TLSTREAM_API void tlstream_context_unref(tlstream_context *context);

#ifdef __cplusplus
}
#endif

#endif
