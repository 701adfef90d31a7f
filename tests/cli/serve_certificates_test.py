# SPDX-License-Identifier: MIT
"""tlstream serve and its certificates: read again on SIGHUP."""

import os
import shutil
import signal
import socket
import ssl
import subprocess

from harness import (Authority, DEADLINE, Folder, Serve, TOOL, test, tests_done)


def dial(server, name='localhost', **settings):
    """A connection by Python, whose server_hostname is `name`."""
    context = ssl.create_default_context(cafile=ca.ca)
    context.check_hostname = False
    for setting, value in settings.items():
        setattr(context, setting, value)
    raw = socket.create_connection(('127.0.0.1', server.port), DEADLINE)
    return context.wrap_socket(raw, server_hostname=name)


def subject(peer):
    return peer.getpeercert()['subject'][0][0][1]


def shown(server, name='localhost'):
    with dial(server, name) as peer:
        return subject(peer)


def echo(peer, data):
    peer.sendall(data)
    received = b''
    while len(received) < len(data):
        received += peer.recv(len(data) - len(received))
    return received


def greeted(peer):
    return b''.join(peer.recv(1) for _ in range(9)) == b'welcome!\n'


def place_files(*pairs):
    """Copy certificates to the names that the server was given."""
    for source, place in pairs:
        shutil.copy(source, place + '.new')
        os.rename(place + '.new', place)


def hang_up(server, pattern):
    """Send SIGHUP and wait for the line that it causes."""
    before = len(server.said['err'])
    server.signal(signal.SIGHUP)
    server.wait_for(rb'(?s).{%d}.*' % before + pattern, 'err')
    return server.said['err'][before:].decode()


with Folder() as folder:
    ca = Authority(folder)
    first = ca.leaf('first', subject='/CN=first')
    second = ca.leaf('second', subject='/CN=second')
    key, cert = ca.path('key.pem'), ca.path('cert.pem')
    hidden_key, hidden_cert = ca.path('hidden-key.pem'), ca.path('hidden.pem')

    def present(leaf, named=None):
        place_files((leaf[0], key), (leaf[1], cert),
                    ((named or leaf)[0], hidden_key),
                    ((named or leaf)[1], hidden_cert))
        return ('--key', key, '--cert', cert, '--context',
                f'*.test={hidden_cert},{hidden_key}')

    @test('SIGHUP reads certificates again, and connections live on')
    def _():
        with Serve(*present(first)) as server, dial(server) as old:
            assert greeted(old) and shown(server, 'a.test') == 'first'
            present(second)
            assert subject(old) == shown(server) == 'first'
            for leaf, name in ((second, 'second'), (first, 'first')):
                present(leaf)
                hang_up(server, rb'SIGHUP: .*certificates of now\n')
                assert shown(server) == shown(server, 'a.test') == name
            assert echo(old, b'still here') == b'still here'
            assert server.stop() == 0

    @test('a file that is not good changes nothing, and is named')
    def _():
        junk = ca.path('junk.pem')
        with open(junk, 'w') as out:
            out.write('junk')
        with Serve(*present(first)) as server:
            for change in ((junk, cert), (junk, key), (junk, hidden_cert),
                           (second[1], cert), (second[0], hidden_key)):
                present(second)
                place_files(change if change[0] == junk else
                            (dict(zip(second, first))[change[0]], change[1]))
                said = hang_up(server, rb'SIGHUP: .*certificates of before\n')
                assert 'ERR_TLSTREAM' in said, said
                assert shown(server) == shown(server, 'a.test') == 'first'
            os.remove(cert)
            assert 'cert.pem' in hang_up(server, rb'of before\n')
            present(second)
            hang_up(server, rb'of now\n')
            assert shown(server) == 'second'
            server.stop()

    @test('a pipe in the place of a file is not waited for')
    def _():
        with Serve(*present(first)) as server:
            os.remove(cert)
            os.mkfifo(cert)
            said = hang_up(server, rb'of before\n')
            assert 'cert.pem is not a regular file' in said, said
            assert shown(server) == 'first'
            server.stop()
        os.remove(cert)

    @test('SIGHUP neither ends a server with an ephemeral certificate nor one '
          'that is closing')
    def _():
        with Serve() as server:
            hang_up(server, rb'of now\n')
            hang_up(server, rb'of now\n')
            assert server.stop() == 0
        with Serve(*present(first)) as server, dial(server) as peer:
            assert greeted(peer)
            server.signal(signal.SIGTERM)
            server.wait_for(rb'closing: 1', 'err')
            server.signal(signal.SIGHUP)
            assert echo(peer, b'x') == b'x'
            peer.unwrap()
            assert server.wait() == 0

    @test('nohup stays in force')
    def _():
        def ignore():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        child = subprocess.Popen([TOOL, 'serve', '--port', '0'],
                                 stderr=subprocess.PIPE, preexec_fn=ignore)
        with child:
            while b'listening' not in child.stderr.readline():
                pass
            child.send_signal(signal.SIGHUP)
            child.send_signal(signal.SIGTERM)
            assert child.wait(DEADLINE) == 0
            assert b'SIGHUP' not in child.stderr.read()

    tests_done()
