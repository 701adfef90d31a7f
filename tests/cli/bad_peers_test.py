# SPDX-License-Identifier: MIT
"""The examples, against peers that refuse, hang and cut the connection: each
ends, by itself, with a line that says why."""

import os
import select
import socket
import ssl
import struct
import subprocess
import threading
import time

from harness import (Authority, BUILD, DEADLINE, Folder, Process, Stage,
                     free_port, reset, test, tests_done)

# Connecting and the handshake have ten seconds each.
LIMIT = 28


def example(name):
    return os.path.join(BUILD, 'examples', name)


class Mute:
    """A port that takes connections into its backlog until that is full, and
    then answers nothing."""

    def __enter__(self):
        self.listener = socket.create_server(('127.0.0.1', 0), backlog=0)
        self.port = self.listener.getsockname()[1]
        self.fillers = []
        for _ in range(8):
            filler = socket.socket()
            filler.setblocking(False)
            self.fillers.append(filler)
            filler.connect_ex(('127.0.0.1', self.port))
            if not select.select([], [filler], [], 0.1)[1]:
                break
        return self

    def __exit__(self, *_):
        for each in [self.listener, *self.fillers]:
            each.close()


def identity(folder):
    """Make the files of a server in a folder; return it."""
    Authority(folder).leaf('server')
    return folder


def check_ending(name, arguments, done):
    assert done.returncode == 1, (name, arguments, done)
    assert done.stderr.strip(), (name, arguments, done)


