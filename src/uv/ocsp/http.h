/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_UV_OCSP_HTTP_H
#define TLSTREAM_UV_OCSP_HTTP_H

/* As much of HTTP/1.1 as asking a responder takes. */
#include <stdbool.h>
#include <stddef.h>

typedef struct tlstream__url {
  char host[256];
  int port;
  char path[1024]; /* with the query */
  char authority[300];
} tlstream__url;

/* "http://host:port/path"; false for what is none, and for https. */
bool tlstream__url_parse(tlstream__url *url, const char *text);

typedef enum tlstream__http_progress {
  TLSTREAM__HTTP_MORE, /* it is not complete */
  TLSTREAM__HTTP_DONE,
  TLSTREAM__HTTP_BAD
} tlstream__http_progress;

typedef struct tlstream__http_answer {
  int status;
  unsigned char *body; /* in the bytes that were parsed */
  size_t len;
} tlstream__http_answer;

/* Look at what has come of an answer so far; `at_end`: no more will. A body in
 * chunks is put together in its place once it is complete. */
tlstream__http_progress tlstream__http_parse(tlstream__http_answer *answer,
                                             unsigned char *bytes, size_t len,
                                             bool at_end);

#endif
