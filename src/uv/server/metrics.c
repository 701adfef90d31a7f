/* SPDX-License-Identifier: MIT */
/* Counters in Prometheus' text format, version 0.0.4. */
#include <string.h>

#include <tlstream/metrics.h>

#include "base/error.h"
#include "base/text.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define DIGITS  "0123456789"

/* The label that tells failures apart. */
#define CLASS "class"

#define AT(member) offsetof(tlstream_server_counters, member)

typedef struct metric {
  const char *name;
  const char *type;
  const char *help;
  size_t at; /* of its number in the counters */
} metric;

static const metric metrics[] = {
    {"connections_accepted_total", "counter", "Connections that were accepted.",
     AT(accepted)},
    {"connections_refused_total", "counter",
     "Connections that were closed at once, for a limit.", AT(refused)},
    {"connections_open", "gauge", "Connections that are open now.", AT(open)},
    {"connections_handshaking", "gauge",
     "Open connections whose handshake is not done.", AT(handshaking)},
    {"handshakes_done_total", "counter", "Handshakes that succeeded.",
     AT(handshakes_done)},
    {"handshakes_resumed_total", "counter",
     "Handshakes that succeeded and resumed a session.", AT(resumed)},
    {"handshakes_abandoned_total", "counter",
     "Handshakes that the server itself ended.", AT(handshakes_abandoned)},
    {"received_bytes_total", "counter", "Cleartext from clients, in bytes.",
     AT(bytes_read)},
    {"sent_bytes_total", "counter", "Cleartext to clients, in bytes.",
     AT(bytes_written)},
    {"received_encrypted_bytes_total", "counter",
     "What came from clients' transports, in bytes.", AT(encrypted_bytes_read)},
    {"sent_encrypted_bytes_total", "counter",
     "What clients' transports took, in bytes.", AT(encrypted_bytes_written)},
};

static const metric failures = {
    "handshakes_failed_total", "counter",
    "Handshakes that failed, by the class of the error.", AT(failed_by_class)};

static uint64_t number_at(const tlstream_labeled_counters *server, size_t at) {
  uint64_t number = 0;
  memcpy(&number, (const char *)&server->counters + at, sizeof(number));
  return number;
}

static void add_head(tlstream__text *text, const metric *each) {
  tlstream__text_format(text, "# HELP tlstream_%s %s\n# TYPE tlstream_%s %s\n",
                        each->name, each->help, each->name, each->type);
}

static void add_label(tlstream__text *text, bool is_first, const char *name,
                      const char *value) {
  tlstream__text_format(text, "%s%s=\"", is_first ? "{" : ",", name);
  tlstream__text_label(text, value);
  tlstream__text_add(text, "\"");
}

/* `kind` is the class of errors that are counted, or NULL. */
static void add_line(tlstream__text *text, const metric *each,
                     const tlstream_labeled_counters *server, const char *kind,
                     uint64_t number) {
  bool is_first = true;
  tlstream__text_format(text, "tlstream_%s", each->name);
  for (size_t i = 0; i < server->label_count; i++, is_first = false) {
    add_label(text, is_first, server->labels[i].name, server->labels[i].value);
  }
  if (kind != NULL) {
    add_label(text, is_first, CLASS, kind);
    is_first = false;
  }
  tlstream__text_format(text, "%s %llu\n", is_first ? "" : "}",
                        (unsigned long long)number);
}

static void add_failures(tlstream__text *text,
                         const tlstream_labeled_counters *server) {
  for (int i = TLSTREAM_CLASS_SYSTEM; i <= TLSTREAM_CLASS_USAGE; i++) {
    add_line(text, &failures, server,
             tlstream_error_class_name((tlstream_error_class)i),
             server->counters.failed_by_class[i]);
  }
}

static bool is_name(const char *name) {
  return name != NULL && name[0] != '\0' && strchr(DIGITS, name[0]) == NULL &&
         strncmp(name, "__", 2) != 0 &&
         name[strspn(name, LETTERS DIGITS)] == '\0';
}

static bool is_there_already(const tlstream_labeled_counters *server,
                             size_t at) {
  const char *name = server->labels[at].name;
  bool found = strcmp(name, CLASS) == 0;
  for (size_t i = 0; !found && i < at; i++)
    found = strcmp(name, server->labels[i].name) == 0;
  return found;
}

static int check_labels(const tlstream_labeled_counters *server,
                        tlstream_error *error) {
  for (size_t i = 0; i < server->label_count; i++) {
    const tlstream_label *label = &server->labels[i];
    if (!is_name(label->name) || label->value == NULL) {
      return tlstream__error_set(
          error, TLSTREAM_ERR_INVALID_ARGUMENT,
          "a label has a name of letters, digits and \"_\", which begins with "
          "neither a digit nor \"__\", and a value");
    }
    if (is_there_already(server, i)) {
      return tlstream__error_set(error, TLSTREAM_ERR_INVALID_ARGUMENT,
                                 "there is a label \"%s\" already",
                                 label->name);
    }
  }
  return 0;
}

static void add_all(tlstream__text *text,
                    const tlstream_labeled_counters *servers, size_t count) {
  for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
    add_head(text, &metrics[i]);
    for (size_t j = 0; j < count; j++) {
      add_line(text, &metrics[i], &servers[j], NULL,
               number_at(&servers[j], metrics[i].at));
    }
  }
  add_head(text, &failures);
  for (size_t j = 0; j < count; j++)
    add_failures(text, &servers[j]);
}

char *tlstream_prometheus(const tlstream_labeled_counters *servers,
                          size_t count, tlstream_error *error) {
  tlstream__text text = {0};
  tlstream__error_clear(error);
  for (size_t i = 0; i < count; i++) {
    if (check_labels(&servers[i], error) != 0) return NULL;
  }
  add_all(&text, servers, count);
  char *made = tlstream__text_take(&text);
  if (made == NULL) tlstream__error_plain(error, TLSTREAM_ERR_NO_MEMORY);
  return made;
}
