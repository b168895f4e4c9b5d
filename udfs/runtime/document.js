// The document that the instance has compiled: its text, its dictionaries (lists of texts, and Maps from a text to its
// code), and the fields of facts that it reads. A row's document is compared with the last text: that takes
// nanoseconds.
let source;
let dictionaries;
let codes;
let fields = [];

// Property names that V8 has internalized make property loads several times faster than texts made at run time.
function internalized(text) {
  return Object.keys({ [text]: 0 })[0];
}

// Compiles the document in the first `length` bytes of the input buffer with the module's `compiler`.
function compile(document, compiler, length) {
  let at = answer(guarded(compiler, length));
  const textHere = () => {
    at += 2;
    return internalized(text(at - 2));
  };
  const list = (element) => {
    const elements = [];
    for (let count = stream[at++]; count > 0; count--) elements.push(element());
    return elements;
  };
  dictionaries = list(() => list(textHere));
  codes = dictionaries.map((dictionary) => new Map(dictionary.map((name, code) => [name, code])));
  fields = list(() => {
    const name = textHere();
    const kind = stream[at++];
    return {
      name,
      upper: internalized(name.toUpperCase()),
      inherited: name in {},
      kind: kind % 8,
      optional: kind > 7,
      literals: list(textHere),
    };
  });
  forget();
  source = document;
}

// The code of a text: -2 if the dictionary does not have it.
function code(map, text) {
  const found = map.get(text);
  return found === undefined ? -2 : found;
}
