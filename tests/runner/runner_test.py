# SPDX-License-Identifier: MIT
"""The runner of the tests in C: each way to fail fails one test, reports how,
and leaves the others alone."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'cli'))
from harness import run, test, tests_done  # noqa: E402

PROGRAM = run(env={'TEST_TIME_FACTOR': '0.01', 'CI': ''})
TEXT = PROGRAM.out.decode()


def result_of(name):
    """The lines before a test's result, and the result."""
    lines = []
    for line in TEXT.splitlines():
        if line.startswith('# '):
            lines.append(line)
        elif line.split(' #')[0].endswith(f' - {name}'):
            return lines, line
        else:
            lines = []
    raise AssertionError(f'no {name} in\n{TEXT}')


def fails(name, *wanted):
    lines, result = result_of(name)
    assert result.startswith('not ok '), result
    assert len(lines) == len(wanted), lines
    for line, end in zip(lines, wanted):
        assert line.endswith(end), f'{line!r} does not end with {end!r}'


@test('a program with failures exits with 1 and runs all of its tests')
def _():
    assert PROGRAM.status == 1, PROGRAM
    assert TEXT.endswith('# prepared 1 times\n1..11\n'), TEXT


@test('a test passes')
def _():
    assert result_of('passes') == ([], 'ok 1 - passes'), result_of('passes')


@test('a crash, a signal, an exit and a time limit are failures of one test')
def _():
    fails('crashes', 'prepared is 1, not 3', '# killed by SIGABRT')
    fails('is_killed', '# killed by SIGKILL')
    fails('hangs', '# took more than 1 s')
    fails('exits', '# exited with 0 before the end')
    fails('stops', ': there is no disk')


@test('a descriptor that is left open is named')
def _():
    fails('leaves_a_descriptor', ' is left open: /dev/null')


@test('errors have names, comparisons show both sides')
def _():
    fails('names_errors',
          ' is ERR_TLSTREAM_WRONG_STATE (-20035), not 0 (no error)',
          ' is ECONNRESET (-104), not ERR_TLSTREAM_CLOSED (-20034)')
    fails('shows_both_sides', ': 1 is 1, not > 2', ': 3 is 3, not != 3',
          ': -5 is -5, not >= 0')


@test('a failure in a loop names its row')
def _():
    fails('names_rows', ': [rows[1] "second"] rows[i].value is 2, not 1',
          ': [words[0] "left", seed 7, rows[0]] rows[k].value is 1, not 5',
          ': [words[1] "right", seed 7, rows[0]] rows[k].value is 1, not 5',
          ': not so: prepared == 0')


@test('a skipped test has a reason, and is a failure in CI')
def _():
    assert result_of('is_skipped')[1].endswith('# SKIP not here'), TEXT
    done = run('is_skipped', env={'CI': 'true'})
    assert done.status == 1 and b'left out: not here' in done.out, done


@test('tests run by name, and in the program itself for a debugger')
def _():
    here = run('passes', 'shows_both_sides', env={'TEST_NO_FORK': '1'})
    assert here.status == 1, here
    assert here.out.endswith(b'# prepared 2 times\n1..2\n'), here
    assert run('no_such_test').status == 1


tests_done()
