import type { Plugin } from 'vite';

/**
 * What the page may load and run, for the built page's meta tag and for servers that send it as a header: its own files,
 * and WebAssembly. Pictures that a person drops or pastes are `blob:` or `data:`; both are also read by `fetch`.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self' data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Writes the policy into the built page. The development server's own scripts are inline, so it goes without. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_SECURITY_POLICY },
        // Before every script and style that it is about.
        injectTo: 'head-prepend',
      },
    ],
  };
}
