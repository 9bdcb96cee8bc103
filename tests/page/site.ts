import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** How the site's server handles a file under `mnist/`, to produce each data fault for real. */
export type DataFault =
  | 'none'
  /** Like some servers: `Content-Encoding: gzip`, so that the browser unpacks the file. */
  | 'contentEncoding'
  | 'missing'
  | 'webPage'
  | 'truncated'
  | 'corrupt'
  | 'disconnect';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
};

/** Serves the built site from a real server, under a sub-path as on GitHub Pages. */
export interface Site {
  url: string;
  /** Applies from now on to data files whose name includes `file` (default: all). */
  setFault(fault: DataFault, file?: string): void;
  /** Requested data files, in order. */
  requests: string[];
  close(): Promise<void>;
}

export async function serveSite({
  root = 'dist',
  subPath = '/lab/untangle/',
  /** Headers added to every response. */
  headers = {} as Record<string, string>,
  /** Receives every request first. @returns whether it has answered the request. */
  intercept = (_request: IncomingMessage, _response: ServerResponse): boolean => false,
} = {}): Promise<Site> {
  let fault: DataFault = 'none';
  let faultyFile = '';
  const requests: string[] = [];
  const server = createServer((request, response) => {
    if (intercept(request, response)) return;
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (!path.startsWith(subPath)) return notFound(response);
    const name = path.slice(subPath.length) || 'index.html';
    const file = join(root, normalize(name));
    if (name.startsWith('mnist/') && name.endsWith('.gz')) {
      requests.push(name);
      if (fault !== 'none' && name.includes(faultyFile)) return serveFault(fault, file, request, response);
    }
    if (!existsSync(file) || statSync(file).isDirectory()) return notFound(response);
    response.writeHead(200, {
      ...headers,
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Length': statSync(file).size,
    });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${subPath}`,
    setFault(next, file = '') {
      fault = next;
      faultyFile = file;
    },
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function serveFault(
  fault: DataFault,
  file: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const bytes = readFileSync(file);
  const send = (body: Buffer, headers: Record<string, string> = {}) => {
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': body.length,
      ...headers,
    });
    response.end(body);
  };
  switch (fault) {
    case 'none':
      send(bytes);
      break;
    case 'contentEncoding':
      send(bytes, { 'Content-Encoding': 'gzip' });
      break;
    case 'missing':
      notFound(response);
      break;
    case 'webPage':
      send(Buffer.from('<!doctype html><title>404</title><p>No such page.'), {
        'Content-Type': 'text/html',
      });
      break;
    case 'truncated':
      send(bytes.subarray(0, Math.floor(bytes.length / 2)));
      break;
    case 'corrupt': {
      const damaged = gunzipSync(bytes);
      damaged[damaged.length - 100] ^= 1;
      send(damaged);
      break;
    }
    case 'disconnect':
      request.socket.destroy();
      break;
    default:
      fault satisfies never;
  }
}

function notFound(response: ServerResponse): void {
  response.writeHead(404, { 'Content-Type': 'text/html' });
  response.end('<!doctype html><title>Not found</title>');
}
