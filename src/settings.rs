//! Settings in layers: default < system < user < project < environment < flags; every value knows its origin.
