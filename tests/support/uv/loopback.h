/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SUPPORT_UV_LOOPBACK_H
#define TESTS_SUPPORT_UV_LOOPBACK_H

/*
 * A server and its clients on one loop, over sockets of this machine.
 *
 *     loopback net = {0};
 *     actor client = {.act = when_something_happens};
 *     loopback_open(&net);
 *     loopback_serve(&net, NULL, NULL);
 *     loopback_connect(&net, &client, NULL);
 *     loopback_run(&net);
 *     CHECK_INT(client.ending, TLSTREAM_ENDING_CLEAN);
 *     loopback_close(&net);
 *
 * Without further word the server sends an echo, and stops listening when as
 * many clients have come as it `expects`.
 */
#include <tlstream/client.h>
#include <tlstream/pair_ending.h>
#include <tlstream/server.h>

#include "support/uv/actor.h"

typedef struct loopback loopback;

enum { GUESTS_MAX = 8, ANY_NUMBER = 1 << 30 };

/* The first part is the test's to set, and zero is a good choice. */
struct loopback {
  config config;
  tlstream_server_options options; /* the context is the config's, if NULL */
  unsigned expects;                /* accepted and failed ones together; 0: 1 */
  void (*on_connection)(loopback *net, actor *guest); /* NULL: an echo */
  void (*on_client_error)(loopback *net);
  void (*on_server_error)(loopback *net);
  /* NULL: the server has no on_hello. */
  void (*on_hello)(loopback *net, tlstream *stream, const char *servername);
  void (*on_verify)(loopback *net, tlstream *stream); /* the same */
  void *data;

  loop_guard guard;
  uv_loop_t *loop;
  tlstream_server *server; /* NULL once it is closed */
  tlstream_address at;
  actor guests[GUESTS_MAX]; /* the server's ends of connections */
  unsigned connections;
  unsigned client_errors;
  tlstream_error client_error; /* the last */
  tlstream_address client;     /* and where that client came from */
  unsigned errors;             /* of accepting */
  tlstream_error error;
  actor *awaited;
};

void loopback_open(loopback *net);

/* Listen at a port, or, where `host` has a slash in it, at a path. NULL:
 * 127.0.0.1; "*": every address. */
void loopback_serve(loopback *net, const char *host);

/* Connect to the server. What `options` leaves out is as it should be: where
 * the server is, the config's context, the name in its certificate. */
void loopback_connect(loopback *net, actor *client,
                      const tlstream_connect_options *options);

/* Run until nothing is left to wait for, or until `done` returns true. After a
 * time limit the program ends. */
void loopback_run(loopback *net);
void loopback_until(loopback *net, bool (*done)(loopback *net));

/* The same for one stream. */
void loopback_until_secure(loopback *net, actor *client);
void loopback_until_over(loopback *net, actor *client);

/* Check that nothing is left. */
void loopback_close(loopback *net);

/* A plain socket, connected to the server. */
int raw_connect(const loopback *net);

/* The same, and it has sent a good ClientHello. */
int raw_hello(const loopback *net);

/* Close it so that the other side gets a reset. */
void raw_reset(int fd);

typedef enum raw_state { RAW_OPEN, RAW_ENDED, RAW_RESET } raw_state;

/* Drop what has arrived, and give what comes after it. */
raw_state raw_look(int fd);

/* A socket at `host` and a port of the system's choice, which `port` receives.
 * Without a backlog (< 0) it only keeps the port, and refuses. */
int raw_listen(const char *host, int backlog, int *port);

#endif
