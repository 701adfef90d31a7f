// SPDX-License-Identifier: MIT
// with: register
'use strict';

const http = require('node:http');
const { tls, log, certs, run, listen } = require('../program');
const { relay } = require('../parts');

const ANSWERS = {
  'up to the end': 'Connection: close\r\n\r\nthe whole of it',
  'with a length': 'Content-Length: 100\r\n\r\nhalf of it',
  'in chunks': 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
  'kept alive': 'Content-Length: 4\r\n\r\nbody',
};

function get({ port, cut }) {
  const createConnection = () =>
    tls.connect({ port, host: 'localhost', ca: certs.ca });
  return new Promise((done) => {
    const request = http.get({ createConnection, host: 'localhost', port },
      (response) => {
        response.on('aborted', () => log('aborted'));
        response.on('error', (error) => log('response', error));
        response.on('data', (data) => {
          log('data', String(data));
          cut();
        });
        response.on('end', () => log('end', response.complete));
        response.on('close', done);
      });
    request.on('error', (error) => {
      log('request', error);
      done();
    });
    request.on('socket', (socket) => socket.on('close', (hadError) =>
      log('close', hadError)));
  });
}

run(async () => {
  const server = tls.createServer(certs.ec);
  const passage = await relay(await listen(server));
  let answer;
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {}).once('data', () =>
      socket.write(`HTTP/1.1 200 OK\r\n${answer}`));
  });
  for (const [name, text] of Object.entries(ANSWERS)) {
    log(name);
    answer = text;
    await get({ port: passage.port, cut: () => passage.near.end() });
  }
});
