//! Laying out a frame (`docs/abi.md`) and writing its columns straight into the module's memory.

use crate::vector::{Spans, Texts};
use plg_udfs::Result;
use plg_udfs::abi::NULL_LENGTH;

/// Writes a column into the bytes reserved for it.
type Write<'a> = Box<dyn FnOnce(&mut [u8], &mut TextArea<'_>) -> Result<()> + 'a>;

/// A frame under construction: first every column says how large it is, then all are written.
#[derive(Default)]
pub struct Frame<'a> {
    words: Vec<Word>,
    columns: Vec<(usize, Write<'a>)>,
    text: usize,
}

enum Word {
    Value(usize),
    Column(usize),
}

/// The end of the frame, where texts lie one after the other.
pub struct TextArea<'a> {
    offset: usize,
    rest: &'a mut [u8],
}

impl TextArea<'_> {
    /// Appends a text and returns its offset and length.
    fn push(&mut self, text: Option<&[u8]>) -> [u32; 2] {
        let Some(text) = text else { return [0, NULL_LENGTH] };
        let (place, rest) = std::mem::take(&mut self.rest).split_at_mut(text.len());
        place.copy_from_slice(text);
        self.rest = rest;
        self.offset += text.len();
        [(self.offset - text.len()) as u32, text.len() as u32]
    }
}

impl<'a> Frame<'a> {
    /// A frame of `rows` rows.
    pub fn new(rows: usize) -> Self {
        Frame { words: vec![Word::Value(rows)], ..Frame::default() }
    }

    /// A word with a number.
    pub fn word(&mut self, value: usize) {
        self.words.push(Word::Value(value));
    }

    /// A column of bytes.
    pub fn bytes(&mut self, count: usize, write: impl FnOnce(&mut [u8]) -> Result<()> + 'a) {
        self.column(count, Box::new(move |out, _| write(out)));
    }

    /// A column of doubles.
    pub fn doubles(&mut self, count: usize, write: impl FnOnce(&mut [f64]) -> Result<()> + 'a) {
        self.column(count * 8, Box::new(move |out, _| write(cast(out))));
    }

    /// A column of codes.
    pub fn codes(&mut self, count: usize, write: impl FnOnce(&mut [i32]) -> Result<()> + 'a) {
        self.column(count * 4, Box::new(move |out, _| write(cast(out))));
    }

    /// The lists of rows: their elements follow each other in the columns that come next.
    pub fn lists(&mut self, lengths: Vec<usize>, elements: usize) {
        self.column(
            lengths.len() * 8,
            Box::new(move |out, _| {
                let mut first = 0;
                for (span, length) in cast::<[u32; 2]>(out).iter_mut().zip(lengths) {
                    *span = [first, length as u32];
                    first += length as u32;
                }
                Ok(())
            }),
        );
        self.word(elements);
    }

    /// A column of texts of which all are NULL.
    pub fn null_texts(&mut self, count: usize) {
        self.bytes(count * 8, |out| {
            cast::<[u32; 2]>(out).fill([0, NULL_LENGTH]);
            Ok(())
        });
    }

    /// A column of texts, which may be NULL.
    pub fn texts(&mut self, texts: impl Iterator<Item = Option<&'a [u8]>> + Clone + 'a) {
        let (mut count, mut bytes) = (0, 0);
        for text in texts.clone() {
            count += 1;
            bytes += text.map_or(0, <[u8]>::len);
        }
        self.text += bytes;
        let write = move |out: &mut [u8], area: &mut TextArea<'_>| {
            cast::<[u32; 2]>(out).iter_mut().zip(texts).for_each(|(span, text)| *span = area.push(text));
            Ok(())
        };
        self.column(count * 8, Box::new(write));
    }

    fn column(&mut self, bytes: usize, write: Write<'a>) {
        self.words.push(Word::Column(self.columns.len()));
        self.columns.push((bytes, write));
    }

    /// The size of the whole frame in bytes.
    pub fn size(&self) -> usize {
        let columns: usize = self.columns.iter().map(|(bytes, _)| bytes.next_multiple_of(8)).sum();
        self.head() + columns + self.text
    }

    fn head(&self) -> usize {
        (self.words.len() * 4).next_multiple_of(8)
    }

    /// Writes the frame into `out`, which has its size and begins at a multiple of 8.
    pub fn write(self, out: &mut [u8]) -> Result<()> {
        let mut end = self.head();
        let offsets: Vec<usize> = self
            .columns
            .iter()
            .map(|(bytes, _)| {
                let offset = end;
                end += bytes.next_multiple_of(8);
                offset
            })
            .collect();
        let (front, text) = out.split_at_mut(end);
        for (word, place) in self.words.iter().zip(cast::<u32>(front)) {
            *place = match *word {
                Word::Value(value) => value,
                Word::Column(column) => offsets[column],
            } as u32;
        }
        let mut area = TextArea { offset: end, rest: text };
        for ((bytes, write), offset) in self.columns.into_iter().zip(offsets) {
            write(&mut front[offset..offset + bytes], &mut area)?;
        }
        Ok(())
    }
}

/// The texts of some entries, in order.
pub fn texts_at<'a>(texts: &'a Texts<'a>, entries: &'a Spans) -> impl Iterator<Item = Option<&'a [u8]>> + Clone + 'a {
    entries.iter().map(move |entry| texts.get(entry))
}

/// A column's bytes as its entries; what does not fill an entry at the end is left alone.
fn cast<T: Plain>(bytes: &mut [u8]) -> &mut [T] {
    // SAFETY: every bit pattern is a `T`.
    let (before, entries, _) = unsafe { bytes.align_to_mut::<T>() };
    debug_assert!(before.is_empty(), "columns begin at multiples of 8");
    entries
}

/// Types without invalid bit patterns.
trait Plain {}
impl Plain for u32 {}
impl Plain for i32 {}
impl Plain for f64 {}
impl Plain for [u32; 2] {}
