//! Reading DuckDB's vectors, whatever type a column has.
//!
//! DuckDB flattens what it hands to a function of the C API, so vectors here have one entry per row; those of a list's
//! elements have one per element of the whole vector, in any order and with gaps.

use crate::types::{LogicalType, TimeUnit, Type};
use libduckdb_sys as ffi;
use plg_udfs::error::Path;
use plg_udfs::{Error, Result, timestamp};
use serde_json::Value;
use std::cell::OnceCell;
use std::collections::HashMap;

/// Integers up to here are exact in a double.
const MAX_EXACT_INTEGER: u128 = 1 << 53;
const BEYOND: &str = "is an integer beyond 2^53";
const MICROSECONDS_PER_DAY: f64 = 86_400_000_000.0;
/// Powers of ten that are exact in a double.
const POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// Runs of entries of a vector, in order.
#[derive(Clone, Debug, Default)]
pub struct Spans {
    runs: Vec<(usize, usize)>,
    len: usize,
}

impl Spans {
    /// The first `count` entries.
    pub fn all(count: usize) -> Self {
        let mut spans = Spans::default();
        spans.push(0, count);
        spans
    }

    /// Appends a run of `length` entries from `first` on.
    #[inline]
    pub fn push(&mut self, first: usize, length: usize) {
        if length == 0 {
            return;
        }
        self.len += length;
        match self.runs.last_mut() {
            Some((start, run)) if *start + *run == first => *run += length,
            _ => self.runs.push((first, length)),
        }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The first and the second half of the entries.
    pub fn halves(&self) -> [Spans; 2] {
        let mut halves = [Spans::default(), Spans::default()];
        for &(first, length) in &self.runs {
            let before = length.min(self.len / 2 - halves[0].len);
            halves[0].push(first, before);
            halves[1].push(first + before, length - before);
        }
        halves
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The runs: first entry and length of each.
    pub fn runs(&self) -> &[(usize, usize)] {
        &self.runs
    }

    /// The entries one by one.
    pub fn iter(&self) -> impl Iterator<Item = usize> + Clone + '_ {
        self.runs.iter().flat_map(|&(first, length)| first..first + length)
    }
}

/// Which entries are not NULL; no bits at all means that none is.
#[derive(Clone, Copy)]
struct Validity(*const u64);

impl Validity {
    #[inline]
    fn is_null(self, entry: usize) -> bool {
        // SAFETY: a validity mask has a bit for every entry of its vector.
        !self.0.is_null() && unsafe { *self.0.add(entry / 64) } >> (entry % 64) & 1 == 0
    }
}

/// A vector under reading. It borrows from a chunk, and nobody may read an entry that the chunk does not have.
pub struct Vector {
    raw: ffi::duckdb_vector,
    data: *const u8,
    validity: Validity,
    /// Of the struct that this is a field of: its NULL is a NULL in every field.
    parent: Validity,
    kind: Type,
}

impl Vector {
    /// A vector of a known type.
    ///
    /// # Safety
    /// `raw` is a vector of that type and outlives the result.
    pub unsafe fn new(raw: ffi::duckdb_vector, kind: Type) -> Self {
        let none = Validity(std::ptr::null());
        // SAFETY: the caller's promise.
        unsafe {
            Vector {
                raw,
                data: ffi::duckdb_vector_get_data(raw).cast(),
                validity: Validity(ffi::duckdb_vector_get_validity(raw)),
                parent: none,
                kind,
            }
        }
    }

    /// A vector of whatever type it has.
    ///
    /// # Safety
    /// `raw` is a vector that outlives the result.
    pub unsafe fn of_any_type(raw: ffi::duckdb_vector) -> Self {
        // SAFETY: the caller's promise.
        unsafe { Vector::new(raw, Type::of(LogicalType::new(ffi::duckdb_vector_get_column_type(raw)))) }
    }

    /// The elements of all the lists in this vector, if it is one of lists.
    pub fn elements(&self) -> Option<Vector> {
        // SAFETY: the vector has a child, which lives as long as it does.
        unsafe {
            let child = match self.kind {
                Type::List => ffi::duckdb_list_vector_get_child(self.raw),
                Type::Array(_) => ffi::duckdb_array_vector_get_child(self.raw),
                _ => return None,
            };
            Some(Vector::of_any_type(child))
        }
    }

