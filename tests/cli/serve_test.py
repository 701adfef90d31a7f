# SPDX-License-Identifier: MIT
"""tlstream serve: an echo server."""

import os
import signal
import socket
import ssl

from harness import (Authority, Folder, Serve, TOOL, Process, check, run, test,
                     tests_done)

HEALTH_CHECKS = 3

with Folder() as folder:
    ca = Authority(folder)
    key, cert = ca.leaf('server')
    client_key, client_cert = ca.leaf('client',
                                      subject='/CN=ann\x1b[31m/O=a O=b')

    def dial(server, context=None):
        context = context or ssl.create_default_context(cafile=ca.ca)
        raw = socket.create_connection(('127.0.0.1', server.port), 10)
        return context.wrap_socket(raw, server_hostname='localhost')

    def read_line(peer):
        line = b''
        while not line.endswith(b'\n'):
            more = peer.recv(1)
            assert more, f'it ended after {line!r}'
            line += more
        return line

    @test('without a certificate it makes one and prints how to trust it')
    def _():
        with Folder() as place:
            with Serve(env={'TMPDIR': place}) as server:
                line = server.wait_for(rb'try it: tlstream (.*)\n', 'err')
                words = line[1].decode().split()
                assert words[-1].startswith(place), words
                result = run(*words, stdin=b'hello\n')
                check(result, 0, 'authorized +yes')
                assert result.out == b'welcome!\nhello\n', result
                names = os.listdir(os.path.dirname(words[-1]))
                assert names == ['ca.pem'], names
                with open(words[-1]) as file:
                    assert 'PRIVATE' not in file.read()
                assert server.stop() == 0
            assert os.listdir(place) == [], os.listdir(place)

    @test('a client that does not have the ephemeral CA refuses it')
    def _():
        with Serve() as server:
            check(run('connect', server.address), 1)
            assert server.stop() == 0

    @test('nothing is left of an ephemeral CA when listening fails')
    def _():
        with Folder() as place:
            check(run('serve', '--host', '192.0.2.1', env={'TMPDIR': place}), 2)
            assert os.listdir(place) == []

    @test('a missing folder for temporary files is reported')
    def _():
        check(run('serve', env={'TMPDIR': '/nonexistent'}), 2,
              'nonexistent.*No such file')

    @test('it listens on 127.0.0.1 unless --host is given')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            assert server.address.startswith('127.0.0.1:'), server.address
            server.stop()
        with Serve('--key', key, '--cert', cert, '--host',
                   '0.0.0.0') as server:
            assert server.address.startswith('0.0.0.0:'), server.address
            server.stop()

    @test('a line for each connection and one for its end')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            with dial(server) as peer:
                assert read_line(peer) == b'welcome!\n'
                peer.sendall(b'echo\n')
                assert read_line(peer) == b'echo\n'
                peer.unwrap()
            server.wait_for(rb'127\.0\.0\.1:\d+ connected: TLSv1\.3 \w+, '
                            rb'asked for localhost\n', 'err')
            server.wait_for(rb'closed: 5 bytes in, 14 out; both sides sent '
                            rb'close_notify\n', 'err')
            server.stop()

    @test('--quiet logs nothing about a successful connection')
    def _():
        with Serve('--key', key, '--cert', cert, '--quiet') as server:
            with dial(server) as peer:
                read_line(peer)
                peer.unwrap()
            server.stop()
            assert 'connected' not in server.log, server.log
            assert 'closed' not in server.log, server.log

    @test('health checks, which connect and send nothing, are not logged')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            for _ in range(HEALTH_CHECKS):
                socket.create_connection(('127.0.0.1', server.port)).close()
            with dial(server) as peer:
                read_line(peer)
                peer.unwrap()
            server.wait_for(rb'closed:', 'err')
            server.stop()
            assert 'ERR_' not in server.log, server.log

    @test('a truncated connection is reported by its error name')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            with dial(server) as peer:
                read_line(peer)
            server.wait_for(rb'ERR_TLSTREAM_TRUNCATED', 'err')
            server.stop()

    @test('--require-cert refuses clients without a certificate')
    def _():
        with Serve('--key', key, '--cert', cert, '--ca', ca.ca,
                   '--require-cert') as server:
            ours = ('connect', server.address, '--end', '--ca', ca.ca)
            check(run(*ours), 1, 'ERR_TLSTREAM_ALERT.*peer')
            server.wait_for(rb'ERR_TLSTREAM_NO_PEER_CERTIFICATE', 'err')
            result = run(*ours, '--key', client_key, '--cert', client_cert,
                         stdin=b'in\n')
            check(result, 0)
            assert result.out == b'welcome!\nin\n', result
            server.wait_for(rb'authorized yes as CN=ann\\x1b\[31m, '
                            rb'O="a O=b"\n', 'err')
            server.stop()

    @test('SNI names cannot control the terminal (B6)')
    def _():
        # RFC 6066 names are ASCII, but a ClientHello may contain any bytes.
        context = ssl.create_default_context(cafile=ca.ca)
        context.check_hostname = False
        with Serve('--key', key, '--cert', cert) as server:
            raw = socket.create_connection(('127.0.0.1', server.port), 10)
            with context.wrap_socket(raw, server_hostname='a.b\r.c') as peer:
                read_line(peer)
                peer.unwrap()
            server.wait_for(rb'closed:', 'err')
            server.stop()
            assert '\r' not in server.log, server.log

    @test('connections beyond --max-connections are refused')
    def _():
        with Serve('--key', key, '--cert', cert, '--max-connections',
                   '1') as server:
            with dial(server) as first:
                read_line(first)
                check(run('connect', server.address, '--ca', ca.ca), 1)
                first.unwrap()
            server.stop()

    @test('it serves on a Unix socket and removes it at the end')
    def _():
        path = ca.path('echo.sock')
        with Process(TOOL, 'serve', '--unix', path, '--key', key, '--cert',
                     cert, apart=True) as server:
            server.wait_for(rb'listening on .*echo\.sock\n', 'err')
            result = run('connect', '--unix', path, '--end', '--servername',
                         'localhost', '--ca', ca.ca, stdin=b'hi\n')
            check(result, 0, 'authorized +yes')
            assert result.out == b'welcome!\nhi\n', result
            server.signal(signal.SIGINT)
            assert server.wait() == 0
            assert not os.path.exists(path)

    @test('the first signal lets connections finish')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            with dial(server) as peer:
                read_line(peer)
                server.signal(signal.SIGTERM)
                server.wait_for(rb'closing: 1 connection may finish', 'err')
                peer.sendall(b'still here\n')
                assert read_line(peer) == b'still here\n'
                peer.unwrap()
            assert server.wait() == 0

    @test('the second signal does not')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            with dial(server) as peer:
                read_line(peer)
                server.signal(signal.SIGINT)
                server.wait_for(rb'closing: ', 'err')
                server.signal(signal.SIGINT)
                assert server.wait() == 0

    @test('a warning for a key that every user can read')
    def _():
        os.chmod(key, 0o644)
        with Serve('--key', key, '--cert', cert) as server:
            server.stop()
            assert 'warning: every user' in server.log, server.log
        os.chmod(key, 0o600)

    tests_done()
