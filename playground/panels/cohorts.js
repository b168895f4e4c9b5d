// The panel Cohorts: units in variants by a public standard, how they are distributed, and who joins as a roll-out grows.

import { debounced, h, labelled, s } from "../dom.js";
import { editor } from "../editor.js";
import { exportBox } from "../exporting.js";
import { assign, counts, distribution, joins, parseUnits, rollOut } from "./cohort_units.js";
import { cohortCall, dbtVariables } from "./cohort_exports.js";
import { MOST_ROWS, backToSample, freshId, percent, restored, scroller, shown, table } from "./parts.js";

const STEPS = Array.from({ length: 11 }, (_, index) => index / 10);

const DEFAULTS = {
  // NULL for the users of the sample: they are not the reader's, and stay out of the address.
  units: null,
  seed: "short_tour",
  method: "growthbook",
  variants: [
    { name: "control", weight: 0.5 },
    { name: "short", weight: 0.5 },
  ],
  coverage: 0.2,
  next: 0.4,
  namespace: null,
};

function mount(root, context) {
  const { plg, setState, sample } = context;
  const state = restored(DEFAULTS, context.state);
  let input = null;
  let assigned = {};

  const change = (partial) => {
    Object.assign(state, partial);
    setState(partial);
    refresh();
  };
  const unitsText = () => state.units ?? sample.panels.units.join("\n");
  const units = editor({
    id: "cohorts-units",
    label: "Units",
    hint: "Ids of users, workspaces or devices, one a line.",
    value: unitsText(),
    rows: 12,
    oninput: (text) => change({ units: text }),
  });
  const number = (label, name, attributes, hint) => {
    const control = h("input", {
      type: "number",
      min: "0",
      max: "1",
      step: "0.01",
      value: state[name],
      ...attributes,
      oninput: () => change({ [name]: control.valueAsNumber }),
    });
    return [control, labelled(label, control, hint)];
  };
  const seed = h("input", { type: "text", value: state.seed, oninput: () => change({ seed: seed.value }) });
  const method = h(
    "select",
    { onchange: () => change({ method: method.value }) },
    h("option", { value: "growthbook", selected: state.method === "growthbook" }, "GrowthBook"),
    h("option", { value: "unleash", selected: state.method === "unleash" }, "Unleash"),
  );
  const [coverage, coverageField] = number("Coverage today", "coverage", {}, "The part of each share that is in, from 0 to 1.");
  const [next, nextField] = number("Coverage tomorrow", "next", {}, "Who joins, compared with today.");
  const variants = h("div");
  const problems = h("p", { role: "alert", class: "problem" });
  const result = h("div");
  const preview = h("div");
  const namespaceName = h("input", { type: "text", value: state.namespace?.name ?? "onboarding", oninput: () => readNamespace() });
  const bound = (value) => h("input", { type: "number", min: "0", max: "1", step: "0.05", value, oninput: () => readNamespace() });
  const start = bound(state.namespace?.start ?? 0);
  const end = bound(state.namespace?.end ?? 0.4);
  const hasNamespace = h("input", { type: "checkbox", id: freshId("field"), checked: state.namespace !== null, onchange: () => readNamespace() });
  const namespaceFields = h("div", { class: "row" }, labelled("Namespace", namespaceName), labelled("Range from", start), labelled("to", end));

  function readNamespace() {
    change({
      namespace: hasNamespace.checked ? { name: namespaceName.value, start: start.valueAsNumber, end: end.valueAsNumber } : null,
    });
    namespaceFields.hidden = !hasNamespace.checked;
  }
  namespaceFields.hidden = state.namespace === null;

  function drawVariants() {
    const set = (index, partial) => change({ variants: state.variants.map((each, at) => (at === index ? { ...each, ...partial } : each)) });
    variants.replaceChildren(
      table(
        "Variants",
        ["No.", "Name", "Weight", h("th", { scope: "col" }, h("span", { class: "unseen" }, "Remove"))],
        state.variants.map((variant, index) => [
          `${index}`,
          h("input", { type: "text", size: "10", value: variant.name, "aria-label": `Name of variant ${index}`, oninput: (event) => set(index, { name: event.target.value }) }),
          h("input", {
            type: "number",
            min: "0",
            step: "0.05",
            value: variant.weight,
            "aria-label": `Weight of variant ${index}`,
            oninput: (event) => set(index, { weight: event.target.valueAsNumber }),
          }),
          h(
            "button",
            {
              type: "button",
              class: "plg-remove",
              "aria-label": `Remove variant ${index}`,
              onclick: () => {
                change({ variants: state.variants.filter((_, at) => at !== index) });
                drawVariants();
                addVariant.focus();
              },
            },
            "×",
          ),
        ]),
      ),
    );
  }

  const addVariant = h(
    "button",
    {
      type: "button",
      onclick: () => {
        change({ variants: [...state.variants, { name: `variant_${state.variants.length}`, weight: 0 }] });
        drawVariants();
        variants.querySelector("tbody tr:last-child input")?.focus();
      },
    },
    "Add a variant",
  );
  const reset = backToSample(state, () => DEFAULTS, setState, () => {
    units.value = unitsText();
    seed.value = state.seed;
    method.value = state.method;
    coverage.value = state.coverage;
    next.value = state.next;
    hasNamespace.checked = false;
    namespaceFields.hidden = true;
    drawVariants();
    compute();
  });
  const away = exportBox(context, "plg_experiments");

  function drawExport() {
    if (!assigned.units) return away.set(null);
    const made = { dbt: hasNames() ? dbtVariables(state.seed, input) : null };
    if (!assigned.units.length) return away.set(made);
    for (const warehouse of ["snowflake", "bigquery", "duckdb"]) made[warehouse] = cohortCall(warehouse, input);
    return away.set(made);
  }

  /** What the dbt package asks of variants: each is named once. */
  const hasNames = () => {
    const names = state.variants.map((variant) => variant.name);
    return names.length > 0 && names.every((name) => name !== "") && new Set(names).size === names.length && state.seed !== "";
  };

  const refresh = debounced(compute, 150);

  function compute() {
    input = { ...state, units: parseUnits(unitsText()) };
    assigned = assign(plg, input);
    if (assigned.units && !(state.next >= 0 && state.next <= 1)) assigned = { problem: { argument: "coverage tomorrow", message: "must be a number from 0 to 1" } };
    const { problem } = assigned;
    problems.textContent = problem ? `${problem.argument} ${problem.message}` : "";
    coverage.setAttribute("aria-invalid", problem?.argument === "coverage" ? "true" : "false");
    for (const control of variants.querySelectorAll("input[type=number]")) {
      const isWrong = problem?.argument.startsWith("weights") && (!problem.argument.includes("[") || control.getAttribute("aria-label").endsWith(` ${/\d+/.exec(problem.argument)[0]}`));
      control.setAttribute("aria-invalid", isWrong ? "true" : "false");
    }
    result.replaceChildren();
    preview.replaceChildren();
    if (assigned.units?.length) {
      drawResult();
      drawPreview();
    } else if (!problem) result.append(h("p", {}, "No units yet."));
    drawExport();
  }

  /** Bars of stacked counts, one per item; a table beside it says the same. */
  function bars(label, items, most) {
    const [width, height, left, bottom] = [640, 180, 34, 22];
    const step = (width - left) / items.length;
    const scale = (count) => ((height - bottom - 10) * count) / Math.max(1, most);
    const name = freshId("bars");
    return s(
      "svg",
      { role: "img", "aria-labelledby": name, class: "plg-bars", viewBox: `0 0 ${width} ${height}` },
      s("title", { id: name }, label),
      s("line", { class: "plg-axis", x1: left, x2: width, y1: height - bottom, y2: height - bottom }),
      s("text", { x: left - 4, y: 14, "text-anchor": "end" }, `${most}`),
      s("text", { x: left - 4, y: height - bottom, "text-anchor": "end" }, "0"),
      items.map((item, index) => {
        let at = height - bottom;
        const stack = item.counts.map((count, variant) => {
          at -= scale(count);
          const isNone = variant === state.variants.length;
          return count === 0
            ? null
            : s(
                "rect",
                {
                  class: isNone ? "plg-none" : null,
                  "data-variant": isNone ? null : variant % 8,
                  x: left + index * step + 1,
                  y: at,
                  width: Math.max(1, step - 2),
                  height: scale(count),
                },
                s("title", {}, `${item.label}: ${isNone ? "none" : state.variants[variant].name} ${count}`),
              );
        });
        const shows = items.length <= 11 || index % 4 === 0;
        return [stack, shows ? s("text", { x: left + (index + 0.5) * step, y: height - 6, "text-anchor": "middle" }, item.label) : null];
      }),
    );
  }

  const legend = () =>
    h(
      "p",
      { class: "plg-legend" },
      [...state.variants.map((variant) => variant.name), "no variant"].map((name, index) =>
        h(
          "span",
          { class: "plg-key" },
          s(
            "svg",
            { width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": "true" },
            s("rect", { width: 14, height: 14, class: index === state.variants.length ? "plg-none" : null, "data-variant": index === state.variants.length ? null : index % 8 }),
          ),
          name,
        ),
      ),
    );

  function drawResult() {
    const { rows, none } = counts(assigned.units, input);
    const total = assigned.units.length;
    const bins = distribution(assigned.units, input);
    const most = Math.max(...bins.map((bin) => bin.counts.reduce((sum, count) => sum + count, 0)));
    const line = (name, count, expected) => [name, `${count}`, percent(count / total), expected];
    result.append(
      h("h3", {}, "Who gets what"),
      table(
        `${total} units at a coverage of ${percent(state.coverage)}`,
        ["Variant", "Units", "Share", "Expected by the weights"],
        [...rows.map((row) => line(row.name, row.count, shown(row.expected))), line("no variant", none, shown(Math.max(0, total - rows.reduce((sum, row) => sum + row.expected, 0))))],
      ),
      h("h3", {}, "Distribution"),
      h(
        "p",
        {},
        state.method === "growthbook"
          ? "The number that GrowthBook's hash gives to each unit, from 0 to 1, and the variant that owns it."
          : "The number that Unleash's gradual roll-out gives to each unit, from 1 to 100. Variants have a hash of their own, so each is spread over all numbers.",
      ),
      scroller(
        "Distribution",
        bars("Units by their number, in 20 bins", bins.map((bin) => ({ label: shown(bin.from, 2), counts: bin.counts })), most),
      ),
      legend(),
      h(
        "details",
        {},
        h("summary", {}, "The distribution as a table, and every unit"),
        scroller(
          "Distribution as a table",
          table("Units by number", ["From", "To", ...state.variants.map((variant) => variant.name), "none"], bins.map((bin) => [shown(bin.from, 2), shown(bin.to, 2), ...bin.counts.map(String)])),
        ),
        scroller(
          "Units",
          table(
            total > MOST_ROWS ? `The first ${MOST_ROWS} of ${total} units` : "Every unit",
            ["Unit", "Number", ...(input.namespace ? ["In the range"] : []), "Variant"],
            assigned.units.slice(0, MOST_ROWS).map(({ unit, number: its, isIn, variant }) => [
              unit,
              `${its}`,
              ...(input.namespace ? [isIn ? "yes" : "no"] : []),
              variant === null ? "" : state.variants[variant].name,
            ]),
          ),
        ),
      ),
    );
  }

  function drawPreview() {
    const steps = rollOut(plg, input, STEPS);
    const total = assigned.units.length;
    const from = Math.min(state.coverage, state.next);
    const to = Math.max(state.coverage, state.next);
    const [now, then] = rollOut(plg, input, [from, to]);
    const isIn = (units) => units.map((unit) => unit.variant !== null);
    const [before, after] = [from, to].map((each) => isIn(assign(plg, { ...input, coverage: each }).units));
    const news = joins(plg, input).filter((_, index) => !before[index] && after[index]);
    const leaves = state.next < state.coverage;
    preview.append(
      h("h3", {}, "Roll-out"),
      h(
        "p",
        { role: "status" },
        `From ${percent(state.coverage)} to ${percent(state.next)}: `,
        h("strong", {}, `${then.joined} ${leaves ? "leave" : "join"}, ${then.moved} change their variant`),
        `; ${now.taken.reduce((sum, count) => sum + count, 0)} of ${total} are in either way.`,
      ),
      scroller(
        "Roll-out",
        bars(
          "Units in each variant as the coverage grows",
          steps.map((step) => ({ label: percent(step.coverage, 0), counts: step.taken })),
          Math.max(1, ...steps.map((step) => step.taken.reduce((sum, count) => sum + count, 0))),
        ),
      ),
      scroller(
        "Roll-out as a table",
        table(
          "Step by step: nobody who is in moves",
          ["Coverage", ...state.variants.map((variant) => variant.name), "Join", "Change or leave"],
          steps.map((step) => [percent(step.coverage, 0), ...step.taken.map(String), `${step.joined}`, `${step.moved}`]),
        ),
      ),
      h(
        "details",
        {},
        h("summary", {}, leaves ? `Who leaves (${news.length})` : `Who joins (${news.length})`),
        scroller(
          "Who joins",
          table(
            news.length > MOST_ROWS ? `The first ${MOST_ROWS} of ${news.length}` : "Units, and the first whole per cent at which each is in",
            ["Unit", "Is in from", "Variant"],
            news.slice(0, MOST_ROWS).map(({ unit, joins: at, variant }) => [unit, `${at} %`, state.variants[variant].name]),
          ),
        ),
      ),
    );
  }

  root.classList.add("plg-panel");
  root.append(
    h("h2", {}, "Cohorts"),
    h(
      "p",
      {},
      "Which unit gets which variant, by the public standard of GrowthBook or Unleash: the same in every warehouse and in the product's SDK. Everything is computed in this page, by cohort_rollout.",
    ),
    h(
      "div",
      { class: "columns" },
      h(
        "div",
        {},
        h("div", { class: "row" }, labelled("Experiment (seed)", seed), labelled("Standard", method)),
        variants,
        h("p", { class: "row" }, addVariant, reset),
        problems,
        h("div", { class: "row" }, coverageField, nextField),
        h("p", {}, h("label", { for: hasNamespace.id }, hasNamespace, " Only units in a range of a namespace")),
        namespaceFields,
      ),
      units.element,
    ),
    result,
    preview,
    h("h3", {}, "Take it home"),
    away.element,
  );
  drawVariants();
  compute();
}

export default { id: "cohorts", title: "Cohorts", mount };
