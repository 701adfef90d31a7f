/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_CORE_PAIR_STATE_H
#define TLSTREAM_CORE_PAIR_STATE_H

/*
 * The inside of a pair, shared by pair.c (life), open.c (its SSL), io.c
 * (bytes), end.c (endings) and info.c (questions).
 *
 * A pair has a life, and each direction ends on its own; tlstream__pair_check()
 * asserts what cannot be true at the same time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tlstream/pair.h>
#include <tlstream/pair_counts.h>

#include "core/context/callbacks.h"
#include "core/context/context.h"
#include "core/keys/signing.h"
#include "core/openssl/ossl.h"
#include "core/pair/bio.h"
#include "core/pair/hello.h"
#include "core/pair/hello_reader.h"
#include "core/pair/lookup.h"
#include "core/pair/psk.h"
#include "core/pair/step.h"
#include "core/pair/verify.h"
#include "core/session/session.h"

enum {
  TLSTREAM__IN_MAX = 64 * 1024,   /* input kept for a reader that is behind */
  TLSTREAM__OUT_MARK = 64 * 1024, /* output kept before we stop making more */
  TLSTREAM__RECORD_MAX = 16 * 1024 + 512, /* a full record as sent, and more */
  TLSTREAM__NON_DATA_MAX =
      32, /* messages without data among them, either way */
  TLSTREAM__FIRST_BYTES = 16,
  TLSTREAM__SESSIONS_MAX = 4 /* that wait to be taken */
};

typedef enum tlstream__pair_life {
  TLSTREAM__PAIR_NEW,
  TLSTREAM__PAIR_HANDSHAKING,
  TLSTREAM__PAIR_SECURE /* the handshake is done and the peer accepted */
} tlstream__pair_life;

/* In this order, one way. */
typedef enum tlstream__writing {
  TLSTREAM__WRITING_OPEN,
  TLSTREAM__WRITING_CLOSING, /* the owner will end when its queue is empty */
  TLSTREAM__WRITING_END,     /* it has; close_notify waits to be made */
  TLSTREAM__WRITING_ENDED,   /* close_notify is in the output */
  TLSTREAM__WRITING_BROKEN,  /* the transport takes no more; data had left */
  TLSTREAM__WRITING_LOST     /* the transport takes no more; data was lost */
} tlstream__writing;

typedef enum tlstream__reading {
  TLSTREAM__READING_OPEN,
  TLSTREAM__READING_DISCARD,  /* the owner has closed: wait for close_notify */
  TLSTREAM__READING_ENDED,    /* the peer's close_notify came */
  TLSTREAM__READING_TRUNCATED /* it never will */
} tlstream__reading;

/* The transport's input. */
typedef enum tlstream__input {
  TLSTREAM__INPUT_OPEN,
  TLSTREAM__INPUT_EOF,
  TLSTREAM__INPUT_BROKEN
} tlstream__input;

/* How far a pair that has failed is. */
typedef enum tlstream__failing {
  TLSTREAM__FAILING_NOT,
  TLSTREAM__FAILING_OUTPUT, /* what is queued, the alert, has to leave */
  TLSTREAM__FAILING_LINGER, /* it has; input is discarded for a moment, so that
                               no reset of ours overtakes it */
  TLSTREAM__FAILING_DONE
} tlstream__failing;

struct tlstream_pair {
  struct ssl_st *ssl;          /* owned; NULL before a server has a hello */
  tlstream_context *context;   /* shared */
  tlstream__app_data app_data; /* the SSL's */
  tlstream__link link;
  tlstream__check check;
  tlstream__host *host; /* owned; NULL where there is no name to check */

  tlstream__hello hello;
  tlstream__hello_reader reader; /* until it is complete */
  uint64_t handshake_since;      /* the hello, or the answer to it */
  char *servername;       /* a server's: what the client asked for; owned */
  unsigned char *offered; /* and its protocols, if we choose; owned */
  size_t offered_len;
  tlstream__lookup lookup;
  tlstream__psk_offer *psk; /* a server's: owned; NULL: none was offered */
  char *psk_hint;           /* a client's: what the server sent; owned */
  const char *alpn;         /* agreed on; the context's */
  const char *npn;          /* agreed on; the context's */

