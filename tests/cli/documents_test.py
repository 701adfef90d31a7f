# SPDX-License-Identifier: MIT
"""The documents agree with the code."""

import glob
import os
import re

from harness import ROOT, test, tests_done

DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md',
             'SECURITY.md']
for folder, _, names in os.walk(os.path.join(ROOT, 'docs')):
    DOCUMENTS += [os.path.relpath(os.path.join(folder, name), ROOT)
                  for name in names if name.endswith('.md')]


def read(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8') as file:
        return file.read()


@test('the documents quote the examples literally')
def _():
    quoted = set()
    for path in DOCUMENTS:
        quotes = re.findall(r'<!-- (examples/\S+) -->\n```c\n(.*?)```',
                            read(path), re.S)
        for example, text in quotes:
            assert text == read(example), (
                f'{example} and {path} differ: run scripts/quote')
        assert read(path).count('```c\n') == len(quotes), path
        quoted.update(example for example, _ in quotes)
    assert {'examples/echo-server.c', 'examples/echo-client.c'} <= quoted


@test('the guide documents exactly the errors of the table')
def _():
    symbols = set(re.findall(r'^ *X\((\w+), +[A-Z]+, +-\d+',
                             read('include', 'tlstream', 'error.h'), re.M))
    assert len(symbols) > 30, symbols
    documented = re.findall(r'^\| `ERR_TLSTREAM_(\w+)`',
                      read('docs', 'guide', 'errors.md'), re.M)
    assert len(documented) == len(set(documented)), 'documented twice'
    assert set(documented) == symbols, set(documented) ^ symbols


@test('names of errors in the documents exist')
def _():
    table = read('include', 'tlstream', 'error.h')
    for path in DOCUMENTS + ['man/tlstream.1']:
        for symbol in re.findall(r'\bERR_TLSTREAM_([A-Z_]+[A-Z])', read(path)):
            assert f'X({symbol},' in table, (path, symbol)


@test('functions, types and options named in the documents exist')
def _():
    headers = ''.join(read(os.path.relpath(path, ROOT))
                      for folder in ('include', 'src')
                      for path in glob.glob(f'{ROOT}/{folder}/**/*.h',
                                            recursive=True))
    for path in DOCUMENTS:
        for name in re.findall(r'`(tlstream_[a-z0-9_]+)\(', read(path)):
            row = name.replace('tlstream_', 'X(.*, ', 1)
            assert (re.search(rf'\b{name}\(', headers) or
                    re.search(row.replace('(', r'\(') + r'\)', headers)), (
                path, name)
        for name in re.findall(r'`(insecure_\w+|timeouts\.\w+_ms)`', read(path)):
            assert re.search(rf'\b{name.split(".")[-1]};', headers), (path, name)


@test('links between the documents resolve')
def _():
    for path in DOCUMENTS:
        for link in re.findall(r'\]\(([^)#:]+)\)', read(path)):
            there = os.path.join(ROOT, os.path.dirname(path), link)
            assert os.path.exists(there), (path, link)


@test('source files named in the architecture exist')
def _():
    for name in re.findall(r'`((?:base|core|uv)/[\w/]+\.[ch])`',
                           read('ARCHITECTURE.md') + read('CONTRIBUTING.md')):
        assert os.path.exists(os.path.join(ROOT, 'src', name)), name


@test('decisions are numbered without gaps')
def _():
    folder = os.path.join(ROOT, 'docs', 'decisions')
    numbers = sorted(int(name[:4]) for name in os.listdir(folder)
                     if name[:4].isdigit())
    assert numbers == list(range(1, len(numbers) + 1)), numbers


tests_done()
