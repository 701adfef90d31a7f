# SPDX-License-Identifier: MIT
"""How a connection of `tlstream connect` ends: the tables of tlstream(1), for
each kind of input, each way in which a peer ends, and each option."""

import os
import pty
import re
import socket
import ssl
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from harness import (Authority, Folder, Process, Serve, Stage, TOOL, check,
                     reset, run, test, tests_done)

REQUEST = b'GET / HTTP/1.0\r\n\r\n'
ANSWER = b'HTTP/1.0 200 OK\r\n\r\nhello\n'
THINKING = 0.3  # seconds until a peer answers


class Tls:
    """The server's side of TLS on a socket, record by record."""

    def __init__(self, socket, context):
        self.socket = socket
        self.come, self.go = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.come, self.go, server_side=True)
        self._step(self.tls.do_handshake)

    def _step(self, what, *args):
        while True:
            try:
                result = what(*args)
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                self._fill()

    def _fill(self):
        data = self.socket.recv(65536)
        if not data:
            raise EOFError
        self.come.write(data)

    def flush(self):
        self.socket.sendall(self.go.read())

    def receive(self, wanted):
        """Receive until this has come. False if the client ended before."""
        got = b''
        while wanted not in got:
            try:
                more = self._step(self.tls.read, 65536)
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError, EOFError):
                return False
            if not more:
                return False
            got += more
        return True

    def has_ended(self, seconds):
        """Whether the client's close_notify or FIN comes within this time."""
        self.socket.settimeout(seconds)
        try:
            while True:
                if not self._step(self.tls.read, 65536):
                    return True
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError, EOFError):
            return True
        except TimeoutError:
            return False

    def send(self, data, keep=None):
        """Send a record, or the first `keep` bytes of it."""
        self.tls.write(data)
        self.socket.sendall(self.go.read()[:keep])

    def end(self):
        """Send close_notify."""
        try:
            self.tls.unwrap()
        except ssl.SSLError:
            pass  # the client's has not come
        self.flush()


# What a peer does after a request. None of them answers a client that has ended
# its side before: nginx, Node and most others drop their answer then.

def answer(tls):
    if not tls.has_ended(THINKING):
        tls.send(ANSWER)


def answers_and_ends(tls):
    answer(tls)
    tls.end()


def answers_without_close_notify(tls):
    answer(tls)


def answers_and_resets(tls):
    answer(tls)
    time.sleep(1)  # the reset must not overtake the answer
    reset(tls.socket)


def is_cut_in_a_record(tls):
    answer(tls)
    tls.send(b'this is never complete', keep=20)


def is_cut_after_a_header(tls):
    answer(tls)
    tls.send(b'this is never complete', keep=5)


def says_nothing_and_closes(tls):
    tls.has_ended(THINKING)


def answers_and_is_silent(tls):
    answer(tls)
    tls.has_ended(20)


def is_silent(tls):
    tls.has_ended(20)


def is_silent_but_ends(tls):
    tls.has_ended(20)
    tls.end()


def waits_for_the_end(tls):
    if tls.has_ended(20):
        tls.send(ANSWER)
    tls.end()


TRUNCATED = '^ERR_TLSTREAM_TRUNCATED: '
WARNING = '^warning: the peer closed the connection without close_notify'
GAVE_UP = '^warning: the peer did not end the connection'

# peer, options, exit status, stdout, what stderr matches ('' for nothing)
PIPED = [
    (answers_and_ends, [], 0, ANSWER, ''),
    (answers_and_ends, ['--strict-end'], 0, ANSWER, ''),
    (answers_and_ends, ['--wait', '0'], 0, ANSWER, ''),
    (is_silent_but_ends, ['--end'], 0, b'', ''),
    (answers_without_close_notify, [], 0, ANSWER, WARNING),
    (answers_without_close_notify, ['--strict-end'], 1, ANSWER, TRUNCATED),
    (answers_without_close_notify, ['--insecure-allow-truncation'], 0, ANSWER,
     ''),
    (answers_and_resets, [], 1, ANSWER, '^ECONNRESET: '),
    (is_cut_in_a_record, [], 1, ANSWER, TRUNCATED + '.*lost'),
    (is_cut_in_a_record, ['--insecure-allow-truncation'], 1, ANSWER,
     TRUNCATED + '.*lost'),
    (is_cut_after_a_header, [], 1, ANSWER, TRUNCATED + '.*lost'),
    (says_nothing_and_closes, [], 1, b'', TRUNCATED),
    (says_nothing_and_closes, ['--insecure-allow-truncation'], 0, b'', ''),
    (answers_and_is_silent, ['--wait', '1'], 0, ANSWER, WARNING),
    (answers_and_is_silent, ['--wait', '1', '--strict-end'], 1, ANSWER,
     TRUNCATED),
    (is_silent, ['--wait', '1'], 1, b'', TRUNCATED),
    (is_silent_but_ends, ['--wait', '1'], 0, b'', ''),
    (waits_for_the_end, ['--wait', '1'], 0, ANSWER, ''),
    (waits_for_the_end, ['--end'], 0, ANSWER, ''),
]

# The same without a byte of input; such a client asks for nothing.
EMPTY = [
    (answers_and_ends, [], 0, ANSWER, ''),
    (answers_without_close_notify, [], 0, ANSWER, WARNING),
    (is_silent_but_ends, [], 0, b'', ''),
    (is_silent_but_ends, ['--end'], 0, b'', ''),
    (is_silent, ['--wait', '1'], 1, b'', TRUNCATED),
]

