//! The aggregate `plg_rollup_events`. It is native code and no module: a module would need an instance for every group, or
//! its memory for the states of all groups, and what it would compute are sums of integers.

use crate::rollup::{self, Group};
use crate::types::LogicalType;
use libduckdb_sys as ffi;
use std::ffi::{CStr, CString};
use std::panic::{AssertUnwindSafe, catch_unwind};

const NAME: &CStr = c"plg_rollup_events";

/// What DuckDB keeps per group, in memory of its own: zeros until a row comes.
type State = Option<Box<Group>>;

/// Registers the aggregate.
///
/// # Safety
/// The connection is open, and DuckDB's functions have been bound.
pub unsafe fn register(connection: ffi::duckdb_connection) -> ffi::duckdb_state {
    let text = || LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_VARCHAR);
    let double = || LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_DOUBLE);
    // Any type, since DuckDB has no implicit cast between TIMESTAMP and TIMESTAMPTZ.
    let time = || LogicalType::simple(ffi::DUCKDB_TYPE_DUCKDB_TYPE_ANY);
    // SAFETY: DuckDB copies the function into its catalog.
    unsafe {
        let mut function = ffi::duckdb_create_aggregate_function();
        ffi::duckdb_aggregate_function_set_name(function, NAME.as_ptr());
        for kind in [text(), text(), time(), double(), text(), time()] {
            ffi::duckdb_aggregate_function_add_parameter(function, kind.raw());
        }
        ffi::duckdb_aggregate_function_set_return_type(function, rollup::result_type().raw());
        // Rows with NULLs are counted, too.
        ffi::duckdb_aggregate_function_set_special_handling(function);
        ffi::duckdb_aggregate_function_set_functions(
            function,
            Some(state_size),
            Some(init),
            Some(update),
            Some(combine),
            Some(finalize),
        );
        ffi::duckdb_aggregate_function_set_destructor(function, Some(destroy));
        let state = ffi::duckdb_register_aggregate_function(connection, function);
        ffi::duckdb_destroy_aggregate_function(&mut function);
        state
    }
}

/// The group of a state.
///
/// # Safety
/// `state` has gone through [`init`], and nobody else uses it.
unsafe fn group<'a>(state: ffi::duckdb_aggregate_state) -> &'a mut State {
    // SAFETY: the caller's promise; DuckDB aligns states to eight bytes.
    unsafe { &mut *state.cast::<State>() }
}

/// Runs `work` and reports its error. No panic may pass through DuckDB's frames.
unsafe fn reported(info: ffi::duckdb_function_info, work: impl FnOnce() -> Result<(), String>) {
    let done =
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("internal error in the extension".to_owned()));
    if let Err(message) = done {
        let message = format!("plg.rollup_events: {message}").replace('\0', "");
        let message = CString::new(message).unwrap_or_default();
        // SAFETY: DuckDB's own handle; it copies the message.
        unsafe { ffi::duckdb_aggregate_function_set_error(info, message.as_ptr()) }
    }
}

unsafe extern "C" fn state_size(_: ffi::duckdb_function_info) -> ffi::idx_t {
    size_of::<State>() as ffi::idx_t
}

unsafe extern "C" fn init(_: ffi::duckdb_function_info, state: ffi::duckdb_aggregate_state) {
    // SAFETY: memory of the size that `state_size` says.
    unsafe { state.cast::<State>().write(None) }
}

unsafe extern "C" fn update(
    info: ffi::duckdb_function_info,
    chunk: ffi::duckdb_data_chunk,
    states: *mut ffi::duckdb_aggregate_state,
) {
    // SAFETY: the chunk has the registered columns and a state for each of its rows.
    unsafe {
        reported(info, || rollup::update(chunk, |row| group(*states.add(row))).map_err(|error| error.to_string()));
    }
}

unsafe extern "C" fn combine(
    info: ffi::duckdb_function_info,
    sources: *mut ffi::duckdb_aggregate_state,
    targets: *mut ffi::duckdb_aggregate_state,
    count: ffi::idx_t,
) {
    // SAFETY: as many states as it says. A source stays as it is: windows go on with it.
    unsafe {
        reported(info, || {
            (0..count as usize).try_for_each(|index| {
                let (source, target) = (group(*sources.add(index)), group(*targets.add(index)));
                rollup::combine(source, target).map_err(|error| error.to_string())
            })
        });
    }
}

unsafe extern "C" fn finalize(
    info: ffi::duckdb_function_info,
    states: *mut ffi::duckdb_aggregate_state,
    result: ffi::duckdb_vector,
    count: ffi::idx_t,
    offset: ffi::idx_t,
) {
    // SAFETY: as many states as it says, and a vector of the registered type with room for them from `offset` on.
    unsafe {
        reported(info, || {
            let groups = (0..count as usize).map(|index| group(*states.add(index)).as_deref());
            rollup::write(groups, result, offset as usize).map_err(|error| error.to_string())
        });
    }
}

unsafe extern "C" fn destroy(states: *mut ffi::duckdb_aggregate_state, count: ffi::idx_t) {
    // Dropping memory does not panic, and DuckDB has nowhere to hear of it.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: as many states as it says; taken, so that nothing is dropped twice.
        (0..count as usize).for_each(|index| unsafe { drop(group(*states.add(index)).take()) });
    }));
}
