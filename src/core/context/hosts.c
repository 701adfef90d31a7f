/* SPDX-License-Identifier: MIT */
#include <tlstream/hosts.h>

#include "base/alloc.h"
#include "base/error.h"
#include "core/context/context.h"
#include "core/context/sni.h"

struct tlstream_hosts {
  tlstream__sni table;
};

tlstream_hosts *tlstream_hosts_new(void) {
  return tlstream__calloc(sizeof(tlstream_hosts));
}

void tlstream_hosts_free(tlstream_hosts *hosts) {
  if (hosts == NULL) return;
  tlstream__sni_clear(&hosts->table);
  tlstream__free(hosts);
}

int tlstream_hosts_add(tlstream_hosts *hosts, const char *pattern,
                       tlstream_context *context, tlstream_error *error) {
  tlstream__error_clear(error);
  int code = tlstream__context_check_server(context, error);
  if (code != 0) return code;
  return tlstream__sni_add(&hosts->table, pattern != NULL ? pattern : "",
                           context, error);
}

tlstream_context *tlstream_hosts_find(const tlstream_hosts *hosts,
                                      const char *name) {
  return name != NULL ? tlstream__sni_find(&hosts->table, name) : NULL;
}
