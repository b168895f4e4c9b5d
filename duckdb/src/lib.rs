//! The DuckDB extension `plg`: hosts the warehouse modules, so that DuckDB runs the very WebAssembly that Snowflake and
//! BigQuery run.
//!
//! Data takes one way: `register` declares the catalogue's functions; `call` takes a chunk apart by NULLs and documents;
//! `arguments` and `facts` read DuckDB's vectors (`vector`, `types`) and lay them out as a `frame`; an `instance` of the
//! module computes; `results` writes what comes back. The aggregates (`aggregate`; `rollup`, `components`, `links`) are native code
//! beside that.

mod aggregate;
mod arguments;
mod call;
mod column;
mod components;
mod document;
mod engine;
mod facts;
mod frame;
mod instance;
mod links;
mod register;
mod results;
mod rollup;
mod signature;
mod types;
mod vector;

use libduckdb_sys as ffi;
use std::ffi::CString;
use std::panic::catch_unwind;

#[cfg(target_endian = "big")]
compile_error!("columns are copied into WebAssembly's memory as they are, which is little-endian");

/// The version of DuckDB's C API that the extension is built against: it loads in every later one.
const API_VERSION: &str = "v1.2.0";

/// What DuckDB calls on LOAD.
///
/// # Safety
/// Only for DuckDB.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plg_init_c_api(
    info: ffi::duckdb_extension_info,
    access: *const ffi::duckdb_extension_access,
) -> bool {
    // SAFETY: DuckDB's own handles.
    let loaded = catch_unwind(|| unsafe { load(info, access) });
    let Err(message) = loaded.unwrap_or_else(|_| Err("plg: internal error in the extension".to_owned())) else {
        return true;
    };
    let message = CString::new(message).unwrap_or_default();
    // SAFETY: DuckDB copies the message.
    if let Some(set_error) = unsafe { (*access).set_error } {
        unsafe { set_error(info, message.as_ptr()) }
    }
    false
}

/// # Safety
/// As for [`plg_init_c_api`].
unsafe fn load(info: ffi::duckdb_extension_info, access: *const ffi::duckdb_extension_access) -> Result<(), String> {
    // SAFETY: the caller's promise; the connection is closed again.
    unsafe {
        if !ffi::duckdb_rs_extension_api_init(info, access, API_VERSION)? {
            return Err(format!("plg: this DuckDB does not offer version {API_VERSION} of its C API"));
        }
        let database = (*access).get_database.ok_or("plg: DuckDB hands over no database")?(info);
        if database.is_null() {
            return Err("plg: DuckDB hands over no database".to_owned());
        }
        let mut connection = std::ptr::null_mut();
        if ffi::duckdb_connect(*database, &mut connection) != ffi::DuckDBSuccess {
            return Err("plg: cannot connect to the database that loads the extension".to_owned());
        }
        let registered = register::register_all(connection);
        ffi::duckdb_disconnect(&mut connection);
        registered
    }
}
