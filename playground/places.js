// Where in a JSON text the problems are that a function tells by their paths.
import { findNodeAtLocation, parseTree, printParseErrorCode } from "jsonc-parser";

/**
 * [{path, problem}] with `offset` and `length`. A path is `<root>.events[3].cap.days`; where its end does not exist,
 * because something is missing, it is the object in which it should be. What is no JSON has the places of what is wrong.
 */
export function places(text, problems) {
  const errors = [];
  const tree = parseTree(text, errors, { disallowComments: true });
  if (problems.length === 1 && !problems[0].path.includes(".") && errors.length) {
    return errors.map(({ error, offset, length }) => ({ path: "", problem: sentence(printParseErrorCode(error)), offset, length }));
  }
  return problems.map((problem) => ({ ...problem, ...place(text, tree, problem) }));
}

// InvalidSymbol -> not JSON: invalid symbol
const sentence = (code) => `not JSON: ${code.replace(/([A-Z])/g, " $1").trim().toLowerCase()}`;

function place(text, tree, { path, problem }) {
  if (!tree) return { offset: 0, length: 0 };
  let node = tree;
  let rest = path.replace(/^[a-z_]+/, "");
  while (rest) {
    const next = step(node, rest);
    if (!next) break;
    [node, rest] = next;
  }
  // An object that lacks something is marked where it begins, not over all its lines.
  if (node.type === "object" || node.type === "array") return { offset: node.offset, length: 1 };
  const inside = /^line (\d+), column (\d+): /.exec(problem);
  const written = text.slice(node.offset, node.offset + node.length);
  // A place in a condition: its columns are those of the text while nothing in it is escaped.
  if (inside?.[1] === "1" && node.type === "string" && !written.includes("\\")) {
    const offset = Math.min(node.offset + Number(inside[2]), node.offset + node.length - 1);
    return { offset, length: node.offset + node.length - 1 - offset };
  }
  return { offset: node.offset, length: node.length };
}

/** The child that the path goes on to, with what is left of it. Names may hold dots: the longest that fits is meant. */
function step(node, rest) {
  const index = /^\[(\d+)\]/.exec(rest);
  if (index && node.type === "array") {
    const child = findNodeAtLocation(node, [Number(index[1])]);
    return child && [child, rest.slice(index[0].length)];
  }
  if (node.type !== "object" || rest[0] !== ".") return undefined;
  const fits = (node.children ?? [])
    .filter(({ children: [name] }) => {
      const after = rest.slice(1 + name.value.length);
      return rest.startsWith(name.value, 1) && (after === "" || after[0] === "." || after[0] === "[");
    })
    .sort((a, b) => b.children[0].value.length - a.children[0].value.length);
  if (!fits.length) return undefined;
  const [name, value] = fits[0].children;
  const after = rest.slice(1 + name.value.length);
  // The field itself is what one looks for where it should not be there at all.
  return [value ?? name, after];
}
