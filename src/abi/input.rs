//! Reading a frame.

use crate::{Error, Result};
use core::marker::PhantomData;

/// The length that stands for NULL in a text column.
pub const NULL_LENGTH: u32 = u32::MAX;
/// The code of NULL.
pub const NULL_CODE: i32 = -1;
/// The code of a text that the dictionary does not have.
pub const NOT_IN_DICTIONARY: i32 = -2;

/// A frame being read, argument by argument.
pub struct Input<'a> {
    buffer: &'a [u64],
    next: usize,
    rows: usize,
}

/// Types that may be read straight from the buffer: any bit pattern is a value.
trait Plain: Copy {}
impl Plain for f64 {}
impl Plain for i32 {}
impl Plain for u32 {}
impl Plain for u8 {}
impl Plain for [u32; 2] {}

pub(super) fn bytes_of(words: &[u64]) -> &[u8] {
    // SAFETY: any u64 is eight valid bytes, and alignment only shrinks.
    unsafe { core::slice::from_raw_parts(words.as_ptr().cast(), words.len() * 8) }
}

/// `count` values from byte `offset` on, when they lie inside the buffer.
fn slice<T: Plain>(buffer: &[u64], offset: u32, count: usize) -> Result<&[T]> {
    let size = size_of::<T>();
    let end = count.checked_mul(size).and_then(|length| length.checked_add(offset as usize));
    if !offset.is_multiple_of(8) || end.is_none_or(|end| end > buffer.len() * 8) {
        return Err(Error::new("frame", "points outside the input buffer"));
    }
    // SAFETY: inside the buffer (checked above), aligned to 8 as the buffer is, and `Plain` has no invalid values.
    Ok(unsafe { core::slice::from_raw_parts(bytes_of(buffer).as_ptr().add(offset as usize).cast(), count) })
}

impl<'a> Input<'a> {
    /// Starts reading the frame at the beginning of `buffer`.
    pub fn new(buffer: &'a [u64]) -> Self {
        let mut input = Input { buffer, next: 0, rows: 0 };
        input.rows = input.word().unwrap_or(0) as usize;
        input
    }

    /// The number of rows in this call.
    pub fn rows(&self) -> usize {
        self.rows
    }

    fn word(&mut self) -> Result<u32> {
        let words: &[u32] = slice(self.buffer, 0, self.buffer.len() * 2)?;
        let word = words.get(self.next).copied().ok_or_else(|| Error::new("frame", "is too short"))?;
        self.next += 1;
        Ok(word)
    }

    fn column<T: Plain>(&mut self, count: usize) -> Result<&'a [T]> {
        let offset = self.word()?;
        slice(self.buffer, offset, count)
    }

    /// A double or timestamp argument: one per row.
    pub fn doubles(&mut self) -> Result<&'a [f64]> {
        self.column(self.rows)
    }

    /// An interned text argument: one code per row.
    pub fn codes(&mut self) -> Result<&'a [i32]> {
        self.column(self.rows)
    }

    /// A text argument: one per row.
    pub fn texts(&mut self) -> Result<Texts<'a>> {
        Ok(Texts { spans: self.column(self.rows)?, bytes: bytes_of(self.buffer) })
    }

    /// A list argument: its elements' columns are read next with the `element_` functions.
    pub fn list(&mut self) -> Result<List<'a>> {
        let spans: &[[u32; 2]] = self.column(self.rows)?;
        let elements = self.word()? as usize;
        if spans.iter().any(|&[first, length]| first as usize + length as usize > elements) {
            return Err(Error::new("frame", "has a list beyond its elements"));
        }
        Ok(List { spans, elements })
    }

    /// A column of doubles or timestamps with one entry per element of `list`.
    pub fn element_doubles(&mut self, list: &List<'a>) -> Result<&'a [f64]> {
        self.column(list.elements)
    }

    /// A column of codes with one entry per element of `list`.
    pub fn element_codes(&mut self, list: &List<'a>) -> Result<&'a [i32]> {
        self.column(list.elements)
    }

    /// A column of texts with one entry per element of `list`.
    pub fn element_texts(&mut self, list: &List<'a>) -> Result<Texts<'a>> {
        Ok(Texts { spans: self.column(list.elements)?, bytes: bytes_of(self.buffer) })
    }

    /// Facts of `fields` fields, as the compiled document describes them.
    pub fn facts(&mut self, fields: usize) -> Result<Facts<'a>> {
        self.fact_columns(self.rows, fields, [self.rows, 1])
    }

    /// The facts of the elements of `list`, `fields` of each, as the compiled document describes them.
    pub fn element_facts(&mut self, list: &List<'a>, fields: usize) -> Result<Facts<'a>> {
        self.fact_columns(list.elements, fields, [1, fields])
    }

    fn fact_columns(&mut self, rows: usize, fields: usize, strides: [usize; 2]) -> Result<Facts<'a>> {
        let cells = rows.checked_mul(fields).ok_or_else(|| Error::new("frame", "is too large"))?;
        Ok(Facts {
            strides,
            marks: self.column(cells)?,
            values: self.column(cells)?,
            texts: Texts { spans: self.column(cells)?, bytes: bytes_of(self.buffer) },
        })
    }
}

/// A column of UTF-8 texts, each possibly NULL.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    spans: &'a [[u32; 2]],
    bytes: &'a [u8],
}

