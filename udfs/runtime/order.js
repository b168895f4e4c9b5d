// The order of texts by their UTF-8 bytes.

// Negative if a comes before b. UTF-8 and UTF-16 agree but for surrogates, which come last in UTF-8.
function compareTexts(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = textRank(a.charCodeAt(i)) - textRank(b.charCodeAt(i));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function textRank(unit) {
  return unit < 55296 ? unit : unit < 57344 ? unit + 8192 : unit - 2048;
}

// Sorts texts in place. The engine's own sort is many times faster, and right where nothing lies beyond U+D7FF.
function sortTexts(texts) {
  return texts.some((text) => /[\ud800-\uffff]/.test(text)) ? texts.sort(compareTexts) : texts.sort();
}
