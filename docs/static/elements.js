/* What course.js and exercise.js share; every page loads it before them. */
const courseElements = {
  /* A sentence with its {fields}; a name that has no field stays as it is. */
  fill: (sentence, fields) => sentence.replace(/\{(\w+)\}/g, (all, name) => fields[name] ?? all),

  /* A new element; of its attributes, `html` is what stands in it, and `click` what is called. */
  element: (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "html") made.innerHTML = value;
      else if (name === "click") made.addEventListener("click", value);
      else made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  },
};
