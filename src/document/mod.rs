//! Any file to one shape (paragraphs, tables, labelled controls, ticks). Knows nothing of forms or incidents.
