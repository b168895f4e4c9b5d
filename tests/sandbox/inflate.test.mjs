// The runtime's inflater against zlib, on more than our own modules happen to need.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { constants, deflateRawSync } from "node:zlib";

const source = readFileSync(path.join(process.env.PLG_ROOT, "udfs", "runtime", "inflate.js"), "utf8");
const inflate = new Function(`${source}\nreturn inflate;`)();

const settings = {
  "stored blocks": { level: 0 },
  "fixed codes": { level: 9, strategy: constants.Z_FIXED },
  "codes without matches": { level: 9, strategy: constants.Z_HUFFMAN_ONLY },
  "fast dynamic codes": { level: 1 },
  "best dynamic codes": { level: 9 },
};
const contents = {
  noise: (i) => ((i * 2654435761) >>> 13) % 256,
  "four letters": (i) => ((i * 2654435761) >>> 20) % 4,
  "a short period": (i) => i % 7,
  "one letter": () => 120,
};

for (const [kind, options] of Object.entries(settings)) {
  test(`reads ${kind} of every length`, () => {
    for (const [name, byte] of Object.entries(contents)) {
      for (const length of [0, 1, 2, 257, 258, 259, 5000, 70000]) {
        const content = Uint8Array.from({ length }, (_, i) => byte(i));
        const deflated = new Uint8Array(deflateRawSync(content, options));
        assert.deepEqual(inflate(deflated, length), content, `${name}, ${length} bytes`);
      }
    }
  });
}
