/* The index of the search page: MiniSearch with no more than it needs. `make editor` bundles it into docs/static/minisearch.js. */
export { default as Index } from "minisearch";
