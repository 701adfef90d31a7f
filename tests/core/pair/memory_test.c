/* SPDX-License-Identifier: MIT */
/* H7: each allocation of the library's fails in turn, in the whole life of a
 * client and a server. */
#include "support/lifecycle.h"
#include "support/test.h"
#include "support/torture.h"

static void endure(lifecycle made) {
  lifecycle_run(&made); /* what is made once for the process is made now */
  for (int mode = TORTURE_ONCE; mode <= TORTURE_FOREVER; mode++) {
    made.whole = made.reported = 0;
    size_t runs =
        torture_each(TORTURE_LIBRARY, (torture_mode)mode, lifecycle_run, &made);
    CHECK_GT(made.reported, 8);
    /* Trusted peers either succeed, because what failed was not necessary, or
     * report why not. */
    if (!made.untrusted) CHECK_INT(made.reported + made.whole, runs);
  }
  lifecycle_clear(&made);
}

TEST(trusted_peers_survive) {
  torture_install();
  endure(lifecycle_of_trusted(TLSTREAM_TLS_1_2, true));
  endure(lifecycle_of_trusted(TLSTREAM_TLS_1_3, true));
}

TEST(untrusted_peers_are_never_authorized) {
  torture_install();
  for (int insecure = 0; insecure < 2; insecure++) {
    endure(lifecycle_of_untrusted(TLSTREAM_TLS_1_2, insecure != 0));
    endure(lifecycle_of_untrusted(TLSTREAM_TLS_1_3, insecure != 0));
  }
}
