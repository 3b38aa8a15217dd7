//! `Request`, `Plan`, `Step` and keys: pure, and without any knowledge of the host.
