// SPDX-License-Identifier: MIT
// What `import tls from 'tls'` gets once one of our APIs is registered.
const tls = process[Symbol.for('tlstream.registered')];

export default tls;
export const {
  CLIENT_RENEG_LIMIT, CLIENT_RENEG_WINDOW, CleartextStream, DEFAULT_CIPHERS,
  DEFAULT_ECDH_CURVE, DEFAULT_MAX_VERSION, DEFAULT_MIN_VERSION, SecureContext,
  Server, TLSSocket, checkServerIdentity, connect, convertALPNProtocols,
  createCredentials, createSecureContext, createSecurePair, createServer,
  getCACertificates, getCertificateCompressionAlgorithms, getCiphers,
  rootCertificates, setDefaultCACertificates,
} = tls;
