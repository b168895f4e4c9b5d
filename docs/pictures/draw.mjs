// Draws the pictures of the documentation from the functions themselves: what a page shows is what they compute.
//
//     PLG_PICTURES=<node_modules of the environment `pictures`> node docs/pictures/draw.mjs <folder>
//
// writes one SVG per picture. The same functions give the same bytes: nothing here reads a clock, chance or the machine.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import init, * as plg from "../../pkg/plg_udfs.js";

const NAMES = ["decay", "caps", "roles", "hysteresis", "identity-guardrails", "journeys", "cohorts"];

const COLOURS = ["var(--plg-1)", "var(--plg-2)", "var(--plg-3)", "var(--plg-4)", "var(--plg-5)"];

// A picture brings its own paper: as an <img> it does not know the page's colours, and inlined it must not change them.
// The colours are near Okabe and Ito's, which people tell apart who do not see all of them, with a contrast of 4.5 at least.
const STYLE = `
.plg-picture {
  color: #1f2328; --plot-background: #ffffff; background: var(--plot-background); max-width: 100%; height: auto;
  --plg-1: #00609c; --plg-2: #b34700; --plg-3: #00704e; --plg-4: #9c4a7e; --plg-5: #626a73;
}
@media (prefers-color-scheme: dark) {
  .plg-picture {
    color: #e6edf3; --plot-background: #1c2128;
    --plg-1: #56b4e9; --plg-2: #f0883e; --plg-3: #3fb98f; --plg-4: #d98fba; --plg-5: #9aa4af;
  }
}
`;

/** The module `path` of the packages that draw. */
function load(path) {
  const packages = process.env.PLG_PICTURES;
  if (!packages) throw new Error("PLG_PICTURES is not set: `cargo xtask docs` sets it");
  return import(pathToFileURL(resolve(packages, path)));
}

function child(document, name, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  element.textContent = text;
  return element;
}

const folder = process.argv[2];
if (!folder) throw new Error("usage: node docs/pictures/draw.mjs <folder>");
const Plot = await load("@observablehq/plot/src/index.js");
const { parseHTML } = await load("linkedom/esm/index.js");
await init({ module_or_path: readFileSync(new URL("../../pkg/plg_udfs_bg.wasm", import.meta.url)) });

mkdirSync(folder, { recursive: true });
for (const name of NAMES) {
  const { default: picture } = await import(`./${name}.mjs`);
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    document,
    width: 720,
    style: { fontSize: "13px" },
    ...picture.plot({ Plot, plg, colours: COLOURS }),
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("class", `${svg.getAttribute("class")} plg-picture`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-labelledby", `${name}-title ${name}-desc`);
  const title = child(document, "title", picture.title);
  const description = child(document, "desc", picture.description);
  title.setAttribute("id", `${name}-title`);
  description.setAttribute("id", `${name}-desc`);
  svg.prepend(title, description, child(document, "style", STYLE));
  writeFileSync(join(folder, `${name}.svg`), `${svg.outerHTML}\n`);
}
