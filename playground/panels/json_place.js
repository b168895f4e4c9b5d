// Where in a JSON text a path lies.

import { findNodeAtLocation, parseTree, printParseErrorCode } from "jsonc-parser";

/** A path such as `types[0].at_most` as keys. */
const keys = (path) => [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) => (index === undefined ? name : Number(index)));

function position(text, offset) {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: [...lines.at(-1)].length + 1 };
}

/** The place of a problem with a path, as {line, column, message}: that of the value, or of the nearest one around it. */
export function placeOf(text, { path, message }) {
  const errors = [];
  const tree = parseTree(text, errors);
  if (errors.length > 0) {
    const [{ error, offset }] = errors;
    const words = printParseErrorCode(error).replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
    return { ...position(text, offset), message: `is not valid JSON: ${words}` };
  }
  for (let steps = keys(path); tree; steps = steps.slice(0, -1)) {
    const node = findNodeAtLocation(tree, steps);
    if (node) return { ...position(text, node.offset), message: path ? `${path} ${message}` : message };
    if (steps.length === 0) break;
  }
  return { line: 1, column: 1, message };
}
