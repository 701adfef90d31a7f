/* SPDX-License-Identifier: MIT */
#ifndef TLSTREAM_EXPORT_H
#define TLSTREAM_EXPORT_H

/* The library is built with hidden visibility; what carries TLSTREAM_API is
 * what it exports. TLSTREAM_WARN_UNUSED marks results that must not be ignored,
 * TLSTREAM_FORMAT where a format and its arguments are, which are then checked.
 */
#if defined(__GNUC__)
#define TLSTREAM_API               __attribute__((visibility("default")))
#define TLSTREAM_WARN_UNUSED       __attribute__((warn_unused_result))
#define TLSTREAM_FORMAT(at, first) __attribute__((format(printf, at, first)))
#else
#define TLSTREAM_API
#define TLSTREAM_WARN_UNUSED
#define TLSTREAM_FORMAT(at, first)
#endif

/* What the macros that end in _OPTIONS_INIT are made of: all is zero but the
 * size. C++ has no other way of saying so that compilers do not warn of. */
#ifdef __cplusplus
extern "C++" { /* the headers may be included inside of extern "C" */
template <typename Options> inline Options tlstream_options_init() {
  Options made = Options();
  made.size = sizeof(made);
  return made;
}
}
#define TLSTREAM_OPTIONS_INIT(type) tlstream_options_init<type>()
#else
#define TLSTREAM_OPTIONS_INIT(type) \
  { .size = sizeof(type) }
#endif

#endif
