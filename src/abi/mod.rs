//! The columnar ABI between a host (JavaScript, DuckDB, native tests) and a module. `docs/abi.md` is the prose.
//!
//! A host writes one *frame* into the module's input buffer, calls the function, and reads one *stream* of doubles and a
//! text area from the output. Hosts know types, not PLG; functions know columns, not hosts. Strings that the logic only
//! compares for equality never cross: the host turns them into codes of the dictionaries that a compiled document
//! describes.
//!
//! A frame is a row of 32-bit little-endian words, followed by the columns they point at. Offsets count bytes from the
//! start of the input buffer and are multiples of 8. Word 0 is the number of rows; then, per argument in order:
//!
//! | type | words | column |
//! |---|---|---|
//! | double, timestamp (microseconds since 1970, UTC; NaN is NULL) | offset | `f64` per row |
//! | text | offset | (byte offset, byte length) as two `u32` per row; length 2^32-1 is NULL |
//! | code | offset | `i32` per row: index into the dictionary, -1 NULL, -2 not in it |
//! | list of T | offset, element count | (first element, length) as two `u32` per row; then T's words, whose columns have one entry per element |
//! | struct | each field's words | |
//! | facts | offset of marks, offset of values, offset of texts | per field of the document, then per row (in lists: per element, then per field): mark `u8` (0 NULL, 1 value), value `f64`, text as two `u32` |
//! | document | none: compiled beforehand | |
//!
//! A struct of facts is described by its compiled document (see [`Document`]).

mod input;
mod output;

pub use input::{FactRow, Facts, Input, List, NOT_IN_DICTIONARY, NULL_CODE, NULL_LENGTH, Texts};
pub use output::Output;

use crate::{Error, Result};
use alloc::vec::Vec;

/// Version of this ABI; a host refuses a module that answers another.
pub const ABI_VERSION: u32 = 1;

/// A text argument (a model, a rule set) that is compiled once and kept by the module until another text comes.
pub trait Document: Sized {
    /// Compiles the document: `source` is a [tape](crate::tape) for JSON documents, UTF-8 text for the others. Errors carry
    /// paths that begin with `argument`.
    fn compile(argument: &str, source: &[u8]) -> Result<Self>;

    /// Writes what the host must know to call functions with this document: the number of dictionaries, each as a count
    /// and its texts, then the number of fact fields, each as name, [kind](FactKind) and the literals it is compared with
    /// (count and texts).
    fn describe(&self, out: &mut Output);

    /// How many fields the document reads from a row of facts.
    fn fact_fields(&self) -> usize {
        0
    }
}

/// A module as a native host sees it; a WebAssembly host has the same through exports.
pub trait Module {
    /// Room for a frame of `bytes`; `None` when memory is exhausted.
    fn input(&mut self, bytes: usize) -> Option<&mut [u64]>;

    /// The output of the last call.
    fn output(&self) -> &Output;

    /// Calls a function; `None` if the module has no such function, false after an error.
    fn call(&mut self, function: &str) -> Option<bool>;

    /// Compiles the document in the first `length` bytes of the input.
    fn compile(&mut self, function: &str, argument: &str, length: usize) -> Option<bool>;
}

/// How a field of facts travels, as its number in the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FactKind {
    /// Only tested for NULL: any type, no value.
    Any = 0,
    /// A double.
    Number = 1,
    /// 0 or 1.
    Boolean = 2,
    /// Microseconds since 1970, UTC.
    Timestamp = 3,
    /// Text that is only compared for equality with literals: the value is the literal's index, or -1.
    Code = 4,
    /// Text that is ordered or compared with other fields: its UTF-8 bytes.
    Text = 5,
    /// A list of numbers: eight bytes for each that is not NULL, lowest first, in the place of a text.
    Numbers = 6,
    /// A list of texts: the UTF-8 bytes of each that is not NULL and [`END_OF_ELEMENT`](Self::END_OF_ELEMENT), in the
    /// place of a text.
    Texts = 7,
}

impl FactKind {
    /// Added to the number of a kind whose fact may be missing, which then is NULL.
    pub const OPTIONAL: u8 = 8;
    /// What no UTF-8 has.
    pub const END_OF_ELEMENT: u8 = 0xFF;

    /// The kind and whether the fact may be missing, of a number in a description; `None` if it is no such number.
    pub fn from_description(number: usize) -> Option<(Self, bool)> {
        use FactKind::{Any, Boolean, Code, Number, Numbers, Text, Texts, Timestamp};
        let kinds = [Any, Number, Boolean, Timestamp, Code, Text, Numbers, Texts];
        let optional = FactKind::OPTIONAL as usize;
        Some((*kinds.get(number % optional)?, number / optional == 1)).filter(|_| number < 2 * optional)
    }

    /// Whether the field travels as bytes in the place of a text.
    pub fn is_bytes(self) -> bool {
        self as u8 >= FactKind::Text as u8
    }
}

