# SPDX-License-Identifier: MIT
"""Certificates that no honest authority makes: put together from bytes, and
signed by openssl all the same."""

import base64
import subprocess

SHORT = {'CN': '2.5.4.3', 'SN': '2.5.4.4', 'C': '2.5.4.6', 'L': '2.5.4.7',
         'ST': '2.5.4.8', 'O': '2.5.4.10', 'OU': '2.5.4.11',
         'DC': '0.9.2342.19200300.100.1.25',
         'emailAddress': '1.2.840.113549.1.9.1'}

UTF8, NUMERIC, PRINTABLE, T61, IA5 = 0x0c, 0x12, 0x13, 0x14, 0x16
UNIVERSAL, BMP, BIT_STRING, OCTETS = 0x1c, 0x1e, 0x03, 0x04

ECDSA_SHA256 = '1.2.840.10045.4.3.2'


def der(tag, *parts):
    """One element: its tag, its length, and what is in it."""
    body = b''.join(parts)
    length = len(body)
    if length < 0x80:
        return bytes([tag, length]) + body
    digits = length.to_bytes((length.bit_length() + 7) // 8, 'big')
    return bytes([tag, 0x80 | len(digits)]) + digits + body


def sequence(*parts):
    return der(0x30, *parts)


def oid(text):
    first, second, *rest = map(int, text.split('.'))
    out = b''
    for number in [first * 40 + second, *rest]:
        digits = [number & 0x7f]
        while number := number >> 7:
            digits.append(0x80 | number & 0x7f)
        out += bytes(reversed(digits))
    return der(0x06, out)


def integer(number):
    size = number.bit_length() // 8 + 1
    return der(0x02, number.to_bytes(size, 'big', signed=True))


def name(*rdns):
    """Each RDN is a list of (key or OID, tag, bytes)."""
    return sequence(*[der(0x31, *[
        sequence(oid(SHORT.get(key, key)), der(tag, value))
        for key, tag, value in rdn]) for rdn in rdns])


def common_name(value, tag=UTF8):
    return name([('CN', tag, value)])


def extension(number, value, critical=False):
    flag = der(0x01, b'\xff') if critical else b''
    return sequence(oid(number), flag, der(OCTETS, value))


def alt_names(*names):
    return extension('2.5.29.17', sequence(*names))


def dns(value):
    return der(0x82, value)


def email(value):
    return der(0x81, value)


def uri(value):
    return der(0x86, value)


def address(value):
    return der(0x87, value)


def registered_id(text):
    return der(0x88, oid(text)[2:])


def directory(value):
    return der(0xa4, value)


def other_name(number, value):
    return der(0xa0, oid(number), der(0xa0, value))


def access(*places):
    """authorityInfoAccess: pairs of an OID and a general name."""
    return extension('1.3.6.1.5.5.7.1.1', sequence(*[
        sequence(oid(method), place) for method, place in places]))


def time(text):
    return der(0x17 if len(text) == 13 else 0x18, text.encode())


class Forge:
    """Signs with the key in this file, which is of P-256."""

    def __init__(self, key):
        self.key = key
        self.spki = self._openssl('pkey', '-in', key, '-pubout', '-outform',
                                  'DER')

    def _openssl(self, *args, stdin=b''):
        done = subprocess.run(['openssl', *args], input=stdin, check=True,
                              capture_output=True, timeout=20)
        return done.stdout

    def make(self, path, subject=common_name(b'forged'), issuer=None,
             extensions=(), serial=integer(1), spki=None,
             first='091111095222Z', last='291106095222Z'):
        """Write a certificate to `path`, and return it as DER."""
        algorithm = sequence(oid(ECDSA_SHA256))
        body = sequence(
            der(0xa0, integer(2)), serial, algorithm,
            subject if issuer is None else issuer,
            sequence(time(first), time(last)), subject,
            spki if spki is not None else self.spki,
            der(0xa3, sequence(*extensions)) if extensions else b'')
        signature = self._openssl('dgst', '-sha256', '-sign', self.key,
                                  stdin=body)
        whole = sequence(body, algorithm, der(BIT_STRING, b'\0', signature))
        with open(path, 'wb') as out:
            out.write(b'-----BEGIN CERTIFICATE-----\n' +
                      base64.encodebytes(whole) +
                      b'-----END CERTIFICATE-----\n')
        return whole
