//! Turning a module's stream into DuckDB's result vectors.

use crate::arguments::Prepared;
use crate::document::Document;
use crate::instance::Output;
use crate::signature::ResultType;
use crate::types::LogicalType;
use crate::vector::Spans;
use libduckdb_sys as ffi;
use plg_udfs::abi::NULL_LENGTH;

/// DuckDB keeps texts up to here inside the entry.
const INLINE_TEXT: usize = 12;
/// DuckDB's entry of a text.
type TextEntry = [u8; 16];

/// The SQL type of a result.
pub fn logical_type(kind: &ResultType) -> LogicalType {
    match kind {
        ResultType::Number => LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE),
        ResultType::Boolean => LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_BOOLEAN),
        ResultType::Text | ResultType::DictionaryText(_) | ResultType::ArgumentText(_) => {
            LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR)
        }
        ResultType::Struct(fields) => {
            let fields: Vec<_> = fields.iter().map(|(name, kind)| (*name, logical_type(kind))).collect();
            LogicalType::structure(&fields)
        }
        ResultType::List(element) => LogicalType::list(&logical_type(element)),
    }
}

/// A call's answer with what its numbers refer to.
pub struct Answer<'a> {
    /// What the module wrote.
    pub output: Output<'a>,
    /// The document of the call.
    pub document: Option<&'a Document>,
    /// The arguments of the call.
    pub arguments: &'a [Prepared<'a>],
}

/// The stream does not fit the result type, which would be a defect of the module.
pub struct Misfit;

type Result<T> = core::result::Result<T, Misfit>;

/// A result vector under writing.
pub struct Sink {
    raw: ffi::duckdb_vector,
    data: *mut u8,
    /// Null until an entry is NULL.
    validity: *mut u64,
    kind: Kind,
}

enum Kind {
    Number,
    Boolean,
    Text,
    /// The dictionary, and the entries of the texts that were written already.
    DictionaryText(usize, Vec<Option<TextEntry>>),
    ArgumentText(usize),
    Struct(Vec<Sink>),
    List {
        child: Box<Sink>,
        /// Elements written so far.
        filled: usize,
        /// Elements that are about to come.
        coming: usize,
    },
}

impl Sink {
    /// The sink of a result vector.
    ///
    /// # Safety
    /// `raw` is a vector of the type's [`logical_type`] and outlives the sink.
    pub unsafe fn new(raw: ffi::duckdb_vector, kind: &ResultType) -> Self {
        // SAFETY: the caller's promise holds for the children too.
        let kind = unsafe {
            match kind {
                ResultType::Number => Kind::Number,
                ResultType::Boolean => Kind::Boolean,
                ResultType::Text => Kind::Text,
                ResultType::DictionaryText(dictionary) => Kind::DictionaryText(*dictionary, Vec::new()),
                ResultType::ArgumentText(argument) => Kind::ArgumentText(*argument),
                ResultType::Struct(fields) => {
                    let children = fields.iter().enumerate().map(|(position, (_, kind))| {
                        Sink::new(ffi::duckdb_struct_vector_get_child(raw, position as ffi::idx_t), kind)
                    });
                    Kind::Struct(children.collect())
                }
                ResultType::List(element) => {
                    let child = Sink::new(ffi::duckdb_list_vector_get_child(raw), element);
                    Kind::List { child: Box::new(child), filled: 0, coming: 0 }
                }
            }
        };
        // SAFETY: the caller's promise.
        Sink { raw, data: unsafe { ffi::duckdb_vector_get_data(raw) }.cast(), validity: std::ptr::null_mut(), kind }
    }

    /// Writes the answer's rows to the entries `rows`.
    pub fn write(&mut self, answer: &Answer<'_>, rows: &Spans) -> Result<()> {
        if let Kind::Number = self.kind {
            return self.write_numbers(answer.output.stream, rows);
        }
        if self.has_lists() {
            let mut stream = Stream(answer.output.stream.iter());
            rows.iter().try_for_each(|_| self.count(&mut stream))?;
            self.reserve();
        }
        self.forget_texts();
        let mut stream = Stream(answer.output.stream.iter());
        for row in rows.iter() {
            self.write_entry(row, row, &mut stream, answer)?;
        }
        if stream.0.len() == 0 { Ok(()) } else { Err(Misfit) }
    }

