//! Changes to a document that keep its comments and its layout.
//!
//! An [`Operation`] says what becomes of the values; [`text`] finds the few bytes of the file that have to change for it.
//! What comes of them is read again and must be what was wanted: a layout that is too odd to edit is noticed, never spoilt.

mod draft;
mod layout;
mod operation;
mod text;
mod write;

pub(crate) use draft::{Draft, Unkept};
pub(crate) use operation::{Operation, same};
