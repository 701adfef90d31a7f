/* SPDX-License-Identifier: MIT */
/* A client and a server in one program, without a socket: the program moves the
 * encrypted bytes. Use it to put TLS on another loop or transport, or to test a
 * protocol without a network. */
#include <stdio.h>

#include <tlstream/tlstream.h>

/* Move the output of one pair to the other. `feed` may take only a part while
 * cleartext waits to be read, so peek first and consume what it took. */
static size_t move(tlstream_pair *from, tlstream_pair *to) {
  size_t len = 0;
  const void *bytes = tlstream_pair_peek(from, &len);
  ptrdiff_t taken = len > 0 ? tlstream_pair_feed(to, bytes, len) : 0;
  if (taken <= 0) return 0; /* tlstream_pair_error() has the reason */
  tlstream_pair_consume(from, (size_t)taken);
  return (size_t)taken;
}

static void exchange(tlstream_pair *a, tlstream_pair *b) {
  while (move(a, b) + move(b, a) > 0)
    continue;
}

static int talk(tlstream_pair *client, tlstream_pair *server) {
  char text[64];
  tlstream_pair_start(client);
  exchange(client, server); /* the handshake */
  if (!tlstream_pair_authorized(client)) {
    return tlstream_error_print(tlstream_pair_error(client), stderr);
  }
  printf("secure: %s, %s\n",
         tlstream_version_name(tlstream_pair_tls_version(client)),
         tlstream_pair_cipher_standard_name(client));

  if (tlstream_pair_write(client, "hello", 5) != 5) return 1;
  exchange(client, server);
  ptrdiff_t len = tlstream_pair_read(server, text, sizeof(text));
  if (len < 0) return tlstream_error_print(tlstream_pair_error(server), stderr);
  printf("the server read: %.*s\n", (int)len, text);
  return 0;
}

int main(void) {
  const char *hosts[] = {"localhost"};
  tlstream_issued made = {0};
  tlstream_error error;
  if (tlstream_issue(TLSTREAM_ISSUE(.hosts = hosts, .host_count = 1), &made,
                     &error) != 0) {
    return tlstream_error_print(&error, stderr);
  }
  tlstream_context *ours =
      tlstream_context_new(TLSTREAM_CONTEXT(.key = {made.key, made.key_len},
                                            .cert = {made.cert, made.cert_len}),
                           NULL);
  tlstream_context *theirs = tlstream_context_new(
      TLSTREAM_CONTEXT(.ca = {made.cert, made.cert_len}), NULL);
  tlstream_pair *server = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_SERVER, .context = ours), 0, &error);
  tlstream_pair *client = tlstream_pair_new(
      TLSTREAM_PAIR(.role = TLSTREAM_ROLE_CLIENT, .context = theirs,
                    .verify_name = "localhost"),
      0, &error);

  int status = client != NULL && server != NULL
                   ? talk(client, server)
                   : tlstream_error_print(&error, stderr);
  tlstream_pair_free(client);
  tlstream_pair_free(server);
  tlstream_context_unref(theirs);
  tlstream_context_unref(ours);
  tlstream_issued_clear(&made);
  return status;
}
