// SPDX-License-Identifier: MIT
'use strict';

const { tls, log, certs, run, listen, connect, waitFor } =
  require('../program');

// Three times the server ends too early, then it stays.
function moodyServer() {
  let connections = 0;
  return tls.createServer(certs.ec, (socket) => {
    if (++connections < 4) socket.end(`not now ${connections}`);
    else socket.write('stay');
  });
}

function keepConnected(port, told) {
  const client = connect(port).setEncoding('utf8');
  client.on('secureConnect', () => told('connected', client));
  client.on('data', (text) => told(text, client));
  client.on('error', (error) => told(error.code, client));
  client.on('close', () => {
    told('closed', client);
    keepConnected(port, told);
  });
}

run(async () => {
  const port = await listen(moodyServer());
  await waitFor('stay', new Promise((done) => {
    keepConnected(port, (what, client) => {
      log(what);
      if (what !== 'stay') return;
      client.removeAllListeners('close');
      done();
    });
  }));
});
