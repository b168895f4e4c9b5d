//! One type for every fact, inferred from its uses when the rules are compiled.

use super::fault::{Failed, Fault, Result, sentence};
use super::parser::Parsed;
use super::tree::{Kind, NodeId};
use crate::abi::FactKind;
use alloc::string::String;
use alloc::vec::Vec;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Unknown,
    Number,
    Boolean,
    Timestamp,
    Text,
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Type::Unknown => "NULL",
            Type::Number => "a number",
            Type::Boolean => "a boolean",
            Type::Timestamp => "a timestamp",
            Type::Text => "a text",
        }
    }
}

/// What is known about a field: a node of the union-find forest of fields that are compared with each other.
struct Variable {
    parent: u16,
    of: Type,
    /// Compared by order: a text must come as its bytes.
    ordered: bool,
    /// Compared with another field: there is a value to compare even if nothing tells its type.
    beside_field: bool,
}

/// The kind of every field; a fault where two uses contradict each other.
pub(super) fn infer(parsed: &Parsed) -> core::result::Result<Vec<FactKind>, Fault> {
    let fields = parsed.fields.len();
    let unknown = |field| Variable { parent: field as u16, of: Type::Unknown, ordered: false, beside_field: false };
    let mut inference = Inference { parsed, variables: (0..fields).map(unknown).collect(), fault: None };
    // Conditions are booleans whatever is in them, so any order serves; this is nearly the text's.
    let visited = parsed.tree.ids().try_for_each(|node| inference.visit(node));
    let checked = visited.and_then(|()| parsed.rules.iter().try_for_each(|rule| inference.condition(rule.condition)));
    match inference.fault.take() {
        Some(fault) if checked.is_err() => Err(fault),
        _ => Ok((0..fields).map(|field| inference.fact_kind(field as u16)).collect()),
    }
}

struct Inference<'a> {
    parsed: &'a Parsed,
    variables: Vec<Variable>,
    /// Why inference failed.
    fault: Option<Fault>,
}

impl Inference<'_> {
    fn root(&mut self, mut field: u16) -> u16 {
        loop {
            let parent = self.variables[field as usize].parent;
            if parent == field {
                return field;
            }
            let grandparent = self.variables[parent as usize].parent;
            self.variables[field as usize].parent = grandparent;
            field = grandparent;
        }
    }

    fn variable(&mut self, field: u16) -> &mut Variable {
        let root = self.root(field);
        &mut self.variables[root as usize]
    }

    fn type_of(&mut self, node: NodeId) -> Type {
        match self.parsed.tree.kind(node) {
            Kind::Null => Type::Unknown,
            Kind::Number(_) => Type::Number,
            Kind::Timestamp(_) | Kind::AsOf => Type::Timestamp,
            Kind::Text(_) => Type::Text,
            Kind::Field(field) => self.variable(field).of,
            _ => Type::Boolean,
        }
    }

    fn visit(&mut self, node: NodeId) -> Result<()> {
        let tree = &self.parsed.tree;
        match tree.kind(node) {
            Kind::Not | Kind::And | Kind::Or | Kind::Is(_) => {
                tree.children(node).try_for_each(|child| self.condition(child))
            }
            Kind::Compare(comparison) => {
                let (left, right) = tree.pair(node);
                self.compare(left, right, comparison.is_ordering())
            }
            kind @ (Kind::Between | Kind::In) => {
                let operand = tree.pair(node).0;
                if let Some(condition) = tree.children(node).find(|&child| !tree.kind(child).is_operand()) {
                    return Err(self.refuse(condition, &["BETWEEN and IN take fields and literals, not conditions"]));
                }
                // A literal has an index of its own in each field's list, so one that is looked for among fields is
                // compared by its bytes.
                let bytes = matches!(kind, Kind::Between) || !matches!(tree.kind(operand), Kind::Field(_));
                tree.children(node).skip(1).try_for_each(|item| self.compare(operand, item, bytes))
            }
            _ => Ok(()),
        }
    }

    /// Requires a truth value.
    fn condition(&mut self, node: NodeId) -> Result<()> {
        if let Kind::Field(field) = self.parsed.tree.kind(node) {
            let variable = self.variable(field);
            if variable.of == Type::Unknown {
                variable.of = Type::Boolean;
            }
        }
        match self.type_of(node) {
            Type::Boolean | Type::Unknown => Ok(()),
            _ => {
                let subject = self.describe(node);
                Err(self.refuse(node, &[&subject, " cannot be a condition"]))
            }
        }
    }

    /// Gives both sides of a comparison one type.
    fn compare(&mut self, left: NodeId, right: NodeId, ordered: bool) -> Result<()> {
        let (left_type, right_type) = (self.type_of(left), self.type_of(right));
        if left_type != right_type && left_type != Type::Unknown && right_type != Type::Unknown {
            return Err(self.clash(left, right));
        }
        let joint = if left_type == Type::Unknown { right_type } else { left_type };
        let tree = &self.parsed.tree;
        let (field, beside_field) = match (tree.kind(left), tree.kind(right)) {
            (Kind::Field(left), Kind::Field(right)) => {
                let (from, to) = (self.root(left), self.root(right));
                let from_ordered = self.variables[from as usize].ordered;
                self.variables[from as usize].parent = to;
                self.variables[to as usize].ordered |= from_ordered;
                (to, true)
            }
            (Kind::Field(field), _) | (_, Kind::Field(field)) => (field, false),
            _ => return Ok(()),
        };
        let variable = self.variable(field);
        variable.of = joint;
        variable.ordered |= ordered;
        variable.beside_field |= beside_field;
        Ok(())
    }

    #[cold]
    fn refuse(&mut self, node: NodeId, parts: &[&str]) -> Failed {
        self.fault = Some(Fault::new(self.parsed.tree.node(node).at, parts));
        Failed
    }

    #[cold]
    fn clash(&mut self, left: NodeId, right: NodeId) -> Failed {
        let hint = match (self.type_of(left), self.type_of(right)) {
            (Type::Text, Type::Timestamp) | (Type::Timestamp, Type::Text) => {
                "; a point in time is written TIMESTAMP '2026-01-31 12:00:00'"
            }
            _ => "",
        };
        let (left_name, right_name) = (self.describe(left), self.describe(right));
        self.refuse(right, &[&right_name, " cannot be compared with ", &left_name, hint])
    }

    /// The type of a node, with its name if it is a field.
    #[cold]
    fn describe(&mut self, node: NodeId) -> String {
        let of = self.type_of(node).name();
        let Kind::Field(field) = self.parsed.tree.kind(node) else { return sentence(&[of]) };
        let name = core::str::from_utf8(self.parsed.texts.get(self.parsed.fields[field as usize]));
        sentence(&[name.unwrap_or_default(), " (elsewhere ", of, ")"])
    }

    fn fact_kind(&mut self, field: u16) -> FactKind {
        let variable = self.variable(field);
        match variable.of {
            Type::Number => FactKind::Number,
            Type::Boolean => FactKind::Boolean,
            Type::Timestamp => FactKind::Timestamp,
            Type::Text if variable.ordered || variable.beside_field => FactKind::Text,
            Type::Text => FactKind::Code,
            // Facts that are compared with each other, and with nothing that tells their type, are numbers.
            Type::Unknown if variable.beside_field => FactKind::Number,
            Type::Unknown => FactKind::Any,
        }
    }
}
