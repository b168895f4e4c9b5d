// From the catalogue's JSON arguments to what a warehouse's wrapper hands to the JavaScript body, and from what comes
// back to something that can be compared bit by bit. Values travel as text, because contexts share no objects; `{"$":
// name}` stands for what JSON cannot say.

const UNDEFINED = { $: "undefined" };
const SPECIAL = ["NaN", "Infinity", "-Infinity"];

// Microseconds since 1970, as the SQL wrapper computes them.
function microseconds(value) {
  if (typeof value !== "string") return value;
  const [, seconds, fraction = "", zone] = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(value.replace(" ", "T"));
  const text = seconds.length === 10 ? `${seconds}T00:00:00` : seconds.length === 16 ? `${seconds}:00` : seconds;
  return Date.parse(text + (zone ?? "Z")) * 1000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}

// JSON text in which a double beyond 2^53 is no integer, and -0 keeps its sign: JavaScript has forgotten how the one
// was written, and would not write the other.
function json(value) {
  if (Object.is(value, -0)) return "-0.0";
  if (typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER) return value.toExponential();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(json).join(",")}]`;
  return `{${Object.entries(value)
    .map(([name, field]) => `${JSON.stringify(name)}:${json(field)}`)
    .join(",")}}`;
}

const number = (value) => (SPECIAL.includes(value) ? { $: value } : value);
const isNull = (value) => value === undefined || value === null;

// The arguments of a call in the catalogue's order. `keys` may put the fields of a list's structs into upper case,
// which Snowflake's OBJECT_CONSTRUCT(*) does; `objects` hands facts over as objects instead of as JSON text.
export function encode(entry, documents, given, warehouse, { keys = (name) => name, objects = false } = {}) {
  const nothing = warehouse === "snowflake" ? UNDEFINED : null;
  const scalar = (type, value) => {
    if (isNull(value)) return nothing;
    if (type === "timestamp") return microseconds(value);
    if (type === "facts") {
      if (objects) return typeof value === "string" ? JSON.parse(value) : value;
      return typeof value === "string" ? value : json(value);
    }
    return type === "double" ? number(value) : value;
  };
  const struct = (fields, element) => {
    if (isNull(element)) return null;
    if (typeof element !== "object" || Array.isArray(element)) return element;
    const built = {};
    for (const field of fields) {
      const value = scalar(field.type, element[field.name]);
      // OBJECT_CONSTRUCT leaves NULLs out; a typed STRUCT has every field.
      if (warehouse === "bigquery" || !isNull(element[field.name])) built[keys(field.name)] = value;
    }
    return built;
  };
  return entry.arguments.map((argument) => {
    const value = given[argument.name];
    if (isNull(value)) return nothing;
    if (argument.type === "document")
      return typeof value === "string" && value[0] === "@" ? documents[value.slice(1)] : value;
    if (argument.type === "structs")
      return Array.isArray(value) ? value.map((element) => struct(argument.fields, element)) : value;
    if (argument.type === "doubles") return Array.isArray(value) ? value.map(number) : value;
    return scalar(argument.type, value);
  });
}

// Runs inside a bare context and is given to it as text: makes `call(text)` of a row function, which takes many calls'
// arguments and returns for each `{ "value": ... }` or `{ "error": ... }`.
export function harness(row) {
  const special = { undefined: undefined, NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity };
  const revive = (value) => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(revive);
    if (typeof value.$ === "string") return special[value.$];
    for (const name of Object.keys(value)) value[name] = revive(value[name]);
    return value;
  };
  const tag = (name, value) => {
    if (value === undefined) return null;
    if (typeof value !== "number") return value;
    return Number.isFinite(value) ? (Object.is(value, -0) ? { $: "-0" } : value) : { $: String(value) };
  };
  return (text) =>
    JSON.stringify(
      JSON.parse(text).map((given) => {
        try {
          return { value: row(...given.map(revive)) };
        } catch (error) {
          return { error: error.message };
        }
      }),
      tag,
    );
}

// What `tag` made of a value, undone.
export function untag(value) {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(untag);
  if (typeof value.$ === "string") return Number(value.$);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, untag(field)]));
}