    /// The names of the fields, if this is a struct.
    pub fn field_names(&self) -> Option<&[Box<str>]> {
        match &self.kind {
            Type::Struct(names) => Some(names),
            _ => None,
        }
    }

    /// A field by position in [`field_names`](Self::field_names).
    pub fn field(&self, position: usize) -> Vector {
        // SAFETY: only called on structs and for fields that they have.
        let raw = unsafe { ffi::duckdb_struct_vector_get_child(self.raw, position as ffi::idx_t) };
        // SAFETY: the child lives as long as the struct.
        Vector { parent: self.validity, ..unsafe { Vector::of_any_type(raw) } }
    }

    /// Whether this is text, JSON included.
    pub fn is_text(&self) -> bool {
        matches!(self.kind, Type::Text | Type::Json)
    }

    /// Whether nothing in this vector is NULL, as far as that is known without looking at each entry.
    pub fn has_no_nulls(&self) -> bool {
        self.validity.0.is_null() && self.parent.0.is_null() && !matches!(self.kind, Type::Null)
    }

    /// Whether the entry is NULL.
    #[inline]
    pub fn is_null(&self, entry: usize) -> bool {
        self.validity.is_null(entry) || self.parent.is_null(entry) || matches!(self.kind, Type::Null)
    }

    /// As [`is_null`](Self::is_null), and JSON's null is one too.
    pub fn is_null_value(&self, entry: usize) -> bool {
        self.is_null(entry) || matches!(self.kind, Type::Json) && self.text(entry).trim() == "null"
    }

    /// 1 for each entry with a value, 0 for NULL.
    pub fn marks(&self, entries: &Spans) -> Vec<u8> {
        if self.has_no_nulls() && !matches!(self.kind, Type::Json) {
            return vec![1; entries.len()];
        }
        entries.iter().map(|entry| !self.is_null_value(entry) as u8).collect()
    }

    /// First element and number of elements of a list, which is not NULL.
    #[inline]
    pub fn list(&self, entry: usize) -> (usize, usize) {
        if let Type::Array(length) = self.kind {
            return (entry * length, length);
        }
        // SAFETY: only called on vectors with elements.
        let list = unsafe { self.read::<ffi::duckdb_list_entry>(entry) };
        (list.offset as usize, list.length as usize)
    }

    /// The bytes of a text, which is not NULL.
    #[inline]
    pub fn bytes(&self, entry: usize) -> &[u8] {
        // SAFETY: only called on text, whose entries are 16 bytes: the length, then up to 12 bytes, or 4 of prefix and
        // a pointer. The bytes live as long as the vector.
        unsafe {
            let string = self.data.add(entry * 16);
            let length = string.cast::<u32>().read() as usize;
            let bytes = if length <= 12 { string.add(4) } else { string.add(8).cast::<*const u8>().read() };
            std::slice::from_raw_parts(bytes, length)
        }
    }

    /// The text, which is not NULL.
    pub fn text(&self, entry: usize) -> &str {
        // SAFETY: DuckDB's texts are UTF-8.
        unsafe { std::str::from_utf8_unchecked(self.bytes(entry)) }
    }

    /// # Safety
    /// The vector's entries are of type `T`.
    #[inline]
    unsafe fn read<T: Copy>(&self, entry: usize) -> T {
        // SAFETY: the caller's promise; the entry exists.
        unsafe { self.data.cast::<T>().add(entry).read() }
    }

