# SPDX-License-Identifier: MIT
"""tlstream cert self-signed: what it writes, and what it leaves alone."""

import os
import stat
import subprocess

from harness import Folder, Serve, check, run, test, tests_done


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def write(path, data):
    with open(path, 'wb') as file:
        file.write(data)


with Folder() as folder:
    key = os.path.join(folder, 'key.pem')
    cert = os.path.join(folder, 'cert.pem')
    both = ('cert', 'self-signed', '--key', key, '--cert', cert)

    def clear():
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            os.rmdir(path) if os.path.isdir(path) else os.unlink(path)

    @test('makes a pair that serves and is trusted by its certificate')
    def _():
        clear()
        check(run(*both, '--name', 'localhost', '--name=127.0.0.1', '--days',
                  '3'), 0, r'wrote .*key\.pem', r'wrote .*cert\.pem.*localhost')
        with Serve('--key', key, '--cert', cert) as server:
            result = run('connect', server.address, '--ca', cert, stdin=b'x\n')
            check(result, 0, 'authorized +yes')
            assert result.out == b'welcome!\nx\n', result
            server.stop()

    @test('openssl finds nothing to complain about')
    def _():
        done = subprocess.run(['openssl', 'verify', '-x509_strict', '-CAfile',
                               cert, '-verify_hostname', 'localhost', cert],
                              capture_output=True, text=True)
        assert done.returncode == 0, done
        text = subprocess.run(['openssl', 'x509', '-noout', '-text', '-in',
                               cert], capture_output=True, text=True).stdout
        assert 'DNS:localhost, IP Address:127.0.0.1' in text, text

    @test('the key is for its owner alone, and nothing else lies about')
    def _():
        assert mode(key) == 0o600, oct(mode(key))
        assert sorted(os.listdir(folder)) == ['cert.pem', 'key.pem']

    @test('never replaces a file without --force')
    def _():
        before = read(key), read(cert)
        check(run(*both, '--name', 'localhost'), 2, 'key.pem is there already')
        os.unlink(key)
        check(run(*both, '--name', 'localhost'), 2, 'cert.pem is there already')
        assert os.listdir(folder) == ['cert.pem']
        assert read(cert) == before[1]

    @test('replaces both with --force, whatever their mode was')
    def _():
        write(key, b'old')
        os.chmod(key, 0o644)
        check(run(*both, '--name', 'localhost', '--force'), 0)
        assert b'PRIVATE KEY' in read(key) and mode(key) == 0o600
        assert sorted(os.listdir(folder)) == ['cert.pem', 'key.pem']

    @test('a link is never followed')
    def _():
        clear()
        target = os.path.join(folder, 'target')
        write(target, b'precious')
        os.symlink(target, key)
        check(run(*both, '--name', 'localhost'), 2, 'is there already')
        check(run(*both, '--name', 'localhost', '--force'), 2,
              'not a plain file')
        assert read(target) == b'precious'
        assert sorted(os.listdir(folder)) == ['key.pem', 'target']

    @test('leaves nothing behind when one of the two cannot be written')
    def _():
        clear()
        nowhere = os.path.join(folder, 'nowhere', 'cert.pem')
        check(run('cert', 'self-signed', '--name', 'localhost', '--key', key,
                  '--cert', nowhere), 2, 'cannot write .*nowhere')
        assert os.listdir(folder) == []
        other = os.path.join(folder, '.', 'key.pem')  # the same by another name
        check(run('cert', 'self-signed', '--name', 'localhost', '--key', key,
                  '--cert', other), 2)
        assert os.listdir(folder) == []

    @test('refuses names that are none, and makes nothing')
    def _():
        clear()
        for name in ('', 'a b', 'a\nb', 'DNS:x,IP:1.2.3.4', 'x' * 300):
            check(run(*both, '--name', name), 2,
                  'ERR_TLSTREAM_INVALID_ARGUMENT')
        assert os.listdir(folder) == []

    tests_done()
