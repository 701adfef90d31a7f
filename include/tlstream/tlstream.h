/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_TLSTREAM_H
#define TLSTREAM_TLSTREAM_H

#include <tlstream/certificate.h>
#include <tlstream/client.h>
#include <tlstream/context.h>
#include <tlstream/error.h>
#include <tlstream/issue.h>
#include <tlstream/memory.h>
#include <tlstream/pair.h>
#include <tlstream/server.h>
#include <tlstream/stream.h>
#include <tlstream/text.h>
#include <tlstream/version.h>

#endif
