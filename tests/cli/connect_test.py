# SPDX-License-Identifier: MIT
"""tlstream connect: stdin to the peer, its data to stdout, messages to stderr,
and the exit status."""

import json
import os
import pty
import signal
import socket
import ssl
import subprocess
import termios
import threading
import time

from harness import (Authority, Folder, Process, Serve, Stage, TOOL, check,
                     free_port, reset, run, test, tests_done)

MEGABYTE = 1 << 20
BULK = os.urandom(8 * MEGABYTE)

with Folder() as folder:
    ca = Authority(folder)
    key, cert = ca.leaf('server')
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(cert, key)

    def stage(act):
        """A TLS server that runs `act` with its peer."""
        def handshake_first(actor):
            with secure.wrap_socket(actor, server_side=True) as peer:
                act(peer)
        return Stage(handshake_first)

    def connect(place, *args, **more):
        return run('connect', place.address, '--end', '--ca', ca.ca, *args,
                   **more)

    def read_to_end(peer):
        output = b''
        while chunk := peer.recv(65536):
            output += chunk
        return output

    @test('connection info goes to stderr, data to stdout')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            result = connect(server, stdin=b'hello\n')
            check(result, 0, r'connected to 127\.0\.0\.1:\d+\n',
                  r'protocol +TLSv1\.3\n', r'cipher +TLS_\w+\n',
                  r'certificate +CN=localhost\n',
                  r'names +localhost, 127\.0\.0\.1\n',
                  r'issuer +CN=tlstream test CA\n', r'valid to +\w+ .* GMT\n',
                  r'sha256 +([0-9A-F]{2}:){31}[0-9A-F]{2}\n',
                  r'authorized +yes\n')
            assert result.out == b'welcome!\nhello\n', result
            server.stop()

    @test('connection info as one line of JSON')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            result = connect(server, '--json', '--servername', 'localhost',
                             stdin=b'this is not sent')
            check(result, 0)
            lines = result.out.splitlines()
            assert len(lines) == 1 and result.err == '', result
            info = json.loads(lines[0])
            assert info['error'] is None, info
            assert info['host'] == '127.0.0.1', info
            assert info['port'] == server.port, info
            assert info['authorized'] is True, info
            assert info['authorizationError'] is None, info
            assert info['protocol'] == 'TLSv1.3', info
            assert info['servername'] == 'localhost', info
            assert info['remotePort'] == server.port, info
            subject = info['peerCertificate']['subject']
            assert subject['CN'] == 'localhost', info
            server.wait_for(rb'closed: 0 bytes in', 'err')
            server.stop()

    def failure(*args):
        """The JSON of a connection that fails, and its exit status."""
        result = run('connect', *args, '--json')
        return json.loads(result.out), result

    @test('--json says why a connection failed, and what is known of the peer')
    def _():
        with Serve('--key', key, '--cert', cert, '--ca', ca.ca,
                   '--require-cert') as server:
            told, result = failure(server.address)
            check(result, 1, '^' + told['error']['code'])
            assert told['error']['code'].startswith('UNABLE_TO_'), told
            assert told['peerCertificate']['subject']['CN'] == 'localhost'
            assert told['remotePort'] == server.port, told
            assert told['authorized'] is False, told
            # TLS 1.3: after the handshake.
            told, result = failure(server.address, '--ca', ca.ca)
            check(result, 1)
            assert told['error']['code'] == 'ERR_TLSTREAM_ALERT', told
            assert told['protocol'] == 'TLSv1.3', told
            server.stop()
        told, result = failure(f'127.0.0.1:{free_port()}')
        check(result, 1)
        assert told['error']['code'] == 'ECONNREFUSED', told
        told, result = failure('nobody.invalid')
        check(result, 1)
        assert told['host'] == 'nobody.invalid' and told['port'] == 443, told
        assert told['error'] and told['authorized'] is False, told
        told, result = failure('localhost:1', '--ca', '/nonexistent "\xe9')
        check(result, 2)
        assert told['error']['code'] == 'ENOENT', told
        with Stage(lambda peer: peer.sendall(b'500 no\r\n')) as place:
            told, result = failure(place.address, '--starttls', 'smtp')
            check(result, 1)
            assert told['error']['code'], told

    @test('--json on a full disk is a local fault')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            with open('/dev/full', 'wb') as full:
                check(run('connect', server.address, '--ca', ca.ca, '--json',
                          stdout=full), 2,
                      'cannot write to standard output: No space left')
            server.stop()

    @test('--info writes the same while data is relayed')
    def _():
        path = ca.path('info.json')
        with Serve('--key', key, '--cert', cert) as server:
            check(connect(server, '--info', path, stdin=b'x' * 10000), 0)
            with Process(TOOL, 'connect', server.address, '--ca', ca.ca,
                         '--info', path, apart=True) as client:
                client.wait_for(b'welcome!\n')
                with open(path) as file:  # already
                    info = json.load(file)
                assert info['authorized'] is True, info
                server.signal(signal.SIGKILL)
                assert client.wait() == 0, client.output
        check(run('connect', server.address, '--info', path), 1)
        with open(path) as file:
            info = json.load(file)
        assert info['error']['code'] == 'ECONNREFUSED', info
        check(run('connect', 'localhost', '--info', '/nonexistent/file'), 2,
              'cannot write /nonexistent/file: No such file')
        with Serve('--key', key, '--cert', cert) as server:
            check(connect(server, '--info', '/dev/full'), 2, 'No space left')
            result = connect(server, '--info', '/dev/full', '--json')
            check(result, 2)
            assert json.loads(result.out)['error'] is not None, result
            server.stop()

    @test('--quiet leaves only the data')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            result = connect(server, '--quiet')
            check(result, 0)
            assert (result.out, result.err) == (b'welcome!\n', ''), result
            server.stop()

    @test('--insecure accepts any certificate and prints a warning')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            result = run('connect', server.address, '--end', '--insecure',
                         stdin=b'x\n')
            check(result, 0, '^INSECURE: ', r'authorized +no, because \w+: \w+')
            assert result.out == b'welcome!\nx\n', result
            result = run('connect', server.address, '--insecure', '--json')
            check(result, 0, '^INSECURE: ')
            info = json.loads(result.out)
            assert info['authorized'] is False, info
            assert info['authorizationError'], info
            server.stop()

    @test('no byte from an untrusted peer reaches stdout')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            result = run('connect', server.address, stdin=b'secret\n')
            check(result, 1)
            assert result.out == b'', result
            server.stop()
            assert 'bytes in' not in server.log, server.log

    @test('the end of stdin is sent to the peer, and its answer is printed')
    def _():
        received = []

        def act(peer):
            received.append(read_to_end(peer))  # ends with our close_notify
            peer.sendall(b'and one more thing\n')
            peer.unwrap()

        with stage(act) as place:
            result = connect(place, stdin=b'that is all\n')
        check(result, 0)
        assert received == [b'that is all\n'], received
        assert result.out == b'and one more thing\n', result

    @test('a close_notify from the peer is a clean end')
    def _():
        def act(peer):
            peer.sendall(b'bye\n')
            peer.unwrap()

        with stage(act) as place:
            with Process(TOOL, 'connect', place.address, '--ca', ca.ca,
                         apart=True) as client:  # its stdin stays open
                assert client.wait() == 0, client.output
                assert client.output['out'] == b'bye\n', client.output

    @test('--strict-end makes truncation an error, after the data')
    def _():
        def cut(actor):
            peer = secure.wrap_socket(actor.dup(), server_side=True)
            peer.sendall(b'the first half')
            actor.shutdown(socket.SHUT_RDWR)

        with Stage(cut) as place:
            with Process(TOOL, 'connect', place.address, '--ca', ca.ca,
                         '--strict-end', apart=True) as client:
                assert client.wait() == 1, client.output
                assert client.output['out'] == b'the first half', client.output
                assert b'ERR_TLSTREAM_TRUNCATED: ' in client.output['err']

    @test('truncation after our end is an error too')
    def _():
        def cut(actor):
            peer = secure.wrap_socket(actor.dup(), server_side=True)
            read_to_end(peer)
            peer.sendall(b'the first half')
            actor.shutdown(socket.SHUT_RDWR)

        with Stage(cut) as place:
            result = connect(place, '--strict-end')
            check(result, 1, 'ERR_TLSTREAM_TRUNCATED: ')
            assert result.out == b'the first half', result
        with Stage(cut) as place:
            result = connect(place, '--insecure-allow-truncation')
            check(result, 0)
            assert result.out == b'the first half', result

    @test('a connection that is reset is an error, after the data')
    def _():
        def act(actor):
            peer = secure.wrap_socket(actor, server_side=True)
            peer.sendall(b'data\n')
            peer.recv(1)  # the client has the data and has written since
            reset(peer)

        with Stage(act) as place:
            with Process(TOOL, 'connect', place.address, '--ca', ca.ca,
                         apart=True) as client:
                client.wait_for(rb'data\n')
                client.send(b'x')
                assert client.wait() == 1, client.output
                assert b'ECONNRESET: ' in client.output['err'], client.output

    @test('bulk data arrives both ways, through files and pipes')
    def _():
        source = ca.path('bulk')
        with open(source, 'wb') as file:
            file.write(BULK)
        with Serve('--key', key, '--cert', cert) as server:
            result = connect(server, '--quiet', stdin=BULK)
            check(result, 0)
            assert result.out == b'welcome!\n' + BULK
            target = ca.path('echo')
            with open(source, 'rb') as fed, open(target, 'wb') as into:
                done = subprocess.run(
                    [TOOL, 'connect', server.address, '--end', '--ca', ca.ca],
                    stdin=fed, stdout=into, stderr=subprocess.PIPE, timeout=20)
            assert done.returncode == 0, done
            with open(target, 'rb') as file:
                assert file.read() == b'welcome!\n' + BULK
            server.stop()

    @test('stdin may be /dev/null, closed, or a socket')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            command = [TOOL, 'connect', server.address, '--end', '--ca', ca.ca]
            done = subprocess.run(command, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=20)
            assert (done.returncode, done.stdout) == (0, b'welcome!\n'), done
            done = subprocess.run(['sh', '-c', '"$@" <&-', 'sh', *command],
                                  capture_output=True, timeout=20)
            assert (done.returncode, done.stdout) == (0, b'welcome!\n'), done
            ours, theirs = socket.socketpair()
            with ours, theirs:
                child = subprocess.Popen(command, stdin=theirs,
                                         stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL)
                theirs.close()
                ours.sendall(b'by socket\n')
                ours.shutdown(socket.SHUT_WR)
                out, _ = child.communicate(timeout=20)
            assert (child.returncode, out) == (0, b'welcome!\nby socket\n')
            server.stop()

    @test('a folder as stdin is an error')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            fed = os.open(folder, os.O_RDONLY)
            done = subprocess.run(
                [TOOL, 'connect', server.address, '--end', '--ca', ca.ca],
                stdin=fed, capture_output=True, timeout=20)
            os.close(fed)
            assert done.returncode == 2, done
            assert b'cannot read standard input' in done.stderr, done
            server.stop()

    def shared(kind):
        """A descriptor that our process shares with the client, and one that
        keeps its other end open."""
        if kind == 'terminal':
            other, ours = pty.openpty()
        elif kind == 'socket':
            ours, other = (end.detach() for end in socket.socketpair())
        else:
            ours, other = os.pipe()
        return ours, other

    @test('shared descriptors stay as they are, whatever ends the command')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            for kind in ('pipe', 'socket', 'terminal'):
                for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP,
                               signal.SIGKILL):
                    ours, other = shared(kind)
                    is_terminal = kind == 'terminal'
                    modes = termios.tcgetattr(ours) if is_terminal else None
                    with Process(TOOL, 'connect', server.address, '--ca',
                                 ca.ca, apart=True, stdin=ours) as client:
                        client.wait_for(b'welcome!\n')
                        assert os.get_blocking(ours), kind
                        client.signal(number)
                        assert client.wait() == -number, client.output
                    assert os.get_blocking(ours), (kind, number)
                    if is_terminal:
                        assert termios.tcgetattr(ours) == modes
                    os.close(ours)
                    os.close(other)
            server.stop()

    @test('a stdin that is non-blocking already is read, too')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            reader, writer = os.pipe()
            os.set_blocking(reader, False)
            with Process(TOOL, 'connect', server.address, '--ca', ca.ca,
                         '--end', apart=True, stdin=reader) as client:
                client.wait_for(b'welcome!\n')
                os.write(writer, b'late\n')
                client.wait_for(b'late\n')
                os.close(writer)
                assert client.wait() == 0, client.output
            assert not os.get_blocking(reader)
            os.close(reader)
            server.stop()

    @test('a closed stdout is a local fault')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            reader, writer = os.pipe()
            os.close(reader)
            result = run('connect', server.address, '--ca', ca.ca,
                         stdout=writer)
            os.close(writer)
            check(result, 2, 'cannot write to standard output: broken pipe')
            command = [TOOL, 'connect', server.address, '--end', '--ca', ca.ca]
            done = subprocess.run(['sh', '-c', '"$@" >&-', 'sh', *command],
                                  stdin=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, timeout=20)
            assert done.returncode == 2, done
            server.stop()

    @test('backpressure from stdout reaches the server, without loss')
    def _():
        sent = [0]

        def act(peer):
            peer.settimeout(1)
            try:
                while sent[0] < len(BULK):
                    sent[0] += peer.send(BULK[sent[0]:sent[0] + 65536])
            except TimeoutError:
                stalled.append(sent[0])
            has_stalled.set()
            peer.settimeout(20)
            while sent[0] < len(BULK):
                sent[0] += peer.send(BULK[sent[0]:sent[0] + 65536])
            peer.unwrap()

        stalled = []
        has_stalled = threading.Event()
        with stage(act) as place:
            reader, writer = os.pipe()
            child = subprocess.Popen(
                [TOOL, 'connect', place.address, '--ca', ca.ca, '--quiet'],
                stdin=subprocess.DEVNULL, stdout=writer)
            os.close(writer)
            assert has_stalled.wait(20)
            got = b''
            while chunk := os.read(reader, 1 << 16):
                got += chunk
            os.close(reader)
            assert child.wait(20) == 0
        assert got == BULK
        assert stalled and stalled[0] < len(BULK), stalled

    def on_terminal(pieces, *options, locale='C'):
        """What a terminal gets when a server sends these pieces."""
        def act(peer):
            for piece in pieces:
                peer.sendall(piece)
                time.sleep(0.1)
            peer.unwrap()

        ours, theirs = pty.openpty()
        with stage(act) as place:
            child = subprocess.Popen(
                [TOOL, 'connect', place.address, '--ca', ca.ca, *options],
                stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL,
                env={**os.environ, 'LC_ALL': locale})
            assert child.wait(20) == 0
        os.close(theirs)
        said = os.read(ours, 1000)
        os.close(ours)
        return said

    @test('data cannot control a terminal, unless --raw')
    def _():
        data = [b'a\x1b[31mb\tc\xc3\xa9\\\n']
        said = on_terminal(data)
        assert b'\x1b' not in said and b'[31mb' in said, said
        assert b'\\xc3' in said.lower() and said.endswith(b'\\\r\n'), said
        assert b'a\x1b[31mb' in on_terminal(data, '--raw')

    @test('a terminal with UTF-8 shows it, without its control characters')
    def _():
        def shown(*pieces):
            said = on_terminal(pieces, locale='C.UTF-8').lower()
            return said.decode().replace('\\r', '').replace('\r', '')

        assert shown('Grüße, 世界 🙂\n'.encode()) == 'grüße, 世界 🙂\n'
        # CSI as one character, a change of direction, a mark, no character.
        for code in (0x80, 0x9b, 0x200f, 0x202e, 0x2028, 0x2066, 0xfeff,
                     0xe0041):
            said = shown(chr(code).encode() + b'!\n')
            assert said.isascii() and said.endswith('!\n'), (hex(code), said)
        # Overlong, a surrogate, beyond the last, a byte alone, an end too soon.
        for bad in (b'\xc0\xaf', b'\xe0\x80\xaf', b'\xed\xa0\x80',
                    b'\xf4\x90\x80\x80', b'\x80', b'\xff', b'\xc3'):
            said = shown(bad + b'!\n')
            assert said.isascii() and said.endswith('!\n'), (bad, said)
        # In pieces; the last one never comes.
        whole = '世🙂'.encode()
        assert shown(*(bytes([byte]) for byte in whole)) == '世🙂'
        assert shown(b'a\xe4\xb8') == 'a\\xe4\\xb8'

    @test('it works on a terminal, where control-D ends the input')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            child, ours = pty.fork()
            if child == 0:
                os.execv(TOOL, [TOOL, 'connect', server.address, '--ca',
                                ca.ca])

            def read_until(words):
                output = b''
                while words not in output:
                    output += os.read(ours, 4096)
                return output

            assert b'authorized   yes' in read_until(b'welcome!\r\n')
            os.write(ours, b'hello\n')
            read_until(b'hello\r\nhello\r\n')  # typed, and echoed
            os.write(ours, b'\x04')
            _, status = os.waitpid(child, 0)
            os.close(ours)
            assert os.waitstatus_to_exitcode(status) == 0, status
            server.stop()

    @test('a certificate cannot control the terminal')
    def _():
        hostile_key, hostile_cert = ca.leaf('hostile', subject='/CN=\x1b[2Jgone')
        with Serve('--key', hostile_key, '--cert', hostile_cert) as server:
            for option in ('--quiet', '--json', '--insecure'):
                result = connect(server, option)
                check(result, 0)
                assert '\x1b' not in result.err, result
            check(connect(server), 0, r'CN=\\(x1b|e)\[2Jgone')
            server.stop()

    @test('--idle-timeout ends an idle connection')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            with Process(TOOL, 'connect', server.address, '--ca', ca.ca,
                         '--idle-timeout', '1', apart=True) as client:
                assert client.wait() == 1, client.output
                assert b'ERR_TLSTREAM_IDLE_TIMEOUT' in client.output['err']
            server.stop()

    @test('--servername and --verify-name may differ')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            result = connect(server, '--servername', 'x.example',
                             '--verify-name', 'localhost', '--json')
            check(result, 0)
            info = json.loads(result.out)
            assert info['servername'] == 'x.example', info
            check(connect(server, '--verify-name', 'x.example'), 1,
                  'x.example')
            server.stop()

    tests_done()
