//! Registering the functions with a database.

use crate::aggregate;
use crate::call::call;
use crate::components::IdentityComponents;
use crate::links::LinkComponents;
use crate::results::logical_type;
use crate::rollup::RollupEvents;
use crate::signature::{ArgumentType, Function, MODULES};
use crate::types::LogicalType;
use libduckdb_sys as ffi;
use std::ffi::{CString, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What may stand for a point in time. An overload for each, because DuckDB has no implicit cast between TIMESTAMP and
/// TIMESTAMPTZ, and would find a DATE or a text ambiguous between the two.
const TIMESTAMP_TYPES: [ffi::DUCKDB_TYPE; 7] = [
    ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP,
    ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_TZ,
    ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_S,
    ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_MS,
    ffi::DUCKDB_TYPE_DUCKDB_TYPE_TIMESTAMP_NS,
    ffi::DUCKDB_TYPE_DUCKDB_TYPE_DATE,
    ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR,
];

/// Registers every function of the catalogue, and the aggregates, as `plg_<name>`.
///
/// # Safety
/// The connection is open, and DuckDB's functions have been bound.
pub unsafe fn register_all(connection: ffi::duckdb_connection) -> Result<(), String> {
    for function in MODULES.iter().flat_map(|module| module.functions) {
        // SAFETY: the caller's promise.
        if unsafe { register(connection, function) } != ffi::DuckDBSuccess {
            return Err(format!(
                "plg_{} could not be registered: is there another function of that name?",
                function.name
            ));
        }
    }
    // SAFETY: the caller's promise.
    unsafe {
        aggregate::register::<RollupEvents>(connection)?;
        aggregate::register::<IdentityComponents>(connection)?;
        aggregate::register::<LinkComponents>(connection)
    }
}

/// # Safety
/// As for [`register_all`].
unsafe fn register(connection: ffi::duckdb_connection, function: &'static Function) -> ffi::duckdb_state {
    let name = CString::new(format!("plg_{}", function.name)).expect("names have no zero byte");
    let takes_timestamp = function.arguments.iter().any(|argument| matches!(argument.kind, ArgumentType::Timestamp));
    let overloads = if takes_timestamp { &TIMESTAMP_TYPES[..] } else { &TIMESTAMP_TYPES[..1] };
    // SAFETY: sets and functions are destroyed when they have been copied into the catalog; `function` is static.
    unsafe {
        let mut set = ffi::duckdb_create_scalar_function_set(name.as_ptr());
        for &timestamp in overloads {
            let mut overload = ffi::duckdb_create_scalar_function();
            ffi::duckdb_scalar_function_set_name(overload, name.as_ptr());
            for argument in function.arguments {
                let kind = argument_type(&argument.kind, timestamp);
                ffi::duckdb_scalar_function_add_parameter(overload, kind.raw());
            }
            ffi::duckdb_scalar_function_set_return_type(overload, logical_type(&function.result).raw());
            // NULL handling is the catalogue's, argument by argument.
            ffi::duckdb_scalar_function_set_special_handling(overload);
            let extra = std::ptr::from_ref(function).cast_mut().cast::<c_void>();
            ffi::duckdb_scalar_function_set_extra_info(overload, extra, None);
            ffi::duckdb_scalar_function_set_function(overload, Some(callback));
            ffi::duckdb_add_scalar_function_to_set(set, overload);
            ffi::duckdb_destroy_scalar_function(&mut overload);
        }
        let state = ffi::duckdb_register_scalar_function_set(connection, set);
        ffi::duckdb_destroy_scalar_function_set(&mut set);
        state
    }
}

fn argument_type(kind: &ArgumentType, timestamp: ffi::DUCKDB_TYPE) -> LogicalType {
    match kind {
        ArgumentType::Double => LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE),
        ArgumentType::Timestamp => LogicalType::simple(timestamp),
        ArgumentType::Text | ArgumentType::Code(_) | ArgumentType::Document(_) => {
            LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR)
        }
        ArgumentType::Doubles => LogicalType::list(&LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE)),
        // A declared STRUCT would refuse other orders, further fields and other types; and a bare NULL for a list of ANY
        // is an internal error of DuckDB's, after which it refuses to go on.
        ArgumentType::Structs(_) | ArgumentType::Facts => LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_ANY),
    }
}

/// What DuckDB calls for every chunk. No panic may pass through its frames.
unsafe extern "C" fn callback(
    info: ffi::duckdb_function_info,
    chunk: ffi::duckdb_data_chunk,
    result: ffi::duckdb_vector,
) {
    // SAFETY: the extra info is the static function that was registered with this callback, and DuckDB hands over what
    // fits that registration.
    unsafe {
        let function = &*ffi::duckdb_scalar_function_get_extra_info(info).cast::<Function>();
        let answered = catch_unwind(AssertUnwindSafe(|| call(function, chunk, result)))
            .unwrap_or_else(|_| Err(format!("plg.{}: internal error in the extension", function.name)));
        if let Err(message) = answered {
            // A text from the data is never part of a message, but a name in a document may hold anything.
            let message = CString::new(message.replace('\0', "")).unwrap_or_default();
            ffi::duckdb_scalar_function_set_error(info, message.as_ptr());
        }
    }
}
