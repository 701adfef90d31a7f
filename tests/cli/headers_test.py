# SPDX-License-Identifier: MIT
"""The public headers compile in other programs, with stricter warnings: as C11
and C++17, with gcc and clang, and with every initializer macro."""

import os
import re
import subprocess

from harness import BUILD, DEADLINE, ROOT, Folder, have, skip, test, tests_done

INCLUDE = os.path.join(ROOT, 'include', 'tlstream')
# Needed by libuv's headers when the dialect is not a GNU one.
POSIX = '-D_GNU_SOURCE'
STRICT = ('-Wall', '-Wextra', '-Werror', '-pedantic', '-fsyntax-only')


def headers():
    return sorted(name for name in os.listdir(INCLUDE)
                  if name.endswith('.h'))


def initializers():
    """All (macro, type) of options."""
    found = []
    for name in headers():
        with open(os.path.join(INCLUDE, name)) as file:
            found += re.findall(r'#define (TLSTREAM_\w+_OPTIONS_INIT)[\s\\]+'
                                r'TLSTREAM_OPTIONS_INIT\((\w+)\)', file.read())
    assert len(found) >= 5, found
    return found


def program(only=None):
    """A program that checks that each macro sets the size and nothing else."""
    lines = [f'#include <tlstream/{only or "tlstream.h"}>',
             '#include <string.h>', 'int main(void) {', '  int odd = 0;']
    for number, (macro, kind) in enumerate([] if only else initializers()):
        lines += [f'  static {kind} a{number} = {macro};',
                  f'  static {kind} b{number};',
                  f'  b{number}.size = sizeof(b{number});',
                  f'  odd += memcmp(&a{number}, &b{number}, '
                  f'sizeof(a{number})) != 0;']
    return '\n'.join(lines + ['  return odd;', '}', ''])


def compiled(compiler, standard, source, *flags):
    with Folder() as folder:
        path = os.path.join(folder,
                            'p.cc' if '++' in standard else 'p.c')
        out = os.path.join(folder, 'p')
        with open(path, 'w') as file:
            file.write(source)
        done = subprocess.run(
            [compiler, f'-std={standard}', POSIX, '-I', os.path.join(ROOT, 'include'),
             '-I', os.path.join(BUILD, 'include'), *flags, path, '-o', out],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=DEADLINE)
        assert done.returncode == 0, done.stdout.decode()
        if '-fsyntax-only' not in flags:
            assert subprocess.run([out], timeout=DEADLINE).returncode == 0


for compiler, standard in (('gcc', 'c11'), ('clang', 'c11'),
                           ('g++', 'c++17'), ('clang++', 'c++17')):
    title = f'{compiler} -std={standard} -Wall -Wextra -Werror'
    if not have(compiler):
        skip(title, 'not installed')
        continue

    @test(title)
    def _():
        compiled(compiler, standard, program(), *STRICT)
        compiled(compiler, standard, program())

    @test(f'{compiler} -std={standard}: each header on its own')
    def _():
        for name in headers():
            compiled(compiler, standard, program(name), *STRICT)

tests_done()
