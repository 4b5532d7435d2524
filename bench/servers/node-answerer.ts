/** A bare node:http server that answers success to everything. Argument: the port. */
import { createServer } from 'node:http';

import { ENVELOPE } from './answerer.ts';

const headers = { 'content-type': 'application/json', 'content-length': ENVELOPE.length };
createServer((request, response) => {
  request.resume();
  response.writeHead(200, headers).end(ENVELOPE);
}).listen(Number(process.argv[2]), '127.0.0.1');
