// SPDX-License-Identifier: MIT
// A program in C++17 with the public headers alone: a client and a server in
// one process. C++17 has no designated initializers, so it sets the members of
// options that an initializer macro made.
#include <cstdio>
#include <cstring>
#include <string_view>

#include <tlstream/tlstream.h>

namespace {

tlstream_bytes bytes(const char *data, size_t len) {
  return {data, len};
}

tlstream_context *context(const tlstream_issued &made, tlstream_role role) {
  tlstream_context_options options = TLSTREAM_CONTEXT_OPTIONS_INIT;
  if (role == TLSTREAM_ROLE_SERVER) {
    options.key = bytes(made.key, made.key_len);
    options.cert = bytes(made.cert, made.cert_len);
  } else {
    options.ca = bytes(made.cert, made.cert_len);
  }
  return tlstream_context_new(&options, nullptr);
}

tlstream_pair *pair(tlstream_context *from, tlstream_role role) {
  tlstream_pair_options options = TLSTREAM_PAIR_OPTIONS_INIT;
  options.role = role;
  options.context = from;
  if (role == TLSTREAM_ROLE_CLIENT) options.verify_name = "localhost";
  return tlstream_pair_new(&options, 0, nullptr);
}

bool move(tlstream_pair *from, tlstream_pair *to) {
  size_t len = 0;
  const void *data = tlstream_pair_peek(from, &len);
  ptrdiff_t taken = len > 0 ? tlstream_pair_feed(to, data, len) : 0;
  if (taken > 0) tlstream_pair_consume(from, static_cast<size_t>(taken));
  return taken > 0;
}

void exchange(tlstream_pair *a, tlstream_pair *b) {
  while (move(a, b) || move(b, a))
    continue;
}

bool talk(tlstream_pair *client, tlstream_pair *server) {
  char text[64];
  if (tlstream_pair_start(client) != 0) return false;
  exchange(client, server);
  if (!tlstream_pair_authorized(client)) return false;
  if (tlstream_pair_write(client, "hello", 5) != 5) return false;
  exchange(client, server);
  ptrdiff_t len = tlstream_pair_read(server, text, sizeof(text));
  return len > 0 && std::string_view(text, static_cast<size_t>(len)) == "hello";
}

} // namespace

int main() {
  const char *hosts[] = {"localhost"};
  tlstream_issued made = {};
  tlstream_issue_options options = TLSTREAM_ISSUE_OPTIONS_INIT;
  options.hosts = hosts;
  options.host_count = 1;
  if (tlstream_issue(&options, &made, nullptr) != 0) return 1;
  tlstream_context *ours = context(made, TLSTREAM_ROLE_SERVER);
  tlstream_context *theirs = context(made, TLSTREAM_ROLE_CLIENT);
  tlstream_pair *server = pair(ours, TLSTREAM_ROLE_SERVER);
  tlstream_pair *client = pair(theirs, TLSTREAM_ROLE_CLIENT);
  bool fine = server != nullptr && client != nullptr && talk(client, server);
  tlstream_pair_free(client);
  tlstream_pair_free(server);
  tlstream_context_unref(theirs);
  tlstream_context_unref(ours);
  tlstream_issued_clear(&made);
  return fine ? 0 : 1;
}
