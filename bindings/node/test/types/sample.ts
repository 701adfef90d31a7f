// SPDX-License-Identifier: MIT
// Compiled, never run: what a program in TypeScript says to the three doors.
import { readFileSync } from 'fs';
import * as net from 'net';
import * as nodeTls from 'tls';
import * as tls from 'tlstream';
import * as classic from 'tlstream/classic';
import registered = require('tlstream/register');

const options: tls.TlsOptions = {
  key: readFileSync('server-key.pem'),
  cert: 'PEM',
  requestCert: true,
  NPNProtocols: ['spdy/2', Buffer.from('http/1.1')],
  ALPNProtocols: ['h2'],
  insecureAllowTruncation: false,
  SNICallback(servername, callback) {
    if (servername === 'a.test') {
      return tls.createCredentials({ key: 'k' }).context;
    }
    callback(null, tls.createSecureContext());
  },
};

const server: tls.Server = tls.createServer(options, (socket) => {
  const protocol: string | false | null | undefined = socket.npnProtocol;
  const name: string | false | null = socket.servername;
  socket.write(`${protocol} ${name}`);
  socket.pipe(socket);
});
server.addContext('*.b.test', { key: 'k', cert: 'c' });
server.on('tlsClientError', (error, socket) => {
  const hint: string | undefined = error.hint;
  console.log(error.tlstreamCode, error.side, error.alert, hint);
  socket.destroy();
});
server.listen(8000, '127.0.0.1', () => {
  const asNet: net.Server = server;
  const asNode: nodeTls.Server = server;
  console.log(asNet.address(), asNode.connections, server.maxConnections);
});

const client: tls.TLSSocket = tls.connect(8000, 'localhost', { ca: ['PEM'] },
  () => console.log(client.authorized, client.getPeerCertificate().subject));
tls.connect({ host: 'a.test', port: 443, secureContext: client as any });
tls.connect(443, () => {});
const asSocket: net.Socket = client;
const cleartext: tls.CleartextStream = new tls.CleartextStream(asSocket,
  { isServer: true, secureContext: new tls.SecureContext().context });
const errors: tls.TlsError[] = cleartext.getAuthorizationErrors();

classic.connect(8000, () => {}, { servername: 'a.test' }, 'localhost');
const pair = classic.createSecurePair(tls.createCredentials(), false);
pair.encrypted.pipe(asSocket);
asSocket.pipe(pair.encrypted);
pair.on('secure', () => pair.cleartext.end('bye'));

const version: string = registered.DEFAULT_MIN_VERSION;
const truncated: boolean = client.truncated;
const certificate: nodeTls.PeerCertificate = cleartext.getPeerCertificate();

export { certificate, errors, truncated, version };

// @ts-expect-error a port is no object of options
tls.connect(true);
// @ts-expect-error there is no such option
tls.createServer({ insecureAllowEverything: true });
