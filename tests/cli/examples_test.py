# SPDX-License-Identifier: MIT
"""The examples and the demo do what the README describes."""

import os
import signal
import socket
import subprocess

from harness import (Authority, BUILD, DEADLINE, Folder, Process, ROOT, Serve,
                     check, free_port, run, skip, test, tests_done)


def example(name):
    return os.path.join(BUILD, 'examples', name)


def answers(port):
    try:
        socket.create_connection(('127.0.0.1', port), 10).close()
        return True
    except ConnectionRefusedError:
        return False


def start_server(folder):
    """The example prints nothing, so try the port until it listens."""
    for _ in range(5):
        port = free_port()
        server = Process(example('echo-server'), port, cwd=folder)
        while server.child.poll() is None:
            if answers(port):
                return server, port
        server.kill()
    raise AssertionError(server.output)


with Folder() as folder:
    check(run('cert', 'self-signed', '--name', 'localhost', '--key',
              'server-key.pem', '--cert', 'server-cert.pem', cwd=folder), 0)

    # The same program in C and in C++.
    for client in ('echo-client', 'echo-client-cc'):
        if not os.path.exists(example(client)):
            skip(client, 'no C++ compiler was found by the build')
            continue

        @test(f'cert self-signed, echo-server and {client} work together')
        def _():
            server, port = start_server(folder)
            with server:
                done = subprocess.run([example(client), str(port)],
                                      cwd=folder, capture_output=True,
                                      timeout=DEADLINE)
                assert done.returncode == 0, done
                assert done.stdout == b'welcome!\nhello\n', done

        @test(f'{client} reports why it failed')
        def _():
            done = subprocess.run([example(client), str(free_port())],
                                  cwd=folder, capture_output=True,
                                  timeout=DEADLINE)
            assert done.returncode == 1, done
            assert done.stderr.startswith(b'ECONNREFUSED: '), done

    @test('echo-server reports which file is missing')
    def _():
        with Folder() as empty:
            done = subprocess.run([example('echo-server'), '0'], cwd=empty,
                                  capture_output=True, timeout=DEADLINE)
        assert done.returncode == 1, done
        assert b'server-key.pem' in done.stderr, done

    @test('pair-without-a-network transfers a word')
    def _():
        done = subprocess.run([example('pair-without-a-network')],
                              capture_output=True, timeout=DEADLINE)
        assert done.returncode == 0, done
        assert done.stdout.startswith(b'secure: TLSv1.3, TLS_'), done
        assert done.stdout.endswith(b'the server read: hello\n'), done

    for loop in ('epoll', 'libevent'):
        title = f'a pair runs on {loop}, and reports why it failed'
        program = example(f'pair-on-{loop}')
        if not os.path.exists(program):
            skip(title, f'{loop} was not found by the build')
            continue

        @test(title)
        def _():
            key, cert = (os.path.join(folder, f'server-{part}.pem')
                         for part in ('key', 'cert'))
            with Serve('--key', key, '--cert', cert) as server:
                port = str(server.port)
                done = subprocess.run([program, port, cert],
                                      capture_output=True, timeout=DEADLINE)
                assert done.returncode == 0, done
                assert done.stdout == b'welcome!\nhello\n', done
                server.wait_for(rb'both sides sent close_notify', 'err')
                other = Authority(folder).ca
                done = subprocess.run([program, port, other],
                                      capture_output=True, timeout=DEADLINE)
                assert done.returncode == 1, done
                assert b'DEPTH_ZERO_SELF_SIGNED_CERT' in done.stderr, done

    @test('https-get fetches a page from openssl s_server')
    def _():
        authority = Authority(folder)
        key, cert = authority.leaf('web')
        port = free_port()
        with Process('openssl', 's_server', '-accept', port, '-key', key,
                     '-cert', cert, '-www', '-alpn', 'http/1.1') as web:
            web.wait_for(b'ACCEPT')
            done = subprocess.run(
                [example('https-get'), 'localhost', str(port), authority.ca],
                capture_output=True, timeout=DEADLINE)
        assert done.stderr.startswith(b'TLSv1.3, http/1.1\n'), done
        assert b'HTTP/1.0 200 ok' in done.stdout, done

    @test('look-first prints why a certificate is not trusted')
    def _():
        with Serve() as server:
            done = subprocess.run(
                [example('look-first'), 'example.org', str(server.port)],
                capture_output=True, timeout=DEADLINE)
            assert done.returncode == 1, done  # that host does not resolve
            done = subprocess.run(
                [example('look-first'), '127.0.0.1', str(server.port)],
                capture_output=True, timeout=DEADLINE)
        assert done.returncode == 0, done
        assert done.stdout.startswith(b'authorized: no\n'), done
        assert b'UNABLE_TO_VERIFY_LEAF_SIGNATURE' in done.stdout, done

    @test('known-key takes one certificate of an authority and no other')
    def _():
        authority = Authority(folder)
        key, cert = authority.leaf('known')
        with Serve('--key', key, '--cert', cert) as server:
            shown = subprocess.run(
                ['openssl', 'x509', '-in', cert, '-noout',
                 '-fingerprint', '-sha256'], capture_output=True, text=True,
                check=True).stdout.strip().split('=')[1]
            for known, status, words in (
                    (shown, 0, b'the known certificate\n'),
                    (shown[:-2] + '0G', 1, b'it is not the known one')):
                done = subprocess.run(
                    [example('known-key'), 'localhost', str(server.port),
                     authority.ca, known], capture_output=True, timeout=DEADLINE)
                assert done.returncode == status, done
                assert words in done.stdout + done.stderr, done

    @test('many-hosts has a certificate for each host and requests one for staff')
    def _():
        authority = Authority(folder)
        os.rename(authority.ca, os.path.join(folder, 'ca-cert.pem'))
        authority.ca = os.path.join(folder, 'ca-cert.pem')
        authority.leaf('shop', hosts='DNS:shop.test,DNS:*.shop.test')
        authority.leaf('staff', hosts='DNS:staff.test')
        key, cert = authority.leaf('me', subject='/CN=me', hosts='DNS:me.test')
        with Process(example('many-hosts'), '0', cwd=folder) as server:
            port = server.wait_for(rb'listening on port (\d+)')[1].decode()
            ask = ['connect', f'127.0.0.1:{port}', '--ca', authority.ca,
                   '--servername']
            for name in ('shop.test', 'www.shop.test'):
                done = run(*ask, name)
                check(done, 0)
                assert done.out == f'this is {name}, you are a customer\n'\
                    .encode(), done
            done = run(*ask, 'staff.test', '--key', key, '--cert', cert)
            check(done, 0)
            assert done.out == b'this is staff.test, you are staff\n', done
            check(run(*ask, 'staff.test'), 1, 'certificate_required')
            check(run(*ask, 'other.test'), 1, 'unrecognized_name')

    @test('ask-and-renew answers later, and reloads only valid files')
    def _():
        with Folder() as place:
            make = ('cert', 'self-signed', '--name', 'localhost', '--force',
                    '--key', 'server-key.pem', '--cert', 'server-cert.pem')
            check(run(*make, cwd=place), 0)
            with Process(example('ask-and-renew'), '0', cwd=place) as server:
                port = server.wait_for(rb'listening on port (\d+)')[1].decode()
                ask = ('connect', f'localhost:{port}', '--end', '--ca',
                       os.path.join(place, 'server-cert.pem'))
                done = run(*ask, stdin=b'one')
                check(done, 0)
                assert done.out == b'one', done
                check(run(*make, cwd=place), 0)
                check(run(*ask), 1, 'DEPTH_ZERO_SELF_SIGNED_CERT')
                server.signal(signal.SIGHUP)
                server.wait_for(b'renewed\n')
                check(run(*ask), 0)
                with open(os.path.join(place, 'server-key.pem'), 'w') as key:
                    key.write('no key')
                server.signal(signal.SIGHUP)
                server.wait_for(b'ERR_TLSTREAM_BAD_KEY')
                check(run(*ask), 0)
                check(run('connect', f'localhost:{port}', '--servername', '',
                          '--verify-name', 'localhost', *ask[2:]), 1,
                      'unrecognized_name')

    @test('renew-by-itself notices new files, and counts')
    def _():
        with Folder() as place:
            make = ('cert', 'self-signed', '--name', 'localhost', '--force',
                    '--key', 'server-key.pem', '--cert', 'server-cert.pem')
            check(run(*make, cwd=place), 0)
            with Process(example('renew-by-itself'), '0',
                         cwd=place) as server:
                port = server.wait_for(rb'listening on port (\d+)')[1].decode()
                ask = ('connect', f'localhost:{port}', '--end', '--ca',
                       os.path.join(place, 'server-cert.pem'))
                check(run(*ask, stdin=b'one'), 0)
                check(run(*make, cwd=place), 0)
                server.wait_for(rb'(?m)^renewed\n')
                check(run(*ask), 0)
                server.signal(signal.SIGUSR1)
                server.wait_for(
                    rb'\ntlstream_handshakes_done_total{service="echo"} 2\n')
                server.wait_for(rb',class="usage"} 0\n')
                assert (b'\ntlstream_received_bytes_total{service="echo"} 3\n'
                        in server.output['out']), server.output

    @test('key-agent has its key in another process')
    def _():
        with Folder() as place:
            for kind in ('p256', 'rsa', 'ed25519'):
                check(run('cert', 'self-signed', '--name', 'localhost',
                          '--type', kind, '--force', '--key',
                          'server-key.pem', '--cert', 'server-cert.pem',
                          cwd=place), 0)
                ca = os.path.join(place, 'server-cert.pem')
                with Process(example('key-agent'), '0', cwd=place) as server:
                    agent = int(server.wait_for(rb'in process (\d+)')[1])
                    port = server.wait_for(rb'listening on port (\d+)')[1]
                    ask = ('connect', f'localhost:{port.decode()}', '--end',
                           '--ca', ca)
                    for version in ('1.2', '1.3'):
                        done = run(*ask, '--tls-max', version,
                                   stdin=b'hello')
                        check(done, 0)
                        assert done.out == b'hello', done
                    # Without it nothing can be signed.
                    os.kill(agent, signal.SIGKILL)
                    check(run(*ask), 1, 'internal_error')
                    server.wait_for(b'ERR_TLSTREAM_SIGNER_FAILED')

    @test('the demo shows everything that it should')
    def _():
        with Folder() as place:
            done = subprocess.run(
                [os.path.join(ROOT, 'scripts', 'demo'), BUILD],
                stdin=subprocess.DEVNULL, capture_output=True,
                timeout=DEADLINE, env={**os.environ, 'TMPDIR': place})
            assert os.listdir(place) == [], os.listdir(place)
        output = done.stdout.decode()
        assert done.returncode == 0, done
        for words in ('protocol     TLSv1.3', 'cipher       TLS_',
                      'certificate  CN=localhost', 'authorized   yes',
                      '< welcome!', '< how are you?', 'is not trusted',
                      'exit status 1', 'both sides sent close_notify'):
            assert words in output, (words, output)

    tests_done()
