//! SQL aggregates. They are native code and no modules: a module would need an instance for every group, or its memory for the
//! states of all groups.

use crate::types::LogicalType;
use libduckdb_sys as ffi;
use plg_udfs::Result;
use std::ffi::CString;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What DuckDB keeps per group, in memory of its own: zeros until a row comes.
pub type State<Group> = Option<Box<Group>>;

/// An aggregate. Which threads see which rows, and in what order their groups are combined, must not matter.
pub trait Aggregate {
    /// Its name in the catalogue; DuckDB's has `plg_` before it.
    const NAME: &'static str;
    /// What the rows of a group have come to.
    type Group: 'static;

    /// The types of the arguments.
    fn arguments() -> Vec<LogicalType>;

    /// The type of the result.
    fn result() -> LogicalType;

    /// Takes in the rows of a chunk, each into the group that `state` finds.
    ///
    /// # Safety
    /// The chunk has the columns of the registered arguments.
    unsafe fn update<'a>(
        chunk: ffi::duckdb_data_chunk,
        state: impl Fn(usize) -> &'a mut State<Self::Group>,
    ) -> Result<()>;

    /// Takes into `target` what `source` has taken in. The source stays as it is: windows go on with it.
    fn combine(source: &State<Self::Group>, target: &mut State<Self::Group>) -> Result<()>;

    /// Writes the results of the groups to the entries of `result` from `offset` on.
    ///
    /// # Safety
    /// `result` is a vector of the registered type with room for them.
    unsafe fn write<'a>(
        groups: impl Iterator<Item = Option<&'a Self::Group>> + Clone,
        result: ffi::duckdb_vector,
        offset: usize,
    ) -> Result<()>;
}

/// Registers an aggregate.
///
/// # Safety
/// The connection is open, and DuckDB's functions have been bound.
pub unsafe fn register<A: Aggregate>(connection: ffi::duckdb_connection) -> std::result::Result<(), String> {
    let name = format!("plg_{}", A::NAME);
    let c_name = CString::new(name.as_str()).expect("names have no zero byte");
    // SAFETY: DuckDB copies the function into its catalog.
    let state = unsafe {
        let mut function = ffi::duckdb_create_aggregate_function();
        ffi::duckdb_aggregate_function_set_name(function, c_name.as_ptr());
        for kind in A::arguments() {
            ffi::duckdb_aggregate_function_add_parameter(function, kind.raw());
        }
        ffi::duckdb_aggregate_function_set_return_type(function, A::result().raw());
        // Rows with NULLs are counted, too.
        ffi::duckdb_aggregate_function_set_special_handling(function);
        ffi::duckdb_aggregate_function_set_functions(
            function,
            Some(state_size::<A>),
            Some(init::<A>),
            Some(update::<A>),
            Some(combine::<A>),
            Some(finalize::<A>),
        );
        ffi::duckdb_aggregate_function_set_destructor(function, Some(destroy::<A>));
        let state = ffi::duckdb_register_aggregate_function(connection, function);
        ffi::duckdb_destroy_aggregate_function(&mut function);
        state
    };
    match state == ffi::DuckDBSuccess {
        true => Ok(()),
        false => Err(format!("{name} could not be registered: is there another function of that name?")),
    }
}

/// The group of a state.
///
/// # Safety
/// `state` has gone through [`init`], and nobody else uses it.
unsafe fn group<'a, A: Aggregate>(state: ffi::duckdb_aggregate_state) -> &'a mut State<A::Group> {
    // SAFETY: the caller's promise; DuckDB aligns states to eight bytes.
    unsafe { &mut *state.cast::<State<A::Group>>() }
}

/// Runs `work` and reports its error. No panic may pass through DuckDB's frames.
unsafe fn reported<A: Aggregate>(info: ffi::duckdb_function_info, work: impl FnOnce() -> Result<()>) {
    let done = catch_unwind(AssertUnwindSafe(|| work().map_err(|error| error.to_string())))
        .unwrap_or_else(|_| Err("internal error in the extension".to_owned()));
    if let Err(message) = done {
        let message = format!("plg.{}: {message}", A::NAME).replace('\0', "");
        let message = CString::new(message).unwrap_or_default();
        // SAFETY: DuckDB's own handle; it copies the message.
        unsafe { ffi::duckdb_aggregate_function_set_error(info, message.as_ptr()) }
    }
}

unsafe extern "C" fn state_size<A: Aggregate>(_: ffi::duckdb_function_info) -> ffi::idx_t {
    size_of::<State<A::Group>>() as ffi::idx_t
}

unsafe extern "C" fn init<A: Aggregate>(_: ffi::duckdb_function_info, state: ffi::duckdb_aggregate_state) {
    // SAFETY: memory of the size that `state_size` says.
    unsafe { state.cast::<State<A::Group>>().write(None) }
}

unsafe extern "C" fn update<A: Aggregate>(
    info: ffi::duckdb_function_info,
    chunk: ffi::duckdb_data_chunk,
    states: *mut ffi::duckdb_aggregate_state,
) {
    // SAFETY: the chunk has the registered columns and a state for each of its rows.
    unsafe { reported::<A>(info, || A::update(chunk, |row| group::<A>(*states.add(row)))) }
}

unsafe extern "C" fn combine<A: Aggregate>(
    info: ffi::duckdb_function_info,
    sources: *mut ffi::duckdb_aggregate_state,
    targets: *mut ffi::duckdb_aggregate_state,
    count: ffi::idx_t,
) {
    // SAFETY: as many states as it says.
    unsafe {
        reported::<A>(info, || {
            (0..count as usize)
                .try_for_each(|index| A::combine(group::<A>(*sources.add(index)), group::<A>(*targets.add(index))))
        });
    }
}

unsafe extern "C" fn finalize<A: Aggregate>(
    info: ffi::duckdb_function_info,
    states: *mut ffi::duckdb_aggregate_state,
    result: ffi::duckdb_vector,
    count: ffi::idx_t,
    offset: ffi::idx_t,
) {
    // SAFETY: as many states as it says, and a vector of the registered type with room for them from `offset` on.
    unsafe {
        reported::<A>(info, || {
            let groups = (0..count as usize).map(|index| group::<A>(*states.add(index)).as_deref());
            A::write(groups, result, offset as usize)
        });
    }
}

unsafe extern "C" fn destroy<A: Aggregate>(states: *mut ffi::duckdb_aggregate_state, count: ffi::idx_t) {
    // Dropping memory does not panic, and DuckDB has nowhere to hear of it.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: as many states as it says; taken, so that nothing is dropped twice.
        (0..count as usize).for_each(|index| unsafe { drop(group::<A>(*states.add(index)).take()) });
    }));
}
