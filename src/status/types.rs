//! One type for every fact, inferred from its uses when the rules are compiled.

use super::fault::{Failed, Fault, Result, sentence};
use super::parser::Parsed;
use super::program::Function;
use super::tree::{Kind, NodeId};
use crate::abi::FactKind;
use alloc::string::String;
use alloc::vec::Vec;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Unknown,
    Number,
    Boolean,
    Timestamp,
    Text,
    List,
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Type::Unknown => "NULL",
            Type::Number => "a number",
            Type::Boolean => "a boolean",
            Type::Timestamp => "a timestamp",
            Type::Text => "a text",
            Type::List => "a list",
        }
    }
}

/// What is known about a field, a field's elements, or the result of CASE and of functions that take any type: a node of
/// the union-find forest of what has one type.
struct Variable {
    parent: u32,
    of: Type,
    /// Used otherwise than for equality with literals: a text must come as its bytes, and there is a value even if
    /// nothing tells its type.
    needed: bool,
}

/// The kind of every field; a fault where two uses contradict each other.
pub(super) fn infer(parsed: &Parsed) -> core::result::Result<Vec<FactKind>, Fault> {
    let fields = parsed.fields.len();
    let unknown = |place| Variable { parent: place as u32, of: Type::Unknown, needed: false };
    let variables = (0..2 * fields + parsed.tree.nodes.len()).map(unknown).collect();
    let mut inference = Inference { parsed, variables, fault: None };
    match inference.check() {
        Ok(()) => Ok((0..fields).map(|field| inference.fact_kind(field)).collect()),
        Err(Failed) => Err(inference.fault.take().unwrap_or_else(|| Fault::new(0, &[]))),
    }
}

struct Inference<'a> {
    parsed: &'a Parsed,
    /// Of fields, of their elements, and of nodes.
    variables: Vec<Variable>,
    /// Why inference failed.
    fault: Option<Fault>,
}

