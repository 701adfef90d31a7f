/* SPDX-License-Identifier: MIT */
/* Prints a file: block by block if it is PEM, or as one DER object. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cert/cert.h"
#include "message.h"
#include "print.h"
#include "read.h"

typedef struct settings {
  const char *path;
  bool json;
} settings;

static const option_row options[] = {
    FLAG_OPTION("json", "one line of JSON each, with Node's names",
                offsetof(settings, json)),
};

/* A part of the file. */
typedef struct span {
  const char *data;
  size_t len;
} span;

typedef struct shown {
  bool json;
  size_t count; /* PEM blocks of any kind so far */
  size_t certificates;
  bool any; /* at least one was printed */
  int status;
} shown;

static const char *find(span text, const char *word) {
  size_t len = strlen(word);
  for (size_t i = 0; i + len <= text.len; i++) {
    if (memcmp(text.data + i, word, len) == 0) return text.data + i;
  }
  return NULL;
}

static bool is_label(span label, const char *word) {
  return label.len == strlen(word) && memcmp(label.data, word, label.len) == 0;
}

static void fail(shown *all, const tlstream_error *error) {
  if (all->count > 0) fprintf(stderr, "block %zu: ", all->count);
  print_error(error);
  all->status = EXIT_LOCAL;
}

static void print_json(shown *all, char *json) {
  if (json == NULL) {
    print_message("out of memory");
    all->status = EXIT_LOCAL;
  } else {
    puts(json);
    all->any = true;
  }
  tlstream_free(json);
}

static void show_certificate(shown *all, span text) {
  tlstream_error error;
  tlstream_certificate *certificate =
      tlstream_certificate_parse(text.data, text.len, &error);
  all->certificates++;
  if (certificate == NULL) {
    fail(all, &error);
  } else if (all->json) {
    print_json(all, tlstream_certificate_json(certificate));
  } else {
    printf("certificate %zu\n", all->certificates);
    print_certificate(stdout, certificate);
    all->any = true;
  }
  tlstream_certificate_unref(certificate);
}

static void show_request(shown *all, span text) {
  tlstream_error error;
  tlstream_request *request =
      tlstream_request_parse(text.data, text.len, &error);
  if (request == NULL) {
    fail(all, &error);
  } else if (all->json) {
    print_json(all, tlstream_request_json(request));
  } else {
    puts("request");
    print_request(stdout, request);
    all->any = true;
  }
  tlstream_request_free(request);
}

static void show_block(shown *all, span label, span block) {
  char words[64];
  all->count++;
  if (is_label(label, "CERTIFICATE") || is_label(label, "X509 CERTIFICATE") ||
      is_label(label, "TRUSTED CERTIFICATE")) {
    show_certificate(all, block);
  } else if (is_label(label, "CERTIFICATE REQUEST") ||
             is_label(label, "NEW CERTIFICATE REQUEST")) {
    show_request(all, block);
  } else {
    print_message("block %zu: %s is not shown", all->count,
                  tlstream_escape(words, sizeof(words), label.data, label.len));
  }
}

/* Find the next PEM block and move `rest` behind it. A block without an end
 * line extends to the start of the next. False if there is no block. */
static bool next_block(span *rest, span *label, span *block) {
  static const char begin[] = "-----BEGIN ";
  const char *start = find(*rest, begin);
  const char *limit = rest->data + rest->len;
  if (start == NULL) return false;
  label->data = start + strlen(begin);
  const char *after =
      find((span){label->data, (size_t)(limit - label->data)}, "-----");
  label->len = after != NULL ? (size_t)(after - label->data) : 0;
  span body = {label->data, (size_t)(limit - label->data)};
  const char *next = find(body, begin);
  if (next != NULL) body.len = (size_t)(next - body.data);
  const char *end = find(body, "-----END ");
  if (end != NULL) {
    const char *line = memchr(end, '\n', (size_t)(limit - end));
    body.len = (size_t)((line != NULL ? line + 1 : limit) - body.data);
  }
  *block = (span){start, (size_t)(body.data + body.len - start)};
  *rest = (span){start + block->len, (size_t)(limit - start) - block->len};
  return true;
}

/* A file without PEM blocks may be a request or a certificate in DER. */
static void show_whole(shown *all, span text) {
  tlstream_request *request = tlstream_request_parse(text.data, text.len, NULL);
  if (request != NULL) {
    show_request(all, text);
  } else {
    show_certificate(all, text);
  }
  tlstream_request_free(request);
}

static bool check(void *data) {
  const settings *given = data;
  return given->path != NULL ||
         command_error(&cert_show_command,
                       "missing FILE; `%s --help` shows the usage",
                       cert_show_command.path);
}

static int run(void *data) {
  const settings *given = data;
  shown all = {.json = given->json};
  char *bytes = NULL;
  size_t len = 0;
  span label;
  span block;
  if (!file_read(given->path, &bytes, &len)) return EXIT_LOCAL;
  span rest = {bytes, len};
  while (next_block(&rest, &label, &block))
    show_block(&all, label, block);
  if (all.count == 0) show_whole(&all, rest);
  file_release(bytes, len);
  if (fflush(stdout) != 0 || !all.any) all.status = EXIT_LOCAL;
  return all.status;
}

const command cert_show_command = {
    .path = "tlstream cert show",
    .summary = "print certificates and requests",
    .argument = "FILE",
    .argument_offset = offsetof(settings, path),
    .description = "Print the certificates and requests in a file; - is "
                   "standard input.",
    .options = options,
    .option_count = COUNT_OF(options),
    .settings_size = sizeof(settings),
    .check = check,
    .run = run,
};
