// Values in the SQL of each warehouse, in the forms that docs/warehouses/ calls the functions with.

/** What a warehouse is called on the page. */
export const WAREHOUSES = { duckdb: "DuckDB", snowflake: "Snowflake", bigquery: "BigQuery" };

const escaped = (text) =>
  text.replace(/[\\'\n\r\t]/g, (character) => ({ "\n": "\\n", "\r": "\\r", "\t": "\\t" })[character] ?? `\\${character}`);

/** A text of one line, as a literal. */
const quoted = {
  duckdb: (text) => `'${text.replaceAll("'", "''")}'`,
  snowflake: (text) => `'${escaped(text)}'`,
  bigquery: (text) => `'${escaped(text)}'`,
};

/** A text of many lines stays readable where the warehouse has quotes that escape nothing. */
const documents = {
  duckdb: (text) => (text.includes("$") ? null : `$$${text}$$`),
  snowflake: (text) => (text.includes("$") || text.includes("\r") ? null : `$$${text}$$`),
  bigquery: (text) => (/"""|["\\]$|\r/.test(text) ? null : `r"""${text}"""`),
};

const types = {
  duckdb: { number: "DOUBLE", text: "VARCHAR", boolean: "BOOLEAN", timestamp: "TIMESTAMP" },
  snowflake: { number: "FLOAT", text: "VARCHAR", boolean: "BOOLEAN", timestamp: "TIMESTAMP_NTZ" },
  bigquery: { number: "FLOAT64", text: "STRING", boolean: "BOOL", timestamp: "TIMESTAMP" },
};

/** The dialect of one warehouse. */
export function dialect(warehouse) {
  const type = (name) => types[warehouse][name];
  const text = (value) => quoted[warehouse](value);
  /** A time as ISO-8601 in UTC; it stands without zone where the type has none. */
  const timestamp = (iso) => {
    const plain = iso.replace("T", " ").replace(/Z$/, "");
    return { duckdb: `TIMESTAMP '${plain}'`, snowflake: `'${plain}'::TIMESTAMP_NTZ`, bigquery: `TIMESTAMP '${plain}+00'` }[
      warehouse
    ];
  };
  const list = (items) => (warehouse === "snowflake" ? `ARRAY_CONSTRUCT(${items.join(", ")})` : `[${items.join(", ")}]`);
  return {
    warehouse,
    type,
    text,
    timestamp,
    list,
    fn: (name) => (warehouse === "bigquery" ? `\`YOUR_PROJECT.plg.${name}\`` : `plg.${name}`),
    /** A JSON document or a rule text. */
    document: (value) => (value.includes("\n") ? documents[warehouse](value) : null) ?? text(value),
    /** A name as a column has it; on Snowflake names without quotes are in upper case, so plain ones get none. */
    column: (name) => {
      if (warehouse === "bigquery") return `\`${name}\``;
      if (warehouse === "snowflake" && /^[a-z_][a-z0-9_]*$/.test(name)) return name;
      return `"${name.replaceAll('"', '""')}"`;
    },
    /** NULL of a type. */
    missing: (name) => `CAST(NULL AS ${type(name)})`,
    number: (value) => String(value),
    boolean: (value) => (value ? "TRUE" : "FALSE"),
    /** A row of named expressions. */
    struct: (fields) => {
      if (warehouse === "duckdb") return `{${fields.map(([name, sql]) => `${text(name)}: ${sql}`).join(", ")}}`;
      if (warehouse === "bigquery") return `STRUCT(${fields.map(([name, sql]) => `${sql} AS \`${name}\``).join(", ")})`;
      return `OBJECT_CONSTRUCT_KEEP_NULL(${fields.map(([name, sql]) => `${text(name)}, ${sql}`).join(", ")})`;
    },
    /** A field of a struct that a function has returned, as text. */
    field: (value, name) => (warehouse === "snowflake" ? `${value}:${name}::VARCHAR` : `${value}.${name}`),
  };
}

/** Whether a text can stand in a YAML block as it is; what dbt would take for its own cannot. */
const blockable = (text) => !/\{[{%#]/.test(text) && /^[^\s#][^\t\r]*[^\s]\n?$/.test(text) && !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ud800-\udfff]/.test(text);

/** A text as the value of a key in YAML: a block if that reads well, else in double quotes. */
export function yamlText(text, indent) {
  if (!text.includes("\n") || !blockable(text)) return yamlQuoted(text);
  const lines = text.replace(/\n$/, "").split("\n");
  const margin = " ".repeat(indent);
  return `|${text.endsWith("\n") ? "" : "-"}\n${lines.map((line) => (line ? margin + line : "")).join("\n")}`;
}

/** A text in double quotes, which is JSON's, and YAML's with what JSON leaves as it is. */
export function yamlQuoted(text) {
  return JSON.stringify(text).replace(
    // dbt may take {{, {% and {# for its own.
    /[\u007f-\u009f\u2028\u2029\ufeff]|(?<=\{)[{%#]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Simple values in YAML: a plain word as it is, all else in JSON. */
export function yamlScalar(value) {
  if (typeof value === "string") {
    const plain = /^[A-Za-z][A-Za-z0-9_-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value);
    return plain ? value : yamlQuoted(value);
  }
  return JSON.stringify(value);
}
