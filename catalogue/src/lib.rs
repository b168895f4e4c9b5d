//! The catalogue: `udfs/<family>/<function>.toml`, one file per SQL function, the single description from which everything
//! about it is generated (exports, statements, wrappers, reference page, verification, example tests).

mod load;

pub mod glue;
pub mod host;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use load::{load, root};

/// All functions, by family and then by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Catalogue {
    /// The functions in the order of the reference page.
    pub functions: Vec<Function>,
    /// The aggregates, which no module carries.
    pub aggregates: Vec<Aggregate>,
    /// Documents that examples name with `@name`: `udfs/<family>/documents/<name>.(json|txt)`.
    pub documents: BTreeMap<String, String>,
}

impl Catalogue {
    /// The families in alphabetical order.
    pub fn families(&self) -> Vec<&str> {
        let mut families: Vec<&str> = self.functions.iter().map(|function| function.family.as_str()).collect();
        families.dedup();
        families
    }

    /// The functions of a family.
    pub fn family<'a>(&'a self, family: &'a str) -> impl Iterator<Item = &'a Function> {
        self.functions.iter().filter(move |function| function.family == family)
    }

    /// Whether a function of the family takes points in time, which may arrive as text; its module then exports
    /// `timestamp`.
    pub fn meets_timestamps(&self, family: &str) -> bool {
        self.family(family).flat_map(|function| &function.arguments).any(|argument| match &argument.kind {
            ArgumentType::Timestamp | ArgumentType::Facts { .. } => true,
            ArgumentType::Structs { fields } => {
                fields.iter().any(|field| matches!(field.kind, FieldType::Timestamp | FieldType::Facts { .. }))
            }
            _ => false,
        })
    }

    /// The exports of a family's module, in alphabetical order (`docs/abi.md`).
    pub fn exports(&self, family: &str) -> Vec<String> {
        let mut exports: Vec<String> = ["memory", "abi", "input"].map(str::to_owned).to_vec();
        if self.meets_timestamps(family) {
            exports.push("timestamp".to_owned());
        }
        for function in self.family(family) {
            exports.push(function.name.clone());
            exports.extend(function.documents().map(|(argument, _)| format!("{}__{}", function.name, argument.name)));
        }
        exports.sort();
        exports
    }

    /// A function by name.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }
}

/// One SQL function.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Name in SQL, in the module's exports and in `plg_udfs::<family>`.
    pub name: String,
    /// The module that carries it, and the module of the core that holds its logic.
    pub family: String,
    /// One sentence.
    pub summary: String,
    /// What a reader must know beyond the arguments; Markdown.
    #[serde(default)]
    pub details: String,
    /// What happens with NULLs.
    pub nulls: String,
    /// What is an error.
    pub errors: String,
    /// The arguments in order.
    pub arguments: Vec<Argument>,
    /// What comes back.
    pub result: ResultType,
    /// Runnable examples, the error examples included; they are documentation and tests at once.
    pub examples: Vec<Example>,
}

impl Function {
    /// An argument's position.
    pub fn position(&self, argument: &str) -> Option<usize> {
        self.arguments.iter().position(|candidate| candidate.name == argument)
    }

    /// The document arguments.
    pub fn documents(&self) -> impl Iterator<Item = (&Argument, &Document)> {
        self.arguments.iter().filter_map(|argument| match &argument.kind {
            ArgumentType::Document(document) => Some((argument, document)),
            _ => None,
        })
    }
}

/// An argument of a function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Argument {
    /// Name in SQL and in error messages.
    pub name: String,
    /// What it means, with its unit.
    pub description: String,
    /// Whether NULL reaches the function. Otherwise NULL in gives NULL out, and the function never sees it.
    #[serde(default)]
    pub nullable: bool,
    /// The texts that are allowed, where only some are.
    #[serde(default)]
    pub one_of: Vec<String>,
    /// How it travels.
    #[serde(flatten)]
    pub kind: ArgumentType,
}

/// The types of arguments, as the ABI (`docs/abi.md`) knows them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ArgumentType {
    /// A double. Every numeric SQL type casts to it.
    Double,
    /// A point in time, microseconds since 1970 UTC in the ABI.
    Timestamp,
    /// Text as UTF-8.
    Text,
    /// Text that is turned into its index in a dictionary of a compiled document.
    Code(Dictionary),
    /// A list of doubles; NULL elements are refused.
    Doubles,
    /// A list of structs.
    Structs {
        /// The fields that are read; others are ignored, order does not matter.
        fields: Vec<Field>,
    },
    /// Text that is compiled once per text.
    Document(Document),
    /// A row of named facts (STRUCT, OBJECT or JSON), as a compiled document asks for them.
    Facts {
        /// The document argument that names the fields.
        document: String,
    },
}

/// Where codes come from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dictionary {
    /// The document argument.
    pub document: String,
    /// Which of its dictionaries, from 0.
    pub dictionary: usize,
}

/// A document argument's format and Rust type.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Document {
    /// How it is read.
    pub format: Format,
    /// The type in `plg_udfs` that compiles it, such as `score::Model`.
    pub rust: String,
}

/// What a document is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JSON, which reaches the module as a tape.
    Json,
    /// Text that the module parses.
    Text,
}

