// The shell: loads the functions and the sample, shows one panel per tab, and keeps the state in the address.
import * as plg from "./plg.js";
import { load as loadSample } from "./sample.js";
import { decode, encode } from "./state.js";
import { debounced, h, tell } from "./dom.js";
import cohorts from "./panels/cohorts.js";
import identity from "./panels/identity.js";
import rules from "./panels/rules.js";
import score from "./panels/score.js";

// In the order of the tabs. A panel is {id, title, mount(root, context)}; mount may return a function that is called
// before the panel is mounted anew, because the address has changed.
const PANELS = [score, rules, identity, cohorts];

// Long enough that typing writes no address per letter: browsers refuse too many.
const WRITE_MILLISECONDS = 250;

const tabs = document.getElementById("tabs");
const main = document.getElementById("panels");
const status = document.getElementById("status");

let shown = { panel: PANELS[0].id, panels: {} };
let written = location.hash.slice(1);
let sample;
const mounted = new Map();

/** Says something to whoever cannot see it happen. */
const say = (text) => tell(status, text);

const write = debounced(async () => {
  written = await encode(shown);
  history.replaceState(null, "", `#${written}`);
}, WRITE_MILLISECONDS);

function context(panel) {
  return {
    plg,
    sample,
    /** What is in the address of this panel: a plain object, {} where nothing differs from the defaults. */
    get state() {
      return shown.panels[panel.id] ?? {};
    },
    /** Merges into the state; a field that is undefined or null is left out of it, which means its default. */
    setState(partial) {
      const merged = { ...shown.panels[panel.id], ...partial };
      shown.panels[panel.id] = Object.fromEntries(
        Object.entries(merged).filter(([, value]) => value !== undefined && value !== null),
      );
      write();
    },
    say,
  };
}

function show(id, focus = false) {
  shown.panel = id;
  for (const panel of PANELS) {
    const isShown = panel.id === id;
    const tab = document.getElementById(`tab-${panel.id}`);
    tab.setAttribute("aria-selected", isShown);
    // One tab is in the order of the Tab key; arrow keys go to the others.
    tab.tabIndex = isShown ? 0 : -1;
    if (isShown && focus) tab.focus();
    const root = document.getElementById(`panel-${panel.id}`);
    root.hidden = !isShown;
    if (isShown && !mounted.has(id)) mounted.set(id, panel.mount(root, context(panel)) ?? (() => {}));
  }
}

function onTabKey(event) {
  const at = PANELS.findIndex((panel) => panel.id === shown.panel);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: PANELS.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  show(PANELS[(to + PANELS.length) % PANELS.length].id, true);
  write();
}

/** Shows what the address says: at the start, and when somebody goes back or pastes another one. */
async function restore() {
  const { panel, panels, broken } = await decode(location.hash);
  shown = { panel: PANELS.some(({ id }) => id === panel) ? panel : PANELS[0].id, panels };
  for (const [id, unmount] of mounted) {
    unmount();
    document.getElementById(`panel-${id}`).replaceChildren();
  }
  mounted.clear();
  show(shown.panel);
  if (broken) say("The address is damaged: what it said besides the panel is lost");
}

tabs.append(...PANELS.map(({ id, title }) =>
  h("button", {
    type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}`,
    onclick: () => { show(id); write(); }, onkeydown: onTabKey,
  }, title)));

try {
  // Both at once: the sample is inflated while the module compiles.
  [, sample] = await Promise.all([plg.load(), loadSample()]);
  main.replaceChildren(...PANELS.map(({ id }) =>
    h("section", { role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}`, hidden: true })));
  await restore();
  addEventListener("hashchange", () => {
    if (location.hash.slice(1) !== written) restore();
  });
} catch (error) {
  main.replaceChildren(h("p", { role: "alert", class: "problem" }, `The playground did not load: ${error.message}`));
  throw error;
}
