// SPDX-License-Identifier: MIT
// TLS alerts: their number and name (RFC 8446, section 6), and the reason that
// OpenSSL 3.0 has for one from the peer. Node's codes are made of the reason
// and programs compare codes, but newer versions of OpenSSL have other reasons:
// this table makes the codes the same with each of them.
'use strict';

const rows = [
  [10, 'unexpected_message', 'sslv3 alert unexpected message'],
  [20, 'bad_record_mac', 'sslv3 alert bad record mac'],
  [21, 'decryption_failed', 'tlsv1 alert decryption failed'],
  [22, 'record_overflow', 'tlsv1 alert record overflow'],
  [30, 'decompression_failure', 'sslv3 alert decompression failure'],
  [40, 'handshake_failure', 'sslv3 alert handshake failure'],
  [41, 'no_certificate', 'sslv3 alert no certificate'],
  [42, 'bad_certificate', 'sslv3 alert bad certificate'],
  [43, 'unsupported_certificate', 'sslv3 alert unsupported certificate'],
  [44, 'certificate_revoked', 'sslv3 alert certificate revoked'],
  [45, 'certificate_expired', 'sslv3 alert certificate expired'],
  [46, 'certificate_unknown', 'sslv3 alert certificate unknown'],
  [47, 'illegal_parameter', 'sslv3 alert illegal parameter'],
  [48, 'unknown_ca', 'tlsv1 alert unknown ca'],
  [49, 'access_denied', 'tlsv1 alert access denied'],
  [50, 'decode_error', 'tlsv1 alert decode error'],
  [51, 'decrypt_error', 'tlsv1 alert decrypt error'],
  [60, 'export_restriction', 'tlsv1 alert export restriction'],
  [70, 'protocol_version', 'tlsv1 alert protocol version'],
  [71, 'insufficient_security', 'tlsv1 alert insufficient security'],
  [80, 'internal_error', 'tlsv1 alert internal error'],
  [86, 'inappropriate_fallback', 'tlsv1 alert inappropriate fallback'],
  [90, 'user_canceled', 'tlsv1 alert user cancelled'],
  [100, 'no_renegotiation', 'tlsv1 alert no renegotiation'],
  [109, 'missing_extension', 'tlsv13 alert missing extension'],
  [110, 'unsupported_extension', 'tlsv1 unsupported extension'],
  [111, 'certificate_unobtainable', 'tlsv1 certificate unobtainable'],
  [112, 'unrecognized_name', 'tlsv1 unrecognized name'],
  [113, 'bad_certificate_status_response',
    'tlsv1 bad certificate status response'],
  [114, 'bad_certificate_hash_value', 'tlsv1 bad certificate hash value'],
  [115, 'unknown_psk_identity', 'tlsv1 alert unknown psk identity'],
  [116, 'certificate_required', 'tlsv13 alert certificate required'],
  [120, 'no_application_protocol', 'tlsv1 alert no application protocol'],
];

const byNumber = new Map(rows.map(([number, name, reason]) =>
  [number, { name, reason }]));

// For an unknown alert: its number, and OpenSSL's reason for such a number.
function alertOf(number) {
  return byNumber.get(number) ||
    { name: String(number), reason: `reason(${1000 + number})` };
}

module.exports = { alertOf, rows };
