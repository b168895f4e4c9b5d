
const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === undefined || value === null) return null;
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
};
return JSON.stringify(sorted(CONTENT));
