//! The `kubewright` binary.

fn main() {}
