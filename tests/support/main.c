/* SPDX-License-Identifier: MIT */
/* main() of every test program. It is alone in its file, so that a program with
 * a main() of its own can use the rest. */
#include "support/test.h"

int main(int argc, char **argv) {
  return test_main(argc, argv);
}
