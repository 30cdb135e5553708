//! The tree of an explanation: what callers walk, and what the renderers print.

use tapcard_emv::Tag;

use crate::guess::Guess;
use crate::kind::Kind;

/// One part of the data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// The tag, if it is a data object.
    pub tag: Option<Tag>,
    /// What the part is called; `None` for an object that the dictionary does not know.
    pub name: Option<String>,
    /// Where it begins in the input, in octets; for a data object its tag field.
    pub offset: usize,
    /// Octets of it; for a data object those of the value.
    pub length: usize,
    /// The octets in upper-case hexadecimal, `*` for what is hidden; of a data object the value.
    pub hex: String,
    /// The octets as people read them; `None` where the children say it.
    pub value: Option<String>,
    /// What the value means.
    pub means: Vec<String>,
    /// Data objects inside a template, and parts of a value, which have no tag.
    pub children: Vec<Node>,
}

impl Node {
    /// Sets the value.
    #[must_use]
    pub(crate) fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// Adds a meaning.
    #[must_use]
    pub(crate) fn means(mut self, meaning: impl Into<String>) -> Self {
        self.means.push(meaning.into());
        self
    }

    /// Adds meanings.
    #[must_use]
    pub(crate) fn all_means(mut self, meanings: impl IntoIterator<Item = String>) -> Self {
        self.means.extend(meanings);
        self
    }

    /// Sets the children.
    #[must_use]
    pub(crate) fn children(mut self, children: Vec<Self>) -> Self {
        self.children = children;
        self
    }

    /// Whether it holds data objects.
    #[must_use]
    pub fn is_template(&self) -> bool {
        self.tag.is_some_and(Tag::is_constructed)
    }

    /// All meanings in one list: its own, else those of its parts behind their names.
    #[must_use]
    pub fn summary(&self) -> Vec<String> {
        if !self.means.is_empty() {
            return self.means.clone();
        }
        let parts = self.children.iter().filter(|child| child.tag.is_none());
        parts.flat_map(Self::lines).collect()
    }

    /// A part in lines that stand for themselves.
    fn lines(&self) -> Vec<String> {
        let name = self.name.as_deref().unwrap_or_default();
        let within = self.summary();
        if within.is_empty() {
            return self.value.iter().map(|value| format!("{name}: {value}")).collect();
        }
        within.into_iter().map(|line| format!("{name}: {line}")).collect()
    }
}

/// Octets at the end that nothing can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remainder {
    /// Where they begin.
    pub offset: usize,
    /// The octets in upper-case hexadecimal, `*` for what is hidden.
    pub hex: String,
    /// Why nothing can be made of them.
    pub error: String,
}

/// What data mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// What the data were taken for.
    pub kind: Kind,
    /// How the kind was found, if it was not given.
    pub guess: Option<Guess>,
    /// The parts, in their order.
    pub nodes: Vec<Node>,
    /// What is left, if the data are not wholly of the kind.
    pub remainder: Option<Remainder>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str) -> Node {
        Node { name: Some(name.to_owned()), ..Node::default() }
    }

    #[test]
    fn a_summary_names_the_parts_that_speak() {
        let cvr = node("CVR").means("first GENERATE AC: ARQC").children(vec![node("byte 1").value("0000 0011")]);
        let iad = node("IAD").children(vec![node("layout").value("Visa"), cvr, node("silent")]);
        assert_eq!(iad.summary(), ["layout: Visa", "CVR: first GENERATE AC: ARQC"]);
        assert_eq!(node("DKI").value("01").lines(), ["DKI: 01"]);
    }

    #[test]
    fn objects_inside_a_template_are_not_its_meaning() {
        let child = Node { tag: Some(Tag::new(0x82)), ..node("AIP").means("SDA") };
        assert!(node("template").children(vec![child]).summary().is_empty());
    }
}
