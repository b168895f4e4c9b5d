// NULLs and input that no function should get: an error that names function, argument and path, and never a trap.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answers } from "./contexts.mjs";
import { encode } from "./conventions.mjs";
import { bodies, catalogue, entryOf, warehouses } from "./install.mjs";

const NULLS = { snowflake: [{ $: "undefined" }, null], bigquery: [null] };

// The catalogue's first example that succeeds with every argument there, and where each argument is.
function good(entry, warehouse) {
  const example = entry.examples.find(
    ({ arguments: given, error }) =>
      !error && entry.arguments.every(({ name }) => given[name] !== undefined && given[name]?.length !== 0),
  );
  return encode(entry, catalogue.documents, example.arguments, warehouse);
}

const replaced = (list, index, value) => list.map((old, at) => (at === index ? value : old));

// What each type says of a value that is not of it.
const WRONG = {
  double: ["7", "must be a number"],
  timestamp: ["yesterday", "must be a timestamp"],
  text: [7, "must be a text"],
  code: [7, "must be a text"],
  document: [7, "must be a text"],
  doubles: ["7", "must be a list"],
  structs: [{}, "must be a list"],
  facts: [7, "must be an object"],
};

const MUTATIONS = 5000;

// The same numbers from 0 to 1 for the same seed.
function random(seed) {
  return () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
}

// A text with one to four places changed: something left out, put in, or moved.
function mutated(text, next) {
  const letters = "()[]{}'\"=<>,:.-0159 aeinorst\u00e9\u{1f600}";
  const characters = [...text];
  for (let i = Math.ceil(next() * 4); i > 0; i--) {
    const at = Math.floor(next() * characters.length);
    const dice = next();
    if (dice < 0.3) characters.splice(at, Math.ceil(next() * 6));
    else if (dice < 0.6) characters.splice(at, 0, letters[Math.floor(next() * letters.length)]);
    else characters[at] = characters[Math.floor(next() * characters.length)];
  }
  return characters.join("");
}

