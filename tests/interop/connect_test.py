# SPDX-License-Identifier: MIT
"""`tlstream connect` and the servers that others wrote: each speaks TLS 1.2
and 1.3 with it, under an RSA and an ECDSA certificate."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'cli'))
from harness import (Authority, Folder, Process, check, free_port,  # noqa
                     have, run, skip, test, tests_done)

NODE = '''
const tls = require('tls'), fs = require('fs');
const [key, cert] = process.argv.slice(1).map((name) => fs.readFileSync(name));
const server = tls.createServer({key, cert, allowHalfOpen: true}, (s) => {
  s.on('error', (e) => console.log(e.code));
  s.pipe(s);
});
server.on('tlsClientError', (e) => console.log(e.code));
server.listen(0, '127.0.0.1',
              () => console.log('listening on', server.address().port));
'''

LINE = b'how are you?\n'


class Openssl(Process):
    """s_server -rev sends each line back reversed."""
    answer = LINE.rstrip()[::-1] + b'\n'
    name = 'openssl s_server'

    def __init__(self, key, cert):
        super().__init__('openssl', 's_server', '-accept', '127.0.0.1:0',
                         '-key', key, '-cert', cert, '-rev')
        self.port = int(self.wait_for(rb'ACCEPT 127\.0\.0\.1:(\d+)')[1])


class Gnutls(Process):
    """gnutls-serv cannot be asked for a free port: try until one is."""
    answer = LINE
    name = 'gnutls-serv'

    def __init__(self, key, cert):
        for _ in range(5):
            self.port = free_port()
            super().__init__('gnutls-serv', '--echo', '--x509keyfile', key,
                             '--x509certfile', cert, '--port', self.port)
            output = self.wait_for(rb'listening on IPv4 .*\.\.\.(\w+)')
            if output[1] == b'done':
                return
            self.kill()
        raise AssertionError(self.output)


class Node(Process):
    answer = LINE
    name = "Node's tls"

    def __init__(self, key, cert):
        super().__init__('node', '-e', NODE, key, cert)
        self.port = int(self.wait_for(rb'listening on (\d+)')[1])


SERVERS = {'openssl': Openssl, 'gnutls-serv': Gnutls, 'node': Node}


def talk(server, ca, version):
    result = run('connect', f'127.0.0.1:{server.port}', '--end', '--ca',
                 ca.ca, '--tls-min', version, '--tls-max', version, '--quiet',
                 '--info', ca.path('facts'),
                 stdin=LINE)
    check(result, 0)
    assert result.out == server.answer, result
    with open(ca.path('facts')) as file:
        facts = json.load(file)
    assert facts['protocol'] == f'TLSv{version}', facts
    assert facts['authorized'] is True, facts


with Folder() as folder:
    ca = Authority(folder)
    for kind in ('rsa', 'ecdsa'):
        key, cert = ca.leaf(kind, kind)
        for program, Server in SERVERS.items():
            titles = {version: f'we speak TLS {version} to {Server.name}, '
                               f'{kind}' for version in ('1.2', '1.3')}
            if not have(program):
                for title in titles.values():
                    skip(title, f'{program} is not installed')
                continue
            with Server(key, cert) as server:
                for version, title in titles.items():

                    @test(title)
                    def _():
                        talk(server, ca, version)

            @test(f'{Server.name} is refused when it is not trusted, {kind}')
            def _():
                with Server(key, cert) as server:
                    result = run('connect', f'127.0.0.1:{server.port}')
                    check(result, 1, r'^UNABLE_TO_')

    tests_done()
