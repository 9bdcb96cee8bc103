import type { Plugin } from 'vite';

const START = 'var Plotly=';
const END = 'window.Plotly = Plotly;';

/**
 * Takes Plotly's builds out of their UMD wrapper. The browser compiles a module's top level, and what is called there at
 * once, while it streams in; inside the wrapper it read all of it three times over, on the page's own thread.
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