/// An exported function: reads the frame, writes the stream.
pub type Function<D> = fn(&mut Input<'_>, &D, &mut Output) -> Result<()>;

/// What a module's instance owns: the buffers that the host sees, and the compiled documents.
#[derive(Default)]
pub struct Instance<D> {
    /// The input buffer, in words of 8 bytes for alignment.
    pub input: Vec<u64>,
    /// The output of the last call.
    pub output: Output,
    /// Compiled documents, one field per document argument of the module's functions.
    pub documents: D,
}

impl<D> Instance<D> {
    /// Makes room for a frame of `bytes`; the content is whatever was there. `None` when memory is exhausted.
    pub fn reserve(&mut self, bytes: usize) -> Option<&mut [u64]> {
        let words = bytes.div_ceil(8);
        if words > self.input.len() {
            self.input.try_reserve_exact(words - self.input.len()).ok()?;
            self.input.resize(words, 0);
        }
        Some(&mut self.input)
    }

    /// The input buffer as bytes.
    pub fn bytes(&self) -> &[u8] {
        input::bytes_of(&self.input)
    }

    /// Microseconds since 1970 of the ISO-8601 text in the `length` bytes at `offset` of the input buffer; NaN if it is
    /// none.
    pub fn timestamp(&self, offset: usize, length: usize) -> f64 {
        let text = offset.checked_add(length).and_then(|end| self.bytes().get(offset..end));
        match text.and_then(crate::timestamp::parse) {
            Some(microseconds) => microseconds as f64,
            None => f64::NAN,
        }
    }

    /// Calls a function on the frame in the input buffer; false leaves the error's text in the output.
    pub fn call(&mut self, name: &str, function: Function<D>) -> bool {
        self.output.clear();
        let mut frame = Input::new(&self.input);
        let result = function(&mut frame, &self.documents, &mut self.output);
        self.finish(name, result)
    }

    /// Compiles the document in the first `length` bytes of the input buffer into the slot that `place` selects, and
    /// writes its description; false leaves the error's text in the output, and the slot empty.
    pub fn compile<T: Document>(
        &mut self,
        name: &str,
        argument: &str,
        length: usize,
        place: fn(&mut D) -> &mut Option<T>,
    ) -> bool {
        self.output.clear();
        *place(&mut self.documents) = None;
        let bytes = input::bytes_of(&self.input);
        let result = match bytes.get(..length) {
            Some(source) => T::compile(argument, source),
            None => Err(Error::new(argument, "is longer than the input buffer")),
        };
        let result = result.map(|document| {
            document.describe(&mut self.output);
            *place(&mut self.documents) = Some(document);
        });
        self.finish(name, result)
    }

    fn finish(&mut self, name: &str, result: Result<()>) -> bool {
        let Err(error) = result else { return true };
        self.output.clear();
        self.output.bytes(b"plg.");
        self.output.bytes(name.as_bytes());
        self.output.bytes(b": ");
        self.output.bytes(error.path().as_bytes());
        self.output.bytes(b": ");
        self.output.bytes(error.message().as_bytes());
        false
    }
}

/// The document of a call, or the error of a host that forgot to compile it.
pub fn compiled<'a, T>(slot: &'a Option<T>, argument: &str) -> Result<&'a T> {
    slot.as_ref().ok_or_else(|| Error::new(argument, "has not been compiled"))
}

/// Everything that makes a `cdylib` for `wasm32v1-none` a module: allocator, panic handler, and the exports that every
/// module has. `$documents` is the type with the compiled documents.
#[macro_export]
macro_rules! module {
    ($documents:ident) => {
        #[cfg(target_arch = "wasm32")]
        mod module_runtime {
            #[global_allocator]
            static ALLOCATOR: $crate::abi::allocator::Allocator = $crate::abi::allocator::Allocator;

            #[panic_handler]
            fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
                core::arch::wasm32::unreachable()
            }

            static mut INSTANCE: Option<$crate::abi::Instance<super::$documents>> = None;

            /// The one instance of this module.
            pub fn instance() -> &'static mut $crate::abi::Instance<super::$documents> {
                // SAFETY: a module has one thread, and no export is entered while another runs.
                let slot = unsafe { &mut *core::ptr::addr_of_mut!(INSTANCE) };
                slot.get_or_insert_with(Default::default)
            }

            #[unsafe(no_mangle)]
            extern "C" fn abi() -> u32 {
                $crate::abi::ABI_VERSION
            }

            #[unsafe(no_mangle)]
            extern "C" fn input(bytes: u32) -> u32 {
                match instance().reserve(bytes as usize) {
                    Some(words) => words.as_ptr() as u32,
                    None => 0,
                }
            }
        }
    };
}

#[cfg(target_arch = "wasm32")]
pub mod allocator;
#[cfg(target_arch = "wasm32")]
mod memory;
