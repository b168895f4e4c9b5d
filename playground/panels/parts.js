// The parts that Rules, Identity and Cohorts share: an editor with places of problems, tables with heads of rows, what can be taken away.
import { h } from "../dom.js";

let made = 0;

/** An id that no other element has. */
export const freshId = (name) => `${name}-${(made += 1)}`;

/**
 * A panel's state: its defaults, and what the address says of them. What is of another type is left out: anybody can write an address.
 */
export function restored(defaults, given) {
  const kind = (value) => (Array.isArray(value) ? "array" : typeof value);
  const fits = ([name, value]) => name in defaults && value !== null && (defaults[name] === null || kind(defaults[name]) === kind(value));
  return { ...defaults, ...Object.fromEntries(Object.entries(given).filter(fits)) };
}

/** What puts every field of a state back to its default. */
export const forgotten = (defaults) => Object.fromEntries(Object.keys(defaults).map((name) => [name, undefined]));

/** A box that can be scrolled with the keyboard when its content is wider. */
export const scroller = (label, ...children) =>
  h("div", { class: "scroll plg-tall", role: "region", "aria-label": label, tabindex: "0" }, children);

/** A table: a caption, heads and rows of cells; the first cell of a row is its head. */
export function table(caption, heads, rows) {
  const cell = (content) => (content instanceof Node && /^T[DH]$/.test(content.tagName) ? content : h("td", {}, content));
  return h(
    "table",
    { class: "plg-table" },
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, heads.map((head) => (head instanceof Node ? head : h("th", { scope: "col" }, head))))),
    h(
      "tbody",
      {},
      rows.map(([first, ...others]) =>
        h("tr", {}, first instanceof Node && first.tagName === "TH" ? first : h("th", { scope: "row" }, first), others.map(cell)),
      ),
    ),
  );
}

/**
 * A text with line numbers. `show(problems)` marks lines in the gutter and lists the problems, each {line, column, message} with
 * line and column from 1; choosing one goes to its place.
 */
export function editor({ label, value, rows = 10, oninput }) {
  const id = freshId("editor");
  const gutter = h("div", { class: "plg-gutter", "aria-hidden": "true" });
  const text = h("textarea", {
    id,
    rows,
    wrap: "off",
    spellcheck: "false",
    autocapitalize: "off",
    autocomplete: "off",
    value,
    "aria-describedby": `${id}-problems`,
    oninput: () => {
      number();
      oninput(text.value);
    },
    onscroll: () => {
      gutter.scrollTop = text.scrollTop;
    },
  });
  const list = h("ul", { class: "plg-problems", id: `${id}-problems`, "aria-live": "polite" });
  let marked = new Set();
  function number() {
    const lines = text.value.split("\n").length;
    gutter.replaceChildren(
      ...Array.from({ length: lines }, (_, index) => h("div", { class: marked.has(index + 1) ? "plg-wrong" : null }, `${index + 1}`)),
    );
    gutter.scrollTop = text.scrollTop;
  }
  function go({ line = 1, column = 1 }) {
    const lines = text.value.split("\n");
    const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    // Columns count characters, a selection UTF-16 units.
    const at = before + [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
    text.focus();
    text.setSelectionRange(at, Math.min(at + 1, text.value.length));
    const height = text.scrollHeight / lines.length;
    text.scrollTop = Math.max(0, (line - 3) * height);
  }
  const place = ({ line, column }) => (line ? `Line ${line}${column ? `, column ${column}` : ""}: ` : "");
  number();
  return {
    element: h("div", { class: "plg-editor" }, h("label", { for: id }, label), h("div", { class: "plg-code" }, gutter, text), list),
    text,
    set(changed) {
      text.value = changed;
      number();
    },
    show(problems) {
      marked = new Set(problems.map((problem) => problem.line));
      number();
      text.setAttribute("aria-invalid", problems.length > 0 ? "true" : "false");
      list.replaceChildren(
        ...problems.map((problem) =>
          h("li", {}, h("button", { type: "button", onclick: () => go(problem) }, `${place(problem)}${problem.message}`)),
        ),
      );
    },
  };
}

/**
 * What can be taken away: `forms`, each {id, label, file, make}; one is shown at a time. Call `update` when what they are made of has
 * changed; a form whose `make` gives null cannot be made yet.
 */
export function takeAway({ copy, download }, forms, chosen, onchoose) {
  let current = forms.find((form) => form.id === chosen) ?? forms[0];
  const name = freshId("form");
  const code = h("code");
  const pre = h("pre", { tabindex: "0", "aria-label": "What to copy" }, code);
  const said = h("span", { role: "status", class: "plg-said" });
  const say = (text) => {
    said.textContent = text;
  };
  const choices = forms.map((form) =>
    h(
      "label",
      {},
      h("input", {
        type: "radio",
        name,
        value: form.id,
        checked: form === current,
        onchange: () => {
          current = form;
          onchoose(form.id);
          update();
        },
      }),
      form.label,
    ),
  );
  function update() {
    const made = current.make();
    code.textContent = made ?? "Not before the problems above are solved.";
    code.dataset.form = made === null ? "" : current.id;
    for (const button of buttons) button.disabled = made === null;
    say("");
  }
  const buttons = [
    h(
      "button",
      {
        type: "button",
        onclick: async () => {
          await copy(code.textContent);
          say("Copied.");
        },
      },
      "Copy",
    ),
    h("button", { type: "button", onclick: () => download(current.file, code.textContent) }, "Download"),
  ];
  return {
    element: h(
      "section",
      { class: "plg-take" },
      h("h3", {}, "Take it away"),
      h("fieldset", { class: "plg-choices" }, h("legend", {}, "As"), choices),
      pre,
      h("p", { class: "row" }, buttons, said),
    ),
    update,
  };
}

/** A number as the page shows it: at most so many decimals, and no more zeros than needed. */
export const shown = (number, decimals = 1) => String(Number(number.toFixed(decimals)));

/** A share as a percentage. */
export const percent = (share, decimals = 1) => `${shown(share * 100, decimals)} %`;
