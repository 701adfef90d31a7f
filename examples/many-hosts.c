/* SPDX-License-Identifier: MIT */
/* One server for two hosts: many-hosts PORT, in a folder with the certificates.
 * shop.test accepts any client, staff.test those with a certificate of the CA.
 */
#include <stdio.h>
#include <stdlib.h>

#include <tlstream/tlstream.h>

static void on_connection(tlstream_server *server, tlstream *stream,
                          void *data) {
  char line[256];
  (void)server, (void)data;
  int len = snprintf(line, sizeof(line), "this is %s, you are %s\n",
                     tlstream_servername(stream),
                     tlstream_authorized(stream) ? "staff" : "a customer");
  tlstream_write(stream, line, (size_t)len);
  tlstream_end(stream);
}

static void on_client_error(tlstream_server *server,
                            const tlstream_address *address,
                            const tlstream_error *error, void *data) {
  (void)server, (void)data;
  if (error->quiet) return; /* a health check, which sent nothing */
  fprintf(stderr, "%s: %s: %s\n", address->host, error->name, error->message);
}

static const tlstream_server_events events = {
    .on_connection = on_connection, .on_client_error = on_client_error};

static int add(tlstream_server *server, const char *name,
               const tlstream_context_options *options, tlstream_error *error) {
  tlstream_context *context = tlstream_context_new(options, error);
  if (context == NULL) return error->code;
  int code = tlstream_server_add_context(server, name, context, error);
  tlstream_context_unref(context); /* the server holds a reference */
  return code;
}

static const tlstream_context_options shop = {
    .size = sizeof(shop),
    .cert_file = "shop-cert.pem",
    .key_file = "shop-key.pem",
};

static const tlstream_context_options staff = {
    .size = sizeof(staff),
    .cert_file = "staff-cert.pem",
    .key_file = "staff-key.pem",
    .ca_file = "ca-cert.pem",
    .request_certificate = true,
};

int main(int argc, char **argv) {
  tlstream_address at;
  tlstream_error error;
  tlstream_context *context = tlstream_context_new(&shop, &error);
  if (context == NULL) return tlstream_error_print(&error, stderr);
  tlstream_server *server = tlstream_server_new(
      uv_default_loop(),
      TLSTREAM_SERVER(.context = context, .require_known_name = true), &events,
      NULL, &error);
  tlstream_context_unref(context);
  if (server == NULL || add(server, "shop.test", &shop, &error) != 0 ||
      add(server, "*.shop.test", &shop, &error) != 0 ||
      add(server, "staff.test", &staff, &error) != 0 ||
      tlstream_server_listen(server, "localhost",
                             argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0,
                             &error) != 0) {
    return tlstream_error_print(&error, stderr);
  }
  tlstream_server_address(server, &at);
  printf("listening on port %d\n", at.port);
  fflush(stdout);
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
