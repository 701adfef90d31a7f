/* SPDX-License-Identifier: MIT */
/* An echo server whose private key is in another process: key-agent PORT
 * The agent reads the key and answers on a socket, and the server, which talks
 * to the network, never has it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <tlstream/tlstream.h>

/* What the two say to each other, a datagram each. */
typedef struct question {
  char digest[16]; /* "SHA256"; "": none */
  int is_pss;
  size_t len;
  unsigned char message[1024];
} question;

typedef struct answer {
  ptrdiff_t len; /* or a negative number */
  unsigned char signature[1024];
} answer;

/* The agent. */

static int set_padding(const question *asked, EVP_PKEY *key,
                       EVP_PKEY_CTX *how) {
  if (!EVP_PKEY_is_a(key, "RSA") || !asked->is_pss) return 1;
  return EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static answer sign(const question *asked, EVP_PKEY *key) {
  answer made = {.len = -EINVAL};
  size_t len = sizeof(made.signature);
  EVP_PKEY_CTX *how = NULL;
  EVP_MD_CTX *signing = EVP_MD_CTX_new();
  const char *digest = asked->digest[0] != '\0' ? asked->digest : NULL;
  if (EVP_DigestSignInit_ex(signing, &how, digest, NULL, NULL, key, NULL) ==
          1 &&
      set_padding(asked, key, how) &&
      EVP_DigestSign(signing, made.signature, &len, asked->message,
                     asked->len) == 1) {
    made.len = (ptrdiff_t)len;
  }
  EVP_MD_CTX_free(signing);
  return made;
}

static int run_agent(int fd) {
  question asked;
  FILE *file = fopen("server-key.pem", "r");
  EVP_PKEY *key =
      file != NULL ? PEM_read_PrivateKey(file, NULL, NULL, "") : NULL;
  if (file != NULL) fclose(file);
  if (key == NULL) return 1;
  while (recv(fd, &asked, sizeof(asked), 0) == sizeof(asked)) {
    answer made = sign(&asked, key);
    if (send(fd, &made, sizeof(made), MSG_NOSIGNAL) < 0) break;
  }
  EVP_PKEY_free(key);
  return 0; /* the server is gone */
}

/* The server. One question at a time is on the socket. */

static uv_mutex_t turn;

static int is_pss(tlstream_signature_scheme scheme) {
  return scheme == TLSTREAM_SIGN_RSA_PSS_SHA256 ||
         scheme == TLSTREAM_SIGN_RSA_PSS_SHA384 ||
         scheme == TLSTREAM_SIGN_RSA_PSS_SHA512;
}

static ptrdiff_t ask(int fd, const question *asked, answer *got) {
  ptrdiff_t len = -EPIPE;
  uv_mutex_lock(&turn);
  if (send(fd, asked, sizeof(*asked), MSG_NOSIGNAL) == sizeof(*asked) &&
      recv(fd, got, sizeof(*got), 0) == sizeof(*got)) {
    len = got->len;
  }
  uv_mutex_unlock(&turn);
  return len;
}

/* On a thread of libuv's pool: other connections go on meanwhile. */
static ptrdiff_t on_sign(const tlstream_sign_request *request, void *signature,
                         size_t cap, void *data) {
  question asked = {.is_pss = is_pss(request->scheme),
                    .len = request->message.len};
  answer got;
  if (asked.len > sizeof(asked.message)) return -E2BIG;
  memcpy(asked.message, request->message.data, asked.len);
  if (request->digest_name != NULL) {
    snprintf(asked.digest, sizeof(asked.digest), "%s", request->digest_name);
  }
  ptrdiff_t len = ask(*(int *)data, &asked, &got);
  if (len > 0 && (size_t)len <= cap)
    memcpy(signature, got.signature, (size_t)len);
  return len;
}

static void on_connection(tlstream_server *server, tlstream *stream,
                          void *data) {
  (void)server, (void)data;
  tlstream_pipe(stream, stream);
}

static void on_client_error(tlstream_server *server,
                            const tlstream_address *address,
                            const tlstream_error *error, void *data) {
  (void)server, (void)address, (void)data;
  if (!error->quiet) tlstream_error_print(error, stderr);
}

static const tlstream_server_events events = {
    .on_connection = on_connection, .on_client_error = on_client_error};

static int run_server(int port, tlstream_context *context) {
  tlstream_error error;
  tlstream_address at;
  uv_loop_t *loop = uv_default_loop();
  tlstream_server *server = tlstream_server_new(
      loop, TLSTREAM_SERVER(.context = context), &events, NULL, &error);
  tlstream_context_unref(context);
  if (server == NULL || tlstream_server_listen(server, NULL, port, &error)) {
    return tlstream_error_print(&error, stderr);
  }
  tlstream_server_address(server, &at);
  printf("listening on port %d\n", at.port);
  fflush(stdout);
  return uv_run(loop, UV_RUN_DEFAULT);
}

int main(int argc, char **argv) {
  int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8000;
  int ends[2];
  tlstream_error error;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) return 1;
  pid_t agent = fork(); /* before there is anything in the process */
  close(ends[agent == 0 ? 0 : 1]);
  if (agent == 0) return run_agent(ends[1]);

  const tlstream_signer signer = {.sign = on_sign, .data = &ends[0]};
  const tlstream_identity identity = {.cert_file = "server-cert.pem",
                                      .signer = &signer};
  tlstream_context *context = tlstream_context_new(
      TLSTREAM_CONTEXT(.identities = &identity, .identity_count = 1), &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);
  uv_mutex_init(&turn);
  printf("the key is in process %d\n", (int)agent);
  return run_server(port, context);
}
