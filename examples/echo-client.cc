// SPDX-License-Identifier: MIT
// echo-client in C++17: options are made by an initializer macro and then set,
// callbacks are lambdas without captures, handles are released by their owners.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include <tlstream/tlstream.h>

namespace {

using context_ptr =
    std::unique_ptr<tlstream_context, decltype(&tlstream_context_unref)>;

context_ptr make_context(tlstream_error *error) {
  tlstream_context_options options = TLSTREAM_CONTEXT_OPTIONS_INIT;
  options.ca_file = "server-cert.pem";
  return {tlstream_context_new(&options, error), &tlstream_context_unref};
}

// An exception must not leave a callback: the library is C.
tlstream_events make_events() {
  tlstream_events events = {};
  events.on_secure = [](tlstream *stream, void *) {
    constexpr std::string_view text = "hello\n";
    tlstream_write(stream, text.data(), text.size());
    tlstream_end(stream); // data of the server is still read after this
  };
  events.on_data = [](tlstream *, const void *bytes, size_t len, void *) {
    std::fwrite(bytes, 1, len, stdout);
  };
  events.on_error = [](tlstream *, const tlstream_error *error, void *status) {
    *static_cast<int *>(status) = tlstream_error_print(error, stderr);
  };
  return events;
}

} // namespace

int main(int argc, char **argv) {
  int status = 0;
  tlstream_error error;
  const context_ptr context = make_context(&error);
  if (context == nullptr) return tlstream_error_print(&error, stderr);

  static const tlstream_events events = make_events();
  tlstream_connect_options options = TLSTREAM_CONNECT_OPTIONS_INIT;
  options.context = context.get();
  options.port = argc > 1 ? std::atoi(argv[1]) : 8000;
  uv_loop_t *loop = uv_default_loop();
  if (tlstream_connect(loop, &options, &events, &status, &error) == nullptr) {
    return tlstream_error_print(&error, stderr);
  }
  uv_run(loop, UV_RUN_DEFAULT);
  return status;
}
