# SPDX-License-Identifier: MIT
"""Bad input gets a clear message, the right exit status, and leaves nothing
half done."""

import json
import os
import re
import socket

from harness import (Authority, Folder, Serve, Stage, check,
                     free_port, run, test, tests_done)

OURS, PEER = 2, 1


def write(path, text):
    with open(path, 'w') as out:
        out.write(text)
    return path


with Folder() as folder:
    ca = Authority(folder)
    key, cert = ca.leaf('good')
    other_key, other_cert = ca.leaf('other')
    locked = ca.encrypt(key, 'locked-key.pem', 'open sesame')
    garbage = write(ca.path('garbage.pem'), 'this is not a PEM file\n')
    empty = write(ca.path('empty.pem'), '')
    missing = ca.path('missing.pem')

    @test('a missing file is named')
    def _():
        check(run('serve', '--key', missing, '--cert', cert), OURS,
              r'missing\.pem.*no such file|missing\.pem.*No such file')
        check(run('connect', 'localhost:1', '--ca', missing), OURS,
              r'missing\.pem.*No such file')

    @test('a folder instead of a file is refused')
    def _():
        check(run('serve', '--key', folder, '--cert', cert), OURS,
              r'EISDIR.*cannot read')

    @test('a key that does not match is refused, both files named (I2)')
    def _():
        check(run('serve', '--key', other_key, '--cert', cert), OURS,
              r'ERR_TLSTREAM_KEY_MISMATCH.*other-key\.pem.*good-cert\.pem')

    @test('an encrypted key without a passphrase is refused without a prompt')
    def _():
        check(run('serve', '--key', locked, '--cert', cert), OURS,
              r'ERR_TLSTREAM_PASSPHRASE.*locked-key\.pem')

    @test('a wrong passphrase is refused')
    def _():
        wrong = write(ca.path('wrong.txt'), 'open barley\n')
        check(run('serve', '--key', locked, '--cert', cert,
                  '--passphrase-file', wrong), OURS, r'ERR_TLSTREAM_PASSPHRASE')

    @test('the right passphrase opens the key')
    def _():
        right = write(ca.path('right.txt'), 'open sesame\n')
        with Serve('--key', locked, '--cert', cert,
                   '--passphrase-file', right) as server:
            assert server.stop() == 0

    @test('a passphrase file that is missing, empty or endless is refused')
    def _():
        long = write(ca.path('long.txt'), 'x' * 10000)
        for path, words in ((missing, 'No such file'), (empty, 'empty'),
                            (long, 'too long')):
            check(run('serve', '--key', locked, '--cert', cert,
                      '--passphrase-file', path), OURS, words)

    @test('garbage is neither a key nor a certificate nor an authority')
    def _():
        check(run('serve', '--key', garbage, '--cert', cert), OURS,
              r'ERR_TLSTREAM_BAD_KEY.*garbage\.pem')
        check(run('serve', '--key', key, '--cert', garbage), OURS,
              r'ERR_TLSTREAM_BAD_CERTIFICATE.*garbage\.pem')
        check(run('connect', 'localhost:1', '--ca', garbage), OURS,
              r'ERR_TLSTREAM_(BAD_CERTIFICATE|EMPTY_TRUST).*garbage\.pem')
        check(run('connect', 'localhost:1', '--ca', empty), OURS,
              r'ERR_TLSTREAM_(BAD_CERTIFICATE|EMPTY_TRUST).*empty\.pem')

    @test('options that need each other are refused alone')
    def _():
        check(run('serve', '--key', key), OURS, '--key and --cert go together')
        check(run('serve', '--require-cert'), OURS,
              '--require-cert needs --ca FILE, the authority')
        check(run('connect', 'localhost:1', '--key', key), OURS,
              'ERR_TLSTREAM_INVALID_ARGUMENT.*certificate.*: give --cert too')

    @test('versions that exclude each other are refused')
    def _():
        check(run('connect', 'localhost:1', '--tls-min', '1.3', '--tls-max',
                  '1.2'), OURS, 'ERR_TLSTREAM_BAD_VERSIONS')
        check(run('connect', 'localhost:1', '--tls-min', '1.1'), OURS,
              r"--tls-min is 1\.2 or 1\.3, not '1\.1'")

    @test('an expired certificate is refused, and the server warns (I10)')
    def _():
        old_key, old_cert = ca.leaf('expired', days=-1)
        with Serve('--key', old_key, '--cert', old_cert) as server:
            assert 'warning: the certificate has expired' in server.log
            result = run('connect', server.address, '--ca', ca.ca)
            check(result, PEER, r'^CERT_HAS_EXPIRED: ')
            assert result.out == b''
            server.wait_for(rb'certificate.expired', 'err')
            server.stop()

    @test('a certificate for another name is refused, both names named (A2)')
    def _():
        name_key, name_cert = ca.leaf('elsewhere',
                                      hosts='DNS:elsewhere.example')
        with Serve('--key', name_key, '--cert', name_cert) as server:
            result = run('connect', f'localhost:{server.port}', '--ca', ca.ca)
            check(result, PEER, r'ERR_TLSTREAM_WRONG_NAME|HOSTNAME_MISMATCH',
                  'elsewhere.example', 'localhost')
            result = run('connect', f'localhost:{server.port}', '--ca', ca.ca,
                         '--end', '--servername', 'elsewhere.example')
            check(result, 0, r'authorized +yes')
            server.stop()

    @test('an authority that is not trusted is refused (A1)')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            check(run('connect', server.address), PEER,
                  r'^(UNABLE_TO_|SELF_SIGNED_)\w+: .*ca')
            check(run('connect', server.address, '--ca', other_cert), PEER,
                  r'^(UNABLE_TO_|SELF_SIGNED_)\w+: ')
            server.stop()

    @test('plain HTTP sent to the TLS port is reported by the server')
    def _():
        with Serve('--key', key, '--cert', cert) as server:
            with socket.create_connection(('127.0.0.1', server.port)) as peer:
                peer.sendall(b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
                server.wait_for(rb'ERR_TLSTREAM_HTTP.*speaks HTTP', 'err')
            server.stop()

    @test('a server that answers in HTTP is reported by the client')
    def _():
        def act(actor):
            actor.recv(4096)
            actor.sendall(b'HTTP/1.1 400 Bad Request\r\n\r\n')

        with Stage(act) as stage:
            check(run('connect', stage.address), PEER,
                  'ERR_TLSTREAM_HTTP.*speaks HTTP')

    @test('a server without TLS is reported by the client')
    def _():
        def act(actor):
            actor.sendall(b'220 mail.example ESMTP ready\r\n')
            actor.recv(4096)

        with Stage(act) as stage:
            check(run('connect', stage.address), PEER,
                  'ERR_TLSTREAM_NOT_TLS')

    @test('a peer that closes during the handshake is reported')
    def _():
        with Stage(lambda actor: actor.recv(4096)) as stage:
            check(run('connect', stage.address), PEER,
                  'ERR_TLSTREAM_CLOSED_IN_HANDSHAKE')

    @test('no version in common is reported on both sides')
    def _():
        with Serve('--key', key, '--cert', cert, '--tls-min', '1.3') as server:
            check(run('connect', server.address, '--ca', ca.ca, '--tls-max',
                      '1.2'), PEER, 'ERR_TLSTREAM_(ALERT|NO_SHARED_VERSION)',
                  'version')
            server.wait_for(rb'ERR_TLSTREAM_NO_SHARED_VERSION', 'err')
            server.stop()

    @test('a port in use is reported')
    def _():
        with socket.create_server(('127.0.0.1', 0)) as taken:
            port = taken.getsockname()[1]
            check(run('serve', '--port', port), OURS,
                  rf'EADDRINUSE: .*127\.0\.0\.1 port {port}')

    @test('a foreign address cannot be listened on')
    def _():
        check(run('serve', '--host', '192.0.2.1'), OURS, 'EADDRNOTAVAIL')

    @test('an existing Unix socket is not replaced')
    def _():
        path = ca.path('taken.sock')
        with socket.socket(socket.AF_UNIX) as taken:
            taken.bind(path)
            check(run('serve', '--unix', path), OURS, 'EADDRINUSE.*taken.sock')
            assert os.path.exists(path)

    @test('a refused connection is reported with the address')
    def _():
        port = free_port()
        check(run('connect', f'127.0.0.1:{port}'), PEER,
              rf'ECONNREFUSED: .*127\.0\.0\.1:{port}')

    @test('an unknown option gets a suggestion')
    def _():
        check(run('serve', '--prot', '1'), OURS,
              'unknown option --prot; did you mean --port?')
        check(run('connect', '--server-name=x'), OURS,
              'unknown option --server-name=x; did you mean --servername?')
        check(run('serve', '--zzzzzzzzzz'), OURS, 'serve --help')
        check(run('serve', '-p', '1'), OURS, 'unknown option -p')

    @test('an option of another program gets ours as a suggestion')
    def _():
        for word, ours in (('--cacert', 'ca'), ('-CAfile', 'ca'),
                           ('--CAfile=x', 'ca'), ('--x509cafile', 'ca'),
                           ('-k', 'insecure'), ('--sni', 'servername'),
                           ('-verify_hostname', 'verify-name'),
                           ('--pass', 'passphrase-file'),
                           ('--tlsv1.3', 'tls-min 1.3')):
            check(run('connect', word, 'x'), OURS,
                  f'unknown option {word}; did you mean --{ours}\\?')
        check(run('serve', '-accept', '1'), OURS, 'did you mean --port?')
        check(run('cert', 'self-signed', '-keyout', 'x'), OURS,
              'did you mean --key?')

    @test('errors name the options of the command, not those of the library')
    def _():
        for words, name in (
                (('connect', 'h', '--ca', missing), r'ENOENT: --ca: cannot'),
                (('connect', 'h', '--ca', garbage), r'--ca \S+garbage\.pem: '),
                (('connect', 'h', '--key', missing, '--cert', cert),
                 'ENOENT: --key: '),
                (('connect', 'h', '--key', key, '--cert', garbage),
                 r'--cert \S+garbage\.pem: '),
                (('connect', 'h', '--key', locked, '--cert', cert),
                 r'--key \S+: .*passphrase.*--passphrase-file'),
                (('connect', 'h', '--alpn', ','), ': --alpn: '),
                (('connect', 'h', '--npn', ','), ': --npn: '),
                (('connect', 'h', '--tls-min', '1.3', '--tls-max', '1.2'),
                 ': --tls-min is above --tls-max'),
                (('serve', '--ca', missing), '--ca: cannot'),
                (('serve', '--key', other_key, '--cert', cert),
                 'ERR_TLSTREAM_KEY_MISMATCH: '),
                (('cert', 'sign', '--request', missing, '--ca', cert,
                  '--ca-key', key, '--cert', missing), 'cannot read'),
        ):
            result = run(*words)
            check(result, OURS, name)
            library = re.search(r'\b(ca|key|cert)_\w+|(min|max)_version|`',
                                result.err)
            assert not library, result

    @test('an unknown command gets a suggestion')
    def _():
        check(run('conect'), OURS, 'did you mean connect?')
        check(run('cert', 'selfsigned'), OURS, 'did you mean self-signed?')
        check(run('quux-frobnicate'), OURS, 'tlstream help')
        check(run(), OURS, 'usage: tlstream')

    @test('values that are missing, superfluous, or not numbers')
    def _():
        check(run('serve', '--port'), OURS, '--port needs a value: --port PORT')
        check(run('serve', '--key', '--quiet'), OURS,
              '--key needs a value: --key FILE')
        check(run('serve', '--quiet=yes'), OURS, '--quiet takes no value')
        for value in ('', 'abc', '1x', '-1', '65536', '99999999999999999999',
                      ' 1', '0x10'):
            check(run('serve', '--port', value), OURS,
                  '--port is a number from 0 to 65535')
        check(run('serve', '--key', key, '--key', key), OURS, 'given twice')
        check(run('serve', 'extra'), OURS, "unexpected argument 'extra'")

    @test('an invalid or missing target is refused')
    def _():
        for word, sentence in (('::1:443', 'brackets'),
                               ('::1', 'brackets'),
                               (':443', 'is 1 to 255'),
                               ('[]:443', 'is 1 to 255'),
                               ('https://', 'is 1 to 255'),
                               ('', 'is 1 to 255'),
                               ('[', r'\] or \]:PORT is missing'),
                               ('[:1', r'\] or \]:PORT is missing'),
                               ('[::1]443', r'\] or \]:PORT is missing'),
                               (']:1', None),
                               ('localhost:', '1 to 65535'),
                               ('localhost:0', '1 to 65535'),
                               ('localhost:65536', '1 to 65535'),
                               ('localhost:nosuch', 'name of a service'),
                               ('nosuch://localhost', 'name of a service'),
                               ('http://localhost/', 'https has'),
                               ('https://me@localhost/', "user's name"),
                               ('x' * 256 + ':1', 'is 1 to 255')):
            result = run('connect', word)
            if sentence is not None:
                check(result, OURS, 'is not HOST:PORT: .*' + sentence)
            assert result.status in (PEER, OURS), result
        check(run('connect'), OURS, r'missing HOST\[:PORT\]')
        check(run('connect', '--unix', '/x', 'localhost:1'), OURS, 'not both')
        check(run('connect', '--unix', '/x'), OURS, '--servername')

    @test('URLs, hosts without a port, and names of services')
    def _():
        for words, host, where in (
                (['localhost'], 'localhost', 443),
                (['[::1]'], '::1', 443),
                (['localhost:https'], 'localhost', 443),
                (['localhost:imaps'], 'localhost', 993),
                (['https://localhost'], 'localhost', 443),
                (['HTTPS://localhost/'], 'localhost', 443),
                (['https://localhost:1'], 'localhost', 1),
                (['wss://[::1]:2/a:b?c'], '::1', 2),
                (['ldaps://localhost'], 'localhost', 636),
                (['localhost', '--starttls', 'smtp'], 'localhost', 25),
                (['localhost', '--starttls', 'postgres'], 'localhost', 5432)):
            result = run('connect', *words, '--json', '--servername', '',
                         '--insecure')
            told = json.loads(result.out)
            assert (told['host'], told['port']) == (host, where), told
        check(run('connect', 'https://localhost:1/path'), PEER,
              'of the URL, only the host and the port are used')

    @test('text from the command line is escaped before it is printed')
    def _():
        result = run('connect', '--\x1b[31mred')
        check(result, OURS, r'\\x1b\[31mred|\\e\[31mred')
        assert '\x1b' not in result.err

    @test('cert self-signed reports what is missing')
    def _():
        check(run('cert', 'self-signed'), OURS, '--name localhost')
        check(run('cert', 'self-signed', '--name', 'a'), OURS, '--key FILE')
        check(run('cert', 'self-signed', '--name', 'a', '--key', 'x', '--cert',
                  'x'), OURS, 'must be different files')
        check(run('cert', 'self-signed', '--name', 'a', '--key', 'x', '--cert',
                  'y', '--days', '0'), OURS, 'from 1 to 3650')

    tests_done()