/// A field of the structs of a list argument.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Field {
    /// Its name; read by name, in lower or upper case.
    pub name: String,
    /// What it means, with its unit.
    pub description: String,
    /// How it travels; NULL reaches the function (NULL code, NaN timestamp or double, NULL text), unless there is a default.
    #[serde(flatten)]
    pub kind: FieldType,
}

/// The types of fields of a list's structs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FieldType {
    /// A double.
    Double {
        /// What stands for NULL and for an absent field. Without one the field must be there, and NULL is NaN.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<f64>,
    },
    /// A point in time; NULL is NaN.
    Timestamp,
    /// Text as UTF-8.
    Text,
    /// Text as its index in a dictionary of a compiled document.
    Code(Dictionary),
    /// A row of named facts (STRUCT, OBJECT or JSON), as a compiled document asks for them. Where the field is NULL or
    /// absent, every fact is NULL.
    Facts {
        /// The document argument that names the facts.
        document: String,
    },
}

impl FieldType {
    /// Whether the field may be absent: those with a default, and facts.
    pub fn optional(&self) -> bool {
        matches!(self, FieldType::Double { default: Some(_) } | FieldType::Facts { .. })
    }
}

/// The types of results, as the ABI's stream knows them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ResultType {
    /// A double.
    Double {
        /// Whether it can be NULL when no argument is.
        #[serde(default)]
        nullable: bool,
    },
    /// A whole number; a double in the stream, an integer type in SQL.
    Integer {
        /// Whether it can be NULL when no argument is.
        #[serde(default)]
        nullable: bool,
    },
    /// A boolean, 1 or 0 in the stream.
    Boolean,
    /// Text made by the function.
    Text,
    /// Text of a document's dictionary; its index in the stream, -1 for NULL.
    DictionaryText(Dictionary),
    /// Text of the call's own list argument, by element and text field.
    ArgumentText {
        /// The list argument.
        argument: String,
    },
    /// A struct.
    Struct {
        /// Its fields in order; only ever appended to, as warehouses store them.
        fields: Vec<ResultField>,
    },
    /// A list.
    List {
        /// The type of its elements.
        element: Box<ResultType>,
    },
}

/// A field of a struct result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResultField {
    /// Its name: no reserved word of any warehouse.
    pub name: String,
    /// What it means, with its unit.
    #[serde(default)]
    pub description: String,
    /// Its type.
    #[serde(flatten)]
    pub kind: ResultType,
}

/// An SQL aggregate. It is written once in Rust for DuckDB and once in JavaScript (`udfs/<family>/<name>.js`) for the others.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aggregate {
    /// Tells it from a function.
    pub kind: AggregateKind,
    /// Name in SQL.
    pub name: String,
    /// The folder that it lies in.
    pub family: String,
    /// One sentence.
    pub summary: String,
    /// What a reader must know beyond the arguments; Markdown.
    pub details: String,
    /// What happens with NULLs.
    pub nulls: String,
    /// What is an error.
    pub errors: String,
    /// The column of Snowflake's table function that holds the list. Without one, the function makes a row of each element,
    /// with a column per field, and no row where there is no element; a list in one value is limited there.
    #[serde(default)]
    pub column: Option<String>,
    /// The arguments in order; all may be NULL.
    pub arguments: Vec<Column>,
    /// The fields of the structs of the list that comes back.
    pub result: Vec<Column>,
    /// Runnable examples. The argument `rows` holds the rows of a group by the arguments that differ from row to row.
    pub examples: Vec<Example>,
}

/// The kind of an [`Aggregate`].
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AggregateKind {
    /// The only one.
    Aggregate,
}

/// An argument of an aggregate, or a field of its result.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name: no reserved word of any warehouse.
    pub name: String,
    /// What it means, with its unit.
    pub description: String,
    /// Whether it is the same in all rows of a group.
    #[serde(default)]
    pub constant: bool,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ColumnType,
}

/// The types of an aggregate's arguments and results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// A double.
    Double,
    /// A point in time.
    Timestamp,
    /// Text as UTF-8.
    Text,
}

/// A runnable example.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// The arguments by name; one that is absent is NULL. `@name` stands for a document of the catalogue.
    pub arguments: BTreeMap<String, serde_json::Value>,
    /// The result; text fields, numbers and lists as JSON.
    pub result: Option<serde_json::Value>,
    /// The result as JSON text, where TOML cannot say it (NULL inside).
    pub result_json: Option<String>,
    /// The whole text of the error instead.
    pub error: Option<String>,
    /// The result is NULL.
    #[serde(default)]
    pub returns_null: bool,
}

/// What an example promises.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// A value, NULL included.
    Value(serde_json::Value),
    /// An error with this text.
    Error(String),
}

impl Example {
    /// What it promises; the loader has checked that there is exactly one.
    pub fn expected(&self) -> Expected {
        match (&self.error, &self.result, &self.result_json) {
            (Some(error), _, _) => Expected::Error(error.clone()),
            (_, Some(value), _) => Expected::Value(value.clone()),
            (_, _, Some(text)) => Expected::Value(serde_json::from_str(text).expect("checked when loaded")),
            _ => Expected::Value(serde_json::Value::Null),
        }
    }
}
