//! What a run tells: events, the terminal, JSON lines, the manifest.
