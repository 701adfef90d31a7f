/* SPDX-License-Identifier: MIT */
/* H7: each allocation of OpenSSL's fails in turn, in the whole life of a client
 * and a server. What OpenSSL itself leaks then is not tested; we test that no
 * side crashes, hangs, or is wrongly authorized. */
#include "support/lifecycle.h"
#include "support/test.h"
#include "support/torture.h"

BEFORE_TESTS(take_over) {
  torture_install();
  if (!torture_install_openssl()) test_fail(__FILE__, __LINE__, "too late");
}

/* There are thousands, so of some scenarios only every `step`th is failed. */
static void endure(lifecycle made, size_t step) {
  size_t runs = 0;
  bool met = true;
  lifecycle_run(&made); /* what is made once for the process is made now */
  made.reported = 0;
  size_t blocks = torture_live(TORTURE_LIBRARY);
  while (met && test_failures == 0) {
    size_t nth = 1 + runs++ * step;
    IN_CASE("allocation %zu", nth);
    torture_arm(TORTURE_OPENSSL, TORTURE_ONCE, nth);
    lifecycle_run(&made);
    met = torture_disarm();
    CHECK_INT(torture_live(TORTURE_LIBRARY), blocks);
  }
  CHECK_GT(runs * step, 1000);
  CHECK_GT(made.reported, 20);
  lifecycle_clear(&made);
}

TEST(trusted_peers_survive_in_tls_1_2) {
  endure(lifecycle_of_trusted(TLSTREAM_TLS_1_2, false), 1);
}

TEST(trusted_peers_survive_in_tls_1_3) {
  endure(lifecycle_of_trusted(TLSTREAM_TLS_1_3, false), 1);
}

TEST(untrusted_peers_are_never_authorized) {
  endure(lifecycle_of_untrusted(TLSTREAM_TLS_1_2, true), 11);
  endure(lifecycle_of_untrusted(TLSTREAM_TLS_1_3, true), 11);
}