impl Inference<'_> {
    fn check(&mut self) -> Result<()> {
        let tree = &self.parsed.tree;
        // Conditions are booleans whatever is in them, so any order serves; this is nearly the text's.
        for node in tree.ids() {
            self.visit(node)?;
        }
        for rule in &self.parsed.rules {
            self.require(rule.condition, rule.of)?;
        }
        for node in tree.ids() {
            if let (Kind::Contains, (list, value)) = (tree.kind(node), tree.pair(node))
                && let Some(element) = self.element(list)
            {
                let of = self.root(element).of;
                if !matches!(of, Type::Unknown | Type::Number | Type::Text) {
                    return Err(self.refuse(value, &["lists hold numbers or texts"]));
                }
            }
        }
        Ok(())
    }

    #[inline(never)]
    fn root_of(&mut self, mut place: usize) -> usize {
        loop {
            let parent = self.variables[place].parent as usize;
            if parent == place {
                return place;
            }
            let grandparent = self.variables[parent].parent;
            self.variables[place].parent = grandparent;
            place = grandparent as usize;
        }
    }

    fn root(&mut self, place: usize) -> &mut Variable {
        let root = self.root_of(place);
        &mut self.variables[root]
    }

    /// The variable of the elements of a field that is a list.
    fn element(&self, list: NodeId) -> Option<usize> {
        match self.parsed.tree.kind(list) {
            Kind::Field(field) => Some(self.parsed.fields.len() + field as usize),
            _ => None,
        }
    }

    /// The variable of what has no type by itself.
    fn variable(&self, node: NodeId) -> Option<usize> {
        use Function::{Coalesce, Greatest, Least, Nullif};
        match self.parsed.tree.kind(node) {
            Kind::Field(field) => Some(field as usize),
            Kind::Case { .. } | Kind::Call(Coalesce | Nullif | Least | Greatest) => {
                Some(2 * self.parsed.fields.len() + self.parsed.tree.place(node))
            }
            _ => None,
        }
    }

    #[inline(never)]
    fn type_of(&mut self, node: NodeId) -> Type {
        if let Some(place) = self.variable(node) {
            return self.root(place).of;
        }
        match self.parsed.tree.kind(node) {
            Kind::Null => Type::Unknown,
            Kind::Timestamp(_) | Kind::AsOf | Kind::Shift(_) => Type::Timestamp,
            Kind::Text(_) | Kind::Call(Function::Lower) => Type::Text,
            Kind::Number(_) | Kind::Call(_) => Type::Number,
            _ => Type::Boolean,
        }
    }

    #[inline(never)]
    fn visit(&mut self, node: NodeId) -> Result<()> {
        let tree = &self.parsed.tree;
        let kind = tree.kind(node);
        let (left, right) = tree.pair(node);
        let mut children = tree.children(node);
        let operands = match kind {
            Kind::Not | Kind::And | Kind::Or | Kind::Is(_) => Type::Boolean,
            Kind::Like(_) | Kind::Call(Function::Lower) => Type::Text,
            Kind::Shift(_) | Kind::Call(Function::DaysBetween) => Type::Timestamp,
            Kind::Compare(comparison) => return self.compare(left, right, comparison.is_ordering()),
            Kind::Between | Kind::In => {
                // A literal has an index of its own in each field's list, so one that is looked for among fields is
                // compared by its bytes.
                let bytes = matches!(kind, Kind::Between) || !matches!(tree.kind(left), Kind::Field(_));
                return children.skip(1).try_for_each(|item| self.compare(left, item, bytes));
            }
            Kind::Contains => {
                self.require(left, Type::List)?;
                let Some(element) = self.element(left) else {
                    return Err(self.refuse(left, &["contains takes a fact that is a list"]));
                };
                let (element_type, value_type) = (self.root(element).of, self.type_of(right));
                if !self.meet(Some(element), element_type, right, true) {
                    let hint = ["a list of this type cannot contain ", value_type.name()];
                    return Err(self.refuse(right, &hint));
                }
                return Ok(());
            }
            Kind::Case { simple } => {
                if simple {
                    children.next();
                }
                while let Some(condition) = children.next() {
                    let Some(result) = children.next() else { return self.combine(node, condition) };
                    if simple {
                        self.compare(left, condition, !matches!(tree.kind(left), Kind::Field(_)))?;
                    } else {
                        self.require(condition, Type::Boolean)?;
                    }
                    self.combine(node, result)?;
                }
                return Ok(());
            }
            Kind::Call(_) if self.variable(node).is_some() => {
                return children.try_for_each(|child| self.combine(node, child));
            }
            Kind::Call(_) => Type::Number,
            _ => return Ok(()),
        };
        children.try_for_each(|child| self.require(child, operands))
    }

    /// Requires a type of what is not merely compared.
    #[inline(never)]
    fn require(&mut self, node: NodeId, of: Type) -> Result<()> {
        let found = self.type_of(node);
        if found == Type::Unknown
            && let Some(place) = self.variable(node)
        {
            self.root(place).of = of;
        }
        if let Some(place) = self.variable(node) {
            self.root(place).needed = true;
        }
        if found == of || found == Type::Unknown {
            return Ok(());
        }
        let subject = self.describe(node);
        let role = if of == Type::Boolean { "a condition" } else { of.name() };
        Err(self.refuse(node, &[&subject, " cannot be ", role]))
    }

    /// Gives both sides of a comparison one type. `bytes`: equality of a literal's index would not do.
    fn compare(&mut self, left: NodeId, right: NodeId, bytes: bool) -> Result<()> {
        let (first, second) = if self.variable(left).is_some() { (left, right) } else { (right, left) };
        let of = self.type_of(first);
        let variable = self.variable(first);
        if self.meet(variable, of, second, bytes) { Ok(()) } else { Err(self.clash(left, right, "compared")) }
    }

    /// Gives a function or CASE and one of what it may result in one type.
    fn combine(&mut self, node: NodeId, result: NodeId) -> Result<()> {
        let of = self.type_of(node);
        let variable = self.variable(node);
        if self.meet(variable, of, result, true) { Ok(()) } else { Err(self.clash(node, result, "combined")) }
    }

    /// Gives a variable (if any) of a type and a node one type; false if they have two.
    #[inline(never)]
    fn meet(&mut self, variable: Option<usize>, of: Type, node: NodeId, bytes: bool) -> bool {
        let other_type = self.type_of(node);
        if of != other_type && of != Type::Unknown && other_type != Type::Unknown {
            return false;
        }
        let Some(place) = variable else { return true };
        let root = self.root_of(place);
        let mut needed = match self.parsed.tree.kind(node) {
            Kind::Null => false,
            Kind::Text(_) => bytes,
            _ => true,
        };
        if let Some(other) = self.variable(node) {
            let other = self.root_of(other);
            needed |= self.variables[other].needed;
            self.variables[other].parent = root as u32;
        }
        let variable = &mut self.variables[root];
        variable.needed |= needed;
        if of == Type::Unknown {
            variable.of = other_type;
        }
        true
    }

    #[cold]
    #[inline(never)]
    fn refuse(&mut self, node: NodeId, parts: &[&str]) -> Failed {
        self.fault = Some(Fault::new(self.parsed.tree.node(node).at, parts));
        Failed
    }

    #[cold]
    #[inline(never)]
    fn clash(&mut self, left: NodeId, right: NodeId, how: &str) -> Failed {
        let hint = match (self.type_of(left), self.type_of(right)) {
            (Type::Text, Type::Timestamp) | (Type::Timestamp, Type::Text) => {
                "; a point in time is written TIMESTAMP '2026-01-31 12:00:00'"
            }
            _ => "",
        };
        let (left_name, right_name) = (self.describe(left), self.describe(right));
        self.refuse(right, &[&right_name, " cannot be ", how, " with ", &left_name, hint])
    }

    /// The type of a node, with its name if it is a field.
    #[cold]
    #[inline(never)]
    fn describe(&mut self, node: NodeId) -> String {
        let of = self.type_of(node).name();
        let Kind::Field(field) = self.parsed.tree.kind(node) else { return sentence(&[of]) };
        let name = crate::utf8::text(self.parsed.texts.get(self.parsed.fields[field as usize]));
        sentence(&[name.unwrap_or_default(), " (elsewhere ", of, ")"])
    }

    fn fact_kind(&mut self, field: usize) -> FactKind {
        let element = self.root(self.parsed.fields.len() + field).of;
        let variable = self.root(field);
        match variable.of {
            Type::Number => FactKind::Number,
            Type::Boolean => FactKind::Boolean,
            Type::Timestamp => FactKind::Timestamp,
            Type::Text if variable.needed => FactKind::Text,
            Type::Text => FactKind::Code,
            Type::List if element == Type::Text => FactKind::Texts,
            Type::List => FactKind::Numbers,
            // Facts that are compared with each other, and with nothing that tells their type, are numbers.
            Type::Unknown if variable.needed => FactKind::Number,
            Type::Unknown => FactKind::Any,
        }
    }
}
