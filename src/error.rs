//! One error for the whole core: where, and what must hold there. Never a value from the data (it may be personal).

use crate::digits::push_integer;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;

/// What every fallible function of the core returns.
pub type Result<T> = core::result::Result<T, Error>;

/// A refusal: the path of the offending argument and one plain sentence about it.
///
/// ```
/// use plg_udfs::{Error, error::path};
/// let error = Error::new(path("model").field("events").index(3).field("points"), "must be a number");
/// assert_eq!(error.to_string(), "model.events[3].points: must be a number");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Box<Details>);

// Behind a pointer: a `Result` is then one word, and passing errors on is no longer half of a module's code.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    path: String,
    message: Cow<'static, str>,
}

impl Error {
    /// An error at `path`.
    #[cold]
    #[inline(never)]
    pub fn new(path: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Error(Box::new(Details { path: path.into(), message: message.into() }))
    }

    /// The argument and the way into it, such as `model.events[3].cap.days`.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// What is wrong, or what must hold, without any value of the data.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

// `write!` would pull 7 KB of formatting into every module; two pushes do.
impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.path())?;
        f.write_str(": ")?;
        f.write_str(self.message())
    }
}

impl core::error::Error for Error {}

/// A path into an argument, grown step by step.
#[derive(Clone, Debug)]
pub struct Path(String);

/// Starts a path at an argument.
#[cold]
pub fn path(argument: &str) -> Path {
    Path(String::from(argument))
}

impl Path {
    /// Steps into a field.
    #[cold]
    #[inline(never)]
    pub fn field(mut self, name: &str) -> Self {
        self.0.push('.');
        self.0.push_str(name);
        self
    }

    /// Steps into an element, counted from 0.
    #[cold]
    #[inline(never)]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push('[');
        push_integer(&mut self.0, index as u64);
        self.0.push(']');
        self
    }
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.0
    }
}