  /* A client's: to be offered; when secure, what was resumed. Owned. */
  tlstream_session *session;
  tlstream__fingerprint server_key; /* where it is in the context's cache */
  tlstream_session *sessions[TLSTREAM__SESSIONS_MAX]; /* new; owned */
  unsigned session_count;
  int port; /* tells services of one name apart */

  tlstream_error *error; /* why it failed; owned */
  tlstream_error *cause; /* why the transport broke; owned */

  tlstream_timeouts timeouts; /* with the defaults filled in */
  uint64_t now;
  uint64_t made_at;
  uint64_t handshake_began_at; /* TLSTREAM_NEVER as yet, like those below */
  uint64_t hello_at;           /* a server's: the ClientHello was complete */
  uint64_t secure_at;
  uint64_t last_input;  /* a byte came */
  uint64_t last_output; /* a byte left, or began to wait */
  uint64_t idle_since;  /* the limit was set anew */
  uint64_t left_at;     /* all has left after the end, or the alert */
  uint64_t failed_at;
  uint64_t handshake_deadline;
  uint64_t read_on_deadline; /* after a write failed */

  uint64_t bytes_read;    /* of cleartext */
  uint64_t bytes_written; /* of cleartext */
  uint64_t taken;         /* bytes of input that have come */

  uint64_t drained;     /* bytes of output that have left */
  uint64_t write_mark;  /* value of `drained` when the last write has left */
  uint64_t data_mark;   /* value of `drained` when all data has left */
  uint64_t flight_mark; /* value of `drained` before what is in flight */
  size_t unsent;        /* bytes beyond the pair that have not arrived */
  size_t owner_waits;   /* cleartext in the owner's queue */

  unsigned events; /* 1 << tlstream_event */
  unsigned non_data_messages;
  unsigned small_left; /* data that still goes out in small records */
  int alert_sent;
  int alert_received;
  int refusal_alert;   /* in place of a ticket; 0: none */
  uint16_t own_scheme; /* of a signature in the handshake, or 0 */
  uint16_t peer_scheme;
  unsigned char first[TLSTREAM__FIRST_BYTES];
  unsigned char first_len;
  unsigned char tickets_due; /* with the first data */

  tlstream__signing signing; /* of what our key signs in the handshake */
  tlstream__work_state work;

  tlstream__pair_life life;
  tlstream__writing writing;
  tlstream__reading reading;
  tlstream__input input;
  tlstream__failing failing;

  bool starved; /* the last step of the handshake wanted more input */
  bool is_server;
  bool choose_context;    /* stop at the ClientHello and ask */
  bool external_sessions; /* ask the owner for them, too */
  bool hold_hello;        /* and before an SSL reads it */
  bool hello_refused;     /* the ClientHello, by us */
  bool awaits_psk;        /* a ClientKeyExchange, or the answer to it */
  bool npn_agreed;        /* a client's: its pick is on both lists */
  bool keep_trailing;     /* `link.in` after the peer's end is the owner's */
  bool keep_sessions;     /* for the owner to take */
  bool from_cache;        /* `session` is of the context's cache */
  bool wants_drain;
  bool refused_anew;   /* the peer asked to renegotiate, and no data has come
                          since */
  bool in_flight;      /* the transport keeps bytes that the pair gave away */
  bool received_last;  /* data came after the last of ours had left */
  bool truncation_due; /* the error waits until all of ours has left */
  bool truncated_in_record; /* the input ended with a part of a record */
  bool held;                /* the owner holds the input back */
};

/* The handshake is done and the peer accepted. */
static inline bool tlstream__pair_secure(const tlstream_pair *pair) {
  return pair->life == TLSTREAM__PAIR_SECURE;
}

/* A server's owner has yet to answer for a client's PSK. */
static inline bool tlstream__psk_is_asked(const tlstream_pair *pair) {
  return pair->psk != NULL && pair->psk->stage == TLSTREAM__PSK_ASKED;
}

/* There is an error; only what is queued, the alert, still leaves. */
static inline bool tlstream__pair_failed(const tlstream_pair *pair) {
  return pair->error != NULL;
}

