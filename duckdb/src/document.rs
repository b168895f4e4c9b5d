//! What a module says of a compiled document: the dictionaries of its codes, and the facts that it reads.

use plg_udfs::abi::{FactKind, NOT_IN_DICTIONARY, NULL_CODE};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A compiled document as the host knows it.
pub struct Document {
    text: Box<str>,
    /// The dictionaries in order.
    pub dictionaries: Vec<Dictionary>,
    /// The facts in order.
    pub facts: Vec<Fact>,
}

/// A field of facts.
pub struct Fact {
    /// Its name.
    pub name: Box<str>,
    /// Its name in upper case, under which JSON may have it too.
    pub upper_name: Box<str>,
    /// How it travels.
    pub kind: FactKind,
    /// Whether it may be missing, and then is NULL.
    pub optional: bool,
    /// The texts that it is compared with.
    pub literals: Dictionary,
}

impl Document {
    /// Whether this is the document of `text`.
    pub fn is(&self, text: &str) -> bool {
        *self.text == *text
    }

    /// Reads the description of the document of `text`; `None` if it is none, which would be the module's defect.
    pub fn read(text: &str, stream: &[f64], area: &[u8]) -> Option<Self> {
        let mut reader = Description { slots: stream.iter(), area };
        let dictionaries = (0..reader.count()?).map(|_| reader.dictionary()).collect::<Option<Vec<_>>>()?;
        let facts = (0..reader.count()?)
            .map(|_| {
                let name = reader.text()?;
                let upper_name = name.to_uppercase().into();
                let (kind, optional) = FactKind::from_description(reader.count()?)?;
                Some(Fact { name, upper_name, kind, optional, literals: reader.dictionary()? })
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Document { text: text.into(), dictionaries, facts })
    }
}

struct Description<'a> {
    slots: std::slice::Iter<'a, f64>,
    area: &'a [u8],
}

impl Description<'_> {
    fn count(&mut self) -> Option<usize> {
        self.slots.next().map(|&slot| slot as usize)
    }

    fn text(&mut self) -> Option<Box<str>> {
        let (offset, length) = (self.count()?, self.count()?);
        let bytes = self.area.get(offset..)?.get(..length)?;
        std::str::from_utf8(bytes).ok().map(Box::from)
    }

    fn dictionary(&mut self) -> Option<Dictionary> {
        let texts = (0..self.count()?).map(|_| self.text()).collect::<Option<Vec<_>>>()?;
        let codes = texts.iter().enumerate().map(|(code, text)| (text.as_bytes().into(), code as i32)).collect();
        Some(Dictionary { texts, codes })
    }
}

/// Texts and their codes.
pub struct Dictionary {
    texts: Vec<Box<str>>,
    codes: HashMap<Box<[u8]>, i32, BuildHasherDefault<TextHasher>>,
}

impl Dictionary {
    /// The code of a text; `None` is NULL.
    #[inline]
    pub fn code(&self, text: Option<&[u8]>) -> i32 {
        match text {
            None => NULL_CODE,
            Some(text) => self.codes.get(text).copied().unwrap_or(NOT_IN_DICTIONARY),
        }
    }

    /// The text of a code.
    pub fn text(&self, code: usize) -> Option<&str> {
        self.texts.get(code).map(|text| &**text)
    }
}

/// Hashes eight bytes per multiplication. The dictionary is our own and small, so nobody gains by making texts collide.
#[derive(Default)]
struct TextHasher(u64);

impl TextHasher {
    fn mix(&mut self, word: u64) {
        // The multiplier of FxHash, the hash function of rustc.
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0xf135_7aea_2e62_a9c5);
    }
}

impl Hasher for TextHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            self.mix(u64::from_le_bytes(chunk.try_into().expect("chunks have eight bytes")));
        }
        let mut last = [0; 8];
        last[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
        self.mix(u64::from_le_bytes(last));
    }

    fn write_usize(&mut self, length: usize) {
        self.mix(length as u64);
    }

    fn finish(&self) -> u64 {
        // The table takes the high bits for its tags and the low ones for the place.
        self.0.rotate_left(26)
    }
}
