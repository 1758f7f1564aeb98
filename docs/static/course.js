/* Predictions and quizzes without a kernel. The questions and every sentence stand in the page, as JSON made by
   course_utils/building/site/pages.py; guesses stay in this browser. */
(() => {
  "use strict";
  const source = document.getElementById("course-questions");
  if (!source) return;
  const { letters, words, questions } = JSON.parse(source.textContent);
  const { element, fill } = courseElements;

  const guesses = (() => {
    const inPage = {};
    const key = (name) => `course:guess:${name}`;
    const safely = (action) => { try { return action(); } catch { return null; } };
    return {
      get: (name) => {
        const stored = inPage[name] ?? safely(() => localStorage.getItem(key(name)));
        return stored === null || stored === undefined ? null : Number(stored);
      },
      set: (name, choice) => {
        inPage[name] = choice;
        safely(() => localStorage.setItem(key(name), choice));
      },
      forget: (name) => {
        delete inPage[name];
        safely(() => localStorage.removeItem(key(name)));
      },
    };
  })();

  /* One button a choice; `chosen(place)` gives what is then said below, as HTML, and which mark the button gets. */
  const asked = (legend, choices, chosen, before = null) => {
    const said = element("div", { class: "course-said", role: "status" });
    const buttons = choices.map((choice, place) => element("button", {
      type: "button", "aria-pressed": "false",
      click: () => choose(place),
    }, element("span", { class: "course-letter" }, `${letters[place]}.`), element("span", { html: choice })));
    const choose = (place) => {
      const { markup, mark } = chosen(place);
      buttons.forEach((button, other) => {
        button.setAttribute("aria-pressed", String(other === place));
        if (other === place) button.dataset.mark = mark;
        else delete button.dataset.mark;
      });
      said.innerHTML = markup;
    };
    const field = element("fieldset", {}, element("legend", { html: legend }), ...buttons, said);
    if (before !== null) choose(before);
    return field;
  };

  const predict = (place, name) => {
    const question = questions.predictions[name];
    const note = (choice) => {
      guesses.set(name, choice);
      refresh();
      return { markup: `<p>${fill(words.noted, { letter: letters[choice] })}</p>`, mark: "noted" };
    };
    place.replaceChildren(
      asked(`<strong>${words.guess_first}:</strong> ${question.question}`, question.choices, note, guesses.get(name)),
      element("p", { class: "course-before" }, words.before),
    );
  };

  const verdict = (name) => {
    const { choices, answer, because } = questions.predictions[name];
    const guess = guesses.get(name);
    const kind = guess === null ? words.no_guess : guess === answer ? words.right_guess : words.wrong_guess;
    const said = fill(kind, {
      letter: letters[guess], answer: `${letters[answer]}: ${choices[answer]}`.replace(/\.$/, ""),
    });
    return `<p><strong>${said}</strong></p><p>${because}</p>`;
  };

  const reveal = (place, name) => {
    const said = element("div", { html: verdict(name) });
    const folded = element("details", {}, element("summary", {}, words.show), said);
    place.replaceChildren(...(guesses.get(name) === null ? [element("p", { class: "course-screen" }, words.not_guessed), folded] : [said]));
  };

  const summary = (place) => {
    const all = Object.entries(questions.predictions);
    const made = all.filter(([name]) => guesses.get(name) !== null);
    if (!made.length) {
      place.replaceChildren(element("p", {}, words.none_made));
      return;
    }
    const right = made.filter(([name, { answer }]) => guesses.get(name) === answer).length;
    const head = fill(words.summary, { right, made: made.length, skipped: all.length - made.length });
    const rows = made.map(([name, { question, choices, answer }]) => element("li", {
      html: fill(words.row, { mark: guesses.get(name) === answer ? "✓" : "✗", question, guess: choices[guesses.get(name)], answer: choices[answer] }),
    }));
    const forget = element("button", { type: "button", click: () => {
      all.forEach(([name]) => guesses.forget(name));
      document.querySelectorAll(".course-question").forEach(show);
      unfold();
    } }, words.forget);
    place.replaceChildren(element("p", {}, element("strong", {}, head)), element("ul", {}, ...rows), forget);
  };

  const quiz = (place) => {
    place.replaceChildren(...questions.quiz.map(({ question, choices }, number) => asked(
      `<strong>${number + 1}. ${question}</strong>`,
      choices.map(({ choice }) => choice),
      (chosen) => {
        const { right, why } = choices[chosen];
        return {
          markup: `<p>${letters[chosen]}. <strong>${right ? words.yes : words.no}</strong> ${why}</p>`,
          mark: right ? "right" : "wrong",
        };
      },
    )));
  };

  /* What was measured, and what is said of it, opens when the last prediction that waits for it is made, and closes when one is forgotten. */
  const measured = [...document.querySelectorAll('.cell[class*="tag_until-"]')].map((cell) => ({
    fold: cell.querySelector("details.hide"),
    names: [...cell.classList].filter((name) => name.startsWith("tag_until-")).map((name) => name.slice("tag_until-".length)),
    guessed: false,
  }));
  measured.forEach(({ fold }) => fold.querySelector("summary").removeAttribute("aria-label")); // or its words are not read
  const told = [...document.querySelectorAll(".course-told")].map((fold) => ({ fold, names: [fold.dataset.name], guessed: false }));
  const folds = [...measured, ...told];
  const unfold = () => folds.forEach((one) => {
    const guessed = one.names.every((name) => guesses.get(name) !== null);
    if (guessed !== one.guessed) one.fold.open = guessed;
    one.guessed = guessed;
  });

  const kinds = { predict, reveal, quiz, predictions: summary };
  const show = (place) => kinds[place.dataset.kind](place, place.dataset.name);
  const refresh = () => {
    document.querySelectorAll('[data-kind="reveal"], [data-kind="predictions"]').forEach(show);
    unfold();
  };
  document.querySelectorAll(".course-question").forEach(show);
  unfold();
})();

