/** Plotly's bundle for three dimensions has the same interface as the plane's. */
declare module 'plotly.js-gl3d-dist-min' {
  export { default } from 'plotly.js-cartesian-dist-min';
}
