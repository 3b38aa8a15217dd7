//! kubewright builds Kubernetes from source, and scaffolds what extends it.
//!
//! # The way a build flows
//!
//! ```text
//! cli ──► Settings + Recipe ──► Request ──► source ──► tree ──► plan() ──► run ──► Report ──► exit code
//!              (layers)         (no Options left)  (Checkout) (TreeFacts)  (Plan)   (Outcome)
//!                                                                             ▲
//!                                                        host facts, attempt ─┘──► Events ──► terminal | json | log files
//! ```
//!
//! One direction. Each arrow is one function whose signature shows everything that it needs; nothing downstream asks
//! upstream. [`plan`] is pure and knows no host: `--dry-run` prints its [`Plan`](plan::Plan), [`run`] executes that plan,
//! the manifest records it, and keys are computed from it.
//!
//! # The map
//!
//! | module | what it owns |
//! |---|---|
//! | [`cli`] | clap types and help texts; no logic, no I/O |
//! | [`commands`] | one thin file per verb: resolve, plan, run, report |
//! | [`settings`] | default < system < user < project < environment < flags; every value knows its origin |
//! | [`error`] | the one error at the edge: kind, cause chain, hints, exit code |
//! | [`source`] | getting a tree: what a ref means, the mirror, fetchers, checkouts, the version stamp |
//! | [`tree`] | reading a tree: its targets, components, platforms, Go version, kube-cross tag, where outputs land |
//! | [`recipe`] | the TOML schema, validation, the built-in recipes |
//! | [`plan`] | `Request`, `Plan`, `Step`, keys |
//! | [`host`] | what this host can do: memory, disk, tools, engines; checks; the memory model; doctor and set-up |
//! | [`toolchain`] | the exact Go that a tree asks for |
//! | [`engine`] | container engines by way of their API: where one answers, images, containers, volumes, what was left behind |
//! | [`run`] | carrying out a plan: the loop over steps, attempts, the native executor, cancelling, checking artifacts |
//! | [`diagnose`] | the table of known failures: pattern, cause, fix |
//! | [`report`] | events, terminal, JSON lines, manifest, artifacts |
//! | [`crd`] | located YAML, the rules of custom resource definitions, the verdict of the API server without one |
//! | [`validator`] | the API server's own verdict: a Go program that is compiled from the packages of a tree |
//! | [`scaffold`] | the field language, descriptions, rendering, writing |
//! | [`platform`], [`bytes`] | the two values that every module speaks of |
//! | [`cancel`], [`lock`] | the wish to stop; locks between processes, which say whose they are |
//! | [`hexadecimal`], [`plural`] | checksums and numbers of things as people read them |

pub mod bytes;
pub mod cancel;
pub mod cli;
pub mod commands;
pub mod crd;
pub mod diagnose;
pub mod engine;
pub mod error;
pub mod hexadecimal;
pub mod host;
pub mod lock;
pub mod plan;
pub mod platform;
pub mod plural;
pub mod recipe;
pub mod report;
pub mod run;
pub mod scaffold;
pub mod settings;
pub mod source;
pub mod toolchain;
pub mod tree;
pub mod validator;