# And with an input that never ends.
OPEN = [
    (answers_and_ends, [], 0, ANSWER, ''),
    (answers_without_close_notify, [], 0, ANSWER, WARNING),
    (answers_without_close_notify, ['--strict-end'], 1, ANSWER, TRUNCATED),
    (is_cut_in_a_record, [], 1, ANSWER, TRUNCATED),
    (answers_and_resets, [], 1, ANSWER, '^ECONNRESET: '),
    (says_nothing_and_closes, [], 1, b'', TRUNCATED),
]

with Folder() as folder:
    ca = Authority(folder)
    key, cert = ca.leaf('server')

    def serve(peer, request, version):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        context.maximum_version = version

        def act(actor):
            tls = Tls(actor, context)
            if not request or tls.receive(request):
                peer(tls)
        return Stage(act)

    def row(request, is_open, peer, options, status, out, said):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with serve(peer, request, version) as place:
                with Process(TOOL, 'connect', place.address, '--ca', ca.ca,
                             '--quiet', *options, apart=True) as client:
                    client.send(request)
                    if not is_open:
                        client.end_input()
                    assert client.wait() == status, (version, client.output)
                    said_is = client.output['err'].decode()
                    assert client.output['out'] == out, (version, client.output)
                    lines = said_is.splitlines()
                    assert len(lines) == (1 if said else 0), client.output
                    if said:
                        assert re.search(said, lines[0]), client.output

    # Most of the time they wait, so they do it together.
    with ThreadPoolExecutor(8) as pool:
        runs = [(' '.join([name + ', a peer that',
                           each[0].__name__.replace('_', ' '), *each[1]]),
                 pool.submit(row, request, is_open, *each))
                for name, rows, request, is_open in (
                    ('a request', PIPED, REQUEST, False),
                    ('no input', EMPTY, b'', False),
                    ('endless input', OPEN, REQUEST, True))
                for each in rows]
        for title, done in runs:

            @test(title)
            def _():
                done.result()

    @test('/dev/null and a closed stdin are no input')
    def _():
        for shell in ('"$@" </dev/null', '"$@" <&-'):
            with serve(answers_and_ends, b'',
                       ssl.TLSVersion.TLSv1_3) as place:
                done = subprocess.run(
                    ['sh', '-c', shell, 'sh', TOOL, 'connect', place.address,
                     '--ca', ca.ca], capture_output=True, timeout=20)
            assert (done.returncode, done.stdout) == (0, ANSWER), done

    @test('the echo server ends after --end, and after the wait')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            for option in (['--end'], ['--wait', '1']):
                result = run('connect', server.address, '--ca', ca.ca,
                             '--quiet', *option, stdin=b'hello\n')
                check(result, 0)
                assert result.out == b'welcome!\nhello\n', result
                assert result.err == '', result
            server.stop()

    @test('an error alert of the peer, which comes after the handshake')
    def _():
        with Serve('--key', key, '--cert', cert, '--ca', ca.ca,
                   '--require-cert') as server:
            for options in ([], ['--end'], ['--wait', '1']):
                for data in (b'', REQUEST):
                    result = run('connect', server.address, '--ca', ca.ca,
                                 *options, stdin=data)
                    check(result, 1, 'ERR_TLSTREAM_ALERT.*peer')
            server.stop()

    @test('while a peer is slow to read, it is not silent')
    def _():
        size = 4 << 20

        def reads_slowly(tls):
            got = 0
            for limit in range(1 << 19, size + 1, 1 << 19):
                time.sleep(0.5)
                while got < limit:
                    got += len(tls._step(tls.tls.read, 1 << 16))
            answers_and_ends(tls)

        with serve(reads_slowly, b'', ssl.TLSVersion.TLSv1_3) as place:
            place.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                      1 << 16)
            result = run('connect', place.address, '--ca', ca.ca, '--wait',
                         '2', stdin=b'x' * size)
        check(result, 0)
        assert result.out == ANSWER, result

    @test('while stdout is not read, the peer is not silent')
    def _():
        bulk = b'y' * (1 << 20)

        def sends_much(tls):
            for at in range(0, len(bulk), 16384):
                tls.send(bulk[at:at + 16384])
            tls.end()
            tls.has_ended(20)

        with serve(sends_much, REQUEST, ssl.TLSVersion.TLSv1_3) as place:
            reader, writer = os.pipe()
            child = subprocess.Popen(
                [TOOL, 'connect', place.address, '--ca', ca.ca, '--quiet',
                 '--wait', '1'],
                stdin=subprocess.PIPE, stdout=writer)
            os.close(writer)
            child.stdin.write(REQUEST)
            child.stdin.close()
            time.sleep(2)
            got = b''
            while chunk := os.read(reader, 1 << 16):
                got += chunk
            os.close(reader)
            assert child.wait(20) == 0
        assert got == bulk, len(got)

    @test('control-D at a terminal is --end')
    def _():
        with serve(waits_for_the_end, REQUEST.replace(b'\r', b''),
                   ssl.TLSVersion.TLSv1_3) as place:
            child, ours = pty.fork()
            if child == 0:
                os.execv(TOOL, [TOOL, 'connect', place.address, '--ca', ca.ca])
            said = b''
            while b'authorized' not in said:
                said += os.read(ours, 4096)
            os.write(ours, REQUEST.replace(b'\r', b'') + b'\x04')
            began = time.monotonic()
            while b'200 OK' not in said:
                said += os.read(ours, 4096)
            assert time.monotonic() - began < 10
            _, status = os.waitpid(child, 0)
            os.close(ours)
            assert os.waitstatus_to_exitcode(status) == 0, status

    @test('--strict-end and --insecure-allow-truncation exclude each other')
    def _():
        check(run('connect', 'localhost:1', '--strict-end',
                  '--insecure-allow-truncation'), 2, 'exclude')

    tests_done()