with Folder() as folder:
    ca = Authority(folder)
    key, cert = ca.leaf('peer')
    os.link(ca.ca, os.path.join(folder, 'server-cert.pem'))
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(cert, key)

    # With the port in the place of {}.
    clients = [
        ('echo-client', ['{}']),
        ('https-get', ['127.0.0.1', '{}', ca.ca]),
        ('look-first', ['127.0.0.1', '{}']),
        ('pair-on-epoll', ['{}', ca.ca]),
        ('pair-on-libevent', ['{}', ca.ca]),
        ('starttls-client', ['smtp', '127.0.0.1', '{}', 'localhost', ca.ca]),
        ('starttls-client', ['imap', '127.0.0.1', '{}', 'localhost', ca.ca]),
        ('starttls-client', ['postgres', '127.0.0.1', '{}', 'localhost',
                             ca.ca]),
    ]
    clients = [each for each in clients if os.path.exists(example(each[0]))]

    def start(name, arguments, port):
        return subprocess.Popen(
            [example(name), *(each.format(port) for each in arguments)],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)

    def check_clients(port):
        """All at a time: most of them wait."""
        running = [(each, start(*each, port)) for each in clients]
        for (name, arguments), child in running:
            try:
                out, err = child.communicate(timeout=LIMIT)
            except subprocess.TimeoutExpired:
                child.kill()
                child.communicate()
                raise AssertionError(f'{name} {arguments} hangs')
            check_ending(name, arguments, subprocess.CompletedProcess(
                name, child.returncode, out, err))

    def each_client(act):
        """Every client against a peer that runs `act` with each of them."""
        listener = socket.create_server(('127.0.0.1', 0))
        stop = threading.Event()

        def serve():
            while not stop.is_set():
                if select.select([listener], [], [], 0.05)[0]:
                    threading.Thread(target=play, daemon=True).start()
                    time.sleep(0.01)

        def play():
            try:
                peer = listener.accept()[0]
                act(peer)
            except OSError:
                pass

        worker = threading.Thread(target=serve)
        listener.setblocking(False)
        worker.start()
        try:
            check_clients(listener.getsockname()[1])
        finally:
            stop.set()
            worker.join()
            listener.close()

    @test('a port where nothing listens')
    def _():
        check_clients(free_port())

    @test('a host that does not answer')
    def _():
        with Mute() as host:
            check_clients(host.port)

    @test('a peer that says nothing')
    def _():
        held = []
        each_client(held.append)
        for each in held:
            each.close()

    @test('a peer that closes at once')
    def _():
        each_client(lambda peer: peer.close())

    @test('a peer that resets at once')
    def _():
        each_client(reset)

    @test('a peer that closes in the middle of the first message')
    def _():
        def act(peer):
            peer.setblocking(True)
            peer.sendall(b'22')
            peer.recv(10)
            peer.close()
        each_client(act)

    @test('a peer that resets after the handshake')
    def _():
        def act(peer):
            peer.setblocking(True)
            peer.settimeout(DEADLINE)
            tls = secure.wrap_socket(peer, server_side=True)
            tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                           struct.pack('ii', 1, 0))
            tls.close()
        keep = clients[:]
        clients[:] = [each for each in keep
                      if each[0] not in ('starttls-client', 'look-first')]
        try:
            each_client(act)
        finally:
            clients[:] = keep

    @test('servers go on after clients that cut')
    def _():
        for name in ('ask-and-renew', 'starttls-server'):
            with Folder() as place, Process(example(name), '0',
                                            cwd=identity(place)) as server:
                port = int(server.wait_for(rb'listening on port (\d+)')[1])
                for say in (b'', b'\x16', b'NOOP\r\nNOOP\r\n' * 50,
                            b'STARTTLS\r\nNOOP\r\n'):
                    for leave in (reset, socket.socket.close):
                        peer = socket.create_connection(('127.0.0.1', port))
                        peer.sendall(say)
                        leave(peer)
                peer = socket.create_connection(('127.0.0.1', port), 5)
                if name == 'starttls-server':
                    peer.settimeout(5)
                    assert peer.recv(100).startswith(b'220 ready'), name
                peer.close()
                assert server.child.poll() is None, server.output

    def proxied(act, talk):
        """A client of the proxy in front of such a server."""
        with Folder() as place, Stage(act) as plain:
            identity(place)
            with Process(example('take-tls-off'), '127.0.0.1', plain.port,
                         cwd=place) as proxy:
                port = int(proxy.wait_for(rb'listening on port (\d+)')[1])
                trust = ssl.create_default_context(
                    cafile=os.path.join(place, 'ca.pem'))
                with socket.create_connection(('127.0.0.1', port),
                                              DEADLINE) as raw:
                    with trust.wrap_socket(raw,
                                           server_hostname='localhost',
                                           suppress_ragged_eofs=False) as tls:
                        talk(tls)
                assert proxy.child.poll() is None, proxy.output

    def read_all(peer):
        said = b''
        while chunk := peer.recv(65536):
            said += chunk
        return said

    @test('take-tls-off passes data and ends on')
    def _():
        def act(peer):
            assert peer.recv(100) == b'question'
            peer.sendall(b'answer' * 10000)

        def talk(tls):
            tls.sendall(b'question')
            assert read_all(tls) == b'answer' * 10000
        proxied(act, talk)

    @test('take-tls-off passes a reset on, and no end')
    def _():
        def act(peer):
            assert peer.recv(100) == b'question'
            peer.sendall(b'half an ans')
            reset(peer)

        def talk(tls):
            tls.sendall(b'question')
            try:
                read_all(tls)
            except OSError:
                return
            raise AssertionError('an end')
        proxied(act, talk)

    @test('take-tls-off serves the socket that systemd passes')
    def _():
        with Folder() as place, \
                socket.create_server(('127.0.0.1', 0)) as passed:
            identity(place)
            line = (f'exec 3<&{passed.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 '
                    f'exec {example("take-tls-off")} 127.0.0.1 1')
            with subprocess.Popen(['sh', '-c', line], cwd=place,
                                  pass_fds=[passed.fileno()],
                                  stdout=subprocess.PIPE) as proxy:
                try:
                    said = proxy.stdout.readline().decode()
                finally:
                    proxy.kill()
            assert said == f'listening on port {passed.getsockname()[1]}\n', said

tests_done()
