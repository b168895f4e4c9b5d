// Elements in one line each, for all panels.

/** An element: `h("p", {class: "note", onclick: f}, "text", child, …)`. Null and false children are left out. */
export function h(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same in SVG. */
export function s(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    // Values of form elements are properties: the attribute is only where they begin.
    else if (name === "value" || name === "checked" || name === "selected") element[name] = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...present(children));
  return element;
}

const present = (children) => children.flat(3).filter((child) => child !== null && child !== undefined && child !== false);

/** Puts other children into an element; null and false are left out. */
export function fill(element, ...children) {
  element.replaceChildren(...present(children));
}

/** A table with a caption. `columns` are [header, key or function of a row, "number" where it is one]. */
export function table(caption, columns, rows, attributes = {}) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", attributes,
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, columns.map(([header, , kind]) => h("th", { scope: "col", class: kind }, header)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, columns.map(([, cell, kind]) => {
        const value = typeof cell === "function" ? cell(row) : row[cell];
        return h("td", { class: kind }, value === null || value === undefined ? "–" : value);
      }))))));
}

let ids = 0;

/** A control with its label above it. */
export function labelled(label, control, hint) {
  const id = control.id || (control.id = `control-${++ids}`);
  const note = hint && h("small", { id: `${id}-hint` }, hint);
  if (note) control.setAttribute("aria-describedby", note.id);
  return h("div", { class: "field" }, h("label", { for: id }, label), control, note);
}

/** A list to choose from; `options` are texts or [value, text]. */
export function select(options, value, onchange, attributes = {}) {
  return h("select", { ...attributes, onchange: (event) => onchange(event.target.value) }, options.map((option) => {
    const [key, text] = Array.isArray(option) ? option : [option, option];
    return h("option", { value: key, selected: key === value }, text);
  }));
}

/** A number with at most so many decimals, and a minus sign that is one. */
export function number(value, digits = 2) {
  return value === null || value === undefined ? "–" : Number(value.toFixed(digits)).toString().replace("-", "−");
}

/** Says something in a region that is read out, also where it is what the region said last. */
export function tell(region, text) {
  region.textContent = "";
  requestAnimationFrame(() => (region.textContent = text));
}

/** Calls `work` once nothing has called this for so many milliseconds. */
export function debounced(work, milliseconds) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), milliseconds);
  };
}
