// SPDX-License-Identifier: MIT
// What Node reads from certificates. Each line of input is a JSON object with
// the files `cert` and, if it can serve TLS, `key`; each line of the output
// has Node's objects of it, with Buffers in base64.
'use strict';
const fs = require('fs');
const tls = require('tls');
const readline = require('readline');
const { X509Certificate } = require('crypto');

// A self-signed certificate is its own issuer: that ends the chain.
function plain(object) {
  const out = {};
  for (const [key, value] of Object.entries(object)) {
    if (key === 'issuerCertificate') {
      if (value && value !== object) out[key] = plain(value);
    } else {
      out[key] = Buffer.isBuffer(value) ? value.toString('base64') : value;
    }
  }
  return out;
}

// Keys of a kind that Node does not know throw.
function publicKey(x509) {
  try {
    const { publicKey } = x509;
    return {
      publicKey: publicKey.export({ type: 'spki', format: 'der' })
        .toString('base64'),
      asymmetricKeyType: publicKey.asymmetricKeyType,
    };
  } catch {
    return {};
  }
}

function overTls({ cert, key, ca }) {
  return new Promise((resolve, reject) => {
    const seen = {};
    const options = { cert: fs.readFileSync(cert), key: fs.readFileSync(key) };
    const server = tls.createServer(options, (socket) => {
      seen.own = plain(socket.getCertificate());
      socket.on('error', reject);
      socket.end();
    });
    server.on('tlsClientError', reject);
    server.listen(0, '127.0.0.1', () => {
      const socket = tls.connect({
        port: server.address().port, host: '127.0.0.1',
        rejectUnauthorized: false, ca: ca && fs.readFileSync(ca),
      });
      socket.on('secureConnect', () => {
        seen.peer = plain(socket.getPeerCertificate(true));
      });
      socket.on('error', reject);
      socket.resume();
      socket.on('close', () => server.close(() => resolve(seen)));
    });
  });
}

async function main() {
  for await (const line of readline.createInterface(process.stdin)) {
    const item = JSON.parse(line);
    const x509 = new X509Certificate(fs.readFileSync(item.cert));
    const output = {
      legacy: plain(x509.toLegacyObject()),
      x509: publicKey(x509),
    };
    if (item.key) Object.assign(output, await overTls(item));
    console.log(JSON.stringify(output));
  }
}

main().catch((trouble) => {
  console.error(trouble);
  process.exit(1);
});
