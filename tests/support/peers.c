/* SPDX-License-Identifier: MIT */
#include "support/peers.h"

#include <stdint.h>

#include <tlstream/pair_info.h>

#include "support/connect.h"
#include "support/psk_key.h"
#include "support/shuttle.h"
#include "support/test.h"

enum { VERSIONS = 3 };

const tlstream_error reset_cause = {.code = TLSTREAM_ERR_SYSTEM,
                                    .name = "ECONNRESET",
                                    .message = "the connection broke"};

const unsigned char forged_record[29] = {23, 3, 3, 0,
                                         sizeof(forged_record) - 5};

const made_cert *test_ca(void) {
  static made_cert ca;
  if (ca.key == NULL)
    ca = make_cert(&(cert_plan){.name = "CA", .basic = CERT_CA});
  return &ca;
}

const made_cert *test_leaf(key_kind kind) {
  static made_cert leaf[2];
  if (leaf[kind].key == NULL) {
    leaf[kind] =
        make_cert(&(cert_plan){.name = SERVER_NAME,
                               .by = test_ca(),
                               .kind = kind == KEY_RSA ? "RSA" : "EC"});
  }
  return &leaf[kind];
}

const made_cert *test_stranger(void) {
  static made_cert stranger;
  if (stranger.key == NULL) {
    stranger = make_cert(&(cert_plan){.name = SERVER_NAME});
  }
  return &stranger;
}

static tlstream_context *make_context(const config *terms, tlstream_role role) {
  tlstream_context_options options = {.size = sizeof(options)};
  bool is_server = role == TLSTREAM_ROLE_SERVER;
  if (is_server || terms->mutual) {
    const made_cert *leaf = test_leaf(is_server ? terms->key : KEY_ECDSA);
    options.cert = leaf->cert_pem;
    options.key = leaf->key_pem;
  }
  options.ca = test_ca()->cert_pem;
  options.min_version = options.max_version = terms->version;
  options.request_certificate = is_server && terms->mutual;
  options.insecure_allow_truncation = terms->may_truncate;
  const tlstream_psk psk = usual_psk();
  options.psks = &psk;
  options.psk_count = terms->psk && !is_server;
  options.ask_psk = terms->psk && is_server;
  return context_of(&options);
}

static size_t version_index(tlstream_version version) {
  return version == TLSTREAM_VERSION_DEFAULT ? 0
         : version == TLSTREAM_TLS_1_2       ? 1
                                             : 2;
}

/* Making one takes as long as a handshake, and some tests want thousands. */
tlstream_context *config_context(const config *terms, tlstream_role role) {
  static tlstream_context *made[VERSIONS][2][2][2][2][2];
  tlstream_context **slot =
      &made[version_index(terms->version)][terms->key][terms->mutual]
           [terms->may_truncate][terms->psk][role];
  if (*slot == NULL) *slot = make_context(terms, role);
  return tlstream_context_ref(*slot);
}

tlstream_pair *config_pair(const config *terms, tlstream_role role) {
  tlstream_error error;
  tlstream_context *context = config_context(terms, role);
  bool is_client = role == TLSTREAM_ROLE_CLIENT;
  tlstream_pair *pair = tlstream_pair_new(
      TLSTREAM_PAIR(.role = role, .context = context,
                    .verify_name = is_client ? SERVER_NAME : NULL,
                    .timeouts.idle_ms = terms->idle_ms),
      0, &error);
  tlstream_context_unref(context);
  if (pair == NULL) TEST_STOP("%s", error.message);
  return pair;
}

peers peers_new(const config *terms) {
  peers both;
  both.side[TLSTREAM_ROLE_CLIENT] = config_pair(terms, TLSTREAM_ROLE_CLIENT);
  both.side[TLSTREAM_ROLE_SERVER] = config_pair(terms, TLSTREAM_ROLE_SERVER);
  return both;
}

peers peers_secure(const config *terms) {
  peers both = peers_new(terms);
  CHECK_ERROR(tlstream_pair_start(both.side[TLSTREAM_ROLE_CLIENT]), 0);
  CHECK_ERROR(tlstream_pair_start(both.side[TLSTREAM_ROLE_SERVER]), 0);
  shuttle(both.side[0], both.side[1], SIZE_MAX);
  for (int i = 0; i < 2; i++) {
    CHECK(tlstream_pair_is_secure(both.side[i]));
    CHECK_STR(take_events(both.side[i]), "SECURE");
  }
  return both;
}

void peers_free(peers *both) {
  tlstream_pair_free(both->side[0]);
  tlstream_pair_free(both->side[1]);
  both->side[0] = both->side[1] = NULL;
}

