# SPDX-License-Identifier: MIT
"""tlstream serve and its certificates: read again on SIGHUP, from PKCS #12,
asked from clients, revoked; and suites, groups and descriptors."""

import os
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import time

from harness import (Authority, DEADLINE, Folder, Process, Serve, TOOL, check,
                     run, test, tests_done)

CLIENTS = 40
LIMIT = CLIENTS + 20  # what the command has for itself, and one each


def openssl(*args):
    done = subprocess.run(['openssl', *args], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=DEADLINE)
    assert done.returncode == 0, done


def dial(server, name='localhost'):
    """A connection by Python, whose server_hostname is `name`."""
    context = ssl.create_default_context(cafile=ca.ca)
    context.check_hostname = False
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
    before = len(server.output['err'])
    server.signal(signal.SIGHUP)
    server.wait_for(rb'(?s).{%d}.*' % before + pattern, 'err')
    return server.output['err'][before:].decode()


def certificates_of(client):
    return ('--key', client[0], '--cert', client[1])


def revoke(client, name):
    """A list of revoked certificates with this one in it, or none."""
    config, crl = ca.path('crl.cnf'), ca.path(name)
    with open(ca.path('index.txt'), 'w'):
        pass
    with open(config, 'w') as out:
        out.write(f'[ca]\ndefault_ca=it\n[it]\ndatabase={ca.path("index.txt")}\n'
                  'default_md=sha256\ndefault_crl_days=9\n')
    by = ('-config', config, '-keyfile', ca.path('ca-key.pem'), '-cert', ca.ca)
    if client is not None:
        openssl('ca', *by, '-revoke', client[1])
    openssl('ca', *by, '-gencrl', '-out', crl)
    return crl