static inline int tlstream__pair_code(const tlstream_pair *pair) {
  return pair->error != NULL ? pair->error->code : 0;
}

/* The transport takes no more output. */
static inline bool tlstream__pair_output_broken(const tlstream_pair *pair) {
  return pair->writing >= TLSTREAM__WRITING_BROKEN;
}

/* How many bytes of output wait to leave. */
static inline size_t tlstream__pair_output_len(const tlstream_pair *pair) {
  return tlstream__buf_len(&pair->link.out);
}

/* Assert what holds between any two calls. */
void tlstream__pair_check(const tlstream_pair *pair);

static inline void tlstream__pair_emit(tlstream_pair *pair,
                                       tlstream_event event) {
  pair->events |= 1u << event;
}

/* Release all that a pair has. */
void tlstream__pair_clear(tlstream_pair *pair);

/* The handshake is done, as far as OpenSSL is concerned. */
void tlstream__pair_become_secure(tlstream_pair *pair);

/* Release what was kept of an error, and of all. */
void tlstream__pair_forget_error(tlstream_error *error);
void tlstream__pair_forget_errors(tlstream_pair *pair);

/* OpenSSL failed: make an error of what it left. */
void tlstream__pair_fail_ossl(tlstream_pair *pair);

/* A role's SSL for the pair's context; there must be none yet. */
int tlstream__pair_open_server(tlstream_pair *pair, tlstream_error *error);
int tlstream__pair_open_client(tlstream_pair *pair,
                               const tlstream_pair_options *options,
                               tlstream_error *error);

/* The peer is not authorized, and that is only found out now. */
void tlstream__pair_refuse(tlstream_pair *pair);

/* Deadlines (deadline.c): fill in the defaults, and whether one has passed. */
void tlstream__pair_set_timeouts(tlstream_pair *pair,
                                 const tlstream_timeouts *given);

/* The output is empty, and nothing is in flight. */
bool tlstream__pair_output_is_gone(const tlstream_pair *pair);

/* Nothing of ours waits any more, here or beyond the pair, after our end. */
bool tlstream__pair_has_left(const tlstream_pair *pair);

/* No data of the owner's can be lost any more. */
bool tlstream__pair_data_has_left(const tlstream_pair *pair);

/* Some output has left: note when it was the last. The second also reports a
 * truncation that waited for that. */
void tlstream__pair_note_left(tlstream_pair *pair);
void tlstream__pair_left(tlstream_pair *pair);

/* Drop what waits in the output. */
void tlstream__pair_drop_output(tlstream_pair *pair);

/* The peer will not end its side any more. */
void tlstream__pair_truncate(tlstream_pair *pair);

/* Keep why the transport broke, and fail with it. */
void tlstream__pair_keep_cause(tlstream_pair *pair,
                               const tlstream_error *cause);
void tlstream__pair_fail_by_cause(tlstream_pair *pair);

/* Bytes of ours that are lost if the connection ends now. */
size_t tlstream__pair_lost(const tlstream_pair *pair);

/* An error with our own words. */
void tlstream__pair_fail_with(tlstream_pair *pair, int code, const char *format,
                              ...) __attribute__((format(printf, 3, 4)));

/* All input has been used up: what does the transport's end mean now? */
void tlstream__pair_judge_transport(tlstream_pair *pair);

/* The transport's end of input has come. True if what is left in the input is
 * to be worked through, and judged then. */
bool tlstream__pair_note_eof(tlstream_pair *pair);

/* The transport reads no more, for `cause`. True if input is left to work
 * through before judging what that means. */
bool tlstream__pair_note_read_error(tlstream_pair *pair,
                                    const tlstream_error *cause);

/* The peer's close_notify came. */
void tlstream__pair_note_peer_end(tlstream_pair *pair);

/* Queue a fatal alert in a record of our own, while nothing of ours is
 * encrypted. False when memory is out. */
bool tlstream__pair_plain_alert(tlstream_pair *pair, int alert);

/* Queue close_notify, if the handshake is done. */
void tlstream__pair_send_end(tlstream_pair *pair);

#endif
