/* The search page: excerpts that lead to the place. What there is to find stands in search-index.js, which calls `courseSearch`. */
"use strict";
const courseSearch = ({ words, synonyms, sections }) => {
  const { element, fill } = courseElements;
  const AROUND = 110; // letters of an excerpt before and after the first word that was found
  const query = (new URLSearchParams(location.search).get("q") ?? "").trim();
  const place = document.getElementById("search-results");
  document.querySelectorAll('form.bd-search input[name="q"]').forEach((field) => { field.value = query; });
  if (!query) return;

  const index = new CourseSearch.Index({ fields: ["title", "text", "page"], storeFields: ["page", "title", "text"] });
  index.addAll(sections);
  const lower = query.toLowerCase();
  const others = (word) => synonyms.filter((group) => group.includes(word)).flat().filter((other) => other !== word);
  const phrase = others(lower); // of several words, like "hyperbolic tangent"
  const terms = lower.split(/[\s,;:]+/).filter(Boolean);
  const how = {
    boost: { title: 4, page: 2 },
    boostDocument: (id) => (/#sources$|references\.html/.test(id) ? 0.3 : 1), // a list of titles has every word
    prefix: (term) => term.length > 2,
    fuzzy: (term) => (term.length > 4 ? 0.2 : false),
  };
  const meant = (word) => ({ combineWith: "OR", queries: [word, ...others(word)] });
  const asked = { combineWith: "AND", queries: terms.map(meant) };
  const both = phrase.length ? { combineWith: "OR", queries: [asked, ...phrase] } : asked;
  let found = index.search(both, how);
  if (!found.length) found = index.search({ combineWith: "OR", queries: terms.map(meant) }, how);

  /* The words around the first one that was found, with each of them marked. */
  const excerpt = ({ text, terms: matched }) => {
    const escaped = matched.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).sort((a, b) => b.length - a.length);
    const pattern = new RegExp(`(?<![\\p{L}\\d])(?:${escaped.join("|")})`, "giu");
    const first = Math.max(text.search(pattern), 0);
    const start = first > AROUND ? text.indexOf(" ", first - AROUND) + 1 : 0;
    const end = first + AROUND < text.length ? text.lastIndexOf(" ", first + AROUND) : text.length;
    const said = element("p", { class: "course-excerpt" }, start ? "… " : "");
    const cut = text.slice(start, Math.max(end, first));
    let from = 0;
    for (const hit of cut.matchAll(pattern)) {
      said.append(cut.slice(from, hit.index), element("mark", {}, hit[0]));
      from = hit.index + hit[0].length;
    }
    said.append(cut.slice(from), end < text.length ? " …" : "");
    return said;
  };

  const also = [...new Set([...terms.flatMap(others), ...phrase])];
  const count = found.length === 1 ? words.one : fill(words.found, { count: found.length });
  const head = element("p", { role: "status" }, found.length ? count : fill(words.none, { query }));
  if (also.length) head.append(" ", fill(words.also, { words: also.join(", ") }));
  const list = element("ol", { class: "course-found" }, ...found.slice(0, 40).map((one) => {
    const link = element("a", { href: one.id }, one.title === one.page ? one.page : `${one.page}: ${one.title}`);
    return element("li", {}, link, excerpt(one));
  }));
  place.replaceChildren(head, list);
};
