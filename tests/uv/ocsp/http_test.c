/* SPDX-License-Identifier: MIT */
/* A responder's address, and its answer in HTTP: anybody can have written
 * both. */
#include "uv/ocsp/http.h"

#include <stdlib.h>
#include <string.h>

#include "support/test.h"

TEST(addresses_are_taken_apart) {
  static const struct {
    const char *text;
    const char *host;
    int port;
    const char *path;
    const char *authority;
  } rows[] = {
      {"http://a.test", "a.test", 80, "/", "a.test"},
      {"HTTP://a.test/", "a.test", 80, "/", "a.test"},
      {"http://a.test:8080/x/y?z", "a.test", 8080, "/x/y?z", "a.test:8080"},
      {"http://a.test?z", "a.test", 80, "/?z", "a.test"},
      {"http://a.test:", "a.test", 80, "/", "a.test:"},
      {"http://10.0.0.1:1/", "10.0.0.1", 1, "/", "10.0.0.1:1"},
      {"http://[::1]/a", "::1", 80, "/a", "[::1]"},
      {"http://[fe80::1]:65535", "fe80::1", 65535, "/", "[fe80::1]:65535"},
  };
  EACH_ROW_NAMED(i, rows, text) {
    tlstream__url url;
    CHECK(tlstream__url_parse(&url, rows[i].text));
    CHECK_STR(url.host, rows[i].host);
    CHECK_INT(url.port, rows[i].port);
    CHECK_STR(url.path, rows[i].path);
    CHECK_STR(url.authority, rows[i].authority);
  }
}

TEST(what_is_no_address_is_refused) {
  static const char *const texts[] = {"",
                                      "a.test",
                                      "https://a.test/",
                                      "http://",
                                      "http:///x",
                                      "http://:80/",
                                      "http://a.test:0/",
                                      "http://a.test:65536/",
                                      "http://a.test:99999999999999999999/",
                                      "http://a.test:8o/",
                                      "http://[::1/",
                                      "http://[::1]x/",
                                      "http://[]/",
                                      "http://me@a.test/",
                                      "http://a.test/a b",
                                      "http://a.test/\r\nX: y",
                                      "http://a.test/\x7f",
                                      "http://a.test/#x"};
  EACH_TEXT(i, texts) {
    tlstream__url url;
    CHECK(!tlstream__url_parse(&url, texts[i]));
  }
}

TEST(long_addresses_are_refused) {
  char text[3000];
  tlstream__url url;
  for (size_t len = 200; len < sizeof(text); len += 100) {
    memset(text, 'a', sizeof(text));
    memcpy(text, "http://", 7);
    text[len - 1] = '\0';
    CHECK_INT(tlstream__url_parse(&url, text), len < 250);
    text[9] = '/';
    CHECK_INT(tlstream__url_parse(&url, text), len < 1020);
  }
}

typedef struct row {
  const char *title;
  const char *bytes;
  bool at_end;
  tlstream__http_progress progress;
  int status;
  const char *body;
} row;

#define DONE    TLSTREAM__HTTP_DONE
#define MORE    TLSTREAM__HTTP_MORE
#define BAD     TLSTREAM__HTTP_BAD
#define OK      "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

