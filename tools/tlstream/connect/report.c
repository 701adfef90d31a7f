/* SPDX-License-Identifier: MIT */
#include "connect/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <tlstream/stream_info.h>

#include "command.h"
#include "json.h"
#include "message.h"

enum { MESSAGE_MAX = 640 };

static struct {
  const report_settings *given;
  const char *host;
  int port;
  FILE *info;       /* NULL without --info */
  char *connection; /* the library's JSON, owned; NULL if nothing is known */
  bool has_failed;
  bool is_unwritten; /* the file could not be written */
  char name[48];     /* of the error; "" if it has none */
  char message[MESSAGE_MAX];
} report;

/* "NAME: what happened", where the names of errors are in capital letters. */
static void remember(const char *line, size_t len) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  size_t name = strspn(line, letters);
  bool has_name = name > 1 && name < sizeof(report.name) && name + 2 <= len &&
                  line[name] == ':' && line[name + 1] == ' ';
  size_t skip = has_name ? name + 2 : 0;
  snprintf(report.name, sizeof(report.name), "%.*s", (int)(has_name ? name : 0),
           line);
  snprintf(report.message, sizeof(report.message), "%.*s",
           (int)(len - skip - 1), line + skip);
}

static void put(const char *line, size_t len) {
  remember(line, len);
  fwrite(line, 1, len, stderr);
}

static bool refuse(const char *path) {
  print_message("cannot write %s: %s", escaped(path), strerror(errno));
  return false;
}

bool report_open(const report_settings *given, const char *host, int port) {
  report.given = given;
  report.host = host;
  report.port = port;
  if (given->info != NULL) {
    report.info = fopen(given->info, "w");
    if (report.info == NULL) return refuse(given->info);
  }
  message_redirect(put);
  return true;
}

static void write_error(FILE *out) {
  fputs(",\"error\":", out);
  if (!report.has_failed) {
    fputs("null", out);
    return;
  }
  fputs("{\"code\":", out);
  json_string(out, report.name[0] != '\0' ? report.name : NULL);
  fputs(",\"message\":", out);
  json_string(out, report.message);
  fputc('}', out);
}

/* The library's object, with the members of ours before its own. */
static void write_object(FILE *out) {
  fputs("{\"host\":", out);
  json_string(out, report.host);
  fprintf(out, report.port > 0 ? ",\"port\":%d" : ",\"port\":null",
          report.port);
  write_error(out);
  fputs(report.connection != NULL ? "," : ",\"authorized\":false}", out);
  if (report.connection != NULL) fputs(report.connection + 1, out);
  fputc('\n', out);
}

/* In the place of what is there, if it is a file that can be cut. */
static void write_info(void) {
  if (report.info == NULL || report.is_unwritten) return;
  rewind(report.info);
  if (ftruncate(fileno(report.info), 0) != 0) clearerr(report.info);
  write_object(report.info);
  if (fflush(report.info) == 0) return;
  report.is_unwritten = true;
  refuse(report.given->info);
}

static void ask(const tlstream *stream) {
  tlstream_free(report.connection);
  report.connection = tlstream_json(stream);
}

void report_connection(const tlstream *stream) {
  if (!report.given->json && report.info == NULL) return;
  ask(stream);
  if (tlstream_is_secure(stream)) write_info();
}

int report_close(int status) {
  report.has_failed = status != EXIT_DONE || report.is_unwritten;
  if (report.has_failed || report.connection == NULL) write_info();
  message_redirect(NULL);
  report.has_failed = report.has_failed || report.is_unwritten;
  if (report.given->json) write_object(stdout);
  if (report.info != NULL) fclose(report.info);
  tlstream_free(report.connection);
  report.connection = NULL;
  return report.is_unwritten ? EXIT_LOCAL : status;
}
