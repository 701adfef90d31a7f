# SPDX-License-Identifier: MIT
"""Pre-shared keys, the log of keys, exported keys and names of connections, with
OpenSSL's own programs, in both roles and versions."""

import hashlib
import os
import ssl
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'cli'))
from harness import (BUILD, Authority, Folder, Process, Serve, Stage,  # noqa
                     check, run, test, tests_done)

KEY = '00112233445566778899aabbccddeeff' * 2
OTHER = KEY.replace('00', '11')
SUITES = {'1.2': ('-cipher', 'ECDHE-PSK-CHACHA20-POLY1305'),
          '1.3': ('-ciphersuites', 'TLS_AES_128_GCM_SHA256')}
LINE = b'how are you?\n'


def version_of(version):
    return '-tls' + version.replace('.', '_')


def s_client(port, version, *args, key=KEY, identity='device 7'):
    return Process('openssl', 's_client', '-connect', f'127.0.0.1:{port}',
                   '-psk', key, '-psk_identity', identity, *args,
                   '-no_ign_eof', version_of(version), *SUITES[version])


def s_server(version, *args, key=KEY):
    server = Process('openssl', 's_server', '-accept', '127.0.0.1:0',
                     '-nocert', '-psk', key, '-psk_identity', 'device 7',
                     '-psk_hint', 'a hint', version_of(version),
                     *SUITES[version], *args)
    server.port = int(server.wait_for(rb'ACCEPT 127\.0\.0\.1:(\d+)')[1])
    return server


with Folder() as folder:
    keys = os.path.join(folder, 'keys')
    with open(keys, 'w') as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(f'device 7:{KEY}\n')

    for version in ('1.2', '1.3'):
        @test(f'openssl s_client by a key, TLS {version}')
        def _():
            with Serve('--psk', keys) as server:
                with s_client(server.port, version, '-quiet') as client:
                    client.wait_for(rb'welcome!\n')
                    client.send(LINE)
                    client.wait_for(rb'how are you\?\n')
                    client.end_input()
                    assert client.wait() == 0, client.output
                server.wait_for(rb'TLSv%s \S+.* authorized yes as "device 7" '
                                rb'\(PSK\)\n' % version.encode(), 'err')
                server.wait_for(rb'both sides sent close_notify\n', 'err')
                assert server.stop() == 0, server.log

        @test(f'openssl s_client with another key, TLS {version}')
        def _():
            with Serve('--psk', keys) as server:
                with s_client(server.port, version, key=OTHER) as client:
                    assert client.wait() != 0, client.output
                server.wait_for(rb'ERR_TLSTREAM_PSK_MISMATCH', 'err')
                with s_client(server.port, version,
                              identity='device 8') as client:
                    assert client.wait() != 0, client.output
                    assert b'unknown psk identity' in client.output['out'], (
                        client.output)
                server.wait_for(rb'ERR_TLSTREAM_UNKNOWN_PSK', 'err')

        @test(f'openssl s_server by a key, TLS {version}')
        def _():
            with s_server(version, '-rev') as server:
                done = run('connect', f'127.0.0.1:{server.port}', '--psk',
                           keys, '--end', stdin=LINE)
                check(done, 0, r'psk +device 7\n', r'authorized +yes\n')
                assert done.out == LINE.rstrip()[::-1] + b'\n', done

        @test(f'openssl s_server with another key, TLS {version}')
        def _():
            with s_server(version, '-rev', key=OTHER) as server:
                check(run('connect', f'127.0.0.1:{server.port}', '--psk',
                          keys), 1, 'ERR_TLSTREAM_ALERT')

        @test(f'the log of keys is that of openssl s_client, TLS {version}')
        def _():
            ours = os.path.join(folder, f'ours-{version}')
            theirs = os.path.join(folder, f'theirs-{version}')
            with Serve('--psk', keys, '--keylog', ours) as server:
                with s_client(server.port, version, '-quiet', '-keylogfile',
                              theirs) as client:
                    client.wait_for(rb'welcome!\n')
            with open(ours) as one, open(theirs) as two:
                logged = sorted(one.read().splitlines())
                expected = sorted(line for line in two.read().splitlines()
                                  if not line.startswith('#'))
            assert logged == expected and logged, (logged, expected)

    ca = Authority(folder)
    key, cert = ca.leaf('localhost')
    LABELS = {'tls-exporter': 'EXPORTER-Channel-Binding',
              'key': 'EXPERIMENTAL example'}

    def names_of(version, label):
        """What our client prints, and the material of s_server."""
        with Process('openssl', 's_server', '-accept', '127.0.0.1:0', '-key',
                     key, '-cert', cert, version_of(version), '-keymatexport',
                     label, '-keymatexportlen', '32') as server:
            port = server.wait_for(rb'ACCEPT 127\.0\.0\.1:(\d+)')[1].decode()
            with Process(os.path.join(BUILD, 'examples', 'channel-binding'),
                         '127.0.0.1', port, ca.ca) as client:
                assert client.wait() == 0, client.output
            material = server.wait_for(rb'Keying material: ([0-9A-F]{64})\n')[1]
        printed = client.output['out'].decode().splitlines()
        return dict(line.split(': ') for line in printed), material.decode()

    for version in ('1.2', '1.3'):
        @test(f'what is exported is what openssl s_server exports, '
              f'TLS {version}')
        def _():
            for name, label in LABELS.items():
                # In TLS 1.2 none and an empty context differ, and openssl has
                # no option for an empty one.
                if version == '1.2' and name == 'tls-exporter':
                    continue
                names, material = names_of(version, label)
                assert names[name] == material, (names, material)

        @test(f'the name of the server is the hash of its certificate, '
              f'TLS {version}')
        def _():
            names, _ = names_of(version, 'EXPERIMENTAL other')
            with open(cert) as file:
                der = ssl.PEM_cert_to_DER_cert(file.read())
            assert names['tls-server-end-point'] == hashlib.sha256(
                der).hexdigest().upper(), names
            assert (len(names['tls-unique']) == 24) == (version == '1.2'), names

    @test("Python's tls-unique is ours")
    def _():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(cert, key)
        seen = []

        def act(peer):
            with context.wrap_socket(peer, server_side=True) as secure:
                seen.append(secure.get_channel_binding('tls-unique'))
                secure.recv(1)

        with Stage(act) as server:
            with Process(os.path.join(BUILD, 'examples', 'channel-binding'),
                         '127.0.0.1', server.port, ca.ca) as client:
                assert client.wait() == 0, client.output
        assert b'tls-unique: ' + seen[0].hex().upper().encode() in (
            client.output['out']), (client.output, seen)

    tests_done()
