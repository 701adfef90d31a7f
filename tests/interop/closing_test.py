# SPDX-License-Identifier: MIT
"""The programs of the guides and peers that end a connection in each of the
ways that are seen: close_notify, a bare FIN, a reset, in the middle of an
answer; nginx, Node and Python each as they do by default."""

import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'cli'))
from harness import (Authority, BUILD, DEADLINE, Folder, Process,  # noqa
                     free_port, have, reset, skip, test, tests_done)

BODY = b'what was asked for\n'
WHOLE = b'HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n' % len(BODY) + BODY
SHORT = WHOLE[:-5]
UNTIL_THE_END = b'HTTP/1.0 200 OK\r\n\r\n' + BODY

NODE = '''
const https = require('https'), fs = require('fs');
const [key, cert] = process.argv.slice(1).map((name) => fs.readFileSync(name));
https.createServer({key, cert}, (request, answer) => answer.end(
  'what was asked for\\\\n')).listen(0, '127.0.0.1', function () {
  console.log('listening on', this.address().port); });
'''.replace('\\\\', '\\')

PYTHON = '''
import http.server, ssl, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', '19')
        self.end_headers()
        self.wfile.write(b'what was asked for\\n')
server = http.server.HTTPServer(('127.0.0.1', 0), Answer)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[1])
server.socket = context.wrap_socket(server.socket, server_side=True)
print('listening on', server.server_port, flush=True)
server.serve_forever()
'''

NGINX = '''
daemon off; master_process off; pid {folder}/nginx.pid;
error_log stderr crit;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {cert}; ssl_certificate_key {key};
    location / {{ return 200 "what was asked for\\n"; }}
  }}
}}
'''


def example(name):
    return os.path.join(BUILD, 'examples', name)


def fetch(port, ca):
    return subprocess.run([example('https-get'), 'localhost', str(port), ca],
                          capture_output=True, timeout=DEADLINE)