    /// Writes the entries as doubles, `null` for NULL.
    pub fn numbers(&self, entries: &Spans, null: f64, out: &mut [f64], at: impl Fn(usize) -> Path) -> Result<()> {
        let beyond = |entry| Error::new(at(entry), BEYOND);
        let exact = |entry: usize, value: i128| {
            if value.unsigned_abs() <= MAX_EXACT_INTEGER { Ok(value as f64) } else { Err(beyond(entry)) }
        };
        // SAFETY (all reads): as the type says.
        unsafe {
            match &self.kind {
                Type::Double if self.has_no_nulls() => self.copy_doubles(entries, out),
                Type::Double => return self.fill(entries, null, out, |entry| Ok(self.read::<f64>(entry))),
                Type::Float => return self.fill(entries, null, out, |entry| Ok(self.read::<f32>(entry).into())),
                Type::Int8 => return self.fill(entries, null, out, |entry| Ok(self.read::<i8>(entry).into())),
                Type::Int16 => return self.fill(entries, null, out, |entry| Ok(self.read::<i16>(entry).into())),
                Type::Int32 => return self.fill(entries, null, out, |entry| Ok(self.read::<i32>(entry).into())),
                Type::UInt8 => return self.fill(entries, null, out, |entry| Ok(self.read::<u8>(entry).into())),
                Type::UInt16 => return self.fill(entries, null, out, |entry| Ok(self.read::<u16>(entry).into())),
                Type::UInt32 => return self.fill(entries, null, out, |entry| Ok(self.read::<u32>(entry).into())),
                Type::Int64 => {
                    return self.fill(entries, null, out, |entry| exact(entry, self.read::<i64>(entry).into()));
                }
                Type::UInt64 => {
                    return self.fill(entries, null, out, |entry| exact(entry, self.read::<u64>(entry).into()));
                }
                Type::HugeInt => {
                    return self.fill(entries, null, out, |entry| exact(entry, self.read_hugeint(entry)));
                }
                Type::UHugeInt => {
                    return self.fill(entries, null, out, |entry| {
                        let value = self.read_hugeint(entry);
                        if value < 0 { Err(beyond(entry)) } else { exact(entry, value) }
                    });
                }
                Type::Decimal { width, scale: 0 } => {
                    return self.fill(entries, null, out, |entry| exact(entry, self.read_decimal(entry, *width)));
                }
                Type::Decimal { width, scale } => {
                    return self
                        .fill(entries, null, out, |entry| Ok(decimal(self.read_decimal(entry, *width), *scale)));
                }
                Type::Json => {
                    return self.fill_json(entries, null, out, &at, "must be a number", |entry, value| {
                        json_number(value, &|| at(entry))
                    });
                }
                _ => return self.refuse(entries, null, out, &at, "must be a number"),
            }
        }
        Ok(())
    }

    /// Writes the entries as microseconds since 1970, `null` for NULL.
    pub fn timestamps(&self, entries: &Spans, null: f64, out: &mut [f64], at: impl Fn(usize) -> Path) -> Result<()> {
        let message = "must be a timestamp";
        let finite = |entry: usize, value: i64, microseconds: fn(i64) -> f64| {
            // DuckDB's 'infinity' and '-infinity'.
            if value == i64::MAX || value == -i64::MAX {
                return Err(Error::new(at(entry), message));
            }
            Ok(microseconds(value))
        };
        // SAFETY (all reads): as the type says.
        unsafe {
            match self.kind {
                Type::Timestamp(unit) => {
                    let microseconds: fn(i64) -> f64 = match unit {
                        TimeUnit::Second => |value| value as f64 * 1e6,
                        TimeUnit::Millisecond => |value| value as f64 * 1e3,
                        TimeUnit::Microsecond => |value| value as f64,
                        TimeUnit::Nanosecond => |value| value.div_euclid(1_000) as f64,
                    };
                    self.fill(entries, null, out, |entry| finite(entry, self.read(entry), microseconds))
                }
                Type::Date => self.fill(entries, null, out, |entry| match self.read::<i32>(entry) {
                    i32::MAX | -2_147_483_647 => Err(Error::new(at(entry), message)),
                    days => Ok(f64::from(days) * MICROSECONDS_PER_DAY),
                }),
                Type::Text => self.fill(entries, null, out, |entry| {
                    let microseconds = timestamp::parse(self.bytes(entry));
                    microseconds.map(|value| value as f64).ok_or_else(|| Error::new(at(entry), message))
                }),
                Type::Json => self.fill_json(entries, null, out, &at, message, |_, value| Ok(json_timestamp(value))),
                _ => self.refuse(entries, null, out, &at, message),
            }
        }
    }

