import type { Plugin } from 'vite';

const START = 'var Plotly=';
const END = 'window.Plotly = Plotly;';

/**
 * Removes the UMD wrapper from Plotly's builds. A browser compiles a module's top level while it streams in; with the
 * wrapper, it parsed all of Plotly three times, on the main thread.
 */
export function unwrapPlotly(): Plugin {
  return {
    name: 'unwrap-plotly',
    apply: 'build',
    enforce: 'pre',
    transform: {
      filter: { id: /plotly-[a-z0-9]+\.min\.js$/ },
      handler(code) {
        const start = code.indexOf(START);
        const end = code.lastIndexOf(END);
        if (start < 0 || end < start) {
          throw new Error(`unwrapPlotly: expected a build of "${START} … ${END}", found another form`);
        }
        return { code: `${code.slice(start, end)}export default Plotly;`, map: null };
      },
    },
  };
}
