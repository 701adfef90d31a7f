/* SPDX-License-Identifier: MIT */
/* The table of errors, and how one is filled in. */
#include "base/error.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "support/test.h"

typedef struct row {
  int code;
  tlstream_error_class kind;
  const char *name;
  const char *text;
} row;

static const row rows[] = {
#define X(symbol, kind, code, text) \
  {code, TLSTREAM_CLASS_##kind, "ERR_TLSTREAM_" #symbol, text},
    TLSTREAM_ERROR_MAP(X)
#undef X
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Everything as a caller's forgotten variable may have it. */
static tlstream_error used(void) {
  tlstream_error error;
  memset(&error, 0x5A, sizeof(error));
  return error;
}

TEST(every_row_can_be_looked_up) {
  for (size_t i = 0; i < ROWS; i++) {
    tlstream_error error = used();
    CHECK_STR(tlstream_error_name(rows[i].code), rows[i].name);
    CHECK_ERROR(tlstream__error_plain(&error, rows[i].code), rows[i].code);
    CHECK_ERROR(error.code, rows[i].code);
    CHECK_STR(error.name, rows[i].name);
    CHECK_STR(error.message, rows[i].text);
    CHECK_INT(tlstream_error_classify(&error), rows[i].kind);
    CHECK_NE(rows[i].kind, TLSTREAM_CLASS_NONE);
  }
}

/* Programs were compiled with them: a row is added at the end of the numbers
 * and never taken out. libuv's lie above -5000. */
TEST(the_numbers_have_no_gap) {
  bool seen[ROWS] = {false};
  for (size_t i = 0; i < ROWS; i++) {
    int place = -20000 - rows[i].code;
    CHECK(place >= 0 && place < ROWS && !seen[place]);
    if (place >= 0 && place < ROWS) seen[place] = true;
  }
  CHECK_INT(TLSTREAM_ERR_NO_MEMORY, -20000);
  CHECK_INT(TLSTREAM_ERR_UNTRUSTED, -20019);
  CHECK_INT(TLSTREAM_ERR_INTERNAL, -20037);
}

TEST(no_error_has_a_name_too) {
  tlstream_error error = used();
  tlstream__error_clear(&error);
  CHECK_STR(tlstream_error_name(0), "OK");
  CHECK_INT(tlstream_error_classify(&error), TLSTREAM_CLASS_NONE);
}

TEST(a_code_of_no_row_is_the_systems) {
  static const int codes[] = {1,      -1,      -19999, -20000 - ROWS,
                              -30000, INT_MAX, INT_MIN};
  EACH_ROW(i, codes) {
    tlstream_error error = {.code = codes[i]};
    CHECK_STR(tlstream_error_name(codes[i]), "ERR_TLSTREAM_SYSTEM");
    CHECK_INT(tlstream_error_classify(&error), TLSTREAM_CLASS_SYSTEM);
  }
}

TEST(classes_have_words) {
  CHECK_STR(tlstream_error_class_name(TLSTREAM_CLASS_NONE), "none");
  CHECK_STR(tlstream_error_class_name(TLSTREAM_CLASS_SYSTEM), "system");
  CHECK_STR(tlstream_error_class_name(TLSTREAM_CLASS_PEER), "peer");
  CHECK_STR(tlstream_error_class_name(TLSTREAM_CLASS_PROTOCOL), "protocol");
  CHECK_STR(tlstream_error_class_name(TLSTREAM_CLASS_IDENTITY), "identity");
  CHECK_STR(tlstream_error_class_name(TLSTREAM_CLASS_USAGE), "usage");
}

static void check_no_more_is_known(const tlstream_error *error) {
  CHECK_INT(error->system, 0);
  CHECK_INT(error->alert, -1);
  CHECK_INT(error->alert_side, TLSTREAM_ALERT_NONE);
  CHECK_INT(error->verify, 0);
  CHECK_INT(error->depth, -1);
  CHECK(!error->quiet);
}

TEST(clearing_forgets_everything) {
  tlstream_error error = used();
  tlstream__error_clear(&error);
  CHECK_ERROR(error.code, 0);
  CHECK_STR(error.name, "");
  CHECK_STR(error.message, "");
  check_no_more_is_known(&error);
}

TEST(setting_forgets_what_was_there) {
  tlstream_error error = used();
  CHECK_ERROR(tlstream__error_set(&error, TLSTREAM_ERR_FILE, "%s %d", "a", 7),
              TLSTREAM_ERR_FILE);
  CHECK_ERROR(error.code, TLSTREAM_ERR_FILE);
  CHECK_STR(error.name, "ERR_TLSTREAM_FILE");
  CHECK_STR(error.message, "a 7");
  check_no_more_is_known(&error);
}

TEST(an_error_of_the_system_keeps_its_name) {
  tlstream_error error = used();
  CHECK_ERROR(tlstream__error_system(&error, TLSTREAM_ERR_CONNECT, -111,
                                     "ECONNREFUSED", "%s:%d", "127.0.0.1", 80),
              TLSTREAM_ERR_CONNECT);
  CHECK_INT(error.system, -111);
  CHECK_STR(error.name, "ECONNREFUSED");
  CHECK_STR(error.message, "127.0.0.1:80");
  CHECK_INT(tlstream_error_classify(&error), TLSTREAM_CLASS_SYSTEM);
  error.system = 0;
  check_no_more_is_known(&error);
}

TEST(details_may_be_unwanted) {
  tlstream__error_clear(NULL);
  CHECK_INT(tlstream__error_set(NULL, -20001, "%d", 1), -20001);
  CHECK_INT(tlstream__error_plain(NULL, -20002), -20002);
  CHECK_INT(tlstream__error_system(NULL, -20003, -1, "EPERM", "%d", 1), -20003);
}

TEST(cuts_what_is_too_long) {
  char text[1000];
  tlstream_error error;
  memset(text, 'x', sizeof(text) - 1);
  text[sizeof(text) - 1] = '\0';
  tlstream__error_system(&error, TLSTREAM_ERR_SYSTEM, -1, text, "%s", text);
  CHECK_INT(strlen(error.name), sizeof(error.name) - 1);
  CHECK_INT(strlen(error.message), sizeof(error.message) - 1);
  tlstream__error_set(&error, TLSTREAM_ERR_SYSTEM, "%s", text);
  CHECK_INT(strlen(error.message), sizeof(error.message) - 1);
}

TEST(prints_one_line) {
  char *line = NULL;
  size_t len = 0;
  tlstream_error error;
  tlstream__error_set(&error, TLSTREAM_ERR_TRUNCATED, "it left");
  FILE *out = open_memstream(&line, &len);
  CHECK_INT(tlstream_error_print(&error, out), 1);
  fclose(out);
  CHECK_STR(line, "ERR_TLSTREAM_TRUNCATED: it left\n");
  free(line);
}

TEST(numbers_of_the_system_have_names) {
  static const struct {
    int number;
    const char *name;
  } known[] = {{EACCES, "EACCES"},
               {EFBIG, "EFBIG"},
               {EINVAL, "EINVAL"},
               {EIO, "EIO"},
               {EISDIR, "EISDIR"},
               {ELOOP, "ELOOP"},
               {EMFILE, "EMFILE"},
               {ENAMETOOLONG, "ENAMETOOLONG"},
               {ENFILE, "ENFILE"},
               {ENOENT, "ENOENT"},
               {ENOMEM, "ENOMEM"},
               {ENOTDIR, "ENOTDIR"},
               {ENXIO, "ENXIO"},
               {EPERM, "EPERM"},
               {EDOM, "ERR_TLSTREAM_SYSTEM"}};
  EACH_ROW_NAMED(i, known, name) {
    CHECK_STR(tlstream__errno_name(known[i].number), known[i].name);
  }
}

TEST(every_code_has_a_sentence) {
  static const int codes[] = {
#define X(symbol, kind, code, text) code,
      TLSTREAM_ERROR_MAP(X)
#undef X
  };
  CHECK_STR(tlstream_error_text(0), "no error");
  CHECK_STR(tlstream_error_text(TLSTREAM_ERR_CLOSED), "the connection is over");
  CHECK_STR(tlstream_error_text(-104), "the system reported an error");
  EACH_ROW(i, codes) {
    tlstream_error error;
    tlstream__error_plain(&error, codes[i]);
    CHECK_STR(tlstream_error_text(codes[i]), error.message);
  }
}
