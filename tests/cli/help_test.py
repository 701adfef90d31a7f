# SPDX-License-Identifier: MIT
"""Help, versions, and the manual page, which must document every option."""

import os
import re

from harness import ROOT, check, run, test, tests_done

COMMANDS = (('serve',), ('connect',), ('cert', 'key'), ('cert', 'request'),
            ('cert', 'self-signed'), ('cert', 'ca'), ('cert', 'sign'),
            ('cert', 'show'))


def options_of(command):
    result = run(*command, '--help')
    check(result, 0)
    return re.findall(r'^  --([a-z-]+)', result.out.decode(), re.M)


@test('help is data: stdout, exit status 0')
def _():
    for words in (('help',), ('--help',), ('-h',), ('cert', 'help'),
                  ('cert', '--help')):
        result = run(*words)
        check(result, 0)
        assert b'usage: tlstream' in result.out and result.err == '', result


@test('help of a command, and of one in a group')
def _():
    for command in COMMANDS:
        asked = run('help', *command)
        check(asked, 0)
        assert asked.out == run(*command, '--help').out, asked
    assert run('cert', 'help', 'key').out == run('cert', 'key', '--help').out
    assert run('help', 'cert').out == run('cert', 'help').out
    check(run('help', 'conect'), 2, 'did you mean connect?')


@test('help and versions that cannot be printed are a local fault')
def _():
    with open('/dev/full', 'wb') as full:
        for words in (('help',), ('--version',), ('connect', '--help'),
                      ('help', 'cert', 'key'), ('cert', 'help')):
            check(run(*words, stdout=full), 2,
                  'cannot write to standard output: No space left')


@test('each command has its own help')
def _():
    for command in COMMANDS:
        result = run(*command, '--help')
        check(result, 0)
        usage = 'usage: tlstream ' + ' '.join(command)
        assert result.out.decode().startswith(usage), result
        assert all(len(line) <= 80 for line in
                   result.out.decode().splitlines()), result


@test('the versions of the command and of its libraries')
def _():
    result = run('--version')
    check(result, 0)
    assert re.match(rb'tlstream \d+\.\d+\.\d+ .*libuv \d', result.out), result


@test('the manual page documents every command and every option')
def _():
    with open(os.path.join(ROOT, 'man', 'tlstream.1')) as file:
        page = file.read().replace('\\-', '-')
    for command in COMMANDS:
        name = ' '.join(command)
        start = page.index(f'.SS tlstream {name}')
        section = page[start:].split('\n.S', 1)[0]
        documented = set(re.findall(r'^\.B(?:I|R)? --([a-z-]+)', section, re.M))
        known = set(options_of(command)) - {'help'}
        assert documented == known, (name, documented ^ known)


tests_done()
