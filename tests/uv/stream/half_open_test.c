/* SPDX-License-Identifier: MIT */
/* G4: each direction ends separately. One side ends first; the other ends too,
 * automatically or, where that is allowed, when it has sent the rest. */
#include <tlstream/pair_ending.h>

#include "support/test.h"
#include "support/uv/loopback.h"

static const tlstream_version versions[] = {TLSTREAM_TLS_1_2, TLSTREAM_TLS_1_3};

enum { FIRST = 1000, REST = 200 * 1000 };

typedef struct script {
  tlstream_role first; /* the side that ends first */
  bool half_open;      /* the other side may go on */
} script;

/* The side that ends first sends a little before; the other answers at the
 * end. */
static void play(actor *self, callback_kind kind, const script *part) {
  if (self->role == part->first) {
    if (kind != CAME_SECURE) return;
    CHECK_GE(actor_write(self, FIRST), 0);
    tlstream_end(self->stream);
    CHECK_ERROR(actor_write(self, 1), TLSTREAM_ERR_WRITE_AFTER_END);
  } else if (kind == CAME_END && part->half_open) {
    CHECK_INT(self->got, FIRST);
    CHECK_GE(actor_write(self, REST), 0);
    tlstream_end(self->stream);
  }
}

static void act(actor *self, callback_kind kind) {
  play(self, kind, self->data);
}

static void welcome(loopback *net, actor *guest) {
  guest->act = act;
  guest->data = net->data;
  act(guest, CAME_SECURE);
}

static void end_first(tlstream_version version, script part) {
  bool client_first = part.first == TLSTREAM_ROLE_CLIENT;
  loopback net = {.config.version = version,
                  .on_connection = welcome,
                  .data = &part,
                  .options.allow_half_open = client_first && part.half_open};
  actor client = {.act = act, .data = &part};
  loopback_open(&net);
  loopback_serve(&net, NULL);
  loopback_connect(
      &net, &client,
      TLSTREAM_CONNECT(.allow_half_open = !client_first && part.half_open));
  loopback_run(&net);
  actor_done(&client);
  actor *first = client_first ? &client : &net.guests[0];
  actor *second = client_first ? &net.guests[0] : &client;
  CHECK_INT(second->got, FIRST);
  CHECK_INT(first->got, part.half_open ? REST : 0);
  for (int i = 0; i < 2; i++) {
    actor *each = i == 0 ? first : second;
    CHECK_INT(each->order.count[CAME_END], 1);
    CHECK_INT(each->order.count[CAME_ERROR], 0);
    CHECK_INT(each->ending, TLSTREAM_ENDING_CLEAN);
  }
  loopback_close(&net);
}

static void end_in_every_way(bool half_open) {
  for (int i = 0; i < 4; i++) {
    script part = {.first =
                       i % 2 == 0 ? TLSTREAM_ROLE_CLIENT : TLSTREAM_ROLE_SERVER,
                   .half_open = half_open};
    IN_CASE("%s, the %s ends first", tlstream_version_name(versions[i / 2]),
            part.first == TLSTREAM_ROLE_CLIENT ? "client" : "server");
    end_first(versions[i / 2], part);
  }
}

TEST(the_other_side_ends_by_itself) {
  end_in_every_way(false);
}

TEST(or_goes_on_where_that_is_allowed) {
  end_in_every_way(true);
}