void each_side(void (*test)(tlstream_version version, tlstream_role role)) {
  static const tlstream_version versions[] = {TLSTREAM_TLS_1_2,
                                              TLSTREAM_TLS_1_3};
  for (int i = 0; i < 4; i++) {
    tlstream_role role =
        i % 2 == 0 ? TLSTREAM_ROLE_CLIENT : TLSTREAM_ROLE_SERVER;
    IN_CASE("%s, %s", tlstream_version_name(versions[i / 2]),
            role == TLSTREAM_ROLE_CLIENT ? "client" : "server");
    test(versions[i / 2], role);
  }
}

/* A number for each place: the same wherever one begins to look. */
static unsigned char pattern_at(size_t place) {
  uint64_t mixed = (place / 8 + 1) * 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
  return (unsigned char)(mixed >> place % 8 * 8);
}

void pattern_fill(void *out, size_t from, size_t len) {
  unsigned char *bytes = out;
  for (size_t i = 0; i < len; i++)
    bytes[i] = pattern_at(from + i);
}

size_t pattern_read(tlstream_pair *pair, size_t from) {
  unsigned char got[16 * 1024];
  unsigned char want[sizeof(got)];
  size_t total = 0;
  ptrdiff_t len = 0;
  while ((len = tlstream_pair_read(pair, got, sizeof(got))) > 0) {
    pattern_fill(want, from + total, (size_t)len);
    CHECK(memcmp(got, want, (size_t)len) == 0);
    total += (size_t)len;
  }
  return total;
}

static const char *event_name(tlstream_event event) {
  switch (event) {
    case TLSTREAM_EVENT_HELLO: return "HELLO";
    case TLSTREAM_EVENT_SESSION_LOOKUP: return "SESSION_LOOKUP";
    case TLSTREAM_EVENT_PSK: return "PSK";
    case TLSTREAM_EVENT_VERIFY: return "VERIFY";
    case TLSTREAM_EVENT_SESSION_MADE: return "SESSION_MADE";
    case TLSTREAM_EVENT_WORK: return "WORK";
    case TLSTREAM_EVENT_SECURE: return "SECURE";
    case TLSTREAM_EVENT_SESSION: return "SESSION";
    case TLSTREAM_EVENT_DATA: return "DATA";
    case TLSTREAM_EVENT_DRAIN: return "DRAIN";
    case TLSTREAM_EVENT_END: return "END";
    case TLSTREAM_EVENT_ERROR: return "ERROR";
    default: return "OTHER";
  }
}

const char *take_events(tlstream_pair *pair) {
  static char text[80];
  size_t used = 0;
  tlstream_event event = TLSTREAM_EVENT_NONE;
  text[0] = '\0';
  while ((event = tlstream_pair_next_event(pair)) != TLSTREAM_EVENT_NONE) {
    used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
                             used > 0 ? " " : "", event_name(event));
    if (used >= sizeof(text)) break; /* events without an end */
  }
  return text;
}

const char *error_text(const tlstream_pair *pair) {
  const tlstream_error *error = tlstream_pair_error(pair);
  return error != NULL ? error->message : "";
}

int error_code(const tlstream_pair *pair) {
  const tlstream_error *error = tlstream_pair_error(pair);
  return error != NULL ? error->code : 0;
}

size_t drain_away(tlstream_pair *pair) {
  size_t total = 0;
  size_t len = 0;
  while (tlstream_pair_peek(pair, &len), len > 0) {
    tlstream_pair_consume(pair, len);
    total += len;
  }
  return total;
}

void peers_say(peers *both, tlstream_role to) {
  CHECK_INT(tlstream_pair_write(both->side[other_role(to)], "abc", 3), 3);
  shuttle(both->side[0], both->side[1], SIZE_MAX);
  CHECK_STR(take_events(both->side[to]), "DATA");
}

void check_hears(tlstream_pair *pair) {
  char got[8];
  const char *events = take_events(pair);
  if (events[0] != '\0') CHECK_STR(events, "DATA");
  CHECK(tlstream_pair_error(pair) == NULL);
  CHECK_INT(tlstream_pair_read(pair, got, sizeof(got)), 3);
}

void check_over(tlstream_pair *pair, const char *events, int code,
                tlstream_ending ending) {
  char got[8];
  CHECK_INT(tlstream_pair_read(pair, got, sizeof(got)), code);
  CHECK_STR(take_events(pair), events);
  CHECK_ERROR(error_code(pair), code);
  CHECK(tlstream_pair_is_finished(pair));
  CHECK_INT(tlstream_pair_ending(pair), ending);
  CHECK_INT(tlstream_pair_next_deadline(pair), TLSTREAM_NO_DEADLINE);
}

void check_alert_taken(tlstream_pair *pair) {
  CHECK_INT(tlstream_pair_pending(pair), 0);
  CHECK(tlstream_pair_wants_shutdown(pair));
  CHECK(!tlstream_pair_is_finished(pair));
  tlstream_pair_feed_eof(pair);
  CHECK(!tlstream_pair_wants_shutdown(pair));
  CHECK(tlstream_pair_is_finished(pair));
}
