/* SPDX-License-Identifier: MIT */
/*
 * MySQL and MariaDB: the server begins with a handshake packet of version 10,
 * which says what it is capable of, or with an error packet. A packet is three
 * bytes of length, a sequence number and the payload; numbers are
 * little-endian.
 */
#include <string.h>

#include "connect/starttls/reply.h"

enum {
  HEADER = 4,
  PAYLOAD_MAX = 4000,
  HANDSHAKE_V10 = 10,
  HANDSHAKE_V9 = 9,
  ERROR_PACKET = 0xff,
  ERROR_HEADER = 3,
  STATE_LEN = 6,            /* '#' and the SQLSTATE */
  BEFORE_CAPABILITIES = 13, /* thread ID, half of the challenge, a zero */
  CAPABILITY_TLS = 0x08     /* CLIENT_SSL, in the second byte */
};

typedef struct payload {
  const unsigned char *bytes;
  size_t len;
} payload;

static reply_result parse_error(reply *self, payload packet) {
  if (packet.len < ERROR_HEADER) return REPLY_INVALID;
  unsigned code = packet.bytes[1] | (unsigned)packet.bytes[2] << 8;
  packet.bytes += ERROR_HEADER;
  packet.len -= ERROR_HEADER;
  if (packet.len >= STATE_LEN && packet.bytes[0] == '#') {
    packet.bytes += STATE_LEN;
    packet.len -= STATE_LEN;
  }
  reply_quote(self, packet.bytes, packet.len);
  return reply_refuse(self, "the server answers with error %u", code);
}

static reply_result parse_handshake(reply *self, payload packet) {
  const unsigned char *version = packet.bytes + 1;
  const unsigned char *stop = memchr(version, '\0', packet.len - 1);
  if (stop == NULL) return REPLY_INVALID;
  const unsigned char *capabilities = stop + 1 + BEFORE_CAPABILITIES;
  if (packet.bytes + packet.len - stop < BEFORE_CAPABILITIES + 3) {
    return REPLY_INVALID;
  }
  if ((capabilities[1] & CAPABILITY_TLS) != 0) return REPLY_OK;
  reply_quote(self, version, (size_t)(stop - version));
  return reply_refuse(self, "the server offers no TLS; its version is");
}

static reply_result parse_payload(reply *self, payload packet) {
  switch (packet.bytes[0]) {
    case HANDSHAKE_V10: return parse_handshake(self, packet);
    case HANDSHAKE_V9:
      return reply_refuse(self, "the server offers no TLS: it speaks version 9 "
                                "of the protocol, before there was any");
    case ERROR_PACKET: return parse_error(self, packet);
    default: return REPLY_INVALID;
  }
}

reply_result parse_mysql(reply *self, size_t *used) {
  const unsigned char *bytes = (const unsigned char *)self->bytes;
  *used = 0;
  if (self->len < HEADER) return REPLY_PARTIAL;
  size_t len = bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16;
  if (bytes[3] != 0 || len == 0) return REPLY_INVALID;
  if (len > PAYLOAD_MAX) return REPLY_TOO_LONG;
  if (self->len < HEADER + len) return REPLY_PARTIAL;
  *used = HEADER + len;
  return parse_payload(self, (payload){bytes + HEADER, len});
}
