/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_EXPORT_H
#define TLSTREAM_EXPORT_H

/* The library is built with hidden visibility; what carries TLSTREAM_API is
 * what it exports. TLSTREAM_CHECK marks results that must not be ignored. */
#if defined(__GNUC__)
#define TLSTREAM_API   __attribute__((visibility("default")))
#define TLSTREAM_CHECK __attribute__((warn_unused_result))
#else
#define TLSTREAM_API
#define TLSTREAM_CHECK
#endif

#endif
