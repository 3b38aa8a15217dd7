//! Reading a tree: its targets, components, platforms, Go version, kube-cross tag, where outputs land.
