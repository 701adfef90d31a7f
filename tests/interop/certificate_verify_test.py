# SPDX-License-Identifier: MIT
"""What `tlstream cert` makes, in the eyes of OpenSSL (-x509_strict) and of
GnuTLS: a root, an authority beneath it, and leaves, with each kind of key."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'cli'))
from harness import (DEADLINE, Folder, Serve, check, have, run, skip,  # noqa
                     test, tests_done)

KINDS = {'P-256': (), 'P-384': ('--type', 'p384'),
         'Ed25519': ('--type', 'ed25519'),
         'RSA': ('--type', 'rsa', '--bits', '2048')}
PURPOSES = {'server': ('sslserver', '1.3.6.1.5.5.7.3.1'),
            'client': ('sslclient', '1.3.6.1.5.5.7.3.2')}


def ask(*args, cwd):
    return subprocess.run(list(map(str, args)), cwd=cwd, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=DEADLINE, text=True)


def make(folder, *args):
    check(run('cert', *args, cwd=folder), 0)


def make_all(folder, kind):
    """root.pem, middle.pem, and of each, a leaf for servers and for clients;
    self.pem, which is its own."""
    make(folder, 'ca', '--name', 'Root', '--key', 'root-key.pem', '--cert',
         'root.pem', *kind)
    make(folder, 'ca', '--name', 'Middle', '--key', 'middle-key.pem', '--cert',
         'middle.pem', '--ca', 'root.pem', '--ca-key', 'root-key.pem', *kind)
    make(folder, 'key', '--key', 'key.pem', *kind)
    make(folder, 'request', '--key', 'key.pem', '--name', 'a.test', '--name',
         '*.a.test', '--name', '127.0.0.1', '--request', 'csr.pem')
    for ca in ('root', 'middle'):
        for purpose in PURPOSES:
            make(folder, 'sign', '--request', 'csr.pem', '--ca', f'{ca}.pem',
                 '--ca-key', f'{ca}-key.pem', '--for', purpose, '--cert',
                 f'{ca}-{purpose}.pem')
    make(folder, 'self-signed', '--request', 'csr.pem', '--key', 'key.pem',
         '--cert', 'self.pem')


def leaves():
    return [(ca, purpose) for ca in ('root', 'middle') for purpose in PURPOSES]


def openssl_verifies(folder, purpose, root, *leaf):
    done = ask('openssl', 'verify', '-x509_strict', '-auth_level', '2',
               '-check_ss_sig', '-purpose', purpose, '-CAfile', root, *leaf,
               cwd=folder)
    return done.returncode == 0


def gnutls_verifies(folder, oid, root, leaf):
    done = ask('certtool', '--verify', '--verify-profile', 'medium',
               '--verify-purpose', oid, '--load-ca-certificate', root,
               '--infile', leaf, cwd=folder)
    return done.returncode == 0 and 'The certificate is trusted' in done.stdout


@test('OpenSSL verifies them strictly, each for its purpose and no other')
def _():
    for name, kind in KINDS.items():
        with Folder() as folder:
            make_all(folder, kind)
            for ca, purpose in leaves():
                leaf = f'{ca}-{purpose}.pem'
                for other, (word, _) in PURPOSES.items():
                    good = openssl_verifies(folder, word, 'root.pem',
                                            '-untrusted', leaf, leaf)
                    assert good == (other == purpose), (name, leaf, other)
            for word, _ in PURPOSES.values():
                assert openssl_verifies(folder, word, 'self.pem', 'self.pem')
            for host in ('a.test', 'x.a.test'):
                assert openssl_verifies(folder, 'sslserver', 'root.pem',
                                        '-verify_hostname', host,
                                        'root-server.pem'), (name, host)
            assert not openssl_verifies(folder, 'sslserver', 'root.pem',
                                        '-verify_hostname', 'b.test',
                                        'root-server.pem')


if have('certtool'):
    @test('GnuTLS verifies them, each for its purpose and no other')
    def _():
        for name, kind in KINDS.items():
            with Folder() as folder:
                make_all(folder, kind)
                for ca, purpose in leaves():
                    leaf = f'{ca}-{purpose}.pem'
                    for other, (_, oid) in PURPOSES.items():
                        good = gnutls_verifies(folder, oid, 'root.pem', leaf)
                        assert good == (other == purpose), (name, leaf, other)

    @test("GnuTLS's client can be made to trust a self-signed leaf")
    def _():
        # certtool --verify looks for an authority, and a leaf is none.
        for name, kind in KINDS.items():
            with Folder() as folder:
                files = ('--key', os.path.join(folder, 'key.pem'), '--cert',
                         os.path.join(folder, 'cert.pem'))
                make(folder, 'self-signed', '--name', 'localhost', *files,
                     *kind)
                with Serve(*files) as server:
                    done = ask('gnutls-cli', '--x509cafile', 'cert.pem',
                               '--port', server.port, 'localhost', cwd=folder)
                    assert 'The certificate is trusted' in done.stdout, done
                    server.stop()

    @test('GnuTLS reads the keys, encrypted ones too, and the requests')
    def _():
        with Folder() as folder:
            with open(os.path.join(folder, 'pass'), 'w') as out:
                out.write('open sesame\n')
            for name, kind in KINDS.items():
                make(folder, 'key', '--key', 'key.pem', '--force', *kind,
                     '--passphrase-file', 'pass')
                make(folder, 'request', '--key', 'key.pem', '--name', 'a.test',
                     '--passphrase-file', 'pass', '--request', 'csr.pem',
                     '--force')
                done = ask('certtool', '--key-info', '--infile', 'key.pem',
                           '--password', 'open sesame', cwd=folder)
                assert done.returncode == 0, (name, done)
                done = ask('certtool', '--crq-info', '--infile', 'csr.pem',
                           cwd=folder)
                assert done.returncode == 0, (name, done)
                assert 'DNSname: a.test' in done.stdout, (name, done)
                assert 'Self signature: verified' in done.stdout, (name, done)
else:
    skip('GnuTLS verifies them', 'no certtool here')


tests_done()
