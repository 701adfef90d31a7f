/* SPDX-License-Identifier: MIT */
/* Socket addresses as people write them. */
#include "uv/address.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/loop_guard.h"
#include "support/test.h"

TEST(prints_what_can_be_typed_again) {
  static const struct {
    const char *host;
    int port;
    const char *text;
  } rows[] = {
      {"127.0.0.1", 80, "127.0.0.1:80"},
      {"127.0.0.1", 65535, "127.0.0.1:65535"},
      {"::1", 443, "[::1]:443"},
      {"fe80::1%eth0", 1, "[fe80::1%eth0]:1"},
      {"/run/app.sock", 0, "/run/app.sock"},
      {"/odd:path", 0, "/odd:path"},
      {"", 0, ""},
  };
  char out[TLSTREAM__ADDRESS_TEXT];
  EACH_ROW_NAMED(i, rows, text) {
    tlstream_address address = {.port = rows[i].port};
    snprintf(address.host, sizeof(address.host), "%s", rows[i].host);
    CHECK(tlstream__address_print(&address, out, sizeof(out)) == out);
    CHECK_STR(out, rows[i].text);
  }
}

TEST(the_longest_address_has_room) {
  char out[TLSTREAM__ADDRESS_TEXT];
  tlstream_address address = {.port = 65535};
  memset(address.host, ':', sizeof(address.host) - 1);
  tlstream__address_print(&address, out, sizeof(out));
  CHECK_HAS(out, "::]:65535");
  CHECK_STR(tlstream__address_print(&address, out, 5), "[:::");
}

TEST(an_interface_by_its_name_is_a_zone) {
  static const struct {
    const char *host;
    bool zoned;
  } rows[] = {
      {"::1%lo", true},  {"fe80::1%lo", true}, {"::1", false},
      {"::1%", false},   {"::1%no", false},    {"127.0.0.1%lo", false},
      {"a.b%lo", false}, {"%lo", false},       {"", false},
  };
  EACH_ROW_NAMED(i, rows, host) {
    struct sockaddr_in6 address = {0};
    CHECK_INT(tlstream__address_with_zone(rows[i].host, 443, &address),
              rows[i].zoned);
    if (!rows[i].zoned) continue;
    CHECK_INT(ntohs(address.sin6_port), 443);
    CHECK_INT(address.sin6_scope_id, if_nametoindex("lo"));
  }
}

TEST(reads_both_families) {
  tlstream_address address = {.host = "old", .port = 1};
  struct sockaddr_in in4;
  struct sockaddr_in6 in6;
  CHECK_ERROR(uv_ip4_addr("192.0.2.7", 8000, &in4), 0);
  CHECK_ERROR(tlstream__address_from((const void *)&in4, &address), 0);
  CHECK_STR(address.host, "192.0.2.7");
  CHECK_INT(address.port, 8000);
  CHECK_ERROR(uv_ip6_addr("2001:db8::5", 65535, &in6), 0);
  CHECK_ERROR(tlstream__address_from((const void *)&in6, &address), 0);
  CHECK_STR(address.host, "2001:db8::5");
  CHECK_INT(address.port, 65535);
}

TEST(refuses_other_families) {
  tlstream_address address = {.host = "old", .port = 1};
  struct sockaddr other = {.sa_family = AF_UNSPEC};
  CHECK_ERROR(tlstream__address_from(&other, &address), UV_EAFNOSUPPORT);
  CHECK_STR(address.host, "");
  CHECK_INT(address.port, 0);
}

static int fd_of(const void *handle) {
  uv_os_fd_t fd = -1;
  uv_fileno(handle, &fd);
  return fd;
}

/* A port that the system chose, on this machine only. */
TEST(finds_the_address_of_a_socket) {
  loop_guard guard;
  uv_tcp_t tcp;
  struct sockaddr_in here;
  tlstream_address address;
  uv_loop_t *loop = loop_guard_open(&guard);
  CHECK_ERROR(uv_tcp_init(loop, &tcp), 0);
  CHECK_LT(tlstream__address_of(fd_of(&tcp), &address), 0); /* not bound */
  CHECK_ERROR(uv_ip4_addr("127.0.0.1", 0, &here), 0);
  CHECK_ERROR(uv_tcp_bind(&tcp, (const struct sockaddr *)&here, 0), 0);
  CHECK_ERROR(tlstream__address_of(fd_of(&tcp), &address), 0);
  CHECK_STR(address.host, "127.0.0.1");
  CHECK_GT(address.port, 0);
  CHECK_LT(tlstream__address_of_peer(fd_of(&tcp), &address), 0); /* has none */
  uv_close((uv_handle_t *)&tcp, NULL);
  loop_guard_run(&guard);
  loop_guard_close(&guard);
}

/* The longest path that a Unix socket can have fits, and ends. */
TEST(finds_the_path_of_a_unix_socket) {
  loop_guard guard;
  uv_pipe_t pipe;
  tlstream_address address;
  char folder[] = "/tmp/tlstream-address-XXXXXX";
  char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
  uv_loop_t *loop = loop_guard_open(&guard);
  CHECK(mkdtemp(folder) != NULL);
  memset(path, 'x', sizeof(path));
  memcpy(path, folder, strlen(folder));
  path[strlen(folder)] = '/';
  path[sizeof(path) - 1] = '\0';
  CHECK_ERROR(uv_pipe_init(loop, &pipe, 0), 0);
  CHECK_ERROR(uv_pipe_bind(&pipe, path), 0);
  memset(&address, 'z', sizeof(address));
  CHECK_ERROR(tlstream__address_of(fd_of(&pipe), &address), 0);
  CHECK_STR(address.host, path);
  CHECK_INT(address.port, 0);
  CHECK_LT(tlstream__address_of_peer(fd_of(&pipe), &address), 0);
  uv_close((uv_handle_t *)&pipe, NULL);
  loop_guard_run(&guard);
  loop_guard_close(&guard);
  CHECK_INT(rmdir(folder), 0);
}
