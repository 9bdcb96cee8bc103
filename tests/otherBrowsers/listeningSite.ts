import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = 'assets/listen.js';

/** Collects console output in `window.consoleErrors`, because WebKit's driver does not report it. */
const LISTEN = `
window.consoleErrors = [];
const say = console.error;
console.error = (...parts) => { window.consoleErrors.push(parts.map(String).join(' ')); say.apply(console, parts); };
// Chromium and Firefox do not log the notice about ResizeObserver, which only requests another frame.
addEventListener('error', ({ message, target }) => { if (!/^ResizeObserver loop/.test(message)) window.consoleErrors.push(message ?? 'could not load ' + (target.src ?? target.href)); }, true);
addEventListener('unhandledrejection', ({ reason }) => window.consoleErrors.push(String(reason)));
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => window.consoleErrors.push(violatedDirective + ' blocks ' + blockedURI));
`;

/** A copy of the built site whose page collects its errors and runs `more`; everything else is unchanged. */
export function listeningCopy({ root = 'dist', more = '' } = {}): string {
  const copy = mkdtempSync(join(tmpdir(), 'untangle-site-'));
  cpSync(root, copy, { recursive: true });
  const script = LISTEN + more;
  writeFileSync(join(copy, SCRIPT), script);
  const page = readFileSync(join(copy, 'index.html'), 'utf8');
  const listening = page.replace('<script', `<script src="./${SCRIPT}"></script>\n    <script`);
  writeFileSync(join(copy, 'index.html'), listening);
  const worker = join(copy, 'serviceWorker.js');
  const hashOf = (text: string) => createHash('sha256').update(text).digest('base64');
  const code = readFileSync(worker, 'utf8');
  const next = code
    .replace(hashOf(page), hashOf(listening))
    .replace(/(["']\.\/["']:)/, `"${SCRIPT}":${JSON.stringify(hashOf(script))},$1`);
  if (next === code)
    throw new Error("listeningCopy: expected the page's hash in serviceWorker.js, found none");
  writeFileSync(worker, next);
  return copy;
}