for (const warehouse of warehouses) {
  const installed = bodies(warehouse);
  const call = (name, calls) => answers("isolated-vm", installed.get(name), calls);

  for (const entry of catalogue.functions) {
    describe(`${entry.name} on ${warehouse}`, () => {
      const given = good(entry, warehouse);
      const error = (text) => ({ error: `plg.${entry.name}: ${text}` });

      entry.arguments.forEach((argument, index) => {
        for (const nothing of NULLS[warehouse]) {
          const written = nothing === null ? "null" : "undefined";
          if (argument.nullable) {
            test(`takes ${written} for ${argument.name}`, () => {
              const [result] = call(entry.name, [replaced(given, index, nothing)]);
              assert.ok("value" in result, result.error);
            });
          } else {
            test(`is NULL if ${argument.name} is ${written}`, () => {
              assert.deepEqual(call(entry.name, [replaced(given, index, nothing)]), [{ value: null }]);
            });
          }
        }

        test(`says so if ${argument.name} is of another type, and goes on with the next row`, () => {
          const [value, message] = WRONG[argument.type];
          const [alone] = call(entry.name, [given]);
          const results = call(entry.name, [given, replaced(given, index, value), given]);
          assert.deepEqual(results, [alone, error(`${argument.name}: ${message}`), alone]);
        });

        if (argument.type === "doubles") {
          test(`says which element of ${argument.name} is NULL or no number`, () => {
            const results = call(
              entry.name,
              [
                [1, null],
                [1, 2, "x"],
              ].map((list) => replaced(given, index, list)),
            );
            assert.deepEqual(results, [
              error(`${argument.name}[1]: must not be NULL`),
              error(`${argument.name}[2]: must be a number`),
            ]);
          });

          test(`takes 200,000 elements in ${argument.name}`, () => {
            const list = new Array(200000).fill(1 / 200000);
            const [result, after] = call(entry.name, [replaced(given, index, list), given]);
            assert.doesNotMatch(result.error ?? "", /internal/);
            assert.deepEqual([after], call(entry.name, [given]));
          });
        }

        if (argument.type === "structs") {
          const element = given[index][0];

          test(`says which element of ${argument.name} is no object`, () => {
            const results = call(
              entry.name,
              ["x", 7, [element]].map((other) => replaced(given, index, [element, other])),
            );
            assert.deepEqual(results, new Array(3).fill(error(`${argument.name}[1]: must be an object`)));
          });

          for (const field of argument.fields) {
            test(`says which element's ${field.name} in ${argument.name} is of another type`, () => {
              const [value, message] = WRONG[field.type];
              const list = [element, { ...element, [field.name]: value }];
              assert.deepEqual(call(entry.name, [replaced(given, index, list)]), [
                error(`${argument.name}[1].${field.name}: ${message}`),
              ]);
            });
          }

          test(`takes NULL elements and absent fields in ${argument.name}`, () => {
            const [result] = call(entry.name, [replaced(given, index, [null, {}, element])]);
            // A number without default may have to be known.
            const mayRefuse = argument.fields?.some((field) => field.type === "double" ? field.default == null : false);
            if (mayRefuse && result.error) assert.match(result.error, new RegExp(`: ${argument.name}\\[0\\]\\.`));
            else assert.ok("value" in result, result.error);
          });

          test(`takes no and 200,000 elements in ${argument.name}`, () => {
            const results = call(
              entry.name,
              [[], new Array(200000).fill(element)].map((list) => replaced(given, index, list)),
            );
            assert.ok("value" in results[0], results[0].error);
            assert.doesNotMatch(results[1].error ?? "", /internal/);
          });
        }

        if (argument.type === "text" && argument.one_of.length === 0) {
          test(`takes four million characters of every UTF-8 length for ${argument.name}`, () => {
            const text = "a\u00e9\uff5e\u{1f600}".repeat(800000);
            const [result, after] = call(entry.name, [replaced(given, index, text), given]);
            // Where not every text will do, this one is refused for what it is and not for its length.
            if (result.error) assert.match(result.error, new RegExp(`^plg\\.${entry.name}: ${argument.name}: must be what `));
            else assert.ok("value" in result);
            assert.deepEqual([after], call(entry.name, [given]));
          });

          test(`reads an unpaired surrogate in ${argument.name} as U+FFFD`, () => {
            const [high, low, replacement] = call(
              entry.name,
              ["x\ud800", "x\udc00", "x\ufffd"].map((text) => replaced(given, index, text)),
            );
            assert.deepEqual([high, low], [replacement, replacement]);
          });
        }

        if (argument.type === "document") {
          test(`refuses or takes ${MUTATIONS} mutated texts of ${argument.name}, and never traps`, () => {
            const next = random(index + 1);
            const texts = Array.from({ length: MUTATIONS }, () => mutated(given[index], next));
            const results = call(
              entry.name,
              texts.map((text) => replaced(given, index, text)),
            );
            for (const [at, { error }] of results.entries()) {
              if (error) assert.match(error, new RegExp(`^plg\\.${entry.name}: (?!internal|the arguments)`), texts[at]);
            }
            assert.ok(
              results.some(({ error }) => error),
              "no text was refused",
            );
          });
        }

        if (argument.type === "document" && argument.format === "json") {
          test(`says so if ${argument.name} is not JSON`, () => {
            const results = call(
              entry.name,
              ["", "{", "nul", "{'a': 1}"].map((text) => replaced(given, index, text)),
            );
            assert.deepEqual(results, new Array(4).fill(error(`${argument.name}: is not valid JSON`)));
          });

          test(`refuses ${argument.name} from 65 levels on`, () => {
            const nested = (levels) => "[".repeat(levels) + "]".repeat(levels);
            const results = call(
              entry.name,
              [64, 66, 100000].map((levels) => replaced(given, index, nested(levels))),
            );
            assert.notEqual(results[0].error, results[1].error);
            assert.deepEqual(
              results.slice(1),
              new Array(2).fill(error(`${argument.name}: is nested deeper than 64 levels`)),
            );
          });
        }

        if (argument.type === "facts") {
          test(`says so if ${argument.name} is not JSON or no object`, () => {
            const results = call(
              entry.name,
              ["", "{", "[1]", "7", "null"].map((text) => replaced(given, index, text)),
            );
            const [json, object] = ["is not valid JSON", "must be an object"].map((text) =>
              error(`${argument.name}: ${text}`),
            );
            assert.deepEqual(results, [json, json, object, object, object]);
          });
        }
      });
    });
  }

  describe(`facts on ${warehouse}`, () => {
    const rules =
      "when flag and n > 1.5 and d < as_of and t = 'x' then 'all' when lower_bound <= other then 'bounds' " +
      "when \"toString\" = 1 then 'own' when name < 'm' then 'first half' else 'none'";
    const row = {
      flag: true,
      n: 2.25,
      d: "2026-01-01T00:00:00Z",
      t: "x",
      lower_bound: 1,
      other: 0,
      toString: 3,
      name: "zoe",
    };
    const run = (...texts) =>
      call(
        "status_case",
        texts.map((text) => [text, rules, 1782820800000000]),
      );
    const changed = (change) => JSON.stringify({ ...row, ...change });
    const error = (text) => ({ error: `plg.status_case: facts.${text}` });

    test("mean the same whether they look like the row before or not", () => {
      const texts = [
        changed({}),
        changed({ n: 1.5 }),
        changed({ n: -0.25, t: null }),
        changed({ flag: false }),
        changed({ flag: null }),
        changed({ t: 'y\\"\u00e9' }),
        changed({ n: 1e21 }),
        changed({ n: 1.5000000000000002 }),
        changed({ d: null }),
        changed({ d: "2026-12-31" }),
        changed({ d: 1782820799999999 }),
        changed({ name: "ab\u00e9\u{1f600}" }),
        changed({ lower_bound: -5 }),
        changed({ extra: { deep: [1, [2]] } }),
        JSON.stringify(Object.fromEntries(Object.entries(row).reverse())),
        JSON.stringify(row, null, 1),
        changed({ toString: 1 }),
        changed({}).replace('"flag"', '"FLAG"'),
        changed({}).replace("2.25", "2.25e0"),
        changed({}).replace("2.25", "00.5").replace("00.5", "0.5"),
      ];
      assert.deepEqual(
        run(...texts),
        texts.flatMap((text) => run(text)),
      );
    });

    test("that are almost JSON are refused, whatever row came before", () => {
      const broken = ["02.25", "2.", ".5", "-", "+1", "2.2.5", "2/5", "tru", "nulL", '"a', '"\t"', "2.25}", "2.25,"];
      const results = run(...broken.flatMap((value) => [changed({}), changed({}).replace("2.25", value)]));
      const refusal = { error: "plg.status_case: facts: is not valid JSON" };
      assert.deepEqual(
        results,
        broken.flatMap(() => [{ value: "all" }, refusal]),
      );
    });

    test("of another type are errors that name the fact, whatever row came before", () => {
      const wrong = [
        [{ flag: 1 }, "flag: must be a boolean"],
        [{ n: "2" }, "n: must be a number"],
        [{ n: true }, "n: must be a number"],
        [{ d: "yesterday" }, "d: must be a timestamp"],
        [{ d: "\u00e9" }, "d: must be a timestamp"],
        [{ t: 7 }, "t: must be a text"],
        [{ name: false }, "name: must be a text"],
        [{ name: undefined }, "name: is missing"],
        [{ toString: undefined }, "toString: is missing"],
      ];
      const results = run(...wrong.flatMap(([change]) => [changed({}), changed(change)]));
      assert.deepEqual(
        results,
        wrong.flatMap(([, message]) => [{ value: "all" }, error(message)]),
      );
    });

    test("beyond 2^53 are refused as integers and taken as decimals", () => {
      const texts = ["9007199254740992", "9007199254740993", "-12345678901234567890", "1e300", "9007199254740993.0"];
      const results = run(...texts.map((number) => changed({}).replace("2.25", number)));
      const refusal = error("n: is an integer beyond 2^53");
      assert.deepEqual(results, [{ value: "all" }, refusal, refusal, { value: "all" }, { value: "all" }]);
    });

    test("may be NaN or infinite as BigQuery writes them", () => {
      assert.deepEqual(run(changed({ n: "Infinity" }), changed({ n: "-Infinity", lower_bound: 1 })), [
        { value: "all" },
        { value: "none" },
      ]);
    });
  });
}

test("identity_merge keeps an identifier as the warehouse wrote it", () => {
  const entry = entryOf("identity_merge");
  const given = encode(entry, {}, { links: [{ id_a: "\u00e9\u{1f600}", id_b: "a" }] }, "bigquery");
  const [{ value }] = answers("isolated-vm", bodies("bigquery").get("identity_merge"), [given]);
  assert.deepEqual(
    value.map(({ identifier }) => identifier),
    ["a", "\u00e9\u{1f600}"],
  );
});
