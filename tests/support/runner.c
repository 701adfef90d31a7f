/* SPDX-License-Identifier: MIT */
/* Runs the tests of a program, each in a child process. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/descriptors.h"
#include "support/test.h"

/* Less than what Meson gives a whole program, also on a busy machine. */
enum { TIME_LIMIT_S = 100 };

/* The result of a child; the memory is shared with it. */
typedef struct report {
  bool running;
  bool ended; /* the function returned, or test_stop() was called */
  unsigned failures;
  char skipped[200]; /* why; empty: it was not */
} report;

static test_function *functions[TEST_AFTER + 1]; /* by kind */
static report *shared;

/* Sorted by line: not every linker keeps the order of constructors. */
void test_register(test_kind kind, test_function *function) {
  test_function **place = &functions[kind];
  while (*place != NULL && (*place)->line <= function->line)
    place = &(*place)->next;
  function->next = *place;
  *place = function;
}

void test_skip(const char *reason) {
  snprintf(shared->skipped, sizeof(shared->skipped), "%s", reason);
}

static void finish(void) {
  shared->failures = test_failures;
  shared->ended = true;
}

void test_stop(const char *file, int line, const char *format, ...) {
  char text[500];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  if (shared == NULL || !shared->running) printf("Bail out! %s\n", text);
  test_fail(file, line, "%s", text);
  if (shared != NULL) finish();
  exit(1);
}

static const char *setting(const char *name) {
  const char *value = getenv(name);
  return value != NULL ? value : "";
}

static unsigned time_limit(void) {
  double factor = strtod(setting("TEST_TIME_FACTOR"), NULL);
  return factor > 0 ? (unsigned)(TIME_LIMIT_S * factor + 0.5) : TIME_LIMIT_S;
}

size_t test_stride(void) {
  size_t stride = strtoul(setting("TEST_STRIDE"), NULL, 10);
  return stride > 0 ? stride : 1;
}

static bool is_wanted(const char *name, int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], name) == 0) return true;
  }
  return argc < 2;
}

/* In CI everything is there, so nothing may be left out. */
static void check_skipped(void) {
  if (shared->skipped[0] == '\0' || strcmp(setting("CI"), "true") != 0) return;
  test_fail(__FILE__, __LINE__, "left out: %s", shared->skipped);
}

static void run_here(const test_function *test) {
  test_failures = 0;
  *shared = (report){.running = true};
  descriptors before = descriptors_now();
  test->run();
  descriptors_check(&before);
  check_skipped();
  finish();
}

static const char *signal_name(int number) {
  switch (number) {
    case SIGABRT: return "SIGABRT";
    case SIGBUS: return "SIGBUS";
    case SIGFPE: return "SIGFPE";
    case SIGILL: return "SIGILL";
    case SIGKILL: return "SIGKILL";
    case SIGPIPE: return "SIGPIPE";
    case SIGSEGV: return "SIGSEGV";
    case SIGTERM: return "SIGTERM";
    case SIGTRAP: return "SIGTRAP";
    default: return strsignal(number);
  }
}

/* What the child could not report itself. */
static void explain(int status) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
    printf("# took more than %u s\n", time_limit());
  } else if (WIFSIGNALED(status)) {
    printf("# killed by %s\n", signal_name(WTERMSIG(status)));
  } else if (!shared->ended) {
    printf("# exited with %d before the end\n", WEXITSTATUS(status));
  } else if (shared->failures == 0) {
    printf("# exited with %d after the end\n", WEXITSTATUS(status));
  }
}

/* exit() and not _exit(): LeakSanitizer looks for leaks then. */
static bool run_in_child(const test_function *test) {
  int status = 0;
  fflush(NULL);
  pid_t child = fork();
  if (child < 0) TEST_STOP("cannot fork: %s", strerror(errno));
  if (child == 0) {
    alarm(time_limit());
    run_here(test);
    exit(test_failures > 0 ? 1 : 0);
  }
  while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    continue;
  if (status == 0 && shared->ended) return true;
  explain(status);
  return false;
}

static bool run_one(const test_function *test, size_t number) {
  bool fine = false;
  *shared = (report){0};
  if (setting("TEST_NO_FORK")[0] == '\0') {
    fine = run_in_child(test);
  } else {
    run_here(test);
    fine = test_failures == 0;
  }
  printf("%sok %zu - %s", fine ? "" : "not ", number, test->name);
  if (shared->skipped[0] != '\0') printf(" # SKIP %s", shared->skipped);
  putchar('\n');
  return fine;
}

/* Lines are written at once, so that a crash does not lose any. */
static void prepare(void) {
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    shared = NULL;
    TEST_STOP("no shared memory: %s", strerror(errno));
  }
}

static void run_all(test_kind kind) {
  for (test_function *one = functions[kind]; one != NULL; one = one->next)
    one->run();
}

int test_main(int argc, char **argv) {
  size_t ran = 0;
  bool fine = true;
  prepare();
  run_all(TEST_BEFORE);
  fine = test_failures == 0;
  for (test_function *test = functions[TEST_CASE]; test != NULL;
       test = test->next) {
    if (is_wanted(test->name, argc, argv)) fine &= run_one(test, ++ran);
  }
  run_all(TEST_AFTER);
  printf("1..%zu\n", ran);
  return fine && ran > 0 ? 0 : 1;
}
