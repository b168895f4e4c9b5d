// Rule texts as pieces. It reads texts that status_case has taken, so it need not know what is wrong with others.

const TOKEN =
  /(?<blank>[ \t-\r]+|--[^\n]*)|(?<open>\/\*)|(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<text>'(?:[^']|'')*')|(?<name>"(?:[^"]|"")*")|(?<other>[\s\S])/gy;

/** Where the block comment that starts at `at` ends; block comments nest. */
function commentEnd(text, at) {
  let open = 0;
  const marks = /\/\*|\*\//g;
  marks.lastIndex = at;
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    open += mark[0] === "/*" ? 1 : -1;
    if (open === 0) return marks.lastIndex;
  }
  return text.length;
}

/** The tokens of a rule text that mean something: {kind, source, at, end}; the kind of a word is itself in upper case. */
function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const { open, word, text: quoted, name } = match.groups;
    const at = match.index;
    if (open) TOKEN.lastIndex = commentEnd(text, at);
    else if (!match.groups.blank) {
      const kind = word ? word.toUpperCase() : quoted ? "text" : name ? "name" : match[0];
      found.push({ kind, source: match[0], at, end: at + match[0].length });
    }
  }
  return found;
}

/**
 * The pieces of a rule text that status_case takes: whether it begins with ON_MISSING NULL, its rules with their condition and
 * status (NULL as null), and the status of ELSE.
 */
export function splitRules(text) {
  const all = tokens(text);
  const missingIsNull = all[0]?.kind === "ON_MISSING";
  const rest = all.slice(missingIsNull ? 2 : 0);
  const inCase = rest[0]?.kind === "CASE";
  const body = inCase ? rest.slice(1, -1) : rest;
  const rules = [];
  let otherwise = null;
  let depth = 0;
  let then = 0;
  let rule;
  for (const [index, token] of body.entries()) {
    if (token.kind === "CASE") depth += 1;
    else if (token.kind === "END") depth -= 1;
    else if (depth === 0 && token.kind === "WHEN") {
      rule = { start: token };
    } else if (depth === 0 && token.kind === "THEN") {
      then = index;
      const status = body[then + 1];
      rules.push({
        condition: text.slice(rule.start.end, token.at).trim(),
        text: text.slice(rule.start.at, status.end),
        status: statusOf(status),
        line: text.slice(0, rule.start.at).split("\n").length,
      });
    } else if (depth === 0 && token.kind === "ELSE") otherwise = statusOf(body[index + 1]);
  }
  return { missingIsNull, rules, otherwise };
}

function statusOf(token) {
  return token.kind === "NULL" ? null : token.source.slice(1, -1).replaceAll("''", "'");
}

/** The same rules with one of them first. Its truth is then what status_explain says of the first rule. */
export function ruleFirst({ missingIsNull, rules, otherwise }, first) {
  const order = [rules[first], ...rules.filter((_, index) => index !== first)];
  return rulesText({ missingIsNull, rules: order, otherwise });
}

/** The text of rules, one a line, without the comments between them. */
export function rulesText({ missingIsNull, rules, otherwise }) {
  const last = otherwise === null ? "null" : `'${otherwise.replaceAll("'", "''")}'`;
  const lines = rules.map((rule) => `  ${rule.text}\n`);
  return `${missingIsNull ? "on_missing null\n" : ""}case\n${lines.join("")}  else ${last}\nend`;
}

/** All statuses that the rules can give, in their order. */
export function statuses({ rules, otherwise }) {
  const given = [...rules.map((rule) => rule.status), otherwise];
  return [...new Set(given.filter((status) => status !== null))];
}