class Server:
    """A server in Python that answers one request and ends in the given way."""

    def __init__(self, key, cert, answer, end, request=b'\r\n\r\n'):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.listener.settimeout(DEADLINE)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._run,
                                       args=(context, request, answer, end))
        self.thread.start()

    def _run(self, context, request, answer, end):
        raw, _ = self.listener.accept()
        raw.settimeout(DEADLINE)
        with context.wrap_socket(raw, server_side=True,
                                 suppress_ragged_eofs=True) as peer:
            received = b''
            while request not in received:
                received += peer.recv(4096)
            peer.sendall(answer)
            end(peer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.thread.join(DEADLINE)
        self.listener.close()


def close_notify(peer):
    try:
        peer.unwrap()
    except OSError:
        pass  # the client has closed its socket by then


def fin(peer):
    peer.shutdown(socket.SHUT_WR)
    wait_for_end(peer)


def wait_for_end(peer):
    try:
        while peer.recv(4096):
            pass
    except OSError:
        pass


# What the server sends, how it ends, the exit status, what stderr has.
ENDINGS = [
    ('whole', WHOLE, 'close_notify', 0, b''),
    ('whole', WHOLE, 'fin', 0, b''),
    ('whole', WHOLE, 'reset', 0, b''),
    ('whole', WHOLE, 'stays', 0, b''),
    ('short', SHORT, 'close_notify', 1, b'not whole'),
    ('short', SHORT, 'fin', 1, b'ERR_TLSTREAM_TRUNCATED'),
    ('short', SHORT, 'reset', 1, b'ECONNRESET'),
    ('without a length', UNTIL_THE_END, 'close_notify', 0, b''),
    ('without a length', UNTIL_THE_END, 'fin', 1, b'ERR_TLSTREAM_TRUNCATED'),
    ('without a length', UNTIL_THE_END, 'reset', 1, b'ECONNRESET'),
]
PAIR_ENDINGS = [
    ('close_notify', 0, b''),
    ('fin', 1, b'ERR_TLSTREAM_TRUNCATED'),
    ('reset', 1, b'ERR_TLSTREAM_'),
]
ENDS = {'close_notify': close_notify, 'fin': fin, 'stays': wait_for_end}


def reset_when_read(peer):
    """A reset destroys what was not read yet, so wait for a moment of the
    client's: its end if the answer is whole, else half a second."""
    peer.settimeout(0.5)
    wait_for_end(peer)
    reset(peer)


ENDS['reset'] = reset_when_read


class Peer(Process):
    def __init__(self, *args):
        super().__init__(*args)
        self.port = int(self.wait_for(rb'listening on (\d+)')[1])


class EchoServer(Process):
    def __init__(self, folder, key, cert):
        home = tempfile.mkdtemp(dir=folder)
        for name, path in (('key', key), ('cert', cert)):
            shutil.copy(path, os.path.join(home, f'server-{name}.pem'))
        for _ in range(5):
            self.port = free_port()
            super().__init__(example('echo-server'), self.port, cwd=home)
            if listens(self):
                return
            self.kill()
        raise AssertionError(self.output)

    def client(self, ca):
        context = ssl.create_default_context(cafile=ca)
        raw = socket.create_connection(('127.0.0.1', self.port), DEADLINE)
        return context.wrap_socket(raw, server_hostname='localhost')


def listens(process):
    """Wait until a program accepts connections; false if it exits."""
    while process.child.poll() is None:
        try:
            socket.create_connection(('127.0.0.1', process.port), 5).close()
            return True
        except ConnectionRefusedError:
            pass
    return False


class Nginx(Process):
    """nginx cannot be asked for a free port: try until one is."""

    def __init__(self, folder, key, cert):
        for _ in range(5):
            self.port = free_port()
            path = os.path.join(folder, 'nginx.conf')
            with open(path, 'w') as out:
                out.write(NGINX.format(folder=folder, port=self.port, key=key,
                                       cert=cert))
            super().__init__('nginx', '-p', folder, '-c', path)
            if listens(self):
                return
            self.kill()
        raise AssertionError(self.output)


PEERS = {
    'node': lambda folder, *pair: Peer('node', '-e', NODE, *pair),
    'python3': lambda folder, *pair: Peer('python3', '-c', PYTHON, *pair),
    'nginx': Nginx,
}

with Folder() as folder:
    authority = Authority(folder)
    key, cert = authority.leaf('server')

    for kind, answer, end, status, err in ENDINGS:
        @test(f'https-get: an answer that is {kind}, then {end}')
        def _():
            with Server(key, cert, answer, ENDS[end]) as server:
                done = fetch(server.port, authority.ca)
            assert done.returncode == status, done
            assert err in done.stderr, done
            assert done.stdout == answer, done

    # A pair on a loop of its own, which ends its side first: it sends a word
    # and then reads up to the end of the connection.
    for loop in ('epoll', 'libevent'):
        program = example(f'pair-on-{loop}')
        for end, status, err in PAIR_ENDINGS:
            title = f'pair-on-{loop}: the answer, then {end}'
            if not os.path.exists(program):
                skip(title, f'{loop} was not found by the build')
                continue

            @test(title)
            def _():
                with Server(key, cert, BODY, ENDS[end], b'hello\n') as server:
                    done = subprocess.run(
                        [program, str(server.port), authority.ca],
                        capture_output=True, timeout=DEADLINE)
                assert done.returncode == status, done
                assert err in done.stderr, done
                # A reset may destroy what was not read yet.
                assert done.stdout == BODY or end == 'reset', done

    for end in ('close_notify', 'fin', 'reset'):
        @test(f'echo-server goes on after a client that ends with {end}')
        def _():
            with EchoServer(folder, key, cert) as server:
                for last in (end, 'close_notify'):
                    with server.client(authority.ca) as peer:
                        peer.sendall(b'hello\n')
                        received = b''
                        while received != b'welcome!\nhello\n':
                            received += peer.recv(4096)
                        (reset if last == 'reset' else ENDS[last])(peer)
                assert server.child.poll() is None, server.output

    for name, start in PEERS.items():
        title = f'https-get and {name} as it ends connections'
        if not have(name):
            skip(title, 'not installed')
            continue

        @test(title)
        def _():
            with start(folder, key, cert) as server:
                done = fetch(server.port, authority.ca)
            assert done.returncode == 0, done
            assert done.stdout.endswith(b'\r\n\r\n' + BODY), done

tests_done()