with Folder() as folder:
    ca = Authority(folder)
    first = ca.leaf('first', subject='/CN=first')
    second = ca.leaf('second', subject='/CN=second')
    client = ca.leaf('client', subject='/CN=client')
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
                output = hang_up(server, rb'SIGHUP: .*certificates of before\n')
                assert 'ERR_TLSTREAM' in output, output
                assert shown(server) == shown(server, 'a.test') == 'first'
            os.remove(cert)
            assert 'cert.pem' in hang_up(server, rb'of before\n')
            present(second)
            hang_up(server, rb'of now\n')
            assert shown(server) == 'second'
            server.stop()

    def changed(server, change, pattern):
        """Change files and wait for the line that it causes."""
        before = len(server.output['err'])
        change()
        server.wait_for(rb'(?s).{%d}.*--watch: .*' % before + pattern, 'err')

    def until(holds):
        end = time.monotonic() + DEADLINE
        while not holds():
            assert time.monotonic() < end

    @test('--watch reads certificates again when their files change')
    def _():
        with Serve(*present(first), '--watch') as server, dial(server) as old:
            assert greeted(old) and shown(server) == 'first'
            for leaf, name in ((second, 'second'), (first, 'first')):
                changed(server, lambda: present(leaf), rb'of now\n')
                # On a slow machine the last files are a change of their own.
                until(lambda: shown(server) == shown(server, 'a.test') == name)
            assert echo(old, b'still here') == b'still here'
            assert server.stop() == 0

    @test('--watch: a link that is swapped, as Kubernetes does it')
    def _():
        for version, leaf in (('v1', first), ('v2', second)):
            os.mkdir(ca.path(version))
            for source, name in zip(leaf, ('key.pem', 'cert.pem')):
                shutil.copy(source, os.path.join(ca.path(version), name))
        os.symlink('v1', ca.path('..data'))
        ours = []
        for name in ('key', 'cert'):
            os.symlink(f'..data/{name}.pem', ca.path(f'linked-{name}.pem'))
            ours += [f'--{name}', ca.path(f'linked-{name}.pem')]

        def swap():
            os.symlink('v2', ca.path('..tmp'))
            os.rename(ca.path('..tmp'), ca.path('..data'))

        with Serve(*ours, '--watch') as server:
            assert shown(server) == 'first'
            changed(server, swap, rb'of now\n')
            assert shown(server) == 'second'
            assert server.stop() == 0

    @test('--watch: files that do not fit change nothing until they do')
    def _():
        with Serve(*present(first), '--watch') as server:
            changed(server, lambda: place_files((second[1], cert)),
                    rb'of before\n')
            assert b'ERR_TLSTREAM_KEY_MISMATCH' in server.output['err']
            assert shown(server) == 'first'
            changed(server, lambda: os.remove(key), rb'of before\n')
            assert shown(server) == 'first'
            changed(server, lambda: place_files((second[0], key)),
                    rb'of now\n')
            assert shown(server) == 'second'
            assert server.stop() == 0

    @test('--watch needs something to watch, and files that are good')
    def _():
        check(run('serve', '--watch'), 2, '--watch needs files to watch')
        check(run('serve', '--watch', '--context', 'a.test'), 2,
              '--context is NAME=CERT,KEY')
        check(run('serve', '--watch', '--key', 'nowhere', '--cert', 'nowhere'),
              2, 'nowhere')
        result = run('serve', '--watch', '--host', '192.0.2.1', *present(first))
        check(result, 2, 'ERR_TLSTREAM|EADDRNOTAVAIL')

    @test('a pipe in the place of a file is not waited for')
    def _():
        sealed, passphrase = ca.path('piped.pem'), ca.path('piped')
        shutil.copy(ca.encrypt(first[0], 'sealed.pem', 'secret'), sealed)
        trust, crl = ca.path('piped-ca.pem'), ca.path('piped.crl')
        place_files((ca.ca, trust), (revoke(None, 'none.crl'), crl))
        with open(passphrase, 'w') as out:
            out.write('secret\n')
        with Serve('--key', sealed, '--cert', present(first)[3], '--crl', crl,
                   '--passphrase-file', passphrase, '--ca', trust,
                   '--verify-if-given') as server:
            for path in (cert, sealed, passphrase, trust, crl):
                os.rename(path, path + '.before')
                os.mkfifo(path)
                output = hang_up(server, rb'of before\n')
                assert f'{path} is not a regular file' in output, output
                os.rename(path + '.before', path)
            hang_up(server, rb'of now\n')
            assert shown(server) == 'first'
            server.stop()

    @test('standard input is not read a second time')
    def _():
        sealed = ca.encrypt(first[0], 'sealed.pem', 'secret')
        with Process(TOOL, 'serve', '--port', '0', '--key', sealed, '--cert',
                     first[1], '--passphrase-file', '-', apart=True) as server:
            server.send(b'secret\n')
            server.end_input()
            server.wait_for(rb'listening on', 'err')
            server.signal(signal.SIGHUP)
            server.wait_for(rb'- is not a regular file', 'err')
            server.signal(signal.SIGTERM)
            assert server.wait() == 0

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

    @test('SIGHUP while the files are read the first time')
    def _():
        fifo = ca.path('fifo')
        os.mkfifo(fifo)
        sealed = ca.encrypt(first[0], 'sealed.pem', 'secret')
        with Process(TOOL, 'serve', '--port', '0', '--key', sealed, '--cert',
                     first[1], '--passphrase-file', fifo, apart=True) as server:
            with open(fifo, 'w') as out:  # it has been opened for reading
                server.signal(signal.SIGHUP)
                out.write('secret\n')
            server.wait_for(rb'listening on', 'err')
            server.wait_for(rb'fifo is not a regular file', 'err')
            server.signal(signal.SIGTERM)
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

    @test('--verify-if-given: none is let in, a good one known, a bad one refused')
    def _():
        other = os.path.join(folder, 'other')
        os.mkdir(other)
        stranger = Authority(other).leaf('stranger')
        with Serve(*present(first), '--ca', ca.ca,
                   '--verify-if-given') as server:
            for version in ('1.2', '1.3'):
                ours = ('connect', server.address, '--end', '--ca', ca.ca,
                        '--tls-max', version, '--quiet')
                result = run(*ours, stdin=b'in')
                check(result, 0)
                assert result.out == b'welcome!\nin', result
                server.wait_for(rb'authorized no .*NO_PEER_CERTIFICATE', 'err')
                check(run(*ours, *certificates_of(client)), 0)
                server.wait_for(rb'authorized yes as CN=client\n', 'err')
                result = run(*ours, *certificates_of(stranger), stdin=b'in')
                check(result, 1, 'ERR_TLSTREAM_ALERT|ECONNRESET')
                assert result.out == b'', result
                server.wait_for(rb'UNABLE_TO_VERIFY_LEAF_SIGNATURE: ', 'err')
            server.stop()

    @test('only one of the ways to ask for client certificates')
    def _():
        check(run('serve', '--verify-if-given'), 2,
              '--verify-if-given needs --ca FILE')
        check(run('serve', '--verify-if-given', '--require-cert', '--ca',
                  ca.ca), 2, 'exclude each other')
        check(run('serve', '--crl', ca.ca), 2, '--crl .* needs --require-cert')

    @test('--crl: clients and servers whose certificate is revoked')
    def _():
        none, revoked = revoke(None, 'none.crl'), revoke(client, 'client.crl')
        crl = ca.path('now.crl')
        place_files((none, crl))
        ours = ('--ca', ca.ca, '--quiet')
        with Serve(*present(first), '--ca', ca.ca, '--require-cert', '--crl',
                   crl) as server:
            check(run('connect', server.address, *ours,
                      *certificates_of(client)), 0)
            place_files((revoked, crl))
            hang_up(server, rb'of now\n')
            check(run('connect', server.address, *ours,
                      *certificates_of(client)), 1)
            server.wait_for(rb'CERT_REVOKED', 'err')
            server.stop()
        with Serve(*present(first)) as server:
            check(run('connect', server.address, *ours, '--crl', none), 0)
            check(run('connect', server.address, *ours, '--crl',
                      revoke(first, 'first.crl')), 1, '^CERT_REVOKED')
            check(run('connect', server.address, *ours, '--crl', ca.ca), 2,
                  '--crl: text 1 holds none')
            check(run('connect', server.address, *ours, '--crl', 'nowhere'), 2,
                  'cannot read nowhere')
            server.stop()

    @test('--pfx: certificate and key in one file')
    def _():
        pfx, passphrase = ca.path('it.pfx'), ca.path('passphrase')
        with open(passphrase, 'w') as out:
            out.write('secret\n')
        openssl('pkcs12', '-export', '-in', client[1], '-inkey', client[0],
                '-out', pfx, '-passout', 'pass:secret')
        both = ('--pfx', pfx, '--passphrase-file', passphrase)
        with Serve(*both, '--ca', ca.ca, '--require-cert') as server:
            result = run('connect', server.address, '--ca', ca.ca, *both)
            check(result, 0, 'CN=client|client')
            server.wait_for(rb'authorized yes as CN=client\n', 'err')
            hang_up(server, rb'of now\n')
            server.stop()
        check(run('serve', '--pfx', pfx), 2,
              '^ERR_TLSTREAM_PASSPHRASE: --pfx: it is encrypted')
        check(run('serve', '--pfx', cert), 2,
              '^ERR_TLSTREAM_BAD_CERTIFICATE: --pfx: ')

    @test('--ciphers and --groups choose, for each version its own')
    def _():
        chosen = ('--ciphers', 'TLS_AES_128_GCM_SHA256:'
                  'ECDHE-ECDSA-CHACHA20-POLY1305', '--groups', 'P-384')
        with Serve(*present(first), *chosen) as server:
            for version, suite in (
                    ('1.3', 'TLS_AES_128_GCM_SHA256'),
                    ('1.2', 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256')):
                check(run('connect', server.address, '--ca', ca.ca,
                          '--tls-max', version), 0, suite)
            check(run('connect', server.address, '--ca', ca.ca, '--groups',
                      'X25519'), 1)
            check(run('connect', server.address, '--ca', ca.ca, '--ciphers',
                      'TLS_AES_256_GCM_SHA384', '--tls-min', '1.3'), 1)
            server.stop()
        with Serve(*present(first), '--ciphers',
                   'ECDHE-ECDSA-AES128-GCM-SHA256') as server:
            check(run('connect', server.address, '--ca', ca.ca), 0, 'TLSv1.3')
            server.stop()
        for option, wrong in (('--ciphers', 'TLS_AES_128_GCM_SHA255'),
                              ('--ciphers', 'AES:TYPO'), ('--ciphers', ''),
                              ('--groups', 'P-385')):
            check(run('serve', option, wrong), 2,
                  f'^ERR_TLSTREAM_BAD_CIPHERS: {option}: ')

    @test('--policy: versions and algorithms by name')
    def _():
        with Serve(*present(first), '--policy', 'modern') as server:
            ours = ('connect', server.address, '--ca', ca.ca, '--policy')
            for name in ('modern', '2026-11', 'default'):
                check(run(*ours, name), 0, 'TLSv1.3')
            check(run(*ours, '2026-11', '--tls-max', '1.2'), 1)
            server.stop()
        check(run('serve', '--policy', '2025-01'), 2,
              '^ERR_TLSTREAM_INVALID_ARGUMENT: --policy: there is none of the '
              'name "2025-01"; there are "default", "2026-11" and "modern"')
        check(run('serve', '--policy', 'modern', '--groups', 'X448'), 2,
              '^ERR_TLSTREAM_BAD_CIPHERS: --groups: "X448" is not in the '
              'policy "modern"')
        check(run('serve', '--policy', 'modern', '--tls-max', '1.2'), 2,
              '^ERR_TLSTREAM_BAD_VERSIONS: .*"modern" has TLSv1.3 only')

    @test('a connection has one descriptor')
    def _():
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (LIMIT, before[1]))
        try:
            server = Serve(*present(first), '--quiet')
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
        with server:
            peers = [dial(server) for _ in range(CLIENTS)]
            assert all(greeted(peer) for peer in peers)
            assert all(echo(peer, b'x') == b'x' for peer in peers)
            for peer in peers:
                peer.close()
            server.stop()

    tests_done()
