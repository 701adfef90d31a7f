# SPDX-License-Identifier: MIT
"""tlstream serve goes on, and hears signals, when what it prints is not read:
a stderr or stdout that is stalled, full or closed."""

import fcntl
import os
import pty
import signal
import socket
import ssl
import termios
import tty

from harness import Authority, Folder, Process, TOOL, test, tests_done

F_SETPIPE_SZ = 1031
STRANGERS = 3000  # each leaves a line of 100 bytes and more
VISITORS = 300

with Folder() as folder:
    ca = Authority(folder)
    key, cert = ca.leaf('server')
    trusting = ssl.create_default_context(cafile=ca.ca)

    def narrow_pipe():
        reader, writer = os.pipe()
        fcntl.fcntl(writer, F_SETPIPE_SZ, 4096)
        return reader, writer

    def read_all(reader):
        got = b''
        while chunk := os.read(reader, 65536):
            got += chunk
        os.close(reader)
        return got

    class Server(Process):
        """On a Unix socket, so that its port need not be read from its log."""

        def __init__(self, *args, **files):
            self.path = os.path.join(folder, 'socket')
            super().__init__(TOOL, 'serve', '--unix', self.path, '--key', key,
                             '--cert', cert, *args, apart=True, **files)

        def dial(self):
            while True:
                raw = socket.socket(socket.AF_UNIX)
                raw.settimeout(10)
                try:
                    raw.connect(self.path)
                    return raw
                except (FileNotFoundError, ConnectionRefusedError):
                    assert self.child.poll() is None
                    raw.close()

        def visit(self):
            with trusting.wrap_socket(self.dial(),
                                      server_hostname='localhost') as peer:
                assert peer.recv(100) == b'welcome!\n'
                peer.unwrap()

        def disturb(self):
            with self.dial() as raw:
                raw.sendall(b'GET / HTTP/1.0\r\n\r\n')
                while raw.recv(1000):
                    pass

    @test('a stderr that nobody reads stops neither clients nor signals')
    def _():
        reader, writer = narrow_pipe()
        with Server(stderr=writer) as server:
            for _ in range(STRANGERS):
                server.disturb()
            server.visit()
            assert os.get_blocking(writer)
            server.signal(signal.SIGTERM)
            assert server.wait() == 0
        os.close(writer)
        assert b'ERR_TLSTREAM_HTTP' in read_all(reader)

    @test('lines that found no room are counted when stderr is read again')
    def _():
        reader, writer = narrow_pipe()
        with Server(stderr=writer) as server:
            os.close(writer)
            for _ in range(STRANGERS):
                server.disturb()
            log = b''
            while b'could not be written' not in log:
                log += os.read(reader, 65536)
            server.visit()
            server.signal(signal.SIGTERM)
            log += read_all(reader)
            assert server.wait() == 0
        lines = log.decode().splitlines()
        lost = [int(line.split()[0]) for line in lines
                if line.endswith('of this log could not be written')]
        shown = sum('ERR_TLSTREAM_HTTP' in line for line in lines)
        assert sum(lost) + shown == STRANGERS, (lost, shown)
        assert lines[-1].endswith('both sides sent close_notify'), lines[-1]

    @test('a terminal that was stopped with control-S')
    def _():
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        with Server(stderr=theirs) as server:
            server.visit()
            termios.tcflow(theirs, termios.TCOOFF)
            for _ in range(10):
                server.visit()
            server.signal(signal.SIGINT)
            assert server.wait() == 0
            assert os.get_blocking(theirs)
        os.close(ours)
        os.close(theirs)

    @test('a stderr that is full or closed does not stop it')
    def _():
        reader, writer = os.pipe()
        os.close(reader)
        with open('/dev/full', 'wb') as full:
            for sink in (full, writer):
                with Server(stderr=sink) as server:
                    for _ in range(10):
                        server.visit()
                    server.signal(signal.SIGTERM)
                    assert server.wait() == 0
        os.close(writer)

    @test('--json on a full disk or a closed pipe is reported: exit status 2')
    def _():
        reader, writer = os.pipe()
        os.close(reader)
        with open('/dev/full', 'wb') as full:
            for sink, reason in ((full, 'no space left'),
                                 (writer, 'broken pipe')):
                with Server('--json', stdout=sink) as server:
                    server.visit()
                    assert server.wait() == 2, server.output
                said = server.output['err'].decode()
                assert f'cannot write to standard output: {reason}' in said
        os.close(writer)

    @test('--json into a pipe that nobody reads stops nothing')
    def _():
        reader, writer = narrow_pipe()
        with Server('--json', '--quiet', stdout=writer) as server:
            for _ in range(VISITORS):
                server.visit()
            assert os.get_blocking(writer)
            server.signal(signal.SIGTERM)
            assert server.wait() == 2
        os.close(writer)
        os.close(reader)
        assert b'could not be written to standard output' in \
            server.output['err'], server.output

    @test('--json into a pipe that is read late loses nothing')
    def _():
        reader, writer = narrow_pipe()
        with Server('--json', stdout=writer) as server:
            os.close(writer)
            for _ in range(20):
                server.visit()
            server.signal(signal.SIGTERM)
            lines = read_all(reader).splitlines()
            assert server.wait() == 0, server.output
        assert len(lines) == 20 and all(line.endswith(b'}') for line in lines)

    tests_done()
