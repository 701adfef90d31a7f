# SPDX-License-Identifier: MIT
"""Keys, certificates and passphrases out of pipes, FIFOs and sockets, as a
shell or another program gives them; and what cannot be read to an end."""

import os
import signal
import socket
import subprocess
import threading

from harness import (DEADLINE, TOOL, Authority, Folder, Process, check, run,
                     test, tests_done)

OURS = 2
STDIN = '/dev/stdin'


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def listen(*args):
    return Process(TOOL, 'serve', '--port', '0', *args, apart=True)


def answers(server, authority, *stdin):
    """The server comes up with what it reads, and a client believes it."""
    for data in stdin:
        server.send(data)
    server.end_input()
    line = server.wait_for(rb'listening on \S+:(\d+)\n', 'err')
    check(run('connect', '--end', f'localhost:{int(line[1])}', '--ca', authority,
              stdin=b'quit\n'), 0)
    server.signal(signal.SIGTERM)
    assert server.wait() == 0


def fifo(path, data):
    """A FIFO, and a thread that writes to it once it is read."""
    def work():
        with open(path, 'wb') as out:
            out.write(data)

    os.mkfifo(path)
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


with Folder() as folder:
    ca = Authority(folder)
    key, cert = ca.leaf('good')
    locked = ca.encrypt(key, 'locked-key.pem', 'open sesame')
    ca_key = ca.path('ca-key.pem')
    run('cert', 'request', '--name', 'a.test', '--key', key, '--request',
        ca.path('a.csr'))

    @test('a key and its certificate come in one stream')
    def _():
        with listen('--key', STDIN, '--cert', STDIN) as server:
            answers(server, ca.ca, read(key), read(cert))
        with listen('--key', STDIN, '--cert', STDIN, '--ca', STDIN,
                    '--request-cert') as server:
            answers(server, ca.ca, read(cert), read(ca.ca), read(key))

    @test('standard input may be a socket, as Node gives it')
    def _():
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(read(key) + read(cert))
            ours.shutdown(socket.SHUT_WR)
            child = subprocess.run(
                [TOOL, 'cert', 'request', '--name', 'b.test', '--key', STDIN,
                 '--request', ca.path('b.csr')], stdin=theirs,
                stderr=subprocess.PIPE, timeout=DEADLINE)
            assert child.returncode == 0, child.stderr
            assert b'warning' not in child.stderr, child.stderr
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(b'this is no PEM')
            ours.shutdown(socket.SHUT_WR)
            child = subprocess.run(
                [TOOL, 'connect', 'localhost:1', '--ca', STDIN], stdin=theirs,
                stderr=subprocess.PIPE, timeout=DEADLINE)
            assert child.returncode == OURS, child.stderr
            assert b'it is not PEM' in child.stderr, child.stderr

    @test('FIFOs are waited for')
    def _():
        paths = [ca.path(name) for name in ('key.fifo', 'cert.fifo',
                                            'pass.fifo')]
        writers = [fifo(path, data) for path, data in
                   zip(paths, (read(locked), read(cert), b'open sesame\n'))]
        with listen('--key', paths[0], '--cert', paths[1],
                    '--passphrase-file', paths[2]) as server:
            answers(server, ca.ca)
        for writer in writers:
            writer.join(DEADLINE)

    @test('process substitution is read')
    def _():
        done = subprocess.run(
            ['bash', '-c', '"$0" connect localhost:1 --ca <(cat "$1")', TOOL,
             key], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
            timeout=DEADLINE)
        assert done.returncode == OURS, done.stderr
        assert b'it holds a private key' in done.stderr, done.stderr
        done = subprocess.run(
            ['bash', '-c', '"$0" cert sign --request <(cat "$1") --ca <(cat '
             '"$2") --ca-key <(cat "$3") --cert "$4"', TOOL, ca.path('a.csr'),
             ca.ca, ca_key, ca.path('a.pem')], stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE, timeout=DEADLINE)
        assert done.returncode == 0, done.stderr
        assert b'BEGIN CERTIFICATE' in read(ca.path('a.pem'))

    @test('the passphrase may come before its key')
    def _():
        with listen('--key', STDIN, '--cert', cert, '--passphrase-file',
                    STDIN) as server:
            answers(server, ca.ca, b'open sesame\n', read(locked))
        check(run('cert', 'request', '--name', 'c.test', '--key', STDIN,
                  '--passphrase-file', STDIN, '--request', ca.path('c.csr'),
                  stdin=b'open sesame\n' + read(locked)), 0)

    @test('an authority and its key come in one stream')
    def _():
        for names in ((STDIN, STDIN), ('-', '-'), ('-', STDIN)):
            check(run('cert', 'sign', '--request', ca.path('a.csr'), '--ca',
                      names[0], '--ca-key', names[1], '--cert',
                      ca.path('d.pem'), '--force',
                      stdin=read(ca_key) + read(ca.ca)), 0)

    @test('PKCS #12 comes from a pipe')
    def _():
        sealed = subprocess.run(
            ['openssl', 'pkcs12', '-export', '-inkey', key, '-in', cert,
             '-passout', 'pass:open sesame'], stdout=subprocess.PIPE,
            timeout=DEADLINE, check=True).stdout
        with open(ca.path('pass.txt'), 'w') as out:
            out.write('open sesame\n')
        with listen('--pfx', STDIN, '--passphrase-file',
                    ca.path('pass.txt')) as server:
            answers(server, ca.ca, sealed)
        with listen('--pfx', STDIN, '--passphrase-file', STDIN) as server:
            answers(server, ca.ca, b'open sesame\n', sealed)

    @test('what has no end is refused, and what is empty')
    def _():
        check(run('serve', '--key', '/dev/zero', '--cert', cert), OURS,
              r'EFBIG.*cannot read /dev/zero')
        check(run('connect', 'localhost:1', '--ca', '/dev/null'), OURS,
              r'EMPTY_TRUST')
        check(run('cert', 'show', '/dev/zero'), OURS, 'too large')
        check(run('serve', '--key', STDIN, '--cert', cert), OURS,
              r'ERR_TLSTREAM_BAD_KEY.*/dev/stdin')
        check(run('serve', '--key', key, '--cert', cert, '--passphrase-file',
                  STDIN), OURS, 'is empty')

tests_done()
