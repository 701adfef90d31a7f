# SPDX-License-Identifier: MIT
"""tlstream cert: the files that it writes and keeps, and what it prints."""

import json
import os
import stat
import subprocess

from harness import DEADLINE, Folder, Serve, check, run, test, tests_done


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

    @test('makes a key and a certificate that serve and connect accept')
    def _():
        clear()
        check(run(*both, '--name', 'localhost', '--name=127.0.0.1', '--days',
                  '3'), 0, r'wrote .*key\.pem', r'wrote .*cert\.pem.*localhost')
        with Serve('--key', key, '--cert', cert) as server:
            result = run('connect', server.address, '--end', '--ca', cert,
                         stdin=b'x\n')
            check(result, 0, 'authorized +yes')
            assert result.out == b'welcome!\nx\n', result
            server.stop()

    @test('openssl verifies it strictly (I11)')
    def _():
        done = subprocess.run(['openssl', 'verify', '-x509_strict', '-CAfile',
                               cert, '-verify_hostname', 'localhost', cert],
                              capture_output=True, text=True)
        assert done.returncode == 0, done
        text = subprocess.run(['openssl', 'x509', '-noout', '-text', '-in',
                               cert], capture_output=True, text=True).stdout
        assert 'DNS:localhost, IP Address:127.0.0.1' in text, text

    @test('only the owner can read the key, and no other file is left (I5)')
    def _():
        assert mode(key) == 0o600, oct(mode(key))
        assert sorted(os.listdir(folder)) == ['cert.pem', 'key.pem']

    @test('never replaces a file without --force')
    def _():
        before = read(key), read(cert)
        check(run(*both, '--name', 'localhost'), 2, 'key.pem exists')
        os.unlink(key)
        check(run(*both, '--name', 'localhost'), 2, 'cert.pem exists')
        assert os.listdir(folder) == ['cert.pem']
        assert read(cert) == before[1]

    @test('replaces both with --force, whatever their mode was')
    def _():
        write(key, b'old')
        os.chmod(key, 0o644)
        check(run(*both, '--name', 'localhost', '--force'), 0)
        assert b'PRIVATE KEY' in read(key) and mode(key) == 0o600
        assert sorted(os.listdir(folder)) == ['cert.pem', 'key.pem']

    @test('a symbolic link is never followed (I5)')
    def _():
        clear()
        target = os.path.join(folder, 'target')
        write(target, b'precious')
        os.symlink(target, key)
        check(run(*both, '--name', 'localhost'), 2, 'exists; --force')
        check(run(*both, '--name', 'localhost', '--force'), 2,
              'not a regular file')
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

    @test('refuses invalid names and writes nothing (I11)')
    def _():
        clear()
        for name in ('', 'a b', 'a\nb', 'DNS:x,IP:1.2.3.4', 'x' * 300):
            check(run(*both, '--name', name), 2,
                  'ERR_TLSTREAM_INVALID_ARGUMENT')
        assert os.listdir(folder) == []

    def at(name):
        return os.path.join(folder, name)

    def make(*args, status=0, prints=()):
        result = run('cert', *args, cwd=folder)
        check(result, status, *prints)
        return result

    def openssl(*args):
        done = subprocess.run(['openssl', *args], cwd=folder,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=DEADLINE)
        assert done.returncode == 0, done
        return done.stdout

    CA = ('--ca', 'ca.pem', '--ca-key', 'ca-key.pem')

    def make_ca(*more):
        make('ca', '--name', 'Example CA', '--key', 'ca-key.pem', '--cert',
             'ca.pem', *more)

    def make_request(name='localhost', *more):
        make('key', '--key', 'key.pem', '--force')
        make('request', '--key', 'key.pem', '--name', name, '--request',
             'it.csr', '--force', *more)

    @test('a key, a request for it, and a self-signed certificate for that')
    def _():
        clear()
        make('key', '--key', 'ryans-key.pem')
        assert mode(at('ryans-key.pem')) == 0o600
        make('request', '--key', 'ryans-key.pem', '--name', 'ryan.test',
             '--request', 'ryans-csr.pem')
        make('self-signed', '--request', 'ryans-csr.pem', '--key',
             'ryans-key.pem', '--cert', 'ryans-cert.pem')
        assert openssl('req', '-in', 'ryans-csr.pem', '-noout', '-pubkey') == \
            openssl('x509', '-in', 'ryans-cert.pem', '-noout', '-pubkey')
        openssl('verify', '-x509_strict', '-CAfile', 'ryans-cert.pem',
                'ryans-cert.pem')
        assert sorted(os.listdir(folder)) == [
            'ryans-cert.pem', 'ryans-csr.pem', 'ryans-key.pem']

    @test('keys of each type, encrypted or not')
    def _():
        clear()
        write(at('pass'), b'open sesame\n')
        for options, words in (((), 'P-256'), (('--type', 'p384'), 'P-384'),
                               (('--type', 'ed25519'), 'ED25519'),
                               (('--type', 'rsa'), '3072 bit'),
                               (('--type', 'rsa', '--bits', '2048'),
                                '2048 bit')):
            make('key', '--key', 'k.pem', '--force', *options)
            text = openssl('pkey', '-in', 'k.pem', '-noout', '-text')
            assert words in text, text
            make('key', '--key', 'k.pem', '--force', *options,
                 '--passphrase-file', 'pass')
            assert b'BEGIN ENCRYPTED PRIVATE KEY' in read(at('k.pem'))
            text = openssl('pkey', '-in', 'k.pem', '-noout', '-text',
                           '-passin', 'pass:open sesame')
            assert words in text, text
        make('request', '--key', 'k.pem', '--name', 'a.test', '--request', 'r',
             status=2, prints=['ERR_TLSTREAM_PASSPHRASE: key: the key is enc'])
        make('request', '--key', 'k.pem', '--name', 'a.test', '--request', 'r',
             '--passphrase-file', 'pass')
        for options, words in ((('--type', 'dsa'),
                                "p256, p384, ed25519 or rsa, not 'dsa'"),
                               (('--bits', '2048'), '--type rsa'),
                               (('--type', 'p256', '--bits', '2048'),
                                '--type rsa'),
                               (('--type', 'rsa', '--bits', '1024'),
                                '2048 to 8192'),
                               (('--type', 'rsa', '--type', 'p256'),
                                'given twice'),
                               (('--rsa', '2048'), 'unknown option --rsa'),
                               ((), 'k.pem exists')):
            make('key', '--key', 'k.pem', *options, status=2, prints=[words])
        assert sorted(os.listdir(folder)) == ['k.pem', 'pass', 'r']

    @test('there is no prompt for a passphrase, and it may not be empty (I1)')
    def _():
        clear()
        write(at('empty'), b'')
        write(at('blank'), b'\n')
        make('key', '--key', 'k.pem', '--passphrase-file', 'empty', status=2,
             prints=['is empty'])
        make('key', '--key', 'k.pem', '--passphrase-file', 'blank', status=2,
             prints=['from 1 to 1024'])
        make('key', '--key', 'k.pem', '--passphrase-file', 'missing', status=2,
             prints=['No such file'])
        assert sorted(os.listdir(folder)) == ['blank', 'empty']

    @test('an authority signs for servers, for clients, or for both')
    def _():
        clear()
        make_ca()
        assert mode(at('ca-key.pem')) == 0o600
        make_request()
        for purpose, server, client in (('server', True, False),
                                     ('client', False, True),
                                     ('both', True, True)):
            make('sign', '--request', 'it.csr', *CA, '--cert', 'it.pem',
                 '--for', purpose, '--force', prints=['for localhost, until'])
            output = openssl('x509', '-in', 'it.pem', '-noout', '-purpose')
            assert ('SSL server : Yes' in output) == server, output
            assert ('SSL client : Yes' in output) == client, output
        make('sign', '--request', 'it.csr', *CA, '--cert', 'x.pem', '--for',
             'mail', status=2, prints=['server, client or both'])
        assert not os.path.exists(at('x.pem'))

    @test('names are those of the request, unless sign is given others')
    def _():
        clear()
        make_ca()
        make_request('a.test', '--name', '127.0.0.1', '--name', 'me@a.test',
                     '--common-name', 'Me')
        make('sign', '--request', 'it.csr', *CA, '--cert', 'it.pem')
        shown = json.loads(make('show', 'it.pem', '--json').out)
        assert shown['subject'] == {'CN': 'Me'}, shown
        assert shown['subjectaltname'] == \
            'DNS:a.test, IP Address:127.0.0.1, email:me@a.test', shown
        make('sign', '--request', 'it.csr', *CA, '--cert', 'it.pem', '--name',
             'b.test', '--force')
        shown = json.loads(make('show', 'it.pem', '--json').out)
        assert shown['subject'] == {'CN': 'b.test'}, shown
        assert shown['subjectaltname'] == 'DNS:b.test', shown

    @test('requested extensions other than names are ignored (I11)')
    def _():
        clear()
        make_ca()
        write(at('cnf'), b'[req]\ndistinguished_name=dn\nreq_extensions=e\n'
              b'prompt=no\n[dn]\nCN=a.test\n[e]\nbasicConstraints=CA:TRUE\n'
              b'keyUsage=keyCertSign\nsubjectAltName=DNS:a.test\n'
              b'extendedKeyUsage=codeSigning\nnsComment=hello\n')
        openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout',
                'hostile.pem', '-out', 'hostile.csr', '-config', 'cnf')
        assert 'CA:TRUE' in openssl('req', '-in', 'hostile.csr', '-noout',
                                    '-text')
        make('sign', '--request', 'hostile.csr', *CA, '--cert', 'it.pem')
        output = openssl('x509', '-in', 'it.pem', '-noout', '-text')
        assert 'CA:FALSE' in output and 'hello' not in output, output
        assert 'Certificate Sign' not in output and 'Code' not in output, output
        make('sign', '--request', 'it.pem', *CA, '--cert', 'x.pem', status=2,
             prints=['ERR_TLSTREAM_BAD_REQUEST.*signed already'])

    @test('a request that was modified is refused')
    def _():
        clear()
        make_ca()
        make_request('honest.test')
        openssl('req', '-in', 'it.csr', '-outform', 'DER', '-out', 'it.der')
        write(at('hostile.der'), read(at('it.der')).replace(b'honest', b'hacked'))
        make('sign', '--request', 'it.der', *CA, '--cert', 'x.pem')
        make('sign', '--request', 'hostile.der', *CA, '--cert', 'y.pem', status=2,
             prints=['not signed with the key that it is for'])
        assert not os.path.exists(at('y.pem'))

    @test('a certificate does not outlive its authority')
    def _():
        clear()
        make_ca('--days', '3')
        make_request()
        make('sign', '--request', 'it.csr', *CA, '--cert', 'it.pem')
        ends = [openssl('x509', '-in', name, '-noout', '-enddate')
                for name in ('ca.pem', 'it.pem')]
        assert ends[0] == ends[1], ends
        make('sign', '--request', 'it.csr', *CA, '--cert', 'x.pem', '--days',
             '30', status=2, prints=['--ca itself has [23] days left'])
        make('sign', '--request', 'it.csr', *CA, '--cert', 'x.pem', '--days',
             '826', status=2, prints=['from 1 to 825'])
        assert not os.path.exists(at('x.pem'))

    @test('an intermediate authority: the certificate file includes it')
    def _():
        clear()
        make_ca()
        write(at('pass'), b'secret\n')
        make('ca', '--name', 'Sub', '--key', 'sub-key.pem', '--cert',
             'sub.pem', *CA, '--passphrase-file', 'pass')
        make_request()
        sub = ('--ca', 'sub.pem', '--ca-key', 'sub-key.pem')
        make('sign', '--request', 'it.csr', *sub, '--cert', 'it.pem', status=2,
             prints=['ERR_TLSTREAM_PASSPHRASE: --ca-key'])
        make('sign', '--request', 'it.csr', *sub, '--ca-passphrase-file',
             'pass', '--cert', 'it.pem')
        assert read(at('it.pem')).count(b'BEGIN CERTIFICATE') == 2
        with Serve('--key', at('key.pem'), '--cert', at('it.pem')) as server:
            check(run('connect', server.address, '--end', '--servername',
                      'localhost', '--ca', at('ca.pem')), 0, 'authorized +yes')
            server.stop()

    @test('renewal: with the same key, certificates stay valid')
    def _():
        clear()
        make_ca()
        make_request()
        make('sign', '--request', 'it.csr', *CA, '--cert', 'it.pem')
        before = read(at('ca-key.pem')), read(at('ca.pem'))
        make('ca', '--name', 'Example CA', '--key', 'ca-key.pem', '--cert',
             'ca.pem', status=2, prints=['ca-key.pem exists'])
        make('ca', '--name', 'Example CA', '--key', 'ca-key.pem', '--cert',
             'ca.pem', '--reuse-key', '--force')
        assert read(at('ca-key.pem')) == before[0]
        assert read(at('ca.pem')) != before[1]
        openssl('verify', '-x509_strict', '-CAfile', 'ca.pem', 'it.pem')
        for option in (('--type', 'p256'), ('--type', 'rsa', '--bits', '2048')):
            make('self-signed', '--name', 'localhost', '--key', 'key.pem',
                 '--reuse-key', '--cert', 'self.pem', *option, status=2,
                 prints=['--type and --bits are for a new key'])
        make('self-signed', '--name', 'localhost', '--key', 'key.pem',
             '--reuse-key', '--cert', 'self.pem')
        assert openssl('x509', '-in', 'self.pem', '-noout', '-pubkey') == \
            openssl('pkey', '-in', 'key.pem', '-pubout')

    @test('with --force, if one file fails both are kept')
    def _():
        clear()
        check(run(*both, '--name', 'localhost'), 0)
        before = read(key), read(cert)
        check(run('cert', 'self-signed', '--name', 'localhost', '--key', key,
                  '--cert', os.path.join(folder, '.', 'key.pem'), '--force'),
              2, 'are the same file')
        assert (read(key), read(cert)) == before
        assert sorted(os.listdir(folder)) == ['cert.pem', 'key.pem']
        os.unlink(cert)
        os.mkdir(cert)
        check(run(*both, '--name', 'localhost', '--force'), 2, 'not a regular')
        assert read(key) == before[0]
        assert sorted(os.listdir(folder)) == ['cert.pem', 'key.pem']

    @test('an input is never replaced, not even with --force')
    def _():
        clear()
        make_ca()
        make_request()
        before = {name: read(at(name)) for name in os.listdir(folder)}
        sign = ('sign', '--request', 'it.csr', *CA, '--force', '--cert')
        for name in ('./it.csr', 'ca.pem', './ca-key.pem'):
            make(*sign, name, status=2, prints=['is an input'])
        make('self-signed', '--name', 'a.test', '--key', 'key.pem',
             '--reuse-key', '--cert', './key.pem', '--force', status=2,
             prints=['key.pem is an input'])
        make('ca', '--name', 'x', *CA, '--key', './ca-key.pem', '--cert', 'x',
             '--force', status=2, prints=['ca-key.pem is an input'])
        make('request', '--key', 'key.pem', '--name', 'a.test', '--request',
             './key.pem', '--force', status=2, prints=['key.pem is an input'])
        assert before == {name: read(at(name)) for name in os.listdir(folder)}

    @test('a server certificate needs a name (I11)')
    def _():
        clear()
        make_ca()
        make('key', '--key', 'key.pem')
        make('request', '--key', 'key.pem', '--common-name', 'x', '--request',
             'it.csr', status=2, prints=['missing name'])
        make('self-signed', '--key', 'k', '--common-name', 'x', '--cert', 'c',
             status=2, prints=['missing name'])
        openssl('req', '-new', '-key', 'key.pem', '-out', 'it.csr', '-subj',
                '/CN=a.test')
        sign = ('sign', '--request', 'it.csr', *CA, '--cert')
        make(*sign, 'x', status=2, prints=['name the hosts yourself'])
        make(*sign, 'it.pem', '--name', 'a.test')
        make(*sign, 'client.pem', '--for', 'client')
        assert not os.path.exists(at('x'))

    @test('warns of a key that every user can read (I5)')
    def _():
        clear()
        make_ca()
        make_request()
        os.chmod(at('ca-key.pem'), 0o644)
        make('sign', '--request', 'it.csr', *CA, '--cert', 'it.pem',
             prints=['warning: every user of this machine can read the key'])

    @test('prints a file block by block')
    def _():
        clear()
        make_ca()
        make_request('a.test')
        make('sign', '--request', 'it.csr', *CA, '--cert', 'it.pem')
        write(at('all'), read(at('key.pem')) + read(at('it.pem')) +
              b'-----BEGIN CERTIFICATE-----\nAAAA\n'
              b'-----END CERTIFICATE-----\n' + read(at('it.csr')) +
              b'words between\n' + read(at('ca.pem')))
        result = make('show', 'all', status=2, prints=[
            'block 1: PRIVATE KEY is not shown',
            'block 3: ERR_TLSTREAM_BAD_CERTIFICATE'])
        output = result.out.decode()
        assert output.startswith('certificate 1\n  subject      CN=a.test\n')
        assert 'request\n  subject      CN=a.test\n' in output, output
        assert 'certificate 3\n  subject      CN=Example CA\n' in output, output
        assert 'good for     signing certificates\n' in output, output
        lines = make('show', 'all', '--json', status=2).out.splitlines()
        assert [json.loads(line)['subject']['CN'] for line in lines] == \
            ['a.test', 'a.test', 'Example CA'], lines
        make('show', 'key.pem', status=2, prints=['is not shown'])
        make('show', 'missing', status=2, prints=['cannot read missing'])
        make('show', status=2, prints=['missing FILE'])
        for name in ('it.pem', 'it.csr'):
            kind = 'x509' if name == 'it.pem' else 'req'
            openssl(kind, '-in', name, '-outform', 'DER', '-out', 'der')
            assert make('show', 'der').out == \
                make('show', name).out, name

    @test('names cannot control a terminal or imitate other names (J2, A8)')
    def _():
        clear()
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
                'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'k', '-out',
                'c', '-subj', '/L=a, b/ST=c\\+d/O=a, CN=evil\\+x=1/CN=\x1b[31m"\x07/OU=b+OU=c',
                '-addext', 'subjectAltName=URI:http://a/\x1b]0;t\x07')
        result = make('show', 'c')
        assert b'\x1b' not in result.out and b'\x07' not in result.out
        output = result.out.decode()
        assert ('subject      L="a, b", ST="c+d", O="a, CN=evil+x=1", CN="\\x1b[31m\\"\\x07", '
                'OU=b+OU=c\n') in output, output
        assert 'names        URI:"http://a/\\x1b]0;t\\x07"\n' in output, output
        make('show', 'c', '--json').out.decode('ascii')

    tests_done()
