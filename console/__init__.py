"""The terminal surface: options, live progress, summaries; nothing heavy is imported before it is needed."""
