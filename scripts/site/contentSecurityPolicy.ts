import type { Plugin } from 'vite';

/**
 * The content security policy, for the built page's meta tag and for servers that send it as a header: the page may
 * load only its own files, and run WebAssembly. Pictures that a person drops or pastes are `blob:` or `data:` URLs,
 * which `fetch` reads, too.
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

/** Writes the policy into the built page, but not the development server's, whose scripts are inline. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_SECURITY_POLICY },
        // Insert the policy before every script and style that it covers.
        injectTo: 'head-prepend',
      },
    ],
  };
}
