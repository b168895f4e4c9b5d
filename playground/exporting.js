// The box in which a panel offers what one takes home: the dbt variable and the call in each warehouse's SQL.
import { DIALECTS } from "./export.js";
import { h, labelled, select, tell } from "./dom.js";

/** Where the buttons beside it say what they have done, to everybody. */
export const notice = () => h("p", { role: "status", class: "notice" });

/** A button that saves what `file` gives, [name, text, type], and says so in the region. */
export function saveButton(label, region, file) {
  const onclick = () => {
    const [name, text, type] = file();
    const address = URL.createObjectURL(new Blob([text], { type }));
    h("a", { href: address, download: name }).click();
    // The browser has read it by then.
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    tell(region, `${name} was saved`);
  };
  return h("button", { type: "button", onclick }, label);
}

/** A button that puts the text on show into the clipboard, and says so in the region. */
function copyButton(region, shown) {
  const onclick = async () => {
    try {
      await navigator.clipboard.writeText(shown.textContent);
      tell(region, "Copied");
    } catch {
      // Pages that are not served over https, and browsers that were told to refuse.
      shown.focus();
      getSelection().selectAllChildren(shown);
      tell(region, "The browser does not let this page copy. The text is selected: copy it with the keyboard");
    }
  };
  return h("button", { type: "button", onclick }, "Copy");
}

/**
 * {element, set}: `set` takes {dbt, snowflake, bigquery, duckdb}, texts of which any may be absent, or null where there is
 * nothing to export. `name` begins the names of files; `more` are titles of further texts, all SQL, by their keys.
 */
export function exportBox({ state, setState }, name, more = {}) {
  const titles = {
    dbt: "dbt variable (dbt_project.yml)",
    ...Object.fromEntries(Object.entries(DIALECTS).map(([key, { title }]) => [key, `${title} SQL`])),
    ...more,
  };
  const shown = h("pre", { tabindex: "0", role: "region", "aria-label": "Export" });
  const choice = h("div", {});
  const region = notice();
  let texts = {};
  // What somebody has chosen stays chosen while it cannot be made.
  let chosen = state.export ?? "dbt";
  let format = chosen;

  /** What was said of another text is no longer true. */
  function show() {
    const text = texts[format] ?? "";
    if (shown.textContent === text) return;
    shown.textContent = text;
    region.textContent = "";
  }

  function draw() {
    const keys = Object.keys(titles).filter((key) => texts[key] !== undefined && texts[key] !== null);
    format = keys.includes(chosen) ? chosen : keys[0];
    choice.replaceChildren(labelled("Export as", select(keys.map((key) => [key, titles[key]]), format, (key) => {
      chosen = key;
      format = key;
      setState({ export: key === "dbt" ? undefined : key });
      show();
    }, { id: `${name}-export` })));
    show();
    element.hidden = !keys.length;
  }

  const element = h("div", { class: "export" },
    h("div", { class: "row" }, choice, copyButton(region, shown), saveButton("Save as file", region, () => (format === "dbt"
      ? [`${name}.yml`, texts.dbt, "application/yaml"]
      : [`${name}.${format}.sql`, texts[format], "application/sql"])), region),
    shown);
  return {
    element,
    set(next) {
      texts = next ?? {};
      draw();
    },
  };
}