static const row rows[] = {
    {"a length", OK "Content-Length: 3\r\n\r\nabc", false, DONE, 200, "abc"},
    {"more than that", OK "content-length:3 \r\n\r\nabcd", false, DONE, 200,
     "abc"},
    {"nothing", OK "Content-Length: 0\r\n\r\n", false, DONE, 200, ""},
    {"to the end", OK "\r\nabc", true, DONE, 200, "abc"},
    {"not at the end", OK "\r\nabc", false, MORE, 0, NULL},
    {"no words", "HTTP/1.0 500\r\nContent-Length: 1\r\n\r\nx", false, DONE, 500,
     "x"},
    {"cut", OK "Content-Length: 4\r\n\r\nabc", true, BAD, 0, NULL},
    {"cut in the head", OK "Content-Le", true, BAD, 0, NULL},
    {"chunks", CHUNKED "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", false,
     DONE, 200, "abc0123456789"},
    {"trailers", CHUNKED "1\r\na\r\n0\r\nX: y\r\n\r\n", false, DONE, 200, "a"},
    {"no chunks", CHUNKED "0\r\n\r\n", false, DONE, 200, ""},
    {"half a chunk", CHUNKED "3\r\nab", false, MORE, 0, NULL},
    {"half a chunk at the end", CHUNKED "3\r\nab", true, BAD, 0, NULL},
    {"a chunk that is longer", CHUNKED "3\r\nabcd\r\n0\r\n\r\n", false, BAD, 0,
     NULL},
    {"a chunk without a length", CHUNKED "\r\nabc", false, BAD, 0, NULL},
    {"a negative chunk", CHUNKED "-1\r\nabc", false, BAD, 0, NULL},
    {"a chunk beyond numbers", CHUNKED "FFFFFFFFFFFFFFFFF\r\n", false, BAD, 0,
     NULL},
    {"a large chunk", CHUNKED "FFFFFFFFFFFFFFF\r\nx", false, MORE, 0, NULL},
    {"continue",
     "HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 1\r\n\r\na", false,
     DONE, 200, "a"},
    {"the same length twice",
     OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", false, DONE, 200,
     "a"},
    {"two lengths", OK "Content-Length: 1\r\nContent-Length: 2\r\n\r\na", false,
     BAD, 0, NULL},
    {"a length and chunks",
     OK "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", false, BAD,
     0, NULL},
    {"another coding", OK "Transfer-Encoding: gzip\r\n\r\n", false, BAD, 0,
     NULL},
    {"a negative length", OK "Content-Length: -1\r\n\r\n", false, BAD, 0, NULL},
    {"no number", OK "Content-Length: x\r\n\r\n", false, BAD, 0, NULL},
    {"a length beyond numbers",
     OK "Content-Length: 99999999999999999999\r\n\r\n", false, BAD, 0, NULL},
    {"another version", "HTTP/2.0 200 OK\r\n\r\n", false, BAD, 0, NULL},
    {"no status", "HTTP/1.1 OK\r\n\r\n", false, BAD, 0, NULL},
    {"a status below all", "HTTP/1.1 099 X\r\n\r\n", false, BAD, 0, NULL},
    {"no HTTP", "SSH-2.0-x\r\n\r\n", false, BAD, 0, NULL},
    {"an empty head", "\r\n\r\n", false, BAD, 0, NULL},
};

/* In a block that is no larger, for the sanitizers. */
static tlstream__http_progress parse(const char *text, size_t len, bool at_end,
                                     const row *want) {
  tlstream__http_answer answer;
  unsigned char *bytes = malloc(len + 1);
  bytes = realloc(bytes, len > 0 ? len : 1);
  memcpy(bytes, text, len);
  tlstream__http_progress progress =
      tlstream__http_parse(&answer, bytes, len, at_end);
  if (want != NULL && progress == TLSTREAM__HTTP_DONE) {
    CHECK_INT(answer.status, want->status);
    CHECK_INT(answer.len, strlen(want->body));
    CHECK(answer.len != strlen(want->body) ||
          memcmp(answer.body, want->body, answer.len) == 0);
  }
  free(bytes);
  return progress;
}

TEST(answers_are_understood_or_refused) {
  EACH_ROW_NAMED(i, rows, title) {
    CHECK_INT(
        parse(rows[i].bytes, strlen(rows[i].bytes), rows[i].at_end, &rows[i]),
        rows[i].progress);
  }
}

/* What will be complete is never bad before, nor complete too soon. */
TEST(an_answer_may_come_byte_by_byte) {
  EACH_ROW_NAMED(i, rows, title) {
    size_t len = strlen(rows[i].bytes);
    if (rows[i].progress != DONE || rows[i].at_end) continue;
    for (size_t n = 0; n + 4 < len; n++) {
      tlstream__http_progress progress = parse(rows[i].bytes, n, false, NULL);
      CHECK(progress == MORE || progress == DONE);
      if (progress == DONE)
        CHECK_INT(parse(rows[i].bytes, n, false, &rows[i]), DONE);
    }
  }
}

TEST(bytes_that_were_turned_do_no_harm) {
  EACH_ROW_NAMED(i, rows, title) {
    size_t len = strlen(rows[i].bytes);
    char *turned = malloc(len + 1);
    for (size_t bit = 0; bit < 8 * len; bit++) {
      memcpy(turned, rows[i].bytes, len + 1);
      turned[bit / 8] = (char)(turned[bit / 8] ^ 1 << bit % 8);
      tlstream__http_progress progress = parse(turned, len, true, NULL);
      CHECK(progress != MORE); /* there is an end to it */
    }
    free(turned);
  }
}
