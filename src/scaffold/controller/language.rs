//! The languages of controllers.

/// A language of controllers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Language {
    /// Go, with controller-runtime.
    Go,
}

impl Language {
    /// The folder of its templates.
    pub(super) const fn folder(self) -> &'static str {
        match self {
            Language::Go => "go",
        }
    }
}
