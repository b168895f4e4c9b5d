//! Names as JavaScript writes them, and which functions belong to which class.

use plg_catalogue::{Argument, Catalogue, Document, Function};

/// `age_days` as `ageDays`.
pub fn camel(name: &str) -> String {
    let mut words = name.split('_');
    words.next().unwrap_or_default().to_owned() + &words.map(capitalized).collect::<String>()
}

/// `score_events` as `ScoreEvents`.
pub fn pascal(name: &str) -> String {
    name.split('_').map(capitalized).collect()
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(word.len().min(1));
    first.to_uppercase() + rest
}

/// A class: a type of documents with the functions that take one.
pub struct Class<'a> {
    /// Its name: `ScoreModel` for `score::Model`.
    pub name: String,
    /// The document as an argument of the first function, in whose name the constructor complains.
    pub argument: &'a Argument,
    /// What the document is.
    pub document: &'a Document,
    /// The functions, which are its methods.
    pub methods: Vec<&'a Function>,
}

/// The classes in the order of the catalogue.
pub fn classes(catalogue: &Catalogue) -> Vec<Class<'_>> {
    let mut classes: Vec<Class<'_>> = Vec::new();
    for function in &catalogue.functions {
        let Some((argument, document)) = function.documents().next() else { continue };
        match classes.iter_mut().find(|class| class.document.rust == document.rust) {
            Some(class) => class.methods.push(function),
            None => {
                let name = document.rust.split("::").map(pascal).collect();
                classes.push(Class { name, argument, document, methods: vec![function] });
            }
        }
    }
    classes
}

/// The functions without a document.
pub fn plain(catalogue: &Catalogue) -> impl Iterator<Item = &Function> {
    catalogue.functions.iter().filter(|function| function.documents().next().is_none())
}

/// The arguments that a call has in JavaScript: all but the document.
pub fn passed(function: &Function) -> impl Iterator<Item = &Argument> {
    let document = function.documents().next().map(|(argument, _)| argument.name.clone());
    function.arguments.iter().filter(move |argument| Some(&argument.name) != document.as_ref())
}

/// The type of the elements of a list of objects: `ScoreEventsEvent` for the events of `score_events`.
pub fn element_type(function: &Function, argument: &Argument) -> String {
    // Lists have names in the plural.
    pascal(&function.name) + &pascal(argument.name.strip_suffix('s').unwrap_or(&argument.name))
}

/// The type of a result that is an object or a list.
pub fn result_type(function: &Function) -> String {
    pascal(&function.name) + "Result"
}