    fn write_numbers(&mut self, stream: &[f64], rows: &Spans) -> Result<()> {
        if stream.len() != rows.len() {
            return Err(Misfit);
        }
        let (mut rest, mut any_null) = (stream, false);
        for &(first, length) in rows.runs() {
            let (run, after) = rest.split_at(length);
            // SAFETY: a vector of doubles has an entry per row.
            let entries = unsafe { std::slice::from_raw_parts_mut(self.data.cast::<f64>().add(first), length) };
            for (entry, &value) in entries.iter_mut().zip(run) {
                any_null |= value.is_nan();
                *entry = value;
            }
            rest = after;
        }
        if any_null {
            rows.iter().zip(stream).filter(|(_, value)| value.is_nan()).for_each(|(row, _)| self.set_null(row));
        }
        Ok(())
    }

    /// Makes an entry NULL.
    pub fn set_null(&mut self, entry: usize) {
        // SAFETY: the entry exists, and the mask has a bit for it.
        unsafe {
            if self.validity.is_null() {
                ffi::duckdb_vector_ensure_validity_writable(self.raw);
                self.validity = ffi::duckdb_vector_get_validity(self.raw);
            }
            *self.validity.add(entry / 64) &= !(1 << (entry % 64));
        }
        match &mut self.kind {
            // Reading a field of a struct reads the child's vector alone.
            Kind::Struct(children) => children.iter_mut().for_each(|child| child.set_null(entry)),
            Kind::List { .. } => self.set_list(entry, 0, 0),
            _ => {}
        }
    }

    fn set_list(&mut self, entry: usize, offset: usize, length: usize) {
        let list = ffi::duckdb_list_entry { offset: offset as u64, length: length as u64 };
        // SAFETY: a vector of lists has an entry per row.
        unsafe { self.data.cast::<ffi::duckdb_list_entry>().add(entry).write(list) }
    }

    fn has_lists(&self) -> bool {
        match &self.kind {
            Kind::List { .. } => true,
            Kind::Struct(children) => children.iter().any(Sink::has_lists),
            _ => false,
        }
    }

    /// Adds up how many elements the lists of one value have.
    fn count(&mut self, stream: &mut Stream<'_>) -> Result<()> {
        match &mut self.kind {
            Kind::Text => stream.skip(2),
            Kind::Number | Kind::Boolean | Kind::DictionaryText(..) | Kind::ArgumentText(_) => stream.skip(1),
            Kind::Struct(children) => children.iter_mut().try_for_each(|child| child.count(stream)),
            Kind::List { child, coming, .. } => {
                let length = stream.count()?;
                *coming += length;
                (0..length).try_for_each(|_| child.count(stream))
            }
        }
    }

    /// Makes room for the elements that were counted; vectors of elements move by that.
    fn reserve(&mut self) {
        match &mut self.kind {
            Kind::Struct(children) => children.iter_mut().for_each(Sink::reserve),
            Kind::List { child, filled, coming } => {
                // SAFETY: a list's vector; its child is fetched anew.
                unsafe {
                    let size = (*filled + *coming) as ffi::idx_t;
                    ffi::duckdb_list_vector_reserve(self.raw, size);
                    ffi::duckdb_list_vector_set_size(self.raw, size);
                    child.rebind(ffi::duckdb_list_vector_get_child(self.raw));
                }
                *coming = 0;
                child.reserve();
            }
            _ => {}
        }
    }

    /// # Safety
    /// `raw` is the same vector as before, or the one that took its place.
    unsafe fn rebind(&mut self, raw: ffi::duckdb_vector) {
        self.raw = raw;
        self.validity = std::ptr::null_mut();
        // SAFETY: the caller's promise holds for the children too.
        unsafe {
            self.data = ffi::duckdb_vector_get_data(raw).cast();
            match &mut self.kind {
                Kind::Struct(children) => children.iter_mut().enumerate().for_each(|(position, child)| {
                    child.rebind(ffi::duckdb_struct_vector_get_child(raw, position as ffi::idx_t));
                }),
                Kind::List { child, .. } => child.rebind(ffi::duckdb_list_vector_get_child(raw)),
                _ => {}
            }
        }
    }

