//! The types of arguments and results as SQL knows them.

use plg_catalogue::{ArgumentType, Column, ColumnType, FieldType, ResultType};

/// A SQL type, whatever a warehouse calls it.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    Double,
    Integer,
    Boolean,
    Text,
    Timestamp,
    /// A row of named facts, or JSON.
    Facts,
    List(Box<Type>),
    Struct(Vec<(String, Type)>),
}

impl From<&ArgumentType> for Type {
    fn from(kind: &ArgumentType) -> Self {
        match kind {
            ArgumentType::Double => Type::Double,
            ArgumentType::Timestamp => Type::Timestamp,
            ArgumentType::Text | ArgumentType::Code(_) | ArgumentType::Document(_) => Type::Text,
            ArgumentType::Doubles => Type::List(Box::new(Type::Double)),
            ArgumentType::Structs { fields } => {
                let fields = fields.iter().map(|field| (field.name.clone(), Type::from(&field.kind))).collect();
                Type::List(Box::new(Type::Struct(fields)))
            }
            ArgumentType::Facts { .. } => Type::Facts,
        }
    }
}

impl From<ColumnType> for Type {
    fn from(kind: ColumnType) -> Self {
        match kind {
            ColumnType::Double => Type::Double,
            ColumnType::Timestamp => Type::Timestamp,
            ColumnType::Text => Type::Text,
        }
    }
}

/// The list of structs that an aggregate makes.
pub fn list_of(columns: &[Column]) -> Type {
    let fields = columns.iter().map(|column| (column.name.clone(), Type::from(column.kind))).collect();
    Type::List(Box::new(Type::Struct(fields)))
}

impl From<&FieldType> for Type {
    fn from(kind: &FieldType) -> Self {
        match kind {
            FieldType::Double { .. } => Type::Double,
            FieldType::Timestamp => Type::Timestamp,
            FieldType::Text | FieldType::Code(_) => Type::Text,
            FieldType::Facts { .. } => Type::Facts,
        }
    }
}

impl From<&ResultType> for Type {
    fn from(kind: &ResultType) -> Self {
        match kind {
            ResultType::Double { .. } => Type::Double,
            ResultType::Integer { .. } => Type::Integer,
            ResultType::Boolean => Type::Boolean,
            ResultType::Text | ResultType::DictionaryText(_) | ResultType::ArgumentText { .. } => Type::Text,
            ResultType::Struct { fields } => {
                Type::Struct(fields.iter().map(|field| (field.name.clone(), Type::from(&field.kind))).collect())
            }
            ResultType::List { element } => Type::List(Box::new(Type::from(element.as_ref()))),
        }
    }
}
