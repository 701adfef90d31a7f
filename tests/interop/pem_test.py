# SPDX-License-Identifier: MIT
"""PEM as it is met (I3): what the openssl command reads, tlstream reads, and
what it does not read is an error that names the file."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'cli'))
from harness import (Authority, DEADLINE, Folder, run, test,  # noqa
                     tests_done)

NOWHERE = ('connect', '--unix', '/nonexistent/socket', '--verify-name', 'a')
NOBODY_THERE, OURS = 1, 2


def openssl(*args, stdin=b''):
    return subprocess.run(['openssl', *args], input=stdin, timeout=DEADLINE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def made(*args, stdin=b''):
    done = openssl(*args, stdin=stdin)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def wrapped(pem):
    """What happens to a text on its way, whatever is in it."""
    lines = pem.splitlines(keepends=True)
    body = b''.join(lines[1:-1]).replace(b'\n', b'')
    middle = len(pem) // 2
    return {
        'as it is': pem,
        'CRLF': pem.replace(b'\n', b'\r\n'),
        'CR': pem.replace(b'\n', b'\r'),
        'LF CR': pem.replace(b'\n', b'\n\r'),
        'a byte order mark': b'\xef\xbb\xbf' + pem,
        'UTF-16': pem.decode().encode('utf-16'),
        'text in front': b'subject=CN = a\n\n' + pem,
        'text in front of it on its line': b'here: ' + pem,
        'text behind': pem + b'and that was it',
        'no last line break': pem[:-1],
        'spaces at the ends of lines': pem.replace(b'\n', b' \t\n'),
        'spaces in front of the lines': b'  ' + pem.replace(b'\n', b'\n  '),
        'empty lines in it': pem.replace(b'\n', b'\n\n'),
        'an empty line behind the first': pem.replace(b'\n', b'\n\n', 1),
        'one line of base64': lines[0] + body + b'\n' + lines[-1],
        'lines of 4 bytes': lines[0] + b'\n'.join(
            body[i:i + 4] for i in range(0, len(body), 4)) + b'\n' + lines[-1],
        'lines of 76 bytes': lines[0] + b'\n'.join(
            body[i:i + 76] for i in range(0, len(body), 76)) + b'\n' +
        lines[-1],
        'no padding': pem.replace(b'=', b''),
        'padding in the middle': pem[:middle] + b'=' + pem[middle:],
        'a byte that is no base64': pem[:middle] + b'!' + pem[middle + 1:],
        'a NUL in it': pem[:middle] + b'\0' + pem[middle + 1:],
        'a NUL in front': b'\0' + pem,
        'a NUL behind': pem + b'\0',
        'a byte that is missing': pem[:middle] + pem[middle + 1:],
        'cut in the middle': pem[:middle],
        'no end line': b''.join(lines[:-1]),
        'no begin line': b''.join(lines[1:]),
        'an end line of another kind': pem.replace(b'-----END ',
                                                   b'-----END X'),
        'four dashes': pem.replace(b'-----', b'----'),
        'lower case': lines[0].lower() + b''.join(lines[1:-1]) +
        lines[-1].lower(),
        'a header': lines[0] + b'X-Note: hello\n\n' + b''.join(lines[1:]),
        'a comment in it': lines[0] + b'# hello\n' + b''.join(lines[1:]),
        'twice': pem + pem,
        'ten megabytes in front': b'x' * 79 + b'\n' * (10 << 20) + pem,
        'ten megabytes behind': pem + (b'y' * 79 + b'\n') * (10 << 20 >> 6),
        'nothing': b'',
        'blanks': b' \r\n\t\n',
    }


def certificates(cert, key, folder):
    """Texts that hold a certificate, and texts that might."""
    path = os.path.join(folder, 'source.pem')
    with open(path, 'wb') as out:
        out.write(cert)
    texts = wrapped(cert)
    texts.update({
        'a key in front': key + cert,
        'a key behind': cert + key,
        'a key alone': key,
        'DER': made('x509', '-in', path, '-outform', 'DER'),
        'trusted': made('x509', '-in', path, '-trustout', '-addtrust',
                        'serverAuth'),
        'an old label': cert.replace(b'CERTIFICATE', b'X509 CERTIFICATE'),
        'another label': cert.replace(b'CERTIFICATE', b'CMS'),
        'PKCS #7': made('crl2pkcs7', '-nocrl', '-certfile', path),
        'the text of it': made('x509', '-in', path, '-text'),
    })
    return texts


def keys(key, cert):
    def of(*kind):
        return made('genpkey', '-quiet', '-algorithm', *kind)
    rsa = of('RSA', '-pkeyopt', 'rsa_keygen_bits:2048')
    curve = ('EC', '-pkeyopt', 'ec_paramgen_curve:P-256')
    sec1 = made('pkey', '-traditional', stdin=key)
    texts = wrapped(key)
    texts.update({
        'a certificate in front': cert + key,
        'a certificate alone': cert,
        'DER': made('pkey', '-outform', 'DER', stdin=key),
        'PKCS #1': made('rsa', '-traditional', stdin=rsa),
        'SEC 1': sec1,
        'SEC 1 with its parameters': made(
            'ecparam', '-name', 'prime256v1') + sec1,
        'explicit parameters': of(*curve, '-pkeyopt',
                                  'ec_param_enc:explicit'),
        'RSA': rsa,
        'RSA-PSS': of('RSA-PSS'),
        'Ed25519': of('ED25519'),
        'Ed448': of('ED448'),
        'X25519': of('X25519'),
        'two kinds': rsa + key,
        'a damaged one in front': key.replace(b'\nM', b'\n!', 1) + key,
        'a public key': made('pkey', '-pubout', stdin=key),
        'a public key in front': made('pkey', '-pubout', stdin=key) + key,
        'encrypted, PKCS #8': made('pkey', '-aes-256-cbc', '-passout',
                                   'pass:x', stdin=key),
        'encrypted, of old': made('ec', '-aes128', '-passout', 'pass:x',
                                  stdin=key),
        'a label of another kind': sec1.replace(b'EC PRIV', b'RSA PRIV'),
        'a label that fits any': key.replace(b'PRIVATE KEY',
                                             b'ANY PRIVATE KEY'),
    })
    return texts


def compare(texts, path, command_takes, we_take):
    taken, different = [], []
    for name, text in texts.items():
        with open(path, 'wb') as out:
            out.write(text)
        wanted = command_takes(path)
        taken.append(wanted)
        if we_take(path) != wanted:
            different.append(f'{name}: OpenSSL wants {wanted}')
    assert not different, '\n'.join(different)
    assert min(taken.count(True), taken.count(False)) > 10, taken


def is_named(result, path):
    assert result.status in (NOBODY_THERE, OURS), result
    if result.status == OURS:
        assert os.path.basename(path) in result.err, result
        assert len(result.err.splitlines()) == 1, result
    return result


def was_read(result):
    """Whatever was thought of it afterwards."""
    return (result.status == NOBODY_THERE or 'KEY_MISMATCH' in result.err or
            'TLS has no signature' in result.err)


with Folder() as folder:
    ca = Authority(folder)
    key_path, cert_path = ca.leaf('good')
    with open(key_path, 'rb') as file:
        key = file.read()
    with open(cert_path, 'rb') as file:
        cert = file.read()
    odd = ca.path('odd.pem')

    def command_takes_certificate(path):
        return openssl('x509', '-inform', 'PEM', '-noout', '-in',
                       path).returncode == 0

    def command_takes_key(path):
        return openssl('pkey', '-inform', 'PEM', '-noout', '-passin', 'pass:',
                       '-in', path).returncode == 0

    def trusted(path):
        return was_read(is_named(run(*NOWHERE, '--ca', path), path))

    def presented(path):
        return was_read(is_named(run(*NOWHERE, '--ca', ca.ca, '--key', key_path,
                                   '--cert', path), path))

    def signed_with(path):
        return was_read(is_named(run(*NOWHERE, '--ca', ca.ca, '--key', path,
                                   '--cert', cert_path), path))

    @test('authorities are read as openssl x509 reads (I3)')
    def _():
        compare(certificates(cert, key, folder), odd,
                command_takes_certificate, trusted)

    @test('our own certificates are read as openssl x509 reads (I3)')
    def _():
        compare(certificates(cert, key, folder), odd,
                command_takes_certificate, presented)

    @test('keys are read as openssl pkey reads (I3)')
    def _():
        compare(keys(key, cert), odd, command_takes_key, signed_with)

tests_done()
