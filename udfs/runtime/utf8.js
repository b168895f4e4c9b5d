// Writes `text` as UTF-8 into `target` from `at` on and returns where it ends. An unpaired surrogate, which no
// warehouse should hand over, becomes U+FFFD as everywhere else.
function encode(text, target, at) {
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    if (code >> 11 === 27) {
      const low = text.charCodeAt(i + 1);
      if (code < 56320 ? low >> 10 === 55 : false) {
        code = (code - 55296) * 1024 + low - 56320 + 65536;
        i++;
      } else code = 65533;
    }
    if (code < 128) target[at++] = code;
    else {
      if (code < 2048) target[at++] = 192 + (code >> 6);
      else {
        if (code < 65536) target[at++] = 224 + (code >> 12);
        else {
          target[at++] = 240 + (code >> 18);
          target[at++] = 128 + ((code >> 12) % 64);
        }
        target[at++] = 128 + ((code >> 6) % 64);
      }
      target[at++] = 128 + (code % 64);
    }
  }
  return at;
}

// As `encode`, with a straight way for ASCII.
function copy(text, target, at) {
  const length = text.length;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return encode(text, target, at);
    target[at + i] = code;
  }
  return at + length;
}

// Writes `text` into the input buffer from byte `at` on and returns where it ends.
function write(text, at) {
  reserve(at + 3 * text.length);
  return copy(text, bytes, at);
}

// The ASCII text at an address. Pieces, because arguments of a call lie on the stack.
function ascii(address, length) {
  let text = "";
  for (let end = address + length; address < end; address += 4096) {
    text += String.fromCharCode.apply(null, memory.subarray(address, Math.min(end, address + 4096)));
  }
  return text;
}

// The UTF-8 text at an address; what the module writes is valid.
function decode(address, length) {
  let text = "";
  for (const end = address + length; address < end;) {
    const first = memory[address++];
    let code = first;
    if (first > 127) {
      let more = first > 239 ? 3 : first > 223 ? 2 : 1;
      code = first % (64 >> more);
      for (; more > 0; more--) code = code * 64 + (memory[address++] % 64);
    }
    text += String.fromCodePoint(code);
  }
  return text;
}
