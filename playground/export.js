// Values as what one writes down: a dbt variable, and literals and calls in the SQL of each warehouse.
//
// A value is a plain JavaScript one. What SQL must know besides stands around it: timestamp("2026-07-01T00:00:00Z"),
// typed("text", null), rows({user_id: "text", …}, […]), reference("documents.model").

class Special {
  constructor(write) {
    this.write = write;
  }
}

/** A moment in UTC of ISO-8601 text or milliseconds. */
export function timestamp(value) {
  const text = new Date(value).toISOString().replace("T", " ").replace("Z", "000");
  return new Special((dialect) => dialect.timestamp(text));
}

/** A value of a type, which NULL and empty lists do not have by themselves: text, number, boolean, timestamp. */
export function typed(type, value) {
  return new Special((dialect) => {
    if (value === null || value === undefined) return `CAST(NULL AS ${dialect.types[type]})`;
    return literal(dialect, type === "timestamp" ? timestamp(value) : value);
  });
}

/** A list of objects of which each has all fields; `fields` gives their types. */
export function rows(fields, values) {
  return new Special((dialect) => {
    if (!values?.length) return dialect.emptyRows(fields, !values);
    const row = (value) =>
      dialect.object(Object.entries(fields).map(([name, type]) => [name, literal(dialect, typed(type, value[name]))]));
    return dialect.list(values.map((value) => `\n    ${row(value)}`).join(","));
  });
}

/** An SQL expression that is the same everywhere, such as a column. */
export function reference(name) {
  return new Special(() => name);
}

const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
// Also what clients and dbt would expand.
const escaped = (text) =>
  `'${text
    .replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n").replaceAll("\r", "\\r")
    .replaceAll("&", "\\u0026").replaceAll("$$", "\\u0024\\u0024").replaceAll("{{", "{\\u007b").replaceAll("{%", "{\\u0025")
    .replaceAll("{#", "{\\u0023").replaceAll("<%", "<\\u0025")}'`;
