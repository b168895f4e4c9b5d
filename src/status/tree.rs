//! The syntax tree of a rule set: nodes in one vector, children before parents.

use super::program::Function;
use super::texts::TextId;
use super::truth::Comparison;
use alloc::vec::Vec;
use core::num::NonZeroU32;

/// A node's place in the tree, from 1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct NodeId(NonZeroU32);

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Null,
    Number(f64),
    Boolean(bool),
    Timestamp(f64),
    Text(TextId),
    /// A fact, by its number.
    Field(u16),
    AsOf,
    Not,
    /// Two or more conditions.
    And,
    Or,
    Compare(Comparison),
    /// The operand and the bounds.
    Between,
    /// The operand and the items.
    In,
    IsNull,
    /// `IS TRUE`, `IS FALSE`.
    Is(bool),
    /// The text and the pattern, with the code point that escapes.
    Like(u32),
    /// The list and the value.
    Contains,
    /// Operands from left to right.
    Call(Function),
    /// A point in time, later by these microseconds.
    Shift(f64),
    /// The operand of a simple CASE, then condition (or value) and result by turns, then what ELSE says.
    Case {
        simple: bool,
    },
}

pub(super) struct Node {
    pub kind: Kind,
    /// Where it stands in the text.
    pub at: usize,
    /// The levels below and including this one.
    pub depth: u32,
    first: Option<NodeId>,
    last: Option<NodeId>,
    next: Option<NodeId>,
}

#[derive(Default)]
pub(super) struct Tree {
    pub nodes: Vec<Node>,
}

impl Tree {
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[self.place(id)]
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        let place = self.place(id);
        &mut self.nodes[place]
    }

    /// The place of a node among all, from 0.
    pub fn place(&self, id: NodeId) -> usize {
        id.0.get() as usize - 1
    }

    pub fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind
    }

    pub fn set_kind(&mut self, id: NodeId, kind: Kind) {
        self.node_mut(id).kind = kind;
    }

    /// All nodes.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (1..=self.nodes.len() as u32).filter_map(|place| NonZeroU32::new(place).map(NodeId))
    }

    /// A new node without children.
    #[inline(never)]
    pub fn leaf(&mut self, kind: Kind, at: usize) -> NodeId {
        self.nodes.push(Node { kind, at, depth: 1, first: None, last: None, next: None });
        NodeId(NonZeroU32::MIN.saturating_add(self.nodes.len() as u32 - 1))
    }

    /// A new node with one child.
    #[inline(never)]
    pub fn parent(&mut self, kind: Kind, at: usize, child: NodeId) -> NodeId {
        let id = self.leaf(kind, at);
        self.add(id, child);
        id
    }

    /// Adds a child after the others.
    #[inline(never)]
    pub fn add(&mut self, id: NodeId, child: NodeId) {
        match self.node(id).last {
            Some(last) => self.node_mut(last).next = Some(child),
            None => self.node_mut(id).first = Some(child),
        }
        let depth = self.node(child).depth + 1;
        let node = self.node_mut(id);
        node.last = Some(child);
        node.depth = node.depth.max(depth);
    }

    pub fn children(&self, id: NodeId) -> Children<'_> {
        Children { tree: self, next: self.node(id).first }
    }

    /// The first and the last child; the node itself where there is none.
    pub fn pair(&self, id: NodeId) -> (NodeId, NodeId) {
        let node = self.node(id);
        (node.first.unwrap_or(id), node.last.unwrap_or(id))
    }
}

#[derive(Clone)]
pub(super) struct Children<'a> {
    tree: &'a Tree,
    next: Option<NodeId>,
}

impl Iterator for Children<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let id = self.next?;
        self.next = self.tree.node(id).next;
        Some(id)
    }
}
