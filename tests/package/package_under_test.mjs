// The built package as a program in Node.js loads it, and the catalogue's functions by their SQL names.
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const { PLG_ROOT: root, PLG_DIST: dist } = process.env;
if (!root || !dist) throw new Error("PLG_ROOT and PLG_DIST are not set: run `cargo xtask test --only package`");

export const folder = path.join(root, "pkg");
export const readPackage = (name) => readFileSync(path.join(folder, name), "utf8");

export const plg = await import(pathToFileURL(path.join(folder, "plg_udfs.js")));
await plg.default({ module_or_path: readFileSync(path.join(folder, "plg_udfs_bg.wasm")) });

export const catalogue = JSON.parse(readFileSync(path.join(dist, "javascript/catalogue.json"), "utf8"));

// The random cases of a function with what native Rust answers.
export function cases(name) {
  const lines = readFileSync(path.join(dist, "parity", `${name}.jsonl`), "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

const capitalized = (word) => word.slice(0, 1).toUpperCase() + word.slice(1);
const pascal = (name) => name.split("_").map(capitalized).join("");
const camel = (name) => name.slice(0, 1) + pascal(name).slice(1);

// Calls the function of a catalogue entry with arguments by name. One with a document is a method of the document.
export function call(entry, given) {
  const document = entry.arguments.find((argument) => argument.type === "document");
  const values = entry.arguments.filter((argument) => argument !== document).map((argument) => given[argument.name]);
  if (document === undefined) return plg[camel(entry.name)](...values);
  const Class = plg[document.rust.split("::").map(pascal).join("")];
  const compiled = new Class(given[document.name]);
  try {
    return compiled[camel(entry.name)](...values);
  } finally {
    compiled.free();
  }
}
