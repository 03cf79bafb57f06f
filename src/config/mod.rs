//! What was written in config.toml, and what can be relied on after checking it.
