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

function keepConnected(port, report) {
  const client = connect(port).setEncoding('utf8');
  client.on('secureConnect', () => report('connected', client));
  client.on('data', (text) => report(text, client));
  client.on('error', (error) => report(error.code, client));
  client.on('close', () => {
    report('closed', client);
    keepConnected(port, report);
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
