//! What this host can do: memory, disk, CPUs, tools; checks; the memory model; doctor and set-up.
