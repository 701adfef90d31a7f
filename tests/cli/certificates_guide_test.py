# SPDX-License-Identifier: MIT
"""docs/guide/certificates.md: runs every command line in it, in order."""

import os
import re
import shlex
import subprocess

from harness import (DEADLINE, Folder, ROOT, Serve, TOOL, check, run, test,
                     tests_done)

with open(os.path.join(ROOT, 'docs', 'guide', 'certificates.md'),
          encoding='utf-8') as file:
    PAGE = file.read()

BLOCKS = [block.splitlines()
          for block in re.findall(r'^```sh\n(.*?)^```', PAGE, re.M | re.S)]


def run_line(line, folder):
    """Run it in a shell that has tlstream in its PATH."""
    path = os.path.dirname(TOOL) + os.pathsep + os.environ['PATH']
    done = subprocess.run(line, shell=True, cwd=folder, timeout=DEADLINE,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          env={**os.environ, 'PATH': path})
    assert done.returncode == 0, (line, done)
    return done.stdout.decode()


def words_of(line, folder):
    """The arguments of tlstream, with absolute paths of the files."""
    return [os.path.join(folder, word) if word.endswith('.pem') else word
            for word in shlex.split(line.rstrip(' &'))[2:]]


def serve_and_connect(serve, connect, folder):
    with Serve(*words_of(serve, folder)) as server:
        line = connect.replace('localhost:8000', f'localhost:{server.port}')
        words = words_of(line, folder)
        result = run('connect', '--end', *words, stdin=b'how are you?\n')
        check(result, 0, 'authorized +yes')
        assert result.out == b'welcome!\nhow are you?\n', result
        without_key = words[:words.index('--key')]
        check(run('connect', *without_key), 1, 'certificate_required')
        server.stop()


with Folder() as folder:
    @test('ten lines, from nothing to a server and a client')
    def _():
        lines = BLOCKS[0]
        assert len(lines) == 10, lines
        assert lines[8].startswith('tlstream serve '), lines[8]
        assert lines[9].startswith('tlstream connect '), lines[9]
        for line in lines[:8]:
            output = run_line(line, folder)
        assert 'names        localhost, 127.0.0.1\n' in output, output
        serve_and_connect(lines[8], lines[9], folder)

    @test('every other line')
    def _():
        count = 0
        for line in sum(BLOCKS[1:], []):
            run_line(line, folder)
            count += 1
        assert count >= 10, count

    @test("the replacements for the commands of Node's TLS guide of 2011")
    def _():
        rows = re.findall(r'^\| `openssl .*` \| `(tlstream cert .*)` \|$', PAGE,
                          re.M)
        assert len(rows) == 3, rows
        for line in rows:
            run_line(line, folder)
        output = run_line('openssl verify -x509_strict -CAfile ryans-cert.pem '
                        '-verify_hostname ryan.example.com ryans-cert.pem',
                        folder)
        assert output == 'ryans-cert.pem: OK\n', output

    @test('renewed and intermediate certificates are trusted by the root')
    def _():
        for name in ('server.pem', 'server-2.pem', 'client.pem'):
            run_line(f'openssl verify -x509_strict -CAfile ca.pem '
                     f'-untrusted {name} {name}', folder)
        run_line('openssl verify -x509_strict -CAfile locked.pem server-3.pem',
                 folder)
        assert os.stat(os.path.join(folder, 'pass')).st_mode & 0o77 == 0

    tests_done()
