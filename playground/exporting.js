// The box in which a panel offers what one takes home: the dbt variable and the call in each warehouse's SQL.
import { DIALECTS } from "./export.js";
import { h, labelled, select } from "./dom.js";

/**
 * {element, set}: `set` takes {dbt, snowflake, bigquery, duckdb}, texts of which any may be absent, or null where there is
 * nothing to export. `name` begins the names of files.
 */
export function exportBox({ copy, download, state, setState }, name) {
  const titles = { dbt: "dbt variable (dbt_project.yml)", ...Object.fromEntries(Object.entries(DIALECTS).map(([key, { title }]) => [key, `${title} SQL`])) };
  const shown = h("pre", { tabindex: "0", role: "region", "aria-label": "Export" });
  const choice = h("div", {});
  let texts = {};
  let format = state.export ?? "dbt";

  function draw() {
    const keys = Object.keys(titles).filter((key) => texts[key] !== undefined && texts[key] !== null);
    if (!keys.includes(format)) format = keys[0];
    choice.replaceChildren(labelled("Export as", select(keys.map((key) => [key, titles[key]]), format, (key) => {
      format = key;
      setState({ export: key === "dbt" ? undefined : key });
      shown.textContent = texts[format];
    }, { id: `${name}-export` })));
    shown.textContent = texts[format] ?? "";
    element.hidden = !keys.length;
  }

  const element = h("div", { class: "export" },
    h("div", { class: "row" }, choice,
      h("button", { type: "button", onclick: () => copy(texts[format]) }, "Copy"),
      h("button", {
        type: "button",
        onclick: () => (format === "dbt"
          ? download(`${name}.yml`, texts.dbt, "application/yaml")
          : download(`${name}.${format}.sql`, texts[format], "application/sql")),
      }, "Save as file")),
    shown);
  return {
    element,
    set(next) {
      texts = next ?? {};
      draw();
    },
  };
}
