// What the panels' exports need beyond export.js: columns, typed literals, and YAML.
import { DIALECTS } from "../export.js";

/** The dialect of one warehouse, with literals of the types that facts have. */
export function dialect(warehouse) {
  const base = DIALECTS[warehouse];
  return {
    ...base,
    warehouse,
    number: String,
    boolean: (value) => (value ? "TRUE" : "FALSE"),
    /** A time of ISO-8601 in UTC, to the microsecond. */
    timestamp: (iso) => base.timestamp(iso.replace("T", " ").replace(/Z$/, "")),
    /** NULL of a type. */
    missing: (type) => `CAST(NULL AS ${base.types[type]})`,
    /** A name as a column has it; on Snowflake names without quotes are in upper case, so plain ones get none. */
    column: (name) => {
      if (warehouse === "bigquery") return `\`${name}\``;
      if (warehouse === "snowflake" && /^[a-z_][a-z0-9_]*$/.test(name)) return name;
      return `"${name.replaceAll('"', '""')}"`;
    },
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
