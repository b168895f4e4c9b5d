//! DuckDB's types, as far as an argument's values can be read from them.

use libduckdb_sys as ffi;
use std::ffi::{CStr, CString, c_char, c_void};

/// A logical type of DuckDB's, owned.
pub struct LogicalType(ffi::duckdb_logical_type);

impl LogicalType {
    /// Takes ownership.
    ///
    /// # Safety
    /// `raw` is a logical type that nobody else destroys.
    pub unsafe fn new(raw: ffi::duckdb_logical_type) -> Self {
        LogicalType(raw)
    }

    /// A type without parameters.
    pub fn simple(id: ffi::DUCKDB_TYPE) -> Self {
        // SAFETY: any number is allowed; unknown ones give an invalid type.
        LogicalType(unsafe { ffi::duckdb_create_logical_type(id) })
    }

    /// `element[]`.
    pub fn list(element: &LogicalType) -> Self {
        // SAFETY: the element is a type; DuckDB copies it.
        LogicalType(unsafe { ffi::duckdb_create_list_type(element.0) })
    }

    /// `STRUCT(...)`.
    pub fn structure(fields: &[(&str, LogicalType)]) -> Self {
        let names: Vec<CString> =
            fields.iter().map(|(name, _)| CString::new(*name).expect("names have no zero byte")).collect();
        let mut names: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
        let mut types: Vec<ffi::duckdb_logical_type> = fields.iter().map(|(_, kind)| kind.0).collect();
        // SAFETY: as many names and types as it says; DuckDB copies them.
        LogicalType(unsafe {
            ffi::duckdb_create_struct_type(types.as_mut_ptr(), names.as_mut_ptr(), fields.len() as ffi::idx_t)
        })
    }

    /// For calls into DuckDB.
    pub fn raw(&self) -> ffi::duckdb_logical_type {
        self.0
    }
}

impl Drop for LogicalType {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::duckdb_destroy_logical_type(&mut self.0) }
    }
}

/// What one step of a timestamp's number is.
#[derive(Clone, Copy)]
pub enum TimeUnit {
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

/// How the entries of a vector are stored.
pub enum Type {
    Boolean,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    HugeInt,
    UHugeInt,
    Float,
    Double,
    Decimal {
        width: u8,
        scale: u8,
    },
    Timestamp(TimeUnit),
    Date,
    Text,
    Json,
    Uuid,
    Enum(EnumNames),
    List,
    /// A list of always so many elements.
    Array(usize),
    Struct(Box<[Box<str>]>),
    /// The type of a bare NULL.
    Null,
    /// A type that no argument takes.
    Other,
}

impl Type {
    /// The type that DuckDB describes.
    pub fn of(logical: LogicalType) -> Self {
        use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
        // SAFETY: a valid type; the further questions fit what it is.
        unsafe {
            match ffi::duckdb_get_type_id(logical.0) {
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_BOOLEAN => Type::Boolean,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_TINYINT => Type::Int8,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_SMALLINT => Type::Int16,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_INTEGER => Type::Int32,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_BIGINT => Type::Int64,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_UTINYINT => Type::UInt8,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_USMALLINT => Type::UInt16,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_UINTEGER => Type::UInt32,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_UBIGINT => Type::UInt64,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_HUGEINT => Type::HugeInt,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_UHUGEINT => Type::UHugeInt,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_FLOAT => Type::Float,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE => Type::Double,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_DECIMAL => Type::Decimal {
                    width: ffi::duckdb_decimal_width(logical.0),
                    scale: ffi::duckdb_decimal_scale(logical.0),
                },
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP | ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_TZ => {
                    Type::Timestamp(Microsecond)
                }
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_S => Type::Timestamp(Second),
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_MS => Type::Timestamp(Millisecond),
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_NS | ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_TZ_NS => {
                    Type::Timestamp(Nanosecond)
                }
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_DATE => Type::Date,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR if is_json(&logical) => Type::Json,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR => Type::Text,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_UUID => Type::Uuid,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_ENUM => Type::Enum(EnumNames::new(logical)),
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_LIST => Type::List,
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_ARRAY => {
                    Type::Array(ffi::duckdb_array_type_array_size(logical.0) as usize)
                }
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_STRUCT => {
                    let fields = 0..ffi::duckdb_struct_type_child_count(logical.0);
                    Type::Struct(
                        fields.map(|field| owned(ffi::duckdb_struct_type_child_name(logical.0, field))).collect(),
                    )
                }
                ffi::DUCKDB_TYPE_DUCKDB_TYPE_SQLNULL => Type::Null,
                _ => Type::Other,
            }
        }
    }
}

/// JSON is VARCHAR under another name.
fn is_json(logical: &LogicalType) -> bool {
    // SAFETY: a valid type.
    let alias = unsafe { ffi::duckdb_logical_type_get_alias(logical.0) };
    // SAFETY: null, or a text that is ours.
    !alias.is_null() && unsafe { owned(alias) }.eq_ignore_ascii_case("json")
}

/// Copies a text of DuckDB's and frees it.
///
/// # Safety
/// `text` comes from DuckDB and is ours.
unsafe fn owned(text: *mut c_char) -> Box<str> {
    if text.is_null() {
        return Box::default();
    }
    // SAFETY: the caller's promise; the text ends with a zero byte.
    unsafe {
        let copy = CStr::from_ptr(text).to_string_lossy().into();
        ffi::duckdb_free(text.cast::<c_void>());
        copy
    }
}

/// The values of an ENUM, which may be many: asked for one by one.
pub struct EnumNames {
    logical: LogicalType,
    len: usize,
}

impl EnumNames {
    fn new(logical: LogicalType) -> Self {
        // SAFETY: only called on ENUM types.
        let len = unsafe { ffi::duckdb_enum_dictionary_size(logical.0) } as usize;
        EnumNames { logical, len }
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.len
    }

    /// A value's text.
    pub fn name(&self, value: usize) -> Box<str> {
        // SAFETY: an ENUM type; beyond its values DuckDB answers null.
        unsafe { owned(ffi::duckdb_enum_dictionary_value(self.logical.0, value as ffi::idx_t)) }
    }
}
