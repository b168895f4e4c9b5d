//! Writing a stream.

use super::NULL_LENGTH;
use crate::Result;
use crate::timestamp;
use alloc::vec::Vec;

/// The result of a call: a stream of doubles in the order of the catalogue's result type, and the text it refers to.
///
/// | type | slots |
/// |---|---|
/// | double, timestamp, integer | 1; NaN is NULL |
/// | boolean | 1: 1 or 0 |
/// | text | 2: byte offset and byte length in the text area; length 2^32-1 is NULL |
/// | text of a document's dictionary | 1: its index, -1 for NULL |
/// | text of the call's own list argument | 1: element index times text fields per element, plus the field's number |
/// | struct | its fields |
/// | list | 1 with the length, then the elements |
///
/// Rows follow each other. After an error the stream is empty and the text area is the message.
#[derive(Default)]
pub struct Output {
    /// The stream.
    pub stream: Vec<f64>,
    /// The text area, UTF-8.
    pub text: Vec<u8>,
    /// What [`descriptor`](Self::descriptor) shows the host.
    #[cfg(target_arch = "wasm32")]
    shown: [u32; 6],
}

impl Output {
    /// Empties stream and text, keeping their memory.
    pub fn clear(&mut self) {
        self.stream.clear();
        self.text.clear();
    }

    /// One slot.
    #[inline]
    pub fn double(&mut self, value: f64) {
        self.stream.push(value);
    }

    /// One slot, NULL for `None`.
    #[inline]
    pub fn optional(&mut self, value: Option<f64>) {
        self.stream.push(value.unwrap_or(f64::NAN));
    }

    /// Several slots in a row: smaller code than one by one.
    #[inline(never)]
    pub fn slots(&mut self, values: &[f64]) {
        self.stream.extend_from_slice(values);
    }

    /// `count` slots with what `value` makes of their numbers; none after its first error.
    #[inline]
    pub fn doubles(&mut self, count: usize, mut value: impl FnMut(usize) -> Result<f64>) -> Result<()> {
        let start = self.stream.len();
        self.stream.reserve(count);
        // Not zeroed first: that would take as long as the cheapest functions do.
        let slots = &mut self.stream.spare_capacity_mut()[..count];
        #[expect(
            clippy::needless_range_loop,
            reason = "the compiler sees that rows of `count` are within columns of it"
        )]
        for row in 0..count {
            slots[row].write(value(row)?);
        }
        // SAFETY: the loop has written these slots, and they lie within the capacity.
        unsafe { self.stream.set_len(start + count) };
        Ok(())
    }

    /// The length of a list whose elements follow.
    #[inline]
    pub fn list(&mut self, length: usize) {
        self.stream.push(length as f64);
    }

    /// A text.
    #[inline(never)]
    pub fn text(&mut self, bytes: &[u8]) {
        self.text_with(|text| text.extend_from_slice(bytes));
    }

    /// A text that `write` appends to the text area.
    pub fn text_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.text.len();
        write(&mut self.text);
        self.slots(&[start as f64, (self.text.len() - start) as f64]);
    }

    /// A text, NULL for `None`.
    #[inline(never)]
    pub fn optional_text(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.text(bytes),
            None => self.null_text(),
        }
    }

    /// A NULL text.
    pub fn null_text(&mut self) {
        self.slots(&[0.0, NULL_LENGTH as f64]);
    }

    /// A timestamp as ISO-8601 text in UTC with microseconds.
    #[inline(never)]
    pub fn timestamp_text(&mut self, microseconds: f64) {
        self.text_with(|text| timestamp::push_iso(text, microseconds as i64));
    }

    /// The same, NULL for `None`.
    #[inline(never)]
    pub fn optional_timestamp_text(&mut self, microseconds: Option<f64>) {
        match microseconds {
            Some(microseconds) => self.timestamp_text(microseconds),
            None => self.null_text(),
        }
    }

    /// Bytes of an error message.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.text.extend_from_slice(bytes);
    }

    /// The address of six words: 1 for success or 0 for an error, stream address, stream length, text address, text
    /// length, and whether the text is ASCII (1), which lets JavaScript skip decoding.
    #[cfg(target_arch = "wasm32")]
    pub fn descriptor(&mut self, success: bool) -> u32 {
        self.shown = [
            success as u32,
            self.stream.as_ptr() as u32,
            self.stream.len() as u32,
            self.text.as_ptr() as u32,
            self.text.len() as u32,
            self.text.is_ascii() as u32,
        ];
        self.shown.as_ptr() as u32
    }
}
