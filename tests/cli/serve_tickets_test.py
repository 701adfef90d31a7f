# SPDX-License-Identifier: MIT
"""tlstream serve --ticket-keys: what is a good file, and what becomes of one
that is not. Whether clients resume is interop/resumption_test.py's."""

import os
import signal

from harness import Folder, Serve, check, run, test, tests_done

OURS = 2
KEY = 80


def hang_up(server, pattern):
    """Send SIGHUP and wait for the line that it causes."""
    before = len(server.output['err'])
    server.signal(signal.SIGHUP)
    server.wait_for(rb'(?s).{%d}.*' % before + pattern, 'err')
    return server.output['err'][before:].decode()


with Folder() as folder:
    path = os.path.join(folder, 'tickets.key')
    one, other = os.urandom(KEY), os.urandom(KEY)

    def place(*parts, mode=0o600):
        with open(path, 'wb') as out:
            out.write(b''.join(parts))
        os.chmod(path, mode)

    @test('a file that is not good is an error, and is named')
    def _():
        for parts in ((), (one[1:],), (one, b'\n'), (one, one),
                      (one[:16], bytes(64)), tuple(os.urandom(KEY)
                                                   for _ in range(17))):
            place(*parts)
            check(run('serve', '--port', '0', '--ticket-keys', path), OURS,
                  r'tickets\.key', r'ERR_TLSTREAM_BAD_TICKET_KEYS')
        os.remove(path)
        check(run('serve', '--port', '0', '--ticket-keys', path), OURS,
              r'cannot read .*tickets\.key')

    @test('others can read it: a warning')
    def _():
        for mode, warned in ((0o600, False), (0o400, False), (0o640, True),
                             (0o604, True)):
            place(one, mode=mode)
            with Serve('--ticket-keys', path) as server:
                assert server.stop() == 0
                assert (f'tickets.key has mode {mode:04o}' in
                        server.log) == warned, server.log

    @test('after SIGHUP a file that is not good changes nothing')
    def _():
        place(one)
        with Serve('--ticket-keys', path) as server:
            place(b'junk')
            output = hang_up(server, rb'of before\n')
            assert 'ERR_TLSTREAM_BAD_TICKET_KEYS' in output, output
            os.remove(path)
            assert 'tickets.key' in hang_up(server, rb'of before\n')
            os.mkfifo(path)
            output = hang_up(server, rb'of before\n')
            assert 'is not a regular file' in output, output
            os.remove(path)
            place(other, one)
            hang_up(server, rb'of now\n')
            assert server.stop() == 0

    tests_done()