impl<'a> Texts<'a> {
    /// The texts of `bytes` at `spans`, each a byte offset and a byte length; length [`NULL_LENGTH`] is NULL. For hosts
    /// that lie in the same program as the functions and need no frame.
    pub fn new(spans: &'a [[u32; 2]], bytes: &'a [u8]) -> Self {
        Texts { spans, bytes }
    }

    /// The number of texts.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The bytes of a text; `None` for NULL. A span outside the buffer reads as the empty text: hosts are trusted to
    /// write none, and a module must not trap on one.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        let [offset, length] = self.spans[index];
        if length == NULL_LENGTH {
            return None;
        }
        Some(self.bytes.get(offset as usize..offset as usize + length as usize).unwrap_or(&[]))
    }

    /// The texts of one row of a list.
    pub fn slice(&self, range: core::ops::Range<usize>) -> Texts<'a> {
        Texts { spans: &self.spans[range], bytes: self.bytes }
    }
}

/// A list argument: which elements belong to which row.
pub struct List<'a> {
    spans: &'a [[u32; 2]],
    elements: usize,
}

impl List<'_> {
    /// The elements of a row.
    #[inline]
    pub fn range(&self, row: usize) -> core::ops::Range<usize> {
        let [first, length] = self.spans[row];
        first as usize..first as usize + length as usize
    }
}

/// Rows of facts: those of the rows of a call column by column, those of the elements of lists row by row.
pub struct Facts<'a> {
    /// How far apart the fields of a row are, and the rows.
    strides: [usize; 2],
    marks: &'a [u8],
    values: &'a [f64],
    texts: Texts<'a>,
}

impl<'a> Facts<'a> {
    /// Facts from columns with fields x rows entries each, field after field, as `docs/abi.md` describes them; for hosts
    /// that need no frame.
    pub fn new(rows: usize, marks: &'a [u8], values: &'a [f64], texts: Texts<'a>) -> Self {
        Facts { strides: [rows, 1], marks, values, texts }
    }

    /// The facts of a list's elements from entries for `fields` fields of each element, element after element; for hosts
    /// that need no frame.
    pub fn of_elements(fields: usize, marks: &'a [u8], values: &'a [f64], texts: Texts<'a>) -> Self {
        Facts { strides: [1, fields], marks, values, texts }
    }

    /// The facts of some elements of a list.
    pub fn slice(&self, elements: core::ops::Range<usize>) -> Self {
        let [_, fields] = self.strides;
        let entries = elements.start * fields..elements.end * fields;
        Facts {
            strides: self.strides,
            marks: &self.marks[entries.clone()],
            values: &self.values[entries.clone()],
            texts: self.texts.slice(entries),
        }
    }

    /// One row.
    #[inline]
    pub fn row(&self, row: usize) -> FactRow<'a, '_> {
        FactRow { facts: self, first: row * self.strides[1], marker: PhantomData }
    }
}

/// One row of facts.
#[derive(Clone, Copy)]
pub struct FactRow<'a, 'f> {
    facts: &'f Facts<'a>,
    /// The entry of the first field.
    first: usize,
    marker: PhantomData<&'a ()>,
}

impl<'a> FactRow<'a, '_> {
    #[inline]
    fn entry(&self, field: usize) -> usize {
        field * self.facts.strides[0] + self.first
    }

    /// Whether the field is NULL.
    #[inline]
    pub fn is_null(&self, field: usize) -> bool {
        self.facts.marks[self.entry(field)] == 0
    }

    /// The number, boolean (0 or 1), timestamp or literal index of the field.
    #[inline]
    pub fn value(&self, field: usize) -> f64 {
        self.facts.values[self.entry(field)]
    }

    /// The bytes of a text field.
    #[inline]
    pub fn text(&self, field: usize) -> &'a [u8] {
        self.facts.texts.get(self.entry(field)).unwrap_or(&[])
    }
}