    /// Writes the entries as 0 and 1, `null` for NULL.
    pub fn booleans(&self, entries: &Spans, null: f64, out: &mut [f64], at: impl Fn(usize) -> Path) -> Result<()> {
        let message = "must be a boolean";
        match self.kind {
            // SAFETY: a boolean is one byte, 0 or 1.
            Type::Boolean => self.fill(entries, null, out, |entry| Ok(unsafe { self.read::<u8>(entry) }.into())),
            Type::Json => {
                self.fill_json(entries, null, out, &at, message, |_, value| Ok(value.as_bool().map(f64::from)))
            }
            _ => self.refuse(entries, null, out, &at, message),
        }
    }

    /// The entries as texts.
    pub fn texts(&self, entries: &Spans, at: impl Fn(usize) -> Path) -> Result<Texts<'_>> {
        let message = "must be a text";
        let mut owned = HashMap::new();
        match &self.kind {
            Type::Text => return Ok(Texts::Plain(self)),
            Type::Enum(values) => {
                let names = (0..values.len()).map(|_| OnceCell::new()).collect();
                return Ok(Texts::Enum { vector: self, names });
            }
            Type::Uuid => {
                for entry in entries.iter().filter(|&entry| !self.is_null(entry)) {
                    // SAFETY: a UUID is stored as a HUGEINT.
                    owned.insert(entry, uuid(unsafe { self.read_hugeint(entry) }).into_bytes());
                }
            }
            Type::Json => {
                for entry in entries.iter().filter(|&entry| !self.is_null(entry)) {
                    match self.json(entry) {
                        Value::Null => {}
                        Value::String(text) => {
                            owned.insert(entry, text.into_bytes());
                        }
                        _ => return Err(Error::new(at(entry), message)),
                    }
                }
            }
            _ => self.refuse(entries, 0.0, &mut vec![0.0; entries.len()], &at, message)?,
        }
        Ok(Texts::Owned(owned))
    }

    /// A JSON value, null if it is none; DuckDB has checked it where the column's type is JSON.
    fn json(&self, entry: usize) -> Value {
        serde_json::from_str(self.text(entry)).unwrap_or_default()
    }

    fn copy_doubles(&self, entries: &Spans, out: &mut [f64]) {
        let mut rest = out;
        for &(first, length) in &entries.runs {
            let (run, after) = rest.split_at_mut(length);
            // SAFETY: only called on doubles; the entries exist.
            run.copy_from_slice(unsafe { std::slice::from_raw_parts(self.data.cast::<f64>().add(first), length) });
            rest = after;
        }
    }

    #[inline]
    fn fill(&self, entries: &Spans, null: f64, out: &mut [f64], value: impl Fn(usize) -> Result<f64>) -> Result<()> {
        let mut rest = out;
        for &(first, length) in &entries.runs {
            let (run, after) = rest.split_at_mut(length);
            if self.has_no_nulls() {
                for (out, entry) in run.iter_mut().zip(first..) {
                    *out = value(entry)?;
                }
            } else {
                for (out, entry) in run.iter_mut().zip(first..) {
                    *out = if self.is_null(entry) { null } else { value(entry)? };
                }
            }
            rest = after;
        }
        Ok(())
    }

    /// As [`fill`](Self::fill) for JSON: its null is NULL, and a value of another type than wanted is an error.
    fn fill_json(
        &self,
        entries: &Spans,
        null: f64,
        out: &mut [f64],
        at: &dyn Fn(usize) -> Path,
        message: &'static str,
        value: impl Fn(usize, &Value) -> Result<Option<f64>>,
    ) -> Result<()> {
        self.fill(entries, null, out, |entry| match self.json(entry) {
            Value::Null => Ok(null),
            json => value(entry, &json)?.ok_or_else(|| Error::new(at(entry), message)),
        })
    }

    /// A column of another type than wanted: NULLs fit any type, values do not.
    fn refuse(
        &self,
        entries: &Spans,
        null: f64,
        out: &mut [f64],
        at: &dyn Fn(usize) -> Path,
        message: &'static str,
    ) -> Result<()> {
        self.fill(entries, null, out, |entry| Err(Error::new(at(entry), message)))
    }

