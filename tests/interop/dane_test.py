# SPDX-License-Identifier: MIT
"""A server judged by TLSA records: `tlstream connect --tlsa` and OpenSSL's
`s_client -dane_tlsa_rrdata` come to the same verdict."""

import hashlib
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'cli'))
from harness import (Authority, DEADLINE, Folder, Serve, check, run,  # noqa
                     test, tests_done)


def der(path, selector):
    """The whole certificate, or its public key."""
    if selector == 0:
        command = ['x509', '-in', path, '-outform', 'DER']
        return subprocess.check_output(['openssl', *command])
    pem = subprocess.check_output(['openssl', 'x509', '-in', path, '-noout',
                                   '-pubkey'])
    return subprocess.check_output(['openssl', 'pkey', '-pubin', '-outform',
                                    'DER'], input=pem)


def record(numbers, path):
    usage, selector, kind = numbers
    data = der(path, selector)
    if kind > 0:
        data = (hashlib.sha256 if kind == 1 else hashlib.sha512)(data).digest()
    return f'{usage} {selector} {kind} {data.hex()}'


def theirs(port, name, trusted, records):
    options = [part for each in records
               for part in ('-dane_tlsa_rrdata', each)]
    done = subprocess.run(
        ['openssl', 's_client', '-connect', f'127.0.0.1:{port}', '-brief',
         '-dane_tlsa_domain', name, *options, '-dane_ee_no_namechecks',
         '-verify_return_error', '-no-CApath', '-no-CAstore',
         *(('-CAfile', trusted) if trusted else ('-no-CAfile',))],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE)
    return done.returncode == 0, done.stderr


def ours(port, name, trusted, records):
    options = [part for each in records for part in ('--tlsa', each)]
    done = run('connect', f'127.0.0.1:{port}', '--servername', name, '--ca',
               trusted, '--quiet', *options, stdin=b'')
    return done


with Folder() as folder, Folder() as elsewhere:
    authority = Authority(folder)
    other = Authority(elsewhere).ca
    good_key, good = authority.leaf('good')
    old_key, old = authority.leaf('old', days=-1)
    whole = {}
    for leaf in (good, old):
        whole[leaf] = os.path.join(folder, os.path.basename(leaf) + '.chain')
        with open(whole[leaf], 'wb') as out:
            for part in (leaf, authority.ca):
                with open(part, 'rb') as file:
                    out.write(file.read())

    KINDS = [(selector, kind) for selector in (0, 1) for kind in (0, 1, 2)]
    # Usage, whose certificate, the server's, the name, is it trusted?
    ROWS = [(usage, of, leaf, name, trusted)
            for usage, of, leaf, name, trusted in (
                (3, 'leaf', good, 'localhost', False),
                (3, 'leaf', good, 'other.test', False),
                (3, 'leaf', old, 'localhost', False),
                (3, 'ca', good, 'localhost', True),
                (3, 'other', good, 'localhost', True),
                (2, 'ca', good, 'localhost', False),
                (2, 'ca', good, 'other.test', False),
                (2, 'ca', old, 'localhost', False),
                (2, 'leaf', good, 'localhost', True),
                (2, 'other', good, 'localhost', True),
                (1, 'leaf', good, 'localhost', True),
                (1, 'leaf', good, 'localhost', False),
                (1, 'leaf', good, 'other.test', True),
                (1, 'leaf', old, 'localhost', True),
                (1, 'other', good, 'localhost', True),
                (0, 'ca', good, 'localhost', True),
                (0, 'ca', good, 'localhost', False),
                (0, 'ca', good, 'other.test', True),
                (0, 'leaf', good, 'localhost', True),
                (0, 'other', good, 'localhost', True))]

    @test('records lead to the verdict that OpenSSL has')
    def _():
        verdicts = set()
        with Serve('--key', good_key, '--cert', whole[good]) as fresh, \
                Serve('--key', old_key, '--cert', whole[old]) as stale:
            for number, (usage, of, leaf, name, trusts) in enumerate(ROWS):
                selector, kind = KINDS[number % len(KINDS)]
                about = {'leaf': leaf, 'ca': authority.ca, 'other': other}[of]
                one = record((usage, selector, kind), about)
                port = (fresh if leaf == good else stale).port
                trusted = authority.ca if trusts else other
                done = ours(port, name, trusted, [one])
                fine, said = theirs(port, name, trusted, [one])
                verdicts.add(fine)
                where = (usage, selector, kind, of, leaf, name, trusts)
                assert (done.status == 0) == fine, (where, done, said)
        assert verdicts == {True, False}

    @test('one of several records is enough, and unknown ones do not count')
    def _():
        match, miss = record((3, 1, 1), good), record((3, 1, 1), other)
        unknown = '3 1 9 00'
        with Serve('--key', good_key, '--cert', whole[good]) as server:
            for records, fine in (([miss, match], True), ([miss], False),
                                  ([unknown, match], True),
                                  ([unknown, miss], False)):
                done = ours(server.port, 'localhost', other, records)
                assert (done.status == 0) == fine, (records, done)
                assert theirs(server.port, 'localhost', other,
                              records)[0] == fine, records

    @test('without a match the server is refused, --insecure or not')
    def _():
        miss = record((3, 1, 1), other)
        with Serve('--key', good_key, '--cert', good) as server:
            for option in (['--ca', authority.ca], ['--insecure']):
                check(run('connect', server.address, '--tlsa', miss, *option),
                      1, 'ERR_TLSTREAM_DANE_MISMATCH: no TLSA record')

    @test('records that cannot be used leave it to the authorities')
    def _():
        with Serve('--key', good_key, '--cert', good) as server:
            for option, status in ((['--ca', authority.ca], 0),
                                   (['--ca', other], 1), (['--insecure'], 0)):
                done = run('connect', server.address, '--servername',
                           'localhost', '--tlsa', '3 1 9 00', *option,
                           stdin=b'')
                check(done, status)

tests_done()
