# SPDX-License-Identifier: MIT
"""The examples do what the README says, and so does the demonstration."""

import os
import socket
import subprocess

from harness import (BUILD, DEADLINE, Folder, Process, ROOT, check,
                     free_port, run, test, tests_done)


def example(name):
    return os.path.join(BUILD, 'examples', name)


def answers(port):
    try:
        socket.create_connection(('127.0.0.1', port), 10).close()
        return True
    except ConnectionRefusedError:
        return False


def start_server(folder):
    """The example says nothing, so ask the port until it listens."""
    for _ in range(5):
        port = free_port()
        server = Process(example('echo-server'), port, cwd=folder)
        while server.child.poll() is None:
            if answers(port):
                return server, port
        server.kill()
    raise AssertionError(server.said)


with Folder() as folder:
    @test('cert self-signed, echo-server and echo-client work together')
    def _():
        check(run('cert', 'self-signed', '--name', 'localhost', '--key',
                  'server-key.pem', '--cert', 'server-cert.pem', cwd=folder), 0)
        server, port = start_server(folder)
        with server:
            done = subprocess.run([example('echo-client'), str(port)],
                                  cwd=folder, capture_output=True,
                                  timeout=DEADLINE)
            assert done.returncode == 0, done
            assert done.stdout == b'welcome!\nhello\n', done

    @test('echo-client tells why it failed')
    def _():
        done = subprocess.run([example('echo-client'), str(free_port())],
                              cwd=folder, capture_output=True,
                              timeout=DEADLINE)
        assert done.returncode == 1, done
        assert done.stderr.startswith(b'ECONNREFUSED: '), done

    @test('echo-server tells which file it misses')
    def _():
        with Folder() as empty:
            done = subprocess.run([example('echo-server'), '0'], cwd=empty,
                                  capture_output=True, timeout=DEADLINE)
        assert done.returncode == 1, done
        assert b'server-key.pem' in done.stderr, done

    @test('pair-without-a-network carries a word from end to end')
    def _():
        done = subprocess.run([example('pair-without-a-network')],
                              capture_output=True, timeout=DEADLINE)
        assert done.returncode == 0, done
        assert done.stdout.startswith(b'secure: TLSv1.3, TLS_'), done
        assert done.stdout.endswith(b'the server read: hello\n'), done

    @test('the demonstration shows all that it should')
    def _():
        with Folder() as place:
            done = subprocess.run(
                [os.path.join(ROOT, 'scripts', 'demo'), BUILD],
                stdin=subprocess.DEVNULL, capture_output=True,
                timeout=DEADLINE, env={**os.environ, 'TMPDIR': place})
            assert os.listdir(place) == [], os.listdir(place)
        said = done.stdout.decode()
        assert done.returncode == 0, done
        for words in ('protocol     TLSv1.3', 'cipher       TLS_',
                      'certificate  CN=localhost', 'authorized   yes',
                      '< welcome!', '< how are you?', 'is not trusted',
                      'exit status 1', 'both sides said goodbye'):
            assert words in said, (words, said)

    tests_done()
