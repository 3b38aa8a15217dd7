//! Custom resource definitions: their rules, and the API server's verdict without a server.

pub mod document;
#[expect(dead_code, reason = "the rules come next")]
mod go;
