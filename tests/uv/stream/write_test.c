/* SPDX-License-Identifier: MIT */
/* tlstream_writev() and tlstream_printf(): what they write is what
 * tlstream_write() would of the whole. */
#include <stdlib.h>

#include <tlstream/stream_info.h>
#include <tlstream/stream_write.h>

#include "support/test.h"
#include "support/torture.h"
#include "support/uv/stage.h"

/* What arrived at the server. */
static struct {
  char *bytes;
  size_t len;
} heard;

static void hear(tlstream *stream, const void *bytes, size_t len, void *data) {
  (void)stream, (void)data;
  heard.bytes = realloc(heard.bytes, heard.len + len + 1);
  memcpy(heard.bytes + heard.len, bytes, len);
  heard.len += len;
  heard.bytes[heard.len] = '\0';
}

static const tlstream_events listener = {.on_data = hear};

typedef struct talk {
  stage here;
  actor client;
  actor server;
} talk;

static void talk_begin(talk *self) {
  memset(self, 0, sizeof(*self));
  memset(&heard, 0, sizeof(heard));
  stage_open(&self->here, NULL);
  stage_join(&self->here, &self->client, &self->server);
  stage_settle(&self->here);
  tlstream_set_events(self->server.stream, &listener, NULL);
}

static void talk_end(talk *self) {
  stage_settle(&self->here);
  if (self->client.stream != NULL) tlstream_end(self->client.stream);
  stage_run(&self->here);
  actor_done(&self->client);
  CHECK_INT(self->client.ending, TLSTREAM_ENDING_CLEAN);
  stage_close(&self->here);
  free(heard.bytes);
}

TEST(pieces_arrive_one_behind_the_other) {
  talk self;
  const tlstream_bytes pieces[] = {{"head", 4}, {NULL, 0}, {" body", 5}};
  talk_begin(&self);
  CHECK_ERROR(tlstream_writev(self.client.stream, pieces, 3), 0);
  CHECK_ERROR(tlstream_writev(self.client.stream, pieces, 1), 0);
  CHECK_ERROR(tlstream_writev(self.client.stream, pieces, 0), 0);
  CHECK_ERROR(tlstream_writev(self.client.stream, NULL, 0), 0);
  CHECK_INT(tlstream_bytes_written(self.client.stream), 13);
  stage_settle(&self.here);
  CHECK_STR(heard.bytes, "head bodyhead");
  talk_end(&self);
}

TEST(many_large_pieces_arrive_and_the_queue_says_that_it_is_full) {
  enum { COUNT_OF = 40, EACH = 5000 };
  talk self;
  tlstream_bytes pieces[COUNT_OF];
  char block[EACH];
  memset(block, 'x', sizeof(block));
  for (int i = 0; i < COUNT_OF; i++)
    pieces[i] = (tlstream_bytes){block, sizeof(block)};
  talk_begin(&self);
  CHECK_INT(tlstream_writev(self.client.stream, pieces, COUNT_OF), 1);
  stage_settle(&self.here);
  CHECK_INT(heard.len, COUNT_OF * EACH);
  CHECK_INT(self.client.order.count[CAME_DRAIN], 1);
  talk_end(&self);
}

TEST(pieces_are_taken_all_or_not_at_all) {
  talk self;
  char block[4096] = "";
  const tlstream_bytes pieces[] = {{"head", 4}, {block, sizeof(block)}};
  const tlstream_bytes absurd[] = {{block, PTRDIFF_MAX}, {block, 1}};
  torture_install();
  talk_begin(&self);
  torture_arm(TORTURE_LIBRARY, TORTURE_FOREVER, 1);
  int code = tlstream_writev(self.client.stream, pieces, 2);
  bool struck = torture_disarm();
  CHECK_ERROR(code, struck ? TLSTREAM_ERR_NO_MEMORY : 0);
  CHECK_INT(tlstream_write_queue_size(self.client.stream),
            struck ? 0 : 4 + sizeof(block));
  CHECK_ERROR(tlstream_writev(self.client.stream, absurd, 2),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  tlstream *client = tlstream_ref(self.client.stream);
  tlstream_end(client);
  CHECK_ERROR(tlstream_writev(client, pieces, 2), TLSTREAM_ERR_WRITE_AFTER_END);
  talk_end(&self);
  CHECK_ERROR(tlstream_writev(client, pieces, 2), TLSTREAM_ERR_CLOSED);
  tlstream_unref(client);
}

TEST(text_is_written_without_its_nul) {
  talk self;
  char line[4000];
  memset(line, 'y', sizeof(line));
  line[sizeof(line) - 1] = '\0';
  talk_begin(&self);
  tlstream *client = self.client.stream;
  CHECK_ERROR(tlstream_printf(client, "%s %d\r\n", "EHLO", 25), 0);
  CHECK_ERROR(tlstream_printf(client, "%s", ""), 0);
  stage_settle(&self.here);
  CHECK_STR(heard.bytes, "EHLO 25\r\n");
  for (int len = 510; len <= 513; len++)
    CHECK_ERROR(tlstream_printf(client, "%.*s", len, line), 0);
  CHECK_ERROR(tlstream_printf(client, "%s%s", line, line), 0);
  stage_settle(&self.here);
  CHECK_INT(heard.len, 9 + 510 + 511 + 512 + 513 + 2 * strlen(line));
  talk_end(&self);
}

TEST(a_text_that_is_too_long_is_refused_whole) {
  talk self;
  int most = TLSTREAM_PRINTF_MAX;
  talk_begin(&self);
  tlstream *client = tlstream_ref(self.client.stream);
  CHECK_ERROR(tlstream_printf(client, "%*d", most + 1, 1),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_ERROR(tlstream_printf(client, "%*d", 2000000000, 1),
              TLSTREAM_ERR_INVALID_ARGUMENT);
  CHECK_INT(tlstream_bytes_written(client), 0);
  CHECK_GE(tlstream_printf(client, "%*d", most, 1), 0);
  CHECK_INT(tlstream_bytes_written(client), most);
  stage_settle(&self.here);
  CHECK_INT(heard.len, most);
  talk_end(&self);
  CHECK_ERROR(tlstream_printf(client, "x"), TLSTREAM_ERR_CLOSED);
  tlstream_unref(client);
}
