// Links between identifiers as text: CSV with or without a header, or a link a line.

import { isTimestamp, timestamp } from "./rule_rows.js";

const COLUMNS = ["left_type", "left_value", "right_type", "right_value", "first_seen", "last_seen"];
const SHARED = ["left_shared", "right_shared"];

/** The cells of one line of CSV; quotes hold commas, a doubled quote is one. */
function cells(line) {
  const found = [];
  const pattern = /\s*(?:"((?:[^"]|"")*)"\s*|([^,\t]*))(,|\t|$)/y;
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    found.push(match[1] === undefined ? match[2].trim() : match[1].replaceAll('""', '"'));
    if (match[3] === "") return found;
  }
  throw new Error("a quote does not end");
}

/** The time of a line that gives none: links are then as old as their lines are far up. */
function timeOfLine(line) {
  const start = Date.UTC(2026, 0, 1);
  return new Date(start + line * 60_000).toISOString().replace(".000Z", "Z");
}

function time(text) {
  if (!isTimestamp(text)) throw new Error("a time must look like 2026-06-30 12:00:00, in UTC");
  return timestamp(text);
}

/** An identifier of a line: `type:value`, or a value alone that looks like an address. */
function identifier(text) {
  const found = /^([A-Za-z_][\w-]*):(.*)$/.exec(text);
  if (found) return [found[1], found[2]];
  if (/^[^@\s]+@[^@\s]+$/.test(text)) return ["email", text];
  throw new Error("an identifier is type:value, such as user_id:u1");
}

/**
 * The links of a text, as identity_resolve takes them, each with its `line`, and what could not be read: {links, problems}
 * with a line and a message each. A line is CSV (left_type, left_value, right_type, right_value, first_seen, last_seen, or the
 * columns that a header names), or two identifiers such as `user_id:u1 = email:ann@example.com` and perhaps a time. Empty lines and
 * lines that begin with # are passed over.
 */
export function parseLinks(text) {
  const links = [];
  const problems = [];
  let columns = COLUMNS;
  let isFirst = true;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const number = index + 1;
    if (line.trim() === "" || line.startsWith("#")) continue;
    try {
      const head = isFirst ? header(line) : null;
      isFirst = false;
      if (head) columns = head;
      else links.push({ ...readLine(line, columns, number), line: number });
    } catch (error) {
      problems.push({ line: number, message: error.message });
    }
  }
  return { links, problems };
}

function header(line) {
  const names = line.split(/[,\t]/).map((name) => name.trim().replace(/^"(.*)"$/, "$1").toLowerCase());
  if (!names.includes("left_value") && !names.includes("right_value")) return null;
  for (const name of COLUMNS.slice(0, 4)) {
    if (!names.includes(name)) throw new Error(`the header has no ${name}`);
  }
  return names;
}

function readLine(line, columns, number) {
  const pair = /^\s*(\S+?)(?:\s*(?:<?->|=|--|,)\s*|\s+)(\S+?)(?:(?:\s*,\s*|\s+)(\d{4}-\d{2}-\d{2}(?:[T ]\S+)?))?\s*$/.exec(line);
  if (pair && pair[1].includes(":") && pair[2].includes(":")) {
    const [left_type, left_value] = identifier(pair[1]);
    const [right_type, right_value] = identifier(pair[2]);
    const first_seen = pair[3] ? time(pair[3]) : timeOfLine(number);
    return { left_type, left_value, right_type, right_value, first_seen, last_seen: null };
  }
  const values = cells(line);
  if (values.length === 2) {
    const [[left_type, left_value], [right_type, right_value]] = values.map(identifier);
    return { left_type, left_value, right_type, right_value, first_seen: timeOfLine(number), last_seen: null };
  }
  if (values.length < 4) throw new Error("a line is two identifiers, or left_type,left_value,right_type,right_value,first_seen");
  const row = Object.fromEntries(columns.map((name, index) => [name, values[index] || null]));
  const link = Object.fromEntries(COLUMNS.map((name) => [name, row[name] ?? null]));
  link.first_seen = row.first_seen ? time(row.first_seen) : timeOfLine(number);
  link.last_seen = row.last_seen ? time(row.last_seen) : null;
  for (const name of SHARED) {
    if (row[name]) link[name] = /^(1|true|yes)$/i.test(row[name]) ? 1 : 0;
  }
  return link;
}
