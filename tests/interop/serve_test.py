# SPDX-License-Identifier: MIT
"""`tlstream serve` and the clients that others wrote: each speaks TLS 1.2 and
1.3 with it, under an RSA and an ECDSA certificate."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'cli'))
from harness import (Authority, Folder, Process, Serve, have, test,  # noqa
                     skip, tests_done)

NODE = '''
const tls = require('tls'), fs = require('fs');
const [port, ca, version] = process.argv.slice(1);
const s = tls.connect({port, host: '127.0.0.1', servername: 'localhost',
  ca: fs.readFileSync(ca), minVersion: version, maxVersion: version});
s.on('secureConnect', () => console.log('authorized', s.authorized,
                                        s.getProtocol()));
s.pipe(process.stdout);
process.stdin.pipe(s);
s.on('error', (e) => { console.log(e.code); process.exitCode = 1; });
s.on('close', (failed) => { process.stdin.destroy(); });
'''


def openssl(port, ca, version):
    return ('openssl', 's_client', '-connect', f'127.0.0.1:{port}', '-CAfile',
            ca, '-verify_return_error', '-verify_hostname', 'localhost',
            '-servername', 'localhost', '-quiet', '-no_ign_eof',
            '-tls' + version.replace('.', '_'))


def gnutls(port, ca, version):
    return ('gnutls-cli', '--x509cafile', ca, '--verify-hostname', 'localhost',
            '--sni-hostname', 'localhost', '--priority',
            f'NORMAL:-VERS-ALL:+VERS-TLS{version}', '-p', port, '127.0.0.1')


def node(port, ca, version):
    return ('node', '-e', NODE, port, ca, f'TLSv{version}')


def curl(port, ca, version):
    # An echo is no HTTP answer, but one that HTTP/0.9 would have accepted.
    return ('curl', '--silent', '--show-error', '--no-buffer', '--http0.9',
            '--cacert', ca, f'--tlsv{version}', '--tls-max', version,
            f'https://localhost:{port}/hello')


CLIENTS = {
    'openssl': ('openssl s_client', openssl),
    'gnutls-cli': ('gnutls-cli', gnutls),
    'node': ("Node's tls", node),
    'curl': ('curl', curl),
}


CLEAN_END = rb'closed: 13 bytes in, 22 out; both sides sent close_notify\n'


def talk(program, command, server, ca, version):
    with Process(*command(server.port, ca.ca, version)) as client:
        client.wait_for(b'welcome!\n')
        if program == 'curl':
            client.wait_for(rb'GET /hello HTTP/1\.1\r\n')
            return  # it would wait for the end of the answer
        client.send(b'how are you?\n')
        client.wait_for(rb'how are you\?\n')
        client.end_input()
        assert client.wait() == 0, client.output


with Folder() as folder:
    ca = Authority(folder)
    untrusted_key, untrusted = ca.leaf('untrusted')  # signed nothing of ours
    for kind in ('rsa', 'ecdsa'):
        key, cert = ca.leaf(kind, kind)
        for program, (name, command) in CLIENTS.items():
            for version in ('1.2', '1.3'):
                title = f'{name} speaks TLS {version} to us, {kind}'
                if not have(program):
                    skip(title, f'{program} is not installed')
                    continue

                @test(title)
                def _():
                    with Serve('--key', key, '--cert', cert) as server:
                        talk(program, command, server, ca, version)
                        server.wait_for(rb'connected: TLSv%s \S+, asked for '
                                        rb'localhost\n' % version.encode(),
                                        'err')
                        # curl was stopped in the middle of things.
                        server.wait_for(rb'ERR_TLSTREAM_TRUNCATED'
                                        if program == 'curl' else CLEAN_END,
                                        'err')
                        assert server.stop() == 0, server.log

            title = f'{name} refuses us when it does not trust us, {kind}'
            if not have(program):
                skip(title, f'{program} is not installed')
                continue

            @test(title)
            def _():
                with Serve('--key', key, '--cert', cert) as server:
                    with Process(*command(server.port, untrusted,
                                          '1.3')) as client:
                        assert client.wait() != 0, client.output
                        assert b'welcome' not in client.output['out']
                    # Node leaves without a word.
                    server.wait_for(rb'ERR_TLSTREAM_(ALERT: peer: |TRUNCATED|'
                                    rb'CLOSED_IN_HANDSHAKE)', 'err')
                    assert server.stop() == 0, server.log

    tests_done()
