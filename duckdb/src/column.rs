//! Columns of results under writing.

use libduckdb_sys as ffi;

/// An entry of a text vector: the length, then the text, or its first bytes and where DuckDB keeps it.
type TextEntry = [u64; 2];

/// A vector of texts under writing.
pub struct TextColumn<'a> {
    vector: ffi::duckdb_vector,
    entries: *mut TextEntry,
    /// The last texts and their entries, by place in memory: an entry may stand in its vector any number of times.
    known: [(&'a [u8], TextEntry); KNOWN],
}

/// Texts of a column that are not written anew; a power of two.
const KNOWN: usize = 64;

impl<'a> TextColumn<'a> {
    /// # Safety
    /// It is a vector of VARCHAR, and does not move.
    pub unsafe fn new(vector: ffi::duckdb_vector) -> Self {
        // SAFETY: the caller's promise.
        let entries = unsafe { ffi::duckdb_vector_get_data(vector).cast() };
        TextColumn { vector, entries, known: [(&[], [0; 2]); KNOWN] }
    }

    /// # Safety
    /// The vector has the entry.
    #[inline]
    pub unsafe fn write(&mut self, entry: usize, text: Option<&'a [u8]>) {
        // SAFETY: the caller's promise.
        unsafe {
            let Some(text) = text else { return set_null(self.vector, entry) };
            let place = text.as_ptr() as usize;
            let (known, written) = &mut self.known[(place ^ place >> 6) % KNOWN];
            if !std::ptr::eq(*known, text) {
                let length = text.len() as ffi::idx_t;
                let bytes = text.as_ptr().cast();
                ffi::duckdb_vector_assign_string_element_len(self.vector, entry as ffi::idx_t, bytes, length);
                (*known, *written) = (text, self.entries.add(entry).read());
            }
            self.entries.add(entry).write(*written);
        }
    }
}

/// Makes an entry NULL.
///
/// # Safety
/// The vector has the entry.
pub unsafe fn set_null(vector: ffi::duckdb_vector, entry: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        ffi::duckdb_vector_ensure_validity_writable(vector);
        ffi::duckdb_validity_set_row_invalid(ffi::duckdb_vector_get_validity(vector), entry as ffi::idx_t);
    }
}