    /// Another answer may bring another dictionary.
    fn forget_texts(&mut self) {
        match &mut self.kind {
            Kind::DictionaryText(_, written) => written.clear(),
            Kind::Struct(children) => children.iter_mut().for_each(Sink::forget_texts),
            Kind::List { child, .. } => child.forget_texts(),
            _ => {}
        }
    }

    fn write_entry(&mut self, entry: usize, row: usize, stream: &mut Stream<'_>, answer: &Answer<'_>) -> Result<()> {
        match &mut self.kind {
            Kind::Number => {
                let value = stream.next()?;
                if value.is_nan() {
                    self.set_null(entry);
                } else {
                    // SAFETY: a vector of doubles has this entry.
                    unsafe { self.data.cast::<f64>().add(entry).write(value) };
                }
            }
            Kind::Boolean => {
                let value = stream.next()? != 0.0;
                // SAFETY: a vector of booleans has this entry.
                unsafe { self.data.cast::<bool>().add(entry).write(value) };
            }
            Kind::Text => {
                let (offset, length) = (stream.count()?, stream.count()?);
                if length == NULL_LENGTH as usize {
                    self.set_null(entry);
                } else {
                    let text = answer.output.text.get(offset..).and_then(|rest| rest.get(..length)).ok_or(Misfit)?;
                    self.write_text(entry, text);
                }
            }
            Kind::DictionaryText(dictionary, written) => {
                let code = stream.next()?;
                if code < 0.0 {
                    self.set_null(entry);
                    return Ok(());
                }
                let code = code as usize;
                if let Some(Some(text)) = written.get(code) {
                    // SAFETY: a vector of texts has this entry; what it points to belongs to this vector already.
                    unsafe { self.data.cast::<TextEntry>().add(entry).write(*text) };
                    return Ok(());
                }
                let dictionary = answer.document.ok_or(Misfit)?.dictionaries.get(*dictionary).ok_or(Misfit)?;
                let text = self.write_text(entry, dictionary.text(code).ok_or(Misfit)?.as_bytes());
                let Kind::DictionaryText(_, written) = &mut self.kind else { return Err(Misfit) };
                written.resize(written.len().max(code + 1), None);
                written[code] = Some(text);
            }
            Kind::ArgumentText(argument) => {
                let number = stream.count()?;
                match answer.arguments.get(*argument).ok_or(Misfit)?.element_text(row, number).ok_or(Misfit)? {
                    Some(text) => {
                        self.write_text(entry, text);
                    }
                    None => self.set_null(entry),
                }
            }
            Kind::Struct(children) => {
                children.iter_mut().try_for_each(|child| child.write_entry(entry, row, stream, answer))?;
            }
            Kind::List { child, filled, .. } => {
                let (first, length) = (*filled, stream.count()?);
                for element in first..first + length {
                    child.write_entry(element, row, stream, answer)?;
                }
                *filled = first + length;
                self.set_list(entry, first, length);
            }
        }
        Ok(())
    }

    /// Writes a text and returns its entry.
    fn write_text(&mut self, entry: usize, text: &[u8]) -> TextEntry {
        // SAFETY: a vector of texts has this entry; DuckDB copies what does not fit into it.
        unsafe {
            let place = self.data.cast::<TextEntry>().add(entry);
            if text.len() <= INLINE_TEXT {
                let mut inline = TextEntry::default();
                inline[..4].copy_from_slice(&(text.len() as u32).to_le_bytes());
                inline[4..4 + text.len()].copy_from_slice(text);
                place.write(inline);
            } else {
                ffi::duckdb_vector_assign_string_element_len(
                    self.raw,
                    entry as ffi::idx_t,
                    text.as_ptr().cast(),
                    text.len() as ffi::idx_t,
                );
            }
            place.read()
        }
    }
}

struct Stream<'a>(std::slice::Iter<'a, f64>);

impl Stream<'_> {
    fn next(&mut self) -> Result<f64> {
        self.0.next().copied().ok_or(Misfit)
    }

    fn count(&mut self) -> Result<usize> {
        self.next().map(|slot| slot as usize)
    }

    fn skip(&mut self, slots: usize) -> Result<()> {
        (0..slots).try_for_each(|_| self.next().map(drop))
    }
}
