/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TLSTREAM_H
#define TLSTREAM_TLSTREAM_H

#include <tlstream/bytes.h>
#include <tlstream/certificate.h>
#include <tlstream/client.h>
#include <tlstream/context.h>
#include <tlstream/dial.h>
#include <tlstream/error.h>
#include <tlstream/hosts.h>
#include <tlstream/identity.h>
#include <tlstream/issue.h>
#include <tlstream/library.h>
#include <tlstream/memory.h>
#include <tlstream/ocsp.h>
#include <tlstream/metrics.h>
#include <tlstream/pair.h>
#include <tlstream/pair_counts.h>
#include <tlstream/pair_ending.h>
#include <tlstream/pair_hello.h>
#include <tlstream/pair_info.h>
#include <tlstream/pair_lookup.h>
#include <tlstream/pair_verify.h>
#include <tlstream/pipe_handle.h>
#include <tlstream/policy.h>
#include <tlstream/protocols.h>
#include <tlstream/server.h>
#include <tlstream/session.h>
#include <tlstream/signer.h>
#include <tlstream/stapler.h>
#include <tlstream/stream.h>
#include <tlstream/stream_hello.h>
#include <tlstream/stream_info.h>
#include <tlstream/stream_lookup.h>
#include <tlstream/stream_socket.h>
#include <tlstream/stream_verify.h>
#include <tlstream/stream_write.h>
#include <tlstream/text.h>
#include <tlstream/ticket_keys.h>
#include <tlstream/timeouts.h>
#include <tlstream/tlsa.h>
#include <tlstream/transport.h>
#include <tlstream/upgrade.h>
#include <tlstream/version.h>
#include <tlstream/watch.h>

#endif