/* A figure that was drawn for several values of its parameters: one slider for each, and the picture that belongs to them. */
(() => {
  "use strict";
  const { element } = courseElements;
  document.querySelectorAll(".course-slider").forEach((place, number) => {
    const figures = [...place.querySelectorAll("figure")];
    const values = figures.map((figure) => figure.dataset.values.split(" "));
    const said = element("output", { class: "course-said" });
    const sliders = place.dataset.names.split(" ").map((name, which) => {
      const stops = [...new Set(values.map((all) => all[which]))];
      const id = `course-slider-${number}-${which}`;
      const input = element("input", { type: "range", id, min: "0", max: String(stops.length - 1), step: "1" });
      input.value = String(Math.floor(stops.length / 2));
      input.addEventListener("input", () => show());
      const words = name.replaceAll("_", " ");
      return { input, stops, words, line: element("p", {}, element("label", { for: id }, words), input) };
    });
    const show = () => {
      const chosen = sliders.map(({ input, stops }) => stops[Number(input.value)]);
      sliders.forEach(({ input }, which) => input.setAttribute("aria-valuetext", chosen[which]));
      const at = values.findIndex((all) => all.join(" ") === chosen.join(" "));
      figures.forEach((figure, one) => figure.classList.toggle("course-chosen", one === at));
      said.textContent = figures[at].querySelector("figcaption").textContent;
    };
    place.prepend(...sliders.map(({ line }) => line), said);
    place.classList.add("course-live");
    show();
  });
})();

/* Paper has no click: what is folded is printed open, but a figure's description, which paper shows. */
(() => {
  "use strict";
  const opened = [];
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details:not([open], .in-words)").forEach((fold) => { fold.open = true; opened.push(fold); });
  });
  addEventListener("afterprint", () => { opened.splice(0).forEach((fold) => { fold.open = false; }); });
})();
