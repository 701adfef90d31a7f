# SPDX-License-Identifier: MIT
"""tlstream cert show on what a shell connects it to: terminals, disks that are
full, and descriptors that another process made non-blocking."""

import os
import pty
import subprocess

from harness import Authority, DEADLINE, Folder, Process, TOOL, check, run, \
    test, tests_done

with Folder() as folder:
    ca = Authority(folder)
    _, cert = ca.leaf('server', subject='/CN=Grüße\u202e\x1b[31m')

    def on_terminal(locale):
        ours, theirs = pty.openpty()
        done = subprocess.run([TOOL, 'cert', 'show', cert], stdout=theirs,
                              env={**os.environ, 'LC_ALL': locale},
                              timeout=DEADLINE)
        os.close(theirs)
        said = os.read(ours, 65536).decode()
        os.close(ours)
        assert done.returncode == 0, said
        return said

    @test('a terminal with UTF-8 shows names in it, harmless ones')
    def _():
        said = on_terminal('C.UTF-8')
        assert 'Grüße\\xe2\\x80\\xae\\x1b[31m' in said, said
        assert on_terminal('C').isascii()

    @test('pipes and files get ASCII in each locale')
    def _():
        result = run('cert', 'show', cert, env={'LC_ALL': 'C.UTF-8'})
        check(result, 0)
        assert result.out.isascii(), result

    @test('a full disk is a local fault')
    def _():
        with open('/dev/full', 'wb') as full:
            for option in ((), ('--json',)):
                check(run('cert', 'show', *option, cert, stdout=full), 2,
                      'cannot write to standard output: No space left')

    @test('a stdin that is non-blocking already is waited for')
    def _():
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        with Process(TOOL, 'cert', 'show', '-', stdin=reader) as shown:
            with open(cert, 'rb') as file:
                whole = file.read()
            os.write(writer, whole[:100])
            os.write(writer, whole[100:])
            os.close(writer)
            assert shown.wait() == 0, shown.output
        os.close(reader)

    tests_done()
