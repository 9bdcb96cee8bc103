/** Plotly's 3-D bundle has the same interface as the 2-D bundle. */
declare module 'plotly.js-gl3d-dist-min' {
  export { default } from 'plotly.js-cartesian-dist-min';
}
