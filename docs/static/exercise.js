/* The exercises of a page, answered and checked there. Python runs in a worker of this browser, from the first check on; the
   verdict, its sentences and its picture are the course package's own. What the page itself says stands in the page, as JSON
   made by course_utils/building/site/exercise_pages.py. Texts and progress stay in this browser. */
(() => {
  "use strict";
  const source = document.getElementById("course-exercises");
  if (!source) return;
  const { words, python, patience, title, exercises } = JSON.parse(source.textContent);
  const scriptsOf = new URL("../python/", document.currentScript.src);
  const { element, fill } = courseElements;

  /* What is kept of each exercise: its text, "passed" or "tried", how many hints were seen, and whether a check is running. */
  const kept = (() => {
    const inPage = {};
    const key = (name) => `course:exercise:${name}`;
    const parsed = (text) => { try { return JSON.parse(text) ?? {}; } catch { return {}; } };
    const stored = (action) => { try { return action(localStorage); } catch { return undefined; } };
    return {
      works: stored((storage) => {
        storage.setItem("course:kept", "yes");
        const works = storage.getItem("course:kept") === "yes";
        storage.removeItem("course:kept");
        return works;
      }),
      get: (name) => inPage[name] ?? parsed(stored((storage) => storage.getItem(key(name)))),
      set(name, changes) {
        inPage[name] = { ...this.get(name), ...changes };
        stored((storage) => storage.setItem(key(name), JSON.stringify(inPage[name])));
      },
      forget(name) {
        inPage[name] = {};
        stored((storage) => storage.removeItem(key(name)));
      },
    };
  })();

  /* Which checks are running, in whatever tab: the browser itself takes a lock back when it ends a page. */
  const running = {
    begin(name) {
      let end = () => {};
      const lasts = new Promise((done) => { end = done; });
      if (kept.works) navigator.locks?.request(`course:check:${name}`, { mode: "shared" }, () => lasts).catch(() => {});
      return end;
    },
    async somewhere(name) {
      const { held } = (await navigator.locks?.query().catch(() => null)) ?? { held: [] };
      return held.some((lock) => lock.name === `course:check:${name}`);
    },
  };

  /* What runs in the worker. It gets the files as blobs, and loads nothing by itself. */
  const work = () => {
    let verdict;
    const begin = async (packed) => {
      const files = {};  // all of them first: a damaged one ends it here, where Pyodide would wait for ever
      for (const [name, blob] of Object.entries(packed)) {
        files[name] = await new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).blob();
      }
      self.fetch = async (address) => {
        const name = String(address.url ?? address).split("/").pop();
        if (!files[name]) return new Response("", { status: 404 });
        const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
        return new Response(files[name], { headers: { "Content-Type": type } });
      };
      for (const name of ["pyodide.asm.js", "pyodide.js"]) {
        const address = URL.createObjectURL(new Blob([files[name]], { type: "text/javascript" }));
        importScripts(address);
        URL.revokeObjectURL(address);
      }
      const home = "/home/pyodide";
      const pyodide = await self.loadPyodide({
        indexURL: "https://course.invalid/", packages: ["numpy"], env: { HOME: home, COURSE_STATIC: "1" },
      });
      pyodide.unpackArchive(await files["course.zip"].arrayBuffer(), "zip", { extractDir: home });
      verdict = pyodide.runPython(`import sys; sys.path.insert(0, "${home}")
from course_utils.learner.answer_text import page_verdict; page_verdict`);
    };
    const limit = (seconds, html) => postMessage({ seconds: seconds ?? null, html });
    self.onmessage = async ({ data }) => {
      try {
        if (data.files) await begin(data.files);
        postMessage(data.files ? { ready: true } : { verdict: JSON.parse(verdict(data.text, data.name, data.patience, limit)) });
      } catch (error) {
        postMessage({ failed: String(error) });
      }
    };
  };

  /* The bytes of Python, loaded once, as {name: blob}; `went` hears of each script, as a share of all. */
  const loading = (() => {
    let loaded;
    const pieces = {};
    self.coursePython = (place, digest, text) => { pieces[place] = { digest, text }; };
    const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const one = ([name, digest], place) => new Promise((done, failed) => {
      const broken = () => failed(Object.assign(new Error(name), { file: `python/${name}` }));
      const script = element("script", { src: new URL(`${name}?${digest}`, scriptsOf) });
      script.onerror = broken;
      script.onload = () => {
        script.remove();
        const piece = pieces[place + 1];
        delete pieces[place + 1];
        if (piece?.digest !== digest) broken();
        else try { done(bytes(piece.text)); } catch { broken(); }
      };
      document.head.append(script);
    });
    const all = async (went) => {
      const parts = [];
      for (const [place, script] of python.scripts.entries()) {
        parts.push(await one(script, place));
        went(parts.length / python.scripts.length);
      }
      const row = new Blob(parts);
      return Object.fromEntries(Object.entries(python.files).map(([name, [from, to]]) => [name, row.slice(from, to)]));
    };
    return {
      files: (went) => {
        loaded ??= all(went).catch((error) => { loaded = undefined; throw error; });
        return loaded;
      },
      again: () => { loaded = undefined; },
    };
  })();

  /* Python itself. `ask` gives {verdict}, {html} of the verdict on what did not end in time, {stopped} or {ended}. */
  const interpreter = (() => {
    let running, answer, timer;
    const settle = (outcome) => { clearTimeout(timer); answer?.(outcome); answer = undefined; };
    const end = (outcome) => {
      running?.then((worker) => worker.terminate(), () => {});
      running = undefined;
      settle(outcome);
    };
    const heard = ({ data }) => {
      clearTimeout(timer);
      if (data.verdict) settle(data);
      else if (data.failed) end({ ended: true });
      else if (data.seconds !== null) timer = setTimeout(() => { end({ html: data.html }); start(); }, 1000 * data.seconds);
    };
    const begin = async (went) => {
      const files = await loading.files(went);
      went(1);
      const address = URL.createObjectURL(new Blob([`(${work})()`], { type: "text/javascript" }));
      let worker;
      try {
        worker = new Worker(address);
        await new Promise((ready, failed) => {
          worker.onerror = (event) => failed(new Error(event.message));
          worker.onmessage = ({ data }) => (data.ready ? ready() : failed(new Error(data.failed)));
          worker.postMessage({ files });
        });
      } catch (error) {
        worker?.terminate();
        loading.again();
        throw error;
      } finally {
        URL.revokeObjectURL(address);
      }
      worker.onmessage = heard;
      worker.onerror = () => end({ ended: true });
      return worker;
    };
    const start = (went = () => {}) => {
      running ??= begin(went);
      running.catch(() => { running = undefined; });
      return running;
    };
    return {
      start,
      stop: () => { end({ stopped: true }); start(); },
      get started() { return running !== undefined; },
      ask: async (name, text) => {
        const worker = await start();
        return new Promise((done) => { answer = done; worker.postMessage({ name, text, patience }); });
      },
    };
  })();

  const lacking = () => [
    ["WebAssembly", typeof WebAssembly === "object"],
    ["Worker", typeof Worker === "function"],
    ["DecompressionStream", typeof DecompressionStream === "function"],
  ].find(([, there]) => !there)?.[0];

  const progress = document.querySelector(".course-progress");
  const showProgress = () => {
    const names = Object.keys(exercises);
    const done = names.filter((name) => kept.get(name).state === "passed");
    const points = (some) => some.reduce((sum, name) => sum + exercises[name].points, 0);
    const fields = { chapter: title, done: done.length, all: names.length, points: points(done), most: points(names) };
    const forget = element("button", { type: "button", click: () => {
      names.forEach((name) => kept.forget(name));
      opened.forEach((show) => show());
      showProgress();
    } }, words.forget);
    const anything = names.some((name) => Object.keys(kept.get(name)).length);
    progress.replaceChildren(
      element("p", {}, fill(words.progress, fields)),
      ...(kept.works ? [] : [element("p", {}, words.not_kept)]),
      ...(anything ? [forget] : []),
    );
  };

  const opened = [];  // for each exercise, what shows it as it was at the beginning
  let busy = false;
  const open = (place) => {
    const { name } = place.dataset;
    const cell = place.closest(".cell").querySelector(".cell_input");
    const stub = cell.textContent.trim();
    const solution = document.querySelector(`details[data-exercise="${name}"]`);
    cell.hidden = true;
    solution.classList.add("course-by-button");

    const said = element("div", { class: "course-said", role: "status" });
    const bar = element("progress", { max: "1", "aria-label": words.starting });
    const verdict = element("div", { class: "course-verdict", "aria-live": "polite" });
    const state = element("span", { class: "course-state" });
    const say = (...parts) => said.replaceChildren(...parts);
    const sayHtml = (html) => say(element("p", { html }));

    const mark = () => {
      const { state: reached } = kept.get(name);
      state.textContent = words[reached] ?? "";
      state.dataset.state = reached ?? "";
    };
    const result = ({ verdict: found, html, stopped, ended }) => {
      if (stopped || ended) return sayHtml(stopped ? words.stopped : words.ended);
      say();
      verdict.innerHTML = found?.html ?? html;
      if (found?.printed) verdict.append(element("p", {}, words.printed), element("pre", { tabindex: "0" }, found.printed));
      if (found?.status === "passed") kept.set(name, { state: "passed" });
      else if (found?.status !== "missing" && kept.get(name).state !== "passed") kept.set(name, { state: "tried" });
      return undefined;
    };
    const begin = async () => {
      if (!interpreter.started) {
        say(element("p", {}, words.loading), bar);
        bar.value = 0;
      }
      await interpreter.start((share) => {
        bar.value = share;
        if (share === 1) say(element("p", {}, words.starting), bar);
      });
    };
    const check = async () => {
      if (busy) return;
      const what = lacking();
      verdict.replaceChildren();
      if (what) {
        sayHtml(fill(words.unable, { what }));
        return;
      }
      busy = true;
      buttons.check.setAttribute("aria-disabled", "true");
      kept.set(name, { text: editor.text, running: true });
      const end = running.begin(name);
      try {
        await begin();
        const stop = element("button", { type: "button", click: () => interpreter.stop() }, words.stop);
        say(element("p", {}, words.checking), stop);
        const outcome = await interpreter.ask(name, editor.text);
        result(outcome);
      } catch (error) {
        sayHtml(fill(words.not_loaded, { what: error.file ?? words.a_file }));
      }
      busy = false;
      end();
      buttons.check.removeAttribute("aria-disabled");
      kept.set(name, { running: false });
      document.querySelectorAll(".course-first-use").forEach((line) => { line.hidden = interpreter.started; });
      mark();
      showProgress();
    };
    const hint = () => {
      const { hints } = exercises[name];
      const seen = kept.get(name).hints ?? 0;
      kept.set(name, { hints: Math.min(seen + 1, hints.length) });
      sayHtml(hints[Math.min(seen, hints.length - 1)]);
      showProgress();
    };
    let asked = false;
    const show = () => {
      if (!kept.get(name).state && !asked && !solution.open) {
        asked = true;
        sayHtml(words.try_first);
        return;
      }
      solution.open = !solution.open;
      if (solution.open) solution.querySelector("summary").focus();
    };
    const reset = () => {
      const before = editor.text;
      editor.text = stub;
      const back = element("button", { type: "button", click: () => { editor.text = before; say(); editor.focus(); } }, words.bring_back);
      say(element("p", {}, words.was_reset), ...(before === stub ? [] : [back]));
      verdict.replaceChildren();
    };

    const shell = element("div", { class: "course-editor" });
    shell.addEventListener("keydown", (event) => event.stopPropagation());  // else "/" goes to the page's search
    const buttons = Object.fromEntries(Object.entries({ check, hint, solution: show, reset }).map(
      ([word, click]) => [word, element("button", { type: "button", click }, words[word])],
    ));
    place.replaceChildren(
      shell,
      element("div", { class: "course-buttons" }, ...Object.values(buttons), state),
      element("p", { class: "course-first-use" }, words.first_use),
      said, verdict,
    );
    const { text, running: left } = kept.get(name);
    if (left) {
      running.somewhere(name).then((there) => {
        if (there) return;
        sayHtml(words.came_back);
        kept.set(name, { running: false });
      });
    }
    const editor = CourseEditor.open(shell, {
      text: text ?? stub,
      label: fill(words.label, { name }),
      changed: (changed) => kept.set(name, { text: changed }),
      check,
    });
    mark();
    opened.push(() => {
      editor.text = stub;
      kept.forget(name);
      say();
      verdict.replaceChildren();
      mark();
    });
    addEventListener("pagehide", () => { if (kept.get(name).running) kept.set(name, { running: false }); });
  };

  document.querySelectorAll(".course-exercise").forEach(open);
  showProgress();
})();