// Documents read better as they are; with what could end or change such a literal they are escaped instead.
const isPlain = (text) => !/\$\$|\$$|&|\{\{|\{%|<%|\{#/.test(text);
const inDollars = (text, otherwise) => (text.includes("\n") && isPlain(text) ? `$$${text}$$` : otherwise(text));

/** The warehouses, as literals are written there. */
export const DIALECTS = {
  snowflake: {
    title: "Snowflake",
    types: { text: "VARCHAR", number: "FLOAT", boolean: "BOOLEAN", timestamp: "TIMESTAMP_NTZ" },
    name: (name) => `plg.${name}`,
    text: (text) => inDollars(text, escaped),
    timestamp: (text) => `'${text}'::TIMESTAMP_NTZ`,
    list: (elements) => `ARRAY_CONSTRUCT(${elements})`,
    emptyRows: (fields, isNull) => (isNull ? "NULL::ARRAY" : "ARRAY_CONSTRUCT()"),
    object: (fields) =>
      `OBJECT_CONSTRUCT_KEEP_NULL(${fields.map(([name, value]) => `${quoted(name)}, ${value}`).join(", ")})`,
    field: (value, name, type) => `${value}:${name}${type === "json" ? "" : `::${DIALECTS.snowflake.types[type]}`}`,
  },
  bigquery: {
    title: "BigQuery",
    types: { text: "STRING", number: "FLOAT64", boolean: "BOOL", timestamp: "TIMESTAMP" },
    name: (name) => `\`YOUR_PROJECT.plg.${name}\``,
    text: (text) => (text.includes("\n") && isPlain(text) && !/'''|'$|\\$/.test(text) ? `r'''${text}'''` : escaped(text)),
    timestamp: (text) => `TIMESTAMP '${text}+00'`,
    list: (elements) => `[${elements}]`,
    emptyRows: (fields, isNull) => {
      const columns = Object.entries(fields).map(([name, type]) => `${name} ${DIALECTS.bigquery.types[type]}`);
      return `CAST(${isNull ? "NULL" : "[]"} AS ARRAY<STRUCT<${columns.join(", ")}>>)`;
    },
    object: (fields) => `STRUCT(${fields.map(([name, value]) => `${value} AS \`${name}\``).join(", ")})`,
    field: (value, name) => `${value}.${name}`,
  },
  duckdb: {
    title: "DuckDB",
    types: { text: "VARCHAR", number: "DOUBLE", boolean: "BOOLEAN", timestamp: "TIMESTAMP" },
    name: (name) => `plg.${name}`,
    text: (text) => inDollars(text, quoted),
    timestamp: (text) => `TIMESTAMP '${text}'`,
    list: (elements) => `[${elements}]`,
    emptyRows: (fields, isNull) => {
      const columns = Object.entries(fields).map(([name, type]) => `${name} ${DIALECTS.duckdb.types[type]}`);
      return `CAST(${isNull ? "NULL" : "[]"} AS STRUCT(${columns.join(", ")})[])`;
    },
    object: (fields) => `{${fields.map(([name, value]) => `${quoted(name)}: ${value}`).join(", ")}}`,
    field: (value, name) => `${value}.${name}`,
  },
};

/** A value as a literal of the dialect. Fractions are doubles, not decimals: `0.5e0`. */
export function literal(dialect, value) {
  if (value instanceof Special) return value.write(dialect);
  if (value === null || value === undefined) return `CAST(NULL AS ${dialect.types.text})`;
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new Error("SQL has no literal for this number");
    const text = String(value);
    return /^-?\d{1,15}$/.test(text) || text.includes("e") ? text : `${text}e0`;
  }
  if (typeof value === "string") return dialect.text(value);
  if (Array.isArray(value)) return dialect.list(value.map((element) => literal(dialect, element)).join(", "));
  return dialect.object(Object.entries(value).map(([name, field]) => [name, literal(dialect, field)]));
}

/** A call of one of the functions; an argument may be a call. */
export function call(name, ...values) {
  return new Special((dialect) => `${dialect.name(name)}(\n  ${values.map((value) => literal(dialect, value)).join(",\n  ")}\n)`);
}

/**
 * A whole query of each warehouse: {snowflake, bigquery, duckdb}. `documents` are texts by name, which the call refers to as
 * reference("documents.<name>"), so that a model stands in the query once. `fields` of the result are columns of their own:
 * {column: type}, with "json" for what is no plain value; without it the result is one column.
 */
export function queries(value, { documents = {}, fields } = {}) {
  return Object.fromEntries(Object.entries(DIALECTS).map(([key, dialect]) => {
    const texts = Object.entries(documents).map(([name, text]) => `${dialect.text(text)} AS ${name}`);
    const from = texts.length ? "\nFROM documents" : "";
    const result = `SELECT ${literal(dialect, value)} AS result${from}`;
    const tables = texts.length ? [`documents AS (\nSELECT\n  ${texts.join(",\n  ")}\n)`] : [];
    if (fields) tables.push(`results AS (\n${result}\n)`);
    const columns = fields && Object.entries(fields).map(([name, type]) => `  ${dialect.field("result", name, type)} AS ${name}`);
    const end = fields ? `SELECT\n${columns.join(",\n")}\nFROM results` : result;
    return [key, `${tables.length ? `WITH ${tables.join(",\n")}\n` : ""}${end};\n`];
  }));
}

/**
 * A document as a variable of dbt_project.yml, where dbt renders no Jinja in variables. A block scalar keeps the text as it
 * is written; what YAML could not keep in one (control characters, several empty lines at the end) is a quoted scalar.
 */
export function dbtVar(name, text) {
  const head = `vars:\n  plg:\n    ${name}:`;
  const isBlock = text.trim() && !/\n\n$|[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(text);
  if (!isBlock) return `${head} ${quotedScalar(text)}\n`;
  const lines = text.replace(/\n$/, "").split("\n").map((line) => (line ? `      ${line}` : ""));
  // 2 says how far the block is indented: its first line may begin with spaces of its own.
  return `${head} |${/^[ \n]/.test(text) ? "2" : ""}${text.endsWith("\n") ? "" : "-"}\n${lines.join("\n")}\n`;
}

// JSON's escapes are YAML's, which counts further characters as ends of lines and knows no pairs of surrogates.
const quotedScalar = (text) =>
  JSON.stringify(text).replace(/[^\x20-\x7e]/gu, (c) => `\\U${c.codePointAt(0).toString(16).padStart(8, "0")}`);
