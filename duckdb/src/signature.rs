//! What the catalogue says of each function, as static tables that `build.rs` writes.

/// A module and its functions.
pub struct Module {
    /// Its machine code for every processor of the target, in wasmtime's container.
    pub code: &'static [u8],
    /// The same for processors with AVX.
    #[cfg(target_arch = "x86_64")]
    pub avx: &'static [u8],
    /// In the order of the catalogue.
    pub functions: &'static [Function],
}

/// A function as SQL and the ABI (`docs/abi.md`) know it.
pub struct Function {
    /// Its name, also that of the module's export.
    pub name: &'static str,
    /// Which of [`MODULES`] has it.
    pub module: usize,
    /// Which function of that module it is.
    pub index: usize,
    /// Its arguments in order.
    pub arguments: &'static [Argument],
    /// What comes back.
    pub result: ResultType,
}

impl Function {
    /// The argument that is compiled once per text, if there is one; its position and format.
    pub fn document(&self) -> Option<(usize, Format)> {
        self.arguments.iter().enumerate().find_map(|(position, argument)| match argument.kind {
            ArgumentType::Document(format) => Some((position, format)),
            _ => None,
        })
    }
}

/// An argument.
pub struct Argument {
    /// Its name in errors.
    pub name: &'static str,
    /// Whether NULL reaches the function.
    pub nullable: bool,
    /// How it travels.
    pub kind: ArgumentType,
}

/// The types of arguments; codes name the dictionary of the function's document.
pub enum ArgumentType {
    Double,
    Timestamp,
    Text,
    Code(usize),
    Doubles,
    Structs(&'static [Field]),
    Document(Format),
    Facts,
}

/// What a document is written in.
#[derive(Clone, Copy)]
pub enum Format {
    Json,
    Text,
}

/// A field of the structs of a list.
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// How it travels.
    pub kind: FieldType,
}

/// The types of fields; only facts and those with a default may be absent.
pub enum FieldType {
    Double { default: Option<f64> },
    Timestamp,
    Text,
    Code(usize),
    Facts,
}

/// The types of results; texts name the document's dictionary or the list argument that they come from.
pub enum ResultType {
    Number,
    Boolean,
    Text,
    DictionaryText(usize),
    ArgumentText(usize),
    Struct(&'static [(&'static str, ResultType)]),
    List(&'static ResultType),
}

include!(concat!(env!("OUT_DIR"), "/modules.rs"));
