// What rules say of rows: the cells of a table as facts, and the truth of every rule for each row.

import { ruleFirst, splitRules } from "./rule_text.js";

/** The types that a column of facts may have; `list` is a JSON array of texts or of numbers. */
export const TYPES = ["number", "text", "boolean", "timestamp", "list"];

/** The fact in a cell, where an empty cell is NULL and "" the empty text; an Error that says what the cell must be. */
export function fact(type, cell) {
  const text = cell.trim();
  if (text === "") return null;
  if (type === "text") return text === '""' ? "" : cell;
  if (type === "number") {
    const number = Number(text);
    if (!Number.isFinite(number)) throw new Error("must be a number");
    return number;
  }
  if (type === "boolean") {
    if (!/^(true|false)$/i.test(text)) throw new Error("must be true or false");
    return text.toLowerCase() === "true";
  }
  if (type === "timestamp") {
    if (!isTimestamp(text)) throw new Error("must be a time such as 2026-06-30 12:00:00");
    return timestamp(text);
  }
  let list;
  try {
    list = JSON.parse(text);
  } catch {
    // Said below.
  }
  if (!Array.isArray(list)) throw new Error('must be a list such as ["a", "b"]');
  return list;
}

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(\.\d{1,6})?)?)?(?:Z|\+00(?::?00)?)?$/;

/** Whether a text is a time that the playground takes: UTC, from the day to the microsecond. */
export function isTimestamp(text) {
  const found = TIMESTAMP.exec(text.trim());
  return found !== null && !Number.isNaN(Date.parse(`${found[1]}T${found[2] ?? "00:00"}:${found[3] ?? "00"}Z`));
}

/** Such a time in ISO-8601, all of it. */
export function timestamp(text) {
  const [, day, minute = "00:00", second = "00", fraction = ""] = TIMESTAMP.exec(text.trim());
  return `${day}T${minute}:${second}${fraction}Z`;
}

/**
 * Judges rows by rules: `{problem}` if the rules cannot be read, else `{pieces, rows}` with, for each row, the status,
 * the number of the rule that decided (null for ELSE) and the truth of every rule (true, false or null), or a `problem`.
 */
export function judge(plg, { rules, columns, rows, as_of: asOf }) {
  const compiled = [];
  const compile = (text) => {
    const made = new plg.StatusExplainedRules(text);
    compiled.push(made);
    return made;
  };
  try {
    const whole = compile(rules);
    const pieces = splitRules(rules);
    const firsts = [];
    const truthOf = (index, facts) => {
      firsts[index] ??= compile(ruleFirst(pieces, index));
      const { rule_index: decided, earlier } = firsts[index].statusExplain(facts, asOf);
      return decided === 1 ? true : truth(earlier[0]);
    };
    const judged = rows.map((cells) => {
      try {
        const facts = factsOf(columns, cells);
        const { status, rule_index: decided, earlier } = whole.statusExplain(facts, asOf);
        const truths = pieces.rules.map((_, index) => {
          if (index < earlier.length) return truth(earlier[index]);
          return index + 1 === decided ? true : truthOf(index, facts);
        });
        return { facts, status, decided, truths };
      } catch (error) {
        return { problem: rowProblem(error) };
      }
    });
    return { pieces, rows: judged };
  } catch (error) {
    return { problem: rulesProblem(error) };
  } finally {
    for (const made of compiled) made.free();
  }
}

/** The facts of a row, by name. */
export function factsOf(columns, cells) {
  const facts = {};
  for (const [index, { name, type }] of columns.entries()) {
    try {
      facts[name] = fact(type, cells[index] ?? "");
    } catch (error) {
      error.fact = name;
      throw error;
    }
  }
  return facts;
}

function truth({ truth: word }) {
  return word === "NULL" ? null : word === "TRUE";
}

function rulesProblem(error) {
  const found = /^plg\.\w+: rules: (?:line (\d+), column (\d+): )?([\s\S]*)$/.exec(error.message);
  if (!found) return { message: error.message };
  const [, line, column, message] = found;
  return line ? { line: Number(line), column: Number(column), message } : { message };
}

function rowProblem(error) {
  const found = /^plg\.\w+: facts\.([^:]*): ([\s\S]*)$/.exec(error.message);
  const message = found ? found[2] : error.message;
  const name = found ? found[1].replace(/\[\d+\]$/, "") : error.fact;
  return { fact: name, message, missing: message === "is missing" };
}