    /// # Safety
    /// The vector's entries are HUGEINT, UHUGEINT or UUID.
    unsafe fn read_hugeint(&self, entry: usize) -> i128 {
        // SAFETY: the caller's promise. Not read as i128, which asks for more alignment.
        let value = unsafe { self.read::<ffi::duckdb_hugeint>(entry) };
        i128::from(value.upper) << 64 | i128::from(value.lower)
    }

    /// # Safety
    /// The vector's entries are DECIMAL of that width.
    unsafe fn read_decimal(&self, entry: usize, width: u8) -> i128 {
        // SAFETY: the caller's promise; these are the widths at which DuckDB changes the storage.
        unsafe {
            match width {
                0..=4 => self.read::<i16>(entry).into(),
                5..=9 => self.read::<i32>(entry).into(),
                10..=18 => self.read::<i64>(entry).into(),
                _ => self.read_hugeint(entry),
            }
        }
    }

    /// # Safety
    /// The vector is an ENUM with that many values.
    unsafe fn read_enum(&self, entry: usize, values: usize) -> usize {
        // SAFETY: the caller's promise; these are the sizes at which DuckDB changes the storage.
        unsafe {
            match values {
                0..=0xff => self.read::<u8>(entry).into(),
                0x100..=0xffff => self.read::<u16>(entry).into(),
                _ => self.read::<u32>(entry) as usize,
            }
        }
    }
}

/// A column of texts.
pub enum Texts<'a> {
    /// VARCHAR as it is.
    Plain(&'a Vector),
    /// The values of an ENUM, fetched when first seen.
    Enum { vector: &'a Vector, names: Box<[OnceCell<Box<str>>]> },
    /// Texts made from other types, and lists of facts as their bytes; what is absent is NULL.
    Owned(HashMap<usize, Vec<u8>>),
}

impl Texts<'_> {
    /// The bytes of an entry; `None` is NULL.
    #[inline]
    pub fn get(&self, entry: usize) -> Option<&[u8]> {
        match self {
            Texts::Plain(vector) => (!vector.is_null(entry)).then(|| vector.bytes(entry)),
            Texts::Enum { vector, names } => {
                let Type::Enum(values) = &vector.kind else { return None };
                if vector.is_null(entry) {
                    return None;
                }
                // SAFETY: the vector is an ENUM of that many values.
                let value = unsafe { vector.read_enum(entry, values.len()) };
                Some(names[value].get_or_init(|| values.name(value)).as_bytes())
            }
            Texts::Owned(texts) => texts.get(&entry).map(Vec::as_slice),
        }
    }
}

/// A JSON number, or the text that stands for what JSON's numbers lack; `None` if the value is neither.
pub fn json_number(value: &Value, at: &dyn Fn() -> Path) -> Result<Option<f64>> {
    let Value::Number(number) = value else {
        return Ok(match value.as_str() {
            Some("NaN") => Some(f64::NAN),
            Some("Infinity") => Some(f64::INFINITY),
            Some("-Infinity") => Some(f64::NEG_INFINITY),
            _ => None,
        });
    };
    match number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64()) {
        Some(integer) if u128::from(integer) > MAX_EXACT_INTEGER => Err(Error::new(at(), BEYOND)),
        _ => Ok(number.as_f64()),
    }
}

/// Microseconds since 1970 of JSON's ISO-8601 text, or as a number; `None` if the value is neither.
pub fn json_timestamp(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => timestamp::parse(text.as_bytes()).map(|microseconds| microseconds as f64),
        value => value.as_f64(),
    }
}

/// The double nearest to `value / 10^scale`.
fn decimal(value: i128, scale: u8) -> f64 {
    match POWERS_OF_TEN.get(scale as usize) {
        // Both are exact, so the division rounds once.
        Some(power) if value.unsigned_abs() <= MAX_EXACT_INTEGER => value as f64 / power,
        _ => format!("{value}e-{scale}").parse().expect("a number in scientific notation"),
    }
}

/// A UUID's text; DuckDB flips the first bit so that UUIDs sort as numbers.
fn uuid(value: i128) -> String {
    let digits = format!("{:032x}", value as u128 ^ 1 << 127);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}
