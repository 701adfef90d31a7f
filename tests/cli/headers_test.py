# SPDX-License-Identifier: MIT
"""The public headers compile in other programs, with stricter warnings: as C11
and C++17, with gcc and clang, and with every initializer macro. A program in
C++ can call every function, and the examples are C11 to the letter."""

import glob
import json
import os
import re
import subprocess

from harness import BUILD, DEADLINE, ROOT, Folder, have, skip, test, tests_done

INCLUDE = os.path.join(ROOT, 'include', 'tlstream')
# Needed by libuv's headers when the dialect is not a GNU one.
POSIX = '-D_GNU_SOURCE'
HERE = os.path.dirname(os.path.abspath(__file__))
STRICT = ('-Wall', '-Wextra', '-Werror', '-pedantic', '-fsyntax-only')


def headers():
    return sorted(name for name in os.listdir(INCLUDE)
                  if name.endswith('.h'))


def initializers():
    """All (macro, type) of options; each struct of options has a macro."""
    found, structs = [], []
    for name in headers():
        with open(os.path.join(INCLUDE, name)) as file:
            text = file.read()
        structs += re.findall(r'typedef struct (tlstream_\w+_options) {', text)
        found += re.findall(r'#define (TLSTREAM_\w+_OPTIONS_INIT)[\s\\]+'
                            r'TLSTREAM_OPTIONS_INIT\((\w+)\)', text)
    assert sorted(kind for _, kind in found) == sorted(structs), found
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


def library(compiler):
    """The flags to link the library with. One that has sanitizers in it, which
    are gcc's, cannot be linked by clang."""
    with open(os.path.join(BUILD, 'meson-info',
                           'intro-buildoptions.json')) as file:
        options = {each['name']: each['value'] for each in json.load(file)}
    flags = [os.path.join(BUILD, 'libtlstream.so'), f'-Wl,-rpath,{BUILD}']
    kinds = options['b_sanitize']
    if kinds in ('none', []):
        return flags
    if compiler.startswith('clang'):
        return ['-fsyntax-only']
    kinds = kinds if isinstance(kinds, str) else ','.join(kinds)
    return [*flags, f'-fsanitize={kinds}']


def functions():
    """The names of all functions."""
    found = []
    for name in headers():
        with open(os.path.join(INCLUDE, name)) as file:
            text = re.sub(r'/\*.*?\*/', '', file.read(), flags=re.S)
        found += re.findall(r'^TLSTREAM_API[^;(]*?\b(tlstream_\w+)\(', text,
                            re.M)
    assert len(found) > 100, found
    return found


def linked_program():
    """A program that is linked with every function."""
    return '\n'.join([
        '#include <tlstream/tlstream.h>',
        'template <typename F> int has(F *function) { return function ? 0 : 1; }',
        'int main() {', '  int missing = 0;',
        *(f'  missing += has({name});' for name in functions()),
        '  return missing;', '}', ''])


def read(path):
    with open(path) as file:
        return file.read()


def compiled(compiler, standard, source, *flags):
    with Folder() as folder:
        path = os.path.join(folder,
                            'p.cc' if '++' in standard else 'p.c')
        out = os.path.join(folder, 'p')
        with open(path, 'w') as file:
            file.write(source)
        done = subprocess.run(
            [compiler, f'-std={standard}', POSIX, '-I', os.path.join(ROOT, 'include'),
             '-I', os.path.join(BUILD, 'include'), path, '-o', out, *flags],
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

    if '++' in standard:
        @test(f'{compiler} -std={standard}: inside of extern "C"')
        def _():
            source = program().replace('#include <tlstream/tlstream.h>',
                                       'extern "C" {\n#include '
                                       '<tlstream/tlstream.h>\n}')
            compiled(compiler, standard, source, *STRICT)

        @test(f'{compiler} -std={standard} -Wpedantic: the example')
        def _():
            (path,) = glob.glob(os.path.join(ROOT, 'examples', '*.cc'))
            compiled(compiler, standard, read(path), *STRICT)

        @test(f'{compiler} -std={standard}: every function is linked')
        def _():
            compiled(compiler, standard, linked_program(), *library(compiler))

        @test(f'{compiler} -std={standard}: a client and a server talk')
        def _():
            source = read(os.path.join(HERE, 'pair.cc'))
            compiled(compiler, standard, source, '-Wall', '-Wextra', '-Werror',
                     '-pedantic', *library(compiler))
    else:
        @test(f'{compiler} -std={standard} -Wpedantic: the examples')
        def _():
            for path in sorted(glob.glob(os.path.join(ROOT, 'examples',
                                                      '*.c'))):
                if 'libevent' not in path:
                    compiled(compiler, standard, read(path), *STRICT)

    if compiler not in ('gcc', 'clang++'):
        continue  # what a header lacks, either of a language's two misses

    @test(f'{compiler} -std={standard}: each header on its own')
    def _():
        for name in headers():
            compiled(compiler, standard, program(name), *STRICT)

tests_done()
